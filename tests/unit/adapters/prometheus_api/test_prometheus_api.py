"""Prometheus' HTTP API over a real server: what is asked, and every way it can go wrong."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from golive.adapters.prometheus_api import PrometheusSeries
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.promql import promql
from golive.ports.series import LATENCY, READINESS, REQUESTS, Combine, Figure, Query

START = datetime(2024, 5, 30, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=5)
ERRORS = Query(REQUESTS, Figure.RATE, ("instance",), {"status": "5.."}, over=60)


def matrix(*series: tuple[dict[str, str], list[tuple[float, str]]], **more: Any) -> bytes:
    found = [{"metric": labels, "values": values} for labels, values in series]
    data = {"resultType": "matrix", "result": found}
    return json.dumps({"status": "success", "data": data, **more}).encode()


def client(server: Any, **more: Any) -> PrometheusSeries:
    return PrometheusSeries(server.url, Fidelity.LIVE, **more)


def test_the_range_is_asked_in_promql_and_told_as_lines(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(
        200,
        matrix(
            ({"pod": "blue"}, [(1717056000, "0.5"), (1717056015, "NaN"), (1717056030, "2")]),
            ({"pod": "green"}, [(1717056000, "NaN"), (1717056015, "+Inf")]),
        ),
    )
    series = client(server, token=lambda: "s3cret", side_label="pod")
    (found,) = series.query(ERRORS, START, END, 15)
    assert found.labels == {"instance": "blue"}
    assert list(found.points) == [(1717056000, 0.5), (1717056030, 2.0)]
    (asked,) = server.asked
    url = urlsplit(asked.path)
    assert url.path == "/api/v1/query_range"
    assert parse_qs(url.query) == {
        "query": [f'sum by (pod) (rate({REQUESTS}{{status=~"5.."}}[60s]))'],
        "start": ["1717056000.000"],
        "end": ["1717056300.000"],
        "step": ["15"],
    }
    assert asked.headers["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (Query(READINESS), f"sum({READINESS})"),
        (
            Query(READINESS, by=("component", "instance"), combine=Combine.MIN),
            f"min by (component, instance) ({READINESS})",
        ),
        (
            Query(
                LATENCY, Figure.QUANTILE, ("route",), {"route": 'a"b\\d'}, quantile=0.99, over=30
            ),
            "histogram_quantile(0.99, sum by (le, route) "
            f'(rate({LATENCY}_bucket{{route=~"a\\"b\\\\d"}}[30s])))',
        ),
    ],
)
def test_a_question_in_promql(query: Query, text: str) -> None:
    assert promql(query) == text


def test_nothing_kept_is_no_line(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, matrix())
    assert client(server).query(ERRORS, START, END, 15) == []


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, b'{"status":"error","errorType":"bad_data","error":"parse error"}', "parse error"),
        (503, b'{"status":"error","errorType":"timeout","error":"too slow"}', "too slow"),
        (200, matrix(warnings=["store eu-2 unavailable"]), "may be a part: store eu-2"),
        (200, b"<html>login</html>", "no answer of Prometheus' but 200"),
        (302, b"", "302"),
        (401, b"Unauthorized", "401"),
        (200, b'{"status":"success"}', "none of Prometheus'"),
        (200, b'{"status":"success","data":{"resultType":"vector","result":[]}}', "none of"),
        (200, b'{"status":"success","data":{"resultType":"matrix","result":[{}]}}', "none of"),
        (200, b"[" * 100_000, "no answer of Prometheus'"),
        (200, b"null", "no answer of Prometheus'"),
    ],
)
def test_what_is_no_answer(server: Any, answer: Any, status: int, body: bytes, said: str) -> None:
    server.respond = lambda _: answer(status, body)
    with pytest.raises(PortError) as caught:
        client(server, token=lambda: "s3cret").query(ERRORS, START, END, 15)
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value) + caught.value.answer


def test_nobody_there() -> None:
    with pytest.raises(Unreachable):
        PrometheusSeries("http://127.0.0.1:9", Fidelity.LIVE).query(ERRORS, START, END, 15)


def test_an_answer_that_unpacks_without_end_is_left(server: Any, answer: Any) -> None:
    packed = gzip.compress(bytes(60_000_000), 1)
    server.respond = lambda _: answer(200, packed, {"Content-Encoding": "gzip"})
    with pytest.raises(PortError, match="larger than 50 MB"):
        client(server).query(ERRORS, START, END, 15)
