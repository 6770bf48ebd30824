"""Does the incoming side's readiness follow its health? One that stands still says "ready" of a
side that isn't, and whoever watches it would find out from customers."""

from __future__ import annotations

from golive.drillkit.drill import Interrupted
from golive.drillkit.readiness import FileWatch, Snapshot, SnapshotError
from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import orders, state
from golive.drills.blue_green.params import Ctx, incoming, shown
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.marketplace import ReadinessFile

_WITHIN = 5.0
"""Seconds for the file to show a change."""
_TOGGLED = "toggled"
_RESTORED = "restored"


def readiness(ctx: Ctx) -> Json:
    """Degrade one component of a side that nobody uses yet, and look whether it shows."""
    file = ctx.target.readiness_files.get(incoming(ctx))
    if file is None or "operations" not in ctx.target.config.accounts:
        ctx.log("whether readiness can be believed was not looked at: the target names no file for "
                "the incoming side, or no account for operations")  # fmt: skip
        return {"looked": False}
    component = _component(ctx, file)
    orders.journal_of(ctx).note(_TOGGLED, component=component)
    try:
        shows = [_shows(ctx, file, component, "degraded", _WITHIN)]
        # Where the first change never showed there is nothing to wait for in the second.
        shows.append(_shows(ctx, file, component, "ready", _WITHIN if shows[0] else 0.0))
    except Interrupted:
        restore(ctx)
        raise
    orders.journal_of(ctx).note(_RESTORED, component=component)
    verdict = ctx.holds(
        "readiness_follows",
        f"the readiness file of {shown(ctx, incoming(ctx))} shows a change within {_WITHIN:g} s",
        all(shows),
        detail=f"component {component!r}: degraded {_seen(shows[0])}, ready again "
        f"{_seen(shows[1])}",
    )
    if verdict is not CheckVerdict.PASS:
        raise ctx.fail(
            f"what {shown(ctx, incoming(ctx))} says of its readiness can't be believed; it got no "
            "production traffic"
        )
    return {"looked": True}


def _seen(shown: bool) -> str:
    return "seen" if shown else "not seen"


def _component(ctx: Ctx, file: ReadinessFile) -> str:
    """The first by name; the same again after a kill."""
    try:
        components = Snapshot.parse(file.read()).components
    except SnapshotError as error:
        raise ctx.fail(
            f"{shown(ctx, incoming(ctx))} has no readiness to believe: {error}"
        ) from error
    if not components:
        raise ctx.fail(f"the readiness file of {shown(ctx, incoming(ctx))} names no component")
    return min(components)


def _shows(ctx: Ctx, file: ReadinessFile, component: str, status: str, within: float) -> bool:
    way = state.side_way(ctx, incoming(ctx))
    way.toggle_component(way.login("operations"), component, status)
    watch, deadline = FileWatch(file, component), ctx.clock.monotonic() + within
    while watch.look() != status:
        if ctx.clock.monotonic() > deadline:
            return False
        ctx.pause(0.02)
    return True


def restore(ctx: Ctx) -> Json:
    """The undo: the component as the pre-flight found it."""
    last = orders.journal_of(ctx).last(_TOGGLED, _RESTORED)
    if last is None or last.event == _RESTORED:
        return {"needed": False}
    way = state.side_way(ctx, incoming(ctx))
    try:
        way.toggle_component(way.login("operations"), last.text("component"), "ready")
    except PortError as error:
        raise ctx.fail(
            f"{last.text('component')!r} could not be made ready again: {error}"
        ) from error
    orders.journal_of(ctx).note(_RESTORED, component=last.text("component"))
    return {"needed": True}
