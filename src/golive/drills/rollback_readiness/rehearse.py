"""There and back again: really go back, prove it, time it, and restore what was found."""

from __future__ import annotations

import json

from golive.drillkit.drill import Interrupted
from golive.drillkit.records import CheckVerdict
from golive.drillkit.rollback_command import app_spec
from golive.drills.rollback_readiness.look import observe
from golive.drills.rollback_readiness.moving import APART, arrive, is_on, let_go, order, release
from golive.drills.rollback_readiness.params import Ctx, deployer, executes, incoming, old
from golive.kernel.json import Json, JsonObject
from golive.ports.deployer import Deployment

ROLLBACK_LIMIT = 5.0
"""Seconds from the order to the proof, unless the playbook says otherwise."""
BACK, FORTH, AGAIN = "back", "forth", "again"
_RECORDED = 3.0
"""Seconds in which the record says of traffic that it has moved, once it has."""


def back(ctx: Ctx) -> Json:
    """The command's own deployment, ordered through the deployer; from the order to the proof."""
    if not executes(ctx):
        return _not_executed(ctx)
    seen = _seen(ctx)
    _launched_still(ctx, seen)
    began = ctx.clock.monotonic()
    try:
        deployment, fresh = order(ctx, BACK, old(ctx), str(seen[f"{old(ctx)}.version"]))
        done = arrive(ctx, deployment, old(ctx), ctx.pause)
    except Interrupted:
        _restore(ctx)
        raise
    seconds = ctx.clock.monotonic() - began if fresh else _own_time(ctx, done)
    verdicts = [_timed(ctx, seconds, fresh), _proved(ctx, seen), _same(ctx, done, seen)]
    if CheckVerdict.FAIL in verdicts:
        raise ctx.fail("the way back did not lead back")
    return {"deployment": deployment, "seconds": seconds}


def _launched_still(ctx: Ctx, seen: JsonObject) -> None:
    """Production on the incoming side, before the way back is ordered: a stage that went down with
    its rehearsal came back with its traffic at home. The deployment that launches it again keeps
    every other out until it lets the old side go."""
    if deployer(ctx).find(ctx.key(BACK, "0")) is not None:
        return
    under_way = deployer(ctx).find(ctx.key(AGAIN, "0")) is not None
    if under_way or not is_on(ctx, incoming(ctx)):
        let_go(ctx, _to(ctx, AGAIN, incoming(ctx), seen))


def _not_executed(ctx: Ctx) -> Json:
    if ctx.params.execute is False:
        ctx.log("not executed: the playbook says execute: false")
    else:
        ctx.at_most(
            "rollback_seconds",
            "from the order to go back to the proof that production is back",
            ROLLBACK_LIMIT,
            None,
            unit="s",
            detail="this target is no stage, and the playbook doesn't say execute: true",
        )
    return {"deployment": None}


def _timed(ctx: Ctx, seconds: float | None, fresh: bool) -> CheckVerdict:
    return ctx.at_most(
        "rollback_seconds",
        "from the order to go back to the proof that production is back",
        ROLLBACK_LIMIT,
        None if seconds is None else round(seconds, 3),
        unit="s",
        detail="" if fresh else "the rehearsal was killed in between: the deployment's own time",
    )


def _own_time(ctx: Ctx, done: Deployment) -> float | None:
    """From its creation to the end of the event that moved the traffic. When it was completed tells
    more than that, or nothing yet: it may keep the other side for a while."""
    since = ctx.clock.monotonic()
    while done.created is not None and ctx.clock.monotonic() - since < _RECORDED:
        for event in deployer(ctx).target(done.id).events:
            if event.name == "AllowTraffic" and event.ended is not None:
                return (event.ended - done.created).total_seconds()
        ctx.pause(APART)
    return None


def _proved(ctx: Ctx, before: JsonObject) -> CheckVerdict:
    """Production answers as the old side, which is what it was."""
    side, now = old(ctx), observe(ctx)
    expected: dict[str, Json] = {
        f"{side}.weight": 100.0,
        f"{incoming(ctx)}.weight": 0.0,
        "production.instance": side,
        "production.version": before[f"{side}.version"],
    }
    expected |= {f"{side}.{name}": before[f"{side}.{name}"] for name in ("ready", "schema")}
    return ctx.equals(
        "back_on_old_side",
        f"all production traffic is on {side} (old), at the version and schema that it had",
        expected,
        {name: now.get(name) for name in expected},
    )


def _same(ctx: Ctx, done: Deployment, seen: JsonObject) -> CheckVerdict:
    """What was carried out is what the printed command says, by the deployer's own record."""
    revision = done.raw.get("revision")
    content = revision.get("appSpecContent") if isinstance(revision, dict) else None
    config = ctx.target.config.deployer
    if not isinstance(content, dict) or config is None or not config.task_definition:
        ctx.log("the deployer's record holds no AppSpec to compare the printed command with")
        return CheckVerdict.PASS
    return ctx.equals(
        "command_is_what_ran",
        "the AppSpec in the printed command is the one that was carried out",
        app_spec(config, old(ctx), str(seen[f"{old(ctx)}.version"])),
        json.loads(str(content.get("content"))),
    )


def forth(ctx: Ctx) -> Json:
    """What was found is put back, property by property."""
    if not executes(ctx):
        return {"deployment": None}
    began = ctx.clock.monotonic()
    try:
        _restore(ctx)
    finally:
        _say_restored(ctx, "restored_as_found")
    return {"seconds": round(ctx.clock.monotonic() - began, 3)}


def undo_back(ctx: Ctx) -> Json:
    """After a drill that ended early: the same, and said."""
    if not executes(ctx) or not isinstance(ctx.memo.get("look"), dict):
        return {"needed": False}
    try:
        _restore(ctx)
    finally:
        _say_restored(ctx, "undone_as_found")
    return {"needed": True}


def _restore(ctx: Ctx) -> None:
    """Production on the incoming side. Does nothing where it is there, so it may run again."""
    if deployer(ctx).find(ctx.key(BACK, "0")) is None:
        return
    release(ctx, BACK)
    if not is_on(ctx, incoming(ctx)):
        _to(ctx, FORTH, incoming(ctx), _seen(ctx))


def _to(ctx: Ctx, intent: str, side: str, seen: JsonObject) -> str:
    deployment, _ = order(ctx, intent, side, str(seen[f"{side}.version"]))
    arrive(ctx, deployment, side, ctx.clock.sleep)
    return deployment


def _say_restored(ctx: Ctx, check: str) -> None:
    before, now = _seen(ctx), observe(ctx)
    differing = [name for name, value in before.items() if now.get(name) != value]
    ctx.equals(
        check,
        "after going forth again, everything is as it was found",
        len(before),
        len(before) - len(differing),
        detail="; ".join(f"{one}: was {before[one]}, is {now.get(one)}" for one in differing),
    )


def _seen(ctx: Ctx) -> JsonObject:
    found = ctx.memo["look"]
    assert isinstance(found, dict)
    return found
