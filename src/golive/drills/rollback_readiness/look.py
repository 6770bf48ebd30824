"""What is there now: weights, health, versions and schemas of both sides, asked directly."""

from __future__ import annotations

from collections.abc import Mapping

from golive.drillkit.records import CheckVerdict
from golive.drills.rollback_readiness.params import (
    Ctx,
    incoming,
    instance,
    old,
    production,
    traffic,
)
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.ports.marketplace import Marketplace

_TWICE = 0.3
"""Seconds between two looks at a side that is to be frozen."""


def look(ctx: Ctx) -> Json:
    """Both sides, twice; whether there is something to go back from and something to go back to."""
    first = observe(ctx)
    ctx.save_json("before", first, fidelity=traffic(ctx).fidelity)
    ctx.pause(_TWICE)
    second = observe(ctx)
    verdicts = [_launched(ctx, first), _reachable(ctx, first), _frozen(ctx, first, second)]
    verdicts += _as_at_the_start(ctx, first)
    if verdicts[0] is not CheckVerdict.PASS:
        raise ctx.fail("there is no launch to go back from; nothing was moved")
    if any(one is not CheckVerdict.PASS for one in verdicts):
        raise ctx.fail("the way back is not ready; nothing was moved")
    return first


def observe(ctx: Ctx) -> JsonObject:
    """Flat properties by name; what can't be read is None."""
    found: dict[str, Json] = {}
    shares = traffic(ctx).weights()
    for side in (old(ctx), incoming(ctx)):
        found[f"{side}.weight"] = shares.get(side)
        found |= {f"{side}.{name}": value for name, value in _facts(instance(ctx, side)).items()}
    for name, way in (("production", production(ctx)), ("validation", ctx.target.validation)):
        if way is not None:
            front = _facts(way)
            found |= {f"{name}.{one}": front[one] for one in ("instance", "version")}
    return found


def _facts(way: Marketplace) -> Mapping[str, Json]:
    try:
        health = way.health()
    except PortError:
        return dict.fromkeys(("alive", "ready", "instance", "version", "schema"))
    return {
        "alive": health.alive,
        "ready": health.ready,
        "instance": health.instance or None,
        "version": health.version or None,
        "schema": health.schema or None,
    }


def _launched(ctx: Ctx, seen: JsonObject) -> CheckVerdict:
    """Without a launch there is nothing to go back from, which is no finding about the way back."""
    side = incoming(ctx)
    there = seen[f"{side}.weight"] == 100 and seen["production.instance"] == side
    return ctx.holds(
        "launched",
        f"production is on {side} (new), so that there is something to go back from",
        True if there else None,
        detail=f"weights: {old(ctx)} {seen[f'{old(ctx)}.weight']}, {side} {seen[f'{side}.weight']};"
        f" production answers from {seen['production.instance']}",
    )


def _reachable(ctx: Ctx, seen: JsonObject) -> CheckVerdict:
    side = old(ctx)
    return ctx.equals(
        "old_side_answers",
        f"{side} (old) answers directly: it is alive and ready, though it carries no traffic",
        {"instance": side, "alive": True, "ready": True, "weight": 0.0},
        {name: seen[f"{side}.{name}"] for name in ("instance", "alive", "ready", "weight")},
        detail=f"version {seen[f'{side}.version']}, schema {seen[f'{side}.schema']}",
    )


def _frozen(ctx: Ctx, first: JsonObject, second: JsonObject) -> CheckVerdict:
    side = old(ctx)
    names = [name for name in first if name.startswith(f"{side}.")]
    changed = [name for name in names if first[name] != second[name]]
    other = first[f"{side}.version"] != first[f"{incoming(ctx)}.version"]
    return ctx.holds(
        "old_side_frozen",
        f"{side} (old) stays as it is, and is another version than {incoming(ctx)} (new)",
        not changed and other,
        detail=f"changed: {', '.join(changed)}" if changed else "",
    )


def _as_at_the_start(ctx: Ctx, seen: JsonObject) -> list[CheckVerdict]:
    """Against what an earlier drill of the day put on record under the name `snapshot`, before
    anything had moved; where none did, there is nothing to compare with, and the log says so."""
    names = [f"{old(ctx)}.{name}" for name in ("version", "schema")]
    start = next(
        (
            found
            for item in ctx.standing.items
            if isinstance(found := item.values.get("snapshot"), Mapping) and names[0] in found
        ),
        None,
    )
    if start is None:
        ctx.log("no drill of this day took a snapshot of the start to compare with")
        return []
    return [
        ctx.equals(
            "old_side_as_before",
            f"{old(ctx)} (old) is the version and schema that it was before the launch",
            {name: start.get(name) for name in names},
            {name: seen[name] for name in names},
        )
    ]
