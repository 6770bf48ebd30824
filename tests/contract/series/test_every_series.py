"""What a `MetricSeries` keeps to, wherever the metrics lie."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws

from golive.adapters.aws import CloudWatchSeries
from golive.adapters.memory import MemoryTarget
from golive.adapters.prometheus_api import PrometheusSeries
from golive.adapters.scraped_series import ScrapedSeries
from golive.kernel.fidelity import Fidelity
from golive.ports.series import READINESS, SIDE, Combine, MetricSeries, Query, Series
from golive.ports.target import CloudWatchConfig
from golive.stage.scraper.tape import Tape

NOW = datetime.now(UTC).replace(microsecond=0)
START = NOW - timedelta(minutes=4)
SIDES = ("blue", "green")


def memory(_: Path, __: ExitStack) -> MetricSeries:
    return MemoryTarget().series


def scraped(folder: Path, _: ExitStack) -> MetricSeries:
    with Tape(folder / "tape") as tape:
        for second in range(241):
            for side in SIDES:
                exposed = {f'{READINESS}{{component="database"}}': 1.0}
                tape.keep(START.timestamp() + second, side, exposed)
    return ScrapedSeries(folder / "tape")


def prometheus(_: Path, stack: ExitStack) -> MetricSeries:
    """A server that knows readiness alone, one minute apart."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            first, last = float(asked["start"][0]), float(asked["end"][0])
            values = [[at, "1"] for at in range(int(first), int(last) + 1, 60)]
            known = READINESS in asked["query"][0]
            wanted = [side for side in SIDES if known and _matches(asked["query"][0], side)]
            by = "by (instance)" in asked["query"][0]
            found = [{"metric": {SIDE: one} if by else {}, "values": values} for one in wanted]
            data = {"resultType": "matrix", "result": found if by else found[:1]}
            body = json.dumps({"status": "success", "data": data}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    return PrometheusSeries(f"http://127.0.0.1:{server.server_port}", Fidelity.LOCAL)


def _matches(query: str, side: str) -> bool:
    return "instance=~" not in query or f'instance=~"{side}"' in query


def cloudwatch(_: Path, stack: ExitStack) -> MetricSeries:
    stack.enter_context(mock_aws())
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("cloudwatch", region_name="eu-west-2", **keys)  # type: ignore[call-overload]
    for side in SIDES:
        for minute in range(4):
            datum = {
                "MetricName": READINESS,
                "Dimensions": [{"Name": SIDE, "Value": side}],
                "Timestamp": START + timedelta(minutes=minute),
                "Value": 1.0,
            }
            client.put_metric_data(Namespace="Fixnado", MetricData=[datum])
    config = CloudWatchConfig(kind="cloudwatch", region="eu-west-2", namespace="Fixnado")
    return CloudWatchSeries(config)


KINDS = (memory, scraped, prometheus, cloudwatch)


@pytest.fixture(params=KINDS, ids=[one.__name__ for one in KINDS])
def series(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetricSeries]:
    make: Callable[[Path, ExitStack], MetricSeries] = request.param
    with ExitStack() as stack:
        yield make(tmp_path, stack)


def asked(series: MetricSeries, query: Query) -> list[Series]:
    """From `START` to now, with a point at now: a memory target knows its world from when it was
    made."""
    now = datetime.fromtimestamp(time.time(), UTC)
    return list(series.query(query, START, now, (now - START).total_seconds() / 4))


WORST = Query(READINESS, by=(SIDE,), combine=Combine.MIN)


def test_it_says_what_it_is(series: MetricSeries) -> None:
    assert series.source
    assert series.fidelity in Fidelity


def test_points_are_in_order_and_inside_and_lines_bear_the_labels_asked_for(
    series: MetricSeries,
) -> None:
    found = asked(series, WORST)
    last = datetime.now(UTC)
    assert [dict(one.labels) for one in found] == [{SIDE: "blue"}, {SIDE: "green"}]
    for one in found:
        times = [at for at, _ in one.points]
        assert times and times == sorted(set(times))
        assert START.timestamp() - 120 <= times[0] and times[-1] <= last.timestamp()
        assert {value for _, value in one.points} == {1.0}


def test_lines_that_are_not_told_apart_are_one(series: MetricSeries) -> None:
    (one,) = asked(series, Query(READINESS, combine=Combine.MIN))
    assert dict(one.labels) == {}
    assert {value for _, value in one.points} == {1.0}


def test_a_side_alone_may_be_asked_for(series: MetricSeries) -> None:
    query = Query(READINESS, by=(SIDE,), where={SIDE: "green"}, combine=Combine.MIN)
    (one,) = asked(series, query)
    assert dict(one.labels) == {SIDE: "green"}


def test_what_nobody_keeps_is_no_line(series: MetricSeries) -> None:
    assert asked(series, Query("no_such_metric", by=(SIDE,))) == []
