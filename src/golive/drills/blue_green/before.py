"""Before anything moves: is it safe to start, what is there, does the incoming side work?"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import state
from golive.drills.blue_green.cycles import cycles
from golive.drills.blue_green.home import new_version
from golive.drills.blue_green.journal import Journal
from golive.drills.blue_green.listening import Heard, judged, listen
from golive.drills.blue_green.load import listeners, session_of, url
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.drills.blue_green.traffic import failed
from golive.drills.blue_green.trigger import lacking
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.deployer import AlarmKind
from golive.ports.marketplace import Health
from golive.ports.probe import ProbeSample

STOP_ON_REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"
_ENOUGH = 40
"""Requests that the incoming side must answer before it gets any production traffic."""
_PATIENCE = 6.0


def preflight(ctx: Ctx) -> Json:
    """What would spoil the day is found before anything is changed."""
    heard = listen(ctx)
    verdicts = [_trigger(ctx), *_rollback_events(ctx), *_alarms(ctx), _test_listener(ctx, heard)]
    verdicts += judged(ctx, heard)
    verdicts += [_healthy(ctx, old(ctx)), _weights(ctx)]
    installed = heard.installed(incoming(ctx))
    if installed:
        verdicts += [_healthy(ctx, incoming(ctx)), _validation_answers(ctx)]
    else:
        verdicts.append(_validates_later(ctx))
    if any(verdict is not CheckVerdict.PASS for verdict in verdicts):
        raise ctx.fail("the pre-flight found what must be put right first; nothing was changed")
    return {"old": old(ctx), "incoming": incoming(ctx), "installed": installed}


def _trigger(ctx: Ctx) -> CheckVerdict:
    lack = lacking(ctx, cycles(ctx.params))
    return ctx.holds(
        "abort_triggers",
        f"the abort can be triggered by {', '.join(ctx.params.abort_by)}",
        not lack,
        detail="; ".join(lack),
    )


_EVENTS = {
    "request": ("rollback_on_request", STOP_ON_REQUEST, "it is stopped on request"),
    "command": ("rollback_on_request", STOP_ON_REQUEST, "it is stopped on request"),
    "alarm": ("rollback_on_alarm", "DEPLOYMENT_STOP_ON_ALARM", "an alarm stops it"),
    "hook": ("rollback_on_failure", "DEPLOYMENT_FAILURE", "it fails"),
}
"""Kind of trigger to the check, the rollback event and when that rolls back."""


def _rollback_events(ctx: Ctx) -> Sequence[CheckVerdict]:
    """A rehearsed stop by request is always needed: it is how trouble is ended."""
    group = state.deployer(ctx).group()
    kinds = ["request", *(one.kind for one in cycles(ctx.params))]
    kinds += ["hook"] if ctx.params.hook is not None else []
    return [
        ctx.holds(
            check,
            f"the deployment group {group.name} rolls back when {when}",
            event in group.rollback_events,
            detail=f"its rollback events: {', '.join(sorted(group.rollback_events)) or 'none'}",
        )
        for check, event, when in dict.fromkeys(_EVENTS[kind] for kind in kinds)
    ]


def _alarms(ctx: Ctx) -> Sequence[CheckVerdict]:
    """Errors of the load balancer itself say nothing of the release. An alarm that stands in ALARM
    or can't be found stops a deployment before it has done anything."""
    deployer = state.deployer(ctx)
    found = deployer.alarms()
    kinds = ", ".join(
        f"{one.name} ({one.metric}{f' of {one.side} alone' if one.side else ''}, {one.state})"
        for one in found
    )
    gone = sorted(set(deployer.group().alarms) - {one.name for one in found})
    active = [f"{one.name}: {one.reason}" for one in found if one.state == "ALARM"]
    return (
        ctx.holds(
            "alarms_on_errors",
            f"an alarm on the own errors of {shown(ctx, incoming(ctx))} is attached to the "
            "deployment group",
            any(one.kind is AlarmKind.ERRORS and one.sees(incoming(ctx)) for one in found),
            detail=kinds or "it has no alarms that can be found",
        ),
        ctx.equals(
            "alarms_quiet",
            "every alarm of the deployment group can be read, and none is active",
            [],
            [*active, *(f"{name}: can't be found" for name in gone)],
        ),
    )


def _test_listener(ctx: Ctx, heard: Heard) -> CheckVerdict:
    has = state.deployer(ctx).group().has_test_listener
    where = listeners(ctx).validation
    port = urllib.parse.urlsplit(where or "").port or 443
    if ctx.params.insist_port:
        claim = "the validation listener is on the port that the playbook insists on"
        ctx.equals("validation_port", claim, ctx.params.validation_port, port)
    elif where and port != ctx.params.validation_port:
        ctx.log(f"the validation listener is at {where}, not on port {ctx.params.validation_port}")
    ports = heard.validation_ports
    return ctx.holds(
        "test_listener",
        "the deployment group has a test listener and the target names it",
        has and where is not None and (not ports or port in ports),
        detail=f"test listener in the group: {'yes' if has else 'no'}, by the load balancer on "
        f"port {', '.join(map(str, ports)) or '(not told)'}; validation URL: {where or 'none'}",
    )


def _healthy(ctx: Ctx, side: str) -> CheckVerdict:
    found = state.health(state.side_way(ctx, side))
    good = isinstance(found, Health) and found.alive and found.ready
    role = "incoming" if side == incoming(ctx) else "old"
    return ctx.holds(
        f"{role}_healthy",
        f"{shown(ctx, side)} is alive and ready",
        good,
        detail=f"version {found.version}, alive {found.alive}, ready {found.ready}"
        if isinstance(found, Health)
        else str(found),
    )


def _weights(ctx: Ctx) -> CheckVerdict:
    weights = state.weights(ctx)
    expected = {old(ctx): 100.0, incoming(ctx): 0.0}
    measured = {side: weights.get(side) for side in expected}
    return ctx.equals(
        "start_weights",
        f"all production traffic is on {shown(ctx, old(ctx))}, none on {shown(ctx, incoming(ctx))}",
        expected,
        measured,
    )


def _validation_answers(ctx: Ctx) -> CheckVerdict:
    found = state.health(state.validation(ctx))
    return ctx.equals(
        "validation_instance",
        f"{shown(ctx, incoming(ctx))} answers on the validation listener",
        incoming(ctx),
        found.instance if isinstance(found, Health) else "no answer",
        detail=str(found) if isinstance(found, PortError) else "",
    )


def _validates_later(ctx: Ctx) -> CheckVerdict:
    return ctx.holds(
        "validates_in_hook",
        f"{shown(ctx, incoming(ctx))}, which a deployment installs first, is validated in that "
        "deployment's hook before any production traffic",
        ctx.params.hook is not None,
        detail="its target group has no targets yet"
        + ("" if ctx.params.hook is not None else "; give the drill `hook: {}`"),
    )


def snapshot(ctx: Ctx) -> Json:
    """What a return must equal, property by property. What can't be read now is left out of the
    comparison and said to be; without weights and versions there is nothing to compare."""
    observed = state.observe(ctx)
    if not _installed(ctx):  # whoever answers on the validation listener until then isn't it
        observed |= {f"{incoming(ctx)}.{what}": None for what in _ITS_OWN}
    known = {name: value for name, value in observed.items() if value is not None}
    unknown = sorted(set(observed) - set(known))
    ctx.save_json(
        "snapshot",
        {"old": old(ctx), "incoming": incoming(ctx), "properties": known, "unreadable": unknown},
        fidelity=state.fidelity(ctx),
    )
    sides = (old(ctx), incoming(ctx)) if _installed(ctx) else (old(ctx),)
    needed = [f"{side}.{what}" for side in sides for what in _NEEDED]
    missing = [name for name in needed if name not in known]
    ctx.holds(
        "snapshot_taken",
        f"the start is on record: {len(known)} properties",
        not missing,
        detail=f"could not be read: {', '.join(unknown)}" if unknown else "",
    )
    if missing:
        raise ctx.fail(f"without {', '.join(missing)} no return could be proven")
    Journal(ctx, session_of(ctx)).note("snapshot")
    return known


_NEEDED = ("weight", "version")
_ITS_OWN = ("alive", "ready", "version", "schema", "targets")


def _installed(ctx: Ctx) -> bool:
    """What the pre-flight found."""
    found = ctx.memo.get("preflight")
    return not (isinstance(found, dict) and found.get("installed") is False)


def validated(ctx: Ctx) -> Json:
    """Requests through the validation listener: a release that answers errors gets no traffic.

    Latency is recorded and not judged: a cold side without load says little about it."""
    samples = _through_validation(ctx)
    side = incoming(ctx)
    count = len(samples) or None
    bad = failed(samples) + sum(400 <= one.status < 500 for one in samples)
    verdicts = [
        ctx.equals(
            "validation_failed",
            f"no request through the validation listener fails on {shown(ctx, side)}",
            0,
            bad if count else None,
            detail=f"of {len(samples)} requests",
        ),
        ctx.equals(
            "validation_misrouted",
            f"only {shown(ctx, side)} answers on the validation listener",
            0,
            sum(one.side != side for one in samples if one.status) if count else None,
        ),
    ]
    found = state.health(state.validation(ctx))
    verdicts.append(
        ctx.equals(
            "validation_version",
            "the version behind the validation listener is the incoming side's own",
            new_version(ctx),
            found.version if isinstance(found, Health) else None,
        )
    )
    if any(verdict is not CheckVerdict.PASS for verdict in verdicts):
        raise ctx.fail(f"{shown(ctx, side)} was found bad before it got any production traffic")
    return {"requests": len(samples)}


def _through_validation(ctx: Ctx) -> Sequence[ProbeSample]:
    """A short load on the validation listener."""
    where = state.validation(ctx).url
    log = ctx.work / "validation.jsonl"
    running = ctx.target.probe.start(url(ctx, where), rate=100.0, log=log)
    try:
        deadline = ctx.clock.monotonic() + _PATIENCE
        while len(running.samples()) < _ENOUGH and ctx.clock.monotonic() < deadline:
            ctx.progress(f"validating {shown(ctx, incoming(ctx))}")
            ctx.pause(0.05)
    finally:
        samples = running.stop()
    return samples
