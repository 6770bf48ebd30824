"""A release that fails under traffic is stopped by its alarms, and traffic comes back."""

from __future__ import annotations

from typing import Any

import pytest

from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import (
    LINEAR,
    OWN,
    change_group,
    create,
    info,
    revision,
    until,
    waiting,
    weights,
)

GOOD = """# TYPE fixnado_http_requests counter
fixnado_http_requests_total{{method="GET",route="/",status="200"}} {good}
fixnado_http_requests_total{{method="GET",route="/",status="500"}} {bad}
# TYPE fixnado_http_request_duration_seconds histogram
fixnado_http_request_duration_seconds_count{{method="GET",route="/"}} {good}
fixnado_http_request_duration_seconds_sum{{method="GET",route="/"}} {seconds}
# TYPE fixnado_readiness_status gauge
fixnado_readiness_status{{component="database"}} {ready}
"""


def exposition(good: int = 0, bad: int = 0, seconds: float = 0.0, ready: float = 1.0) -> str:
    return GOOD.format(good=good, bad=bad, seconds=seconds, ready=ready)


@pytest.fixture
def waits(aws: Any, proxy: bench.Proxy) -> str:
    """A deployment with all of its traffic shifted, in its termination wait."""
    proxy.instances["blue"].exposition = exposition()
    change_group(aws, blueGreenDeploymentConfiguration=waiting(termination=2000))
    identifier = create(aws)

    def shifted() -> None:
        assert info(aws, identifier)["instanceTerminationWaitTimeStarted"]

    eventually(shifted)
    return identifier


@pytest.mark.parametrize(
    ("figures", "alarm"),
    [
        ({"good": 50, "bad": 20}, "fixnado-target-5xx"),
        ({"good": 50, "seconds": 45.0}, "fixnado-target-latency"),
        ({"good": 50, "ready": 0.0}, "fixnado-readiness"),
    ],
)
def test_an_active_alarm_stops_the_deployment_and_rolls_back(
    aws: Any, proxy: bench.Proxy, waits: str, figures: dict[str, Any], alarm: str
) -> None:
    proxy.instances["blue"].exposition = exposition(**figures)
    found = until(aws, waits, "Stopped")
    assert found["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert alarm in found["errorInformation"]["message"]
    until(aws, found["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert proxy.balancer.read().weights["green"] == 100.0
    proxy.instances["blue"].exposition = exposition()


def test_without_its_event_an_alarm_stops_and_leaves_traffic(aws: Any, proxy: bench.Proxy) -> None:
    wanted = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}
    change_group(aws, autoRollbackConfiguration=wanted)
    proxy.instances["blue"].exposition = exposition(ready=0.0)
    found = until(aws, create(aws, LINEAR), "Stopped")
    assert found["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert "rollbackInfo" not in found
    proxy.instances["blue"].exposition = exposition()


@pytest.mark.parametrize("ignored", [True, False])
def test_alarms_that_can_not_be_read_stop_it_unless_ignored(aws: Any, ignored: bool) -> None:
    change_group(
        aws,
        alarmConfiguration={
            "enabled": True,
            "ignorePollAlarmFailure": ignored,
            "alarms": [{"name": "somebody-elses"}],
        },
    )
    found = until(aws, create(aws, LINEAR))
    assert found["status"] == ("Succeeded" if ignored else "Stopped")


def test_a_deployment_may_have_alarms_of_its_own(aws: Any, proxy: bench.Proxy) -> None:
    proxy.instances["blue"].exposition = exposition(ready=0.0)
    answer = aws.create_deployment(
        **OWN,
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        revision=revision(),
        overrideAlarmConfiguration={"enabled": False},
    )
    until(aws, answer["deploymentId"], "Succeeded")
    assert weights(aws, answer["deploymentId"])["fixnado-blue"] == 100.0
    proxy.instances["blue"].exposition = exposition()
