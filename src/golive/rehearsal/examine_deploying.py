"""Before the day: is what deploys, and what shares requests out, set as a cutover needs it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from golive.ports.balancer import Balancer, Exposure, Listener, Role
from golive.ports.deployer import AlarmKind, Deployer
from golive.ports.target import Target
from golive.rehearsal.examine import Grade, Sign

_ON_REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"


def of_deploying(target: Target) -> Iterator[tuple[str, Callable[[], Sign]]]:
    """Each part's name and what looks at it."""
    if target.deployer is not None:
        yield "deployment group", partial(_group, target.deployer)
        yield "alarms", partial(_alarms, target.deployer, target.config.incoming)
    if target.traffic is not None:
        yield "traffic", partial(_traffic, target)
    if target.balancer is not None:
        yield "listeners", partial(_listeners, target.balancer, target.config.incoming)
        yield "validation listener", partial(_exposed, target.balancer)


def _group(deployer: Deployer) -> Sign:
    group = deployer.group()
    lacks = []
    if _ON_REQUEST not in group.rollback_events:
        lacks.append("a rollback when a deployment is stopped on request")
    if not group.has_test_listener:
        lacks.append("a test listener")
    if lacks:
        return Sign(
            Grade.FAIL,
            f"deployment group {group.name} lacks {' and '.join(lacks)}",
            "an abort would not bring traffic back: set it in the deployment group",
        )
    return Sign(Grade.OK, f"deployment group {group.name}: rolls back on request")


def _alarms(deployer: Deployer, incoming: str) -> Sign:
    """As the pre-flight of `blue-green` judges them."""
    attached, found = deployer.group().alarms, deployer.alarms()
    told = f"alarms: {', '.join(f'{one.name} ({one.metric}, {one.state})' for one in found)}"
    gone = sorted(set(attached) - {one.name for one in found})
    if gone:
        what = f"alarms: {', '.join(gone)} can't be found"
        return Sign(Grade.FAIL, what, "a deployment stops at an alarm that can't be read")
    if not any(one.kind is AlarmKind.ERRORS and one.sees(incoming) for one in found):
        advice = "attach an alarm on HTTPCode_Target_5XX_Count to the deployment group"
        return Sign(
            Grade.FAIL, f"{told if found else 'alarms: none'}; not on errors of {incoming}", advice
        )
    if any(one.state == "ALARM" for one in found):
        return Sign(Grade.FAIL, told, "a deployment would be stopped at once")
    return Sign(Grade.OK, told)


def _traffic(target: Target) -> Sign:
    assert target.traffic is not None
    weights = target.traffic.weights()
    told = f"traffic: {_shares(weights)}"
    if weights.get(target.config.old) != 100:
        advice = f"a rehearsal begins with everything on {target.config.old}"
        return Sign(Grade.WARN, told, advice)
    return Sign(Grade.OK, told)


def _listeners(balancer: Balancer, incoming: str) -> Sign:
    """And how the targets behind them are, where the load balancer watches that."""
    found = balancer.listeners()
    states = ", ".join(
        f"{side} {' '.join(f'{count} {state}' for state, count in counted.items()) or 'no targets'}"
        for side, counted in balancer.targets().items()
    )
    told = "listeners: " + ", ".join(
        f"{one.role} {one.port} → {_shares(one.shares)}" for one in found
    )
    told += f"; targets: {states}" if states else ""
    if any(_strays(one, incoming) for one in found):
        advice = f"before a cutover the validation listener alone leads to {incoming}"
        return Sign(Grade.FAIL, told, advice)
    if not any(one.role is Role.VALIDATION for one in found):
        return Sign(Grade.FAIL, told, "no listener is the deployment group's test listener")
    return Sign(Grade.OK, told)


def _strays(listener: Listener, incoming: str) -> bool:
    return listener.role is not Role.VALIDATION and listener.shares.get(incoming, 0.0) > 0


def _exposed(balancer: Balancer) -> Sign:
    exposures = balancer.exposures()
    told = "validation listener: " + ("; ".join(map(_reached, exposures)) or "none")
    if any(one.public for one in exposures):
        return Sign(Grade.FAIL, told, "close it: whoever can reach it uses what isn't released")
    if not exposures or any(one.public is None for one in exposures):
        return Sign(Grade.WARN, told, "make sure yourself that the world can't reach it")
    return Sign(Grade.OK, told)


def _reached(one: Exposure) -> str:
    words = {True: "open to the world", False: "closed to the world", None: "open or closed"}
    return f"{words[one.public]}, {one.why}"


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{side} {share:g} %" for side, share in shares.items())
