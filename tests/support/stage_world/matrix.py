"""Every way of calling a deployment off, at every place where that can happen, on a real proxy.

python -m stage_world.matrix      # prints the table of docs/drills/blue-green.md
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from golive.stage.balancer import AT_REST
from golive.stage.controller.alarms import TARGET_5XX
from golive.stage.controller.appspec import HOOKABLE
from golive.stage.controller.records import EVENTS
from stage_world import bench
from stage_world.bench import eventually
from stage_world.deploying import change_group, create, info, revision, until, waiting

TRIGGERS = ("request", "alarm", "hook-failure", "hook-silence")
PLACES = (*EVENTS, "the termination wait")
NO_HOOK, AT_ONCE = "no hook there", "passes at once"
_SLOW = "slow"


@dataclass(frozen=True)
class World:
    """Two controllers over one proxy: one gives hooks time, the other doesn't."""

    proxy: bench.Proxy
    patient: bench.Controller
    hasty: bench.Controller


@contextmanager
def world(folder: Path) -> Iterator[World]:
    with bench.proxy(folder) as proxy:
        made = []
        for name, patience in (("patient", 10.0), ("hasty", 0.1)):
            own = folder / name
            own.mkdir()
            made.append(bench.Controller(own, proxy, minute=0.01, patience=patience))
            made[-1].client().create_deployment_config(
                deploymentConfigName=_SLOW,
                computePlatform="ECS",
                trafficRoutingConfig={
                    "type": "TimeBasedCanary",
                    "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 2880},
                },
            )
        try:
            yield World(proxy, *made)
        finally:
            for one in made:
                one.stop()


def possible(place: str, trigger: str) -> str:
    """Why there is nothing to try; "" where there is."""
    if place == "AllowTestTraffic":
        return AT_ONCE
    return NO_HOOK if trigger.startswith("hook") and place not in HOOKABLE else ""


def cell(made: World, place: str, trigger: str) -> str:
    """What becomes of a deployment that is called off there. AssertionError unless all traffic
    ends on the old side and calling off once more changes nothing."""
    why = possible(place, trigger)
    if why:
        return why
    controller = made.hasty if trigger == "hook-silence" else made.patient
    aws = controller.client()
    _at_rest(made, controller)
    identifier = _begin(aws, made, place)
    _held(aws, controller, made, identifier, place)
    _call_off(aws, controller, identifier, place, trigger)
    found = until(aws, identifier, "Stopped", "Failed")
    made.proxy.instances["blue"].healthy = True
    undoing = found.get("rollbackInfo", {}).get("rollbackDeploymentId")
    if undoing:
        undone = until(aws, undoing, "Succeeded")
        assert undone["creator"] == "codeDeployRollback"
        assert undone["rollbackInfo"]["rollbackTriggeringDeploymentId"] == identifier
    assert made.proxy.balancer.read().weights == {"green": 100.0, "blue": 0.0}
    _again(aws, identifier)
    code = found["errorInformation"]["code"]
    return f"`{found['status']}`, `{code}`, {'rolled back' if undoing else 'nothing to roll back'}"


def _at_rest(made: World, controller: bench.Controller) -> None:
    made.proxy.balancer.shift(AT_REST.weights)
    made.proxy.balancer.validate(AT_REST.validation)
    made.proxy.instances["blue"].healthy = True
    watch = controller.client("cloudwatch")
    watch.set_alarm_state(AlarmName=TARGET_5XX, StateValue="OK", StateReason="another cell")


def _begin(aws: Any, made: World, place: str) -> str:
    termination = 2880 if place == PLACES[-1] else 0
    change_group(aws, blueGreenDeploymentConfiguration=waiting(termination=termination))
    made.proxy.instances["blue"].healthy = place != "Install"
    hooks = [{place: "matrix"}] if place in HOOKABLE else []
    config = _SLOW if place == "AllowTraffic" else "CodeDeployDefault.ECSAllAtOnce"
    return create(aws, config, revision=revision(hooks=hooks))


def _held(aws: Any, controller: bench.Controller, made: World, identifier: str, place: str) -> None:
    """Until the deployment is there, and stays there."""

    def look() -> None:
        if place in HOOKABLE:
            assert controller is made.hasty or _hook(controller, identifier)
        elif place == PLACES[-1]:
            assert info(aws, identifier)["instanceTerminationWaitTimeStarted"]
        elif place == "AllowTraffic":
            assert made.proxy.balancer.read().weights["blue"] == 25.0
        else:
            assert info(aws, identifier)["status"] == "InProgress"
            time.sleep(0.05)  # Install is the first event that takes time

    eventually(look)


def _hook(controller: bench.Controller, identifier: str) -> str:
    found = [one for one in controller.hooks() if one["DeploymentId"] == identifier]
    return str(found[0]["LifecycleEventHookExecutionId"]) if found else ""


def _call_off(
    aws: Any, controller: bench.Controller, identifier: str, place: str, trigger: str
) -> None:
    if trigger == "request":
        aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
    elif trigger == "alarm":
        controller.client("cloudwatch").set_alarm_state(
            AlarmName=TARGET_5XX, StateValue="ALARM", StateReason=f"matrix: {place}"
        )
    elif trigger == "hook-failure":
        aws.put_lifecycle_event_hook_execution_status(
            deploymentId=identifier,
            lifecycleEventHookExecutionId=_hook(controller, identifier),
            status="Failed",
        )


def _again(aws: Any, identifier: str) -> None:
    """Calling off what is over does nothing."""
    before = aws.list_deployments()["deployments"]
    with suppress(ClientError):
        aws.stop_deployment(deploymentId=identifier, autoRollbackEnabled=True)
        raise AssertionError("a deployment that is over was stopped again")
    assert aws.list_deployments()["deployments"] == before


def whole(made: World) -> Mapping[tuple[str, str], str]:
    return {
        (place, trigger): cell(made, place, trigger) for place in PLACES for trigger in TRIGGERS
    }


def table(results: Mapping[tuple[str, str], str]) -> str:
    """In Markdown."""
    rows = [["called off at", *(f"`{one}`" for one in TRIGGERS)], ["---"] * (len(TRIGGERS) + 1)]
    for place in PLACES:
        name = f"`{place}`" if place in EVENTS else place
        rows.append([name, *(results[place, trigger] for trigger in TRIGGERS)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def read(page: str) -> Mapping[tuple[str, str], str]:
    """The table in the documentation's page."""
    lines = page.partition("| called off at |")[2].split("\n\n")[0].splitlines()[2:]
    rows: Sequence[Sequence[str]] = [
        [one.strip() for one in line.strip("|").split("|")] for line in lines
    ]
    return {
        (row[0].strip("`"), trigger): text
        for row in rows
        for trigger, text in zip(TRIGGERS, row[1:], strict=True)
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, world(Path(temporary)) as running:
        print(table(whole(running)))
