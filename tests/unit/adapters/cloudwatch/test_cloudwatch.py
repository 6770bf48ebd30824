"""CloudWatch by boto3: real metrics in moto's CloudWatch, and every request against AWS's model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from golive.adapters.aws import CloudWatchSeries
from golive.adapters.aws.client import Client
from golive.adapters.aws.metrics import period
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.series import LATENCY, READINESS, REQUESTS, Combine, Figure, Query
from golive.ports.target import CloudWatchConfig
from stage_world.shapes import walk

BALANCER = "app/fixnado/50dc6c495c0c9188"
GROUPS = {
    "green": "targetgroup/fixnado-green/73e2d6bc24d8a067",
    "blue": "targetgroup/fixnado-blue/6d0ecf831eec9f09",
}
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
START, END = NOW - timedelta(minutes=10), NOW
REQUESTED = Query(REQUESTS, Figure.RATE, ("instance",))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield connected()


def connected() -> Any:
    """A client whose every request is held against the service's model, enums and all."""
    client = boto3.client(
        "cloudwatch",
        region_name="eu-west-2",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )

    def check(params: Any, model: Any, **_: Any) -> None:
        walk(model.input_shape, _plain(params), model.name)

    client.meta.events.register("before-parameter-build.cloudwatch.*", check)
    return client


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def series(client: Any, **more: Any) -> CloudWatchSeries:
    class Given(Client):
        def _client(self) -> Any:
            return client

    return CloudWatchSeries(configured(**more), client=Given)


def configured(**more: Any) -> CloudWatchConfig:
    known: dict[str, Any] = {
        "kind": "cloudwatch",
        "region": "eu-west-2",
        "load_balancer": BALANCER,
        "target_groups": GROUPS,
    }
    return CloudWatchConfig(**{**known, **more})


def put(
    client: Any, namespace: str, metric: str, dimensions: dict[str, str], *values: float
) -> None:
    for minute, value in enumerate(values):
        client.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
                    "Timestamp": START + timedelta(minutes=minute),
                    "Value": value,
                }
            ],
        )


def of_side(side: str) -> dict[str, str]:
    return {"TargetGroup": GROUPS[side], "LoadBalancer": BALANCER}


def test_requests_and_errors_are_so_many_a_second_by_side(aws: Any) -> None:
    elb = "AWS/ApplicationELB"
    put(aws, elb, "RequestCount", of_side("blue"), 600, 1200)
    put(aws, elb, "RequestCount", of_side("green"), 60)
    put(aws, elb, "HTTPCode_Target_5XX_Count", of_side("blue"), 30)
    put(aws, elb, "HTTPCode_ELB_5XX_Count", of_side("blue"), 9999)
    found = {one.labels["instance"]: one for one in series(aws).query(REQUESTED, START, END, 60)}
    assert [value for _, value in found["blue"].points] == [10, 20]
    assert [value for _, value in found["green"].points] == [1]
    errors = Query(REQUESTS, Figure.RATE, ("instance",), {"status": "5.."})
    (failed,) = series(aws).query(errors, START, END, 60)
    assert [value for _, value in failed.points] == [0.5]


def test_readiness_comes_from_the_teams_own_namespace(aws: Any) -> None:
    for side, component, value in (("blue", "a", 1.0), ("blue", "b", 0.25), ("green", "a", 1.0)):
        put(aws, "Fixnado", READINESS, {"side": side, "component": component}, value)
    own = series(aws, namespace="Fixnado", side_dimension="side")
    worst = Query(READINESS, by=("instance",), combine=Combine.MIN)
    found = own.query(worst, START, END, 60)
    assert {one.labels["instance"]: one.points[0][1] for one in found} == {
        "blue": 0.25,
        "green": 1.0,
    }
    blue = Query(READINESS, by=("component",), where={"instance": "blue"}, combine=Combine.MIN)
    assert {one.labels["component"] for one in own.query(blue, START, END, 60)} == {"a", "b"}
    assert series(aws).query(worst, START, END, 60) == []


def test_what_a_load_balancer_can_not_know_is_not_made_up(aws: Any) -> None:
    for query in (
        Query(REQUESTS, Figure.RATE, ("route",)),
        Query(REQUESTS, Figure.RATE, where={"route": "/v1/timeline-hub"}),
        Query(REQUESTS, Figure.RATE, where={"status": "418"}),
        Query(LATENCY, Figure.QUANTILE, where={"status": "5.."}),
    ):
        assert series(aws).query(query, START, END, 60) == []
    assert series(aws, load_balancer="").query(REQUESTED, START, END, 60) == []


def test_latency_is_a_percentile_and_an_answer_comes_in_pages() -> None:
    client = connected()
    asked: list[dict[str, Any]] = []
    client.meta.events.register(
        "before-parameter-build.cloudwatch.GetMetricData", lambda params, **_: asked.append(params)
    )
    first = {"Id": "m1", "Timestamps": [START], "Values": [0.2], "StatusCode": "PartialData"}
    second = {
        "Id": "m1",
        "Timestamps": [START + timedelta(minutes=1)],
        "Values": [0.4],
        "StatusCode": "Complete",
    }
    with Stubber(client) as stubbed:
        stubbed.add_response("get_metric_data", {"MetricDataResults": [first], "NextToken": "n"})
        stubbed.add_response("get_metric_data", {"MetricDataResults": [second]})
        query = Query(LATENCY, Figure.QUANTILE, ("instance",), quantile=0.99)
        (found,) = series(client).query(query, START, END, 5)
        stubbed.assert_no_pending_responses()
    assert found.labels == {"instance": "blue"}
    assert [value for _, value in found.points] == [0.2, 0.4]
    assert asked[1]["NextToken"] == "n"
    stat = asked[0]["MetricDataQueries"][1]["MetricStat"]
    assert (stat["Stat"], stat["Period"]) == ("p99", 60)
    assert stat["Metric"]["MetricName"] == "TargetResponseTime"


def test_healthy_hosts_are_up_or_not() -> None:
    client = connected()
    data = {"Id": "m0", "Timestamps": [START, END], "Values": [3.0, 0.0], "StatusCode": "Complete"}
    with Stubber(client) as stubbed:
        stubbed.add_response("get_metric_data", {"MetricDataResults": [data]})
        (found,) = series(client).query(Query("up", by=("instance",)), START, END, 60)
    assert [value for _, value in found.points] == [1.0, 0.0]


def test_a_minute_that_is_not_over_counts_for_nothing_yet() -> None:
    """Its sum is a part, which would pass for fewer requests."""
    client = connected()
    moments = [NOW - timedelta(minutes=1), datetime.now(UTC) - timedelta(seconds=5)]
    data = {"Id": "m0", "Timestamps": moments, "Values": [60.0, 2.0], "StatusCode": "Complete"}
    with Stubber(client) as stubbed:
        stubbed.add_response("get_metric_data", {"MetricDataResults": [data]})
        (found,) = series(client).query(REQUESTED, START, END, 60)
    assert [value for _, value in found.points] == [1.0]


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_data_that_is_not_whole_is_an_error(status: str) -> None:
    client = connected()
    messages = [{"Code": "X", "Value": "try again"}]
    data = {"Id": "m0", "Timestamps": [], "Values": [], "StatusCode": status, "Messages": messages}
    with Stubber(client) as stubbed:
        stubbed.add_response("get_metric_data", {"MetricDataResults": [data]})
        with pytest.raises(PortError, match=r"not whole.*try again"):
            series(client).query(REQUESTED, START, END, 60)


def test_a_refusal_names_the_permission() -> None:
    client = connected()
    with Stubber(client) as stubbed:
        stubbed.add_client_error("get_metric_data", "AccessDenied", "no", 403)
        with pytest.raises(PortError, match="AccessDenied") as caught:
            series(client).query(REQUESTED, START, END, 60)
    assert "docs/stage.md" in caught.value.hint


def test_nobody_there_and_nothing_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    away = CloudWatchSeries(configured(endpoint="http://127.0.0.1:9"))
    with pytest.raises(Unreachable):
        away.query(REQUESTED, START, END, 60)
    unknown = CloudWatchSeries(configured(region=None, profile="nobody"))
    with pytest.raises(NotConfigured, match="nobody"):
        unknown.query(REQUESTED, START, END, 60)


@pytest.mark.parametrize(
    ("step", "days", "own", "seconds"),
    [
        (1, 0, True, 1),
        (7, 0, True, 10),
        (45, 0, True, 60),
        (1, 0, False, 60),
        (61, 0, False, 120),
        (1, 1, True, 60),
        (1, 20, True, 300),
        (301, 20, False, 600),
    ],
)
def test_periods_are_those_that_cloudwatch_keeps(
    step: float, days: int, own: bool, seconds: int
) -> None:
    assert period(step, NOW - timedelta(days=days), NOW, own=own) == seconds
