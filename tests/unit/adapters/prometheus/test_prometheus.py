from __future__ import annotations

from typing import Any

import pytest

from golive.adapters.prometheus import Scrape
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.metrics import MetricSample

GOOD = b"""# HELP fixnado_readiness_status Readiness.
# TYPE fixnado_readiness_status gauge
fixnado_readiness_status{component="a \\"b\\" \\\\"} 0.75
fixnado_readiness_status{component="c"} 1
"""


def test_samples_with_labels(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, GOOD, {"Content-Type": "text/plain; version=0.0.4"})
    data, samples = Scrape(server.url, Fidelity.LOCAL).scrape()
    assert data == GOOD
    assert list(samples) == [
        MetricSample("fixnado_readiness_status", 0.75, {"component": 'a "b" \\'}),
        MetricSample("fixnado_readiness_status", 1.0, {"component": "c"}),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>\n",
        GOOD.rstrip(b"\n"),
        b'a{b="c} 1\n',
        b"a nonsense\n",
        b"\xff\xfe\n",
    ],
)
def test_what_is_no_exposition(server: Any, answer: Any, body: bytes) -> None:
    server.respond = lambda _: answer(200, body)
    with pytest.raises(PortError, match="no metrics exposition"):
        Scrape(server.url, Fidelity.LOCAL).scrape()


def test_an_error_status(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(503, b"down")
    with pytest.raises(PortError, match="503") as caught:
        Scrape(server.url, Fidelity.LOCAL).scrape()
    assert caught.value.answer == "down"


def test_nobody_there() -> None:
    with pytest.raises(Unreachable):
        Scrape("http://127.0.0.1:9/metrics", Fidelity.LOCAL).scrape()
