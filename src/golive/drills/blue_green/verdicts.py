"""Two verdicts, never one: does the way back work, and did the release hold? A person who ends the
run, or refuses, says nothing of either."""

from __future__ import annotations

from collections.abc import Callable

from golive.drillkit.context import Context
from golive.drillkit.drill import Interrupted
from golive.drills.blue_green import orders
from golive.drills.blue_green.journal import CALLED_OFF, ORDERED, PROVED, RETURNED, TRIGGERED
from golive.drills.blue_green.params import BlueGreenParams, Ctx, incoming, old, shown
from golive.kernel.json import Json


def watched(
    run: Callable[[Context[BlueGreenParams]], Json],
) -> Callable[[Context[BlueGreenParams]], Json]:
    """`run`, and a note where a person ends it."""

    def act(ctx: Ctx) -> Json:
        try:
            return run(ctx)
        except Interrupted:
            orders.journal_of(ctx).note(CALLED_OFF)
            raise

    return act


def say_verdicts(ctx: Ctx) -> None:
    """Nothing is said of a drill that moved nothing."""
    journal = orders.journal_of(ctx)
    if journal.last(ORDERED) is None:
        return
    _way_back(ctx)
    if ctx.memo.get("verify") is None and journal.last(CALLED_OFF) is not None:
        ctx.log("a person ended the run: that says nothing of the release")
        return
    ctx.holds(
        "release_verdict",
        f"{shown(ctx, incoming(ctx))} held until the end: nothing called it off in earnest",
        ctx.memo.get("verify") is not None,
    )


def _way_back(ctx: Ctx) -> None:
    """Of all shifts that were called off, in rehearsal or in earnest, how many came home."""
    called: dict[str, bool] = {}
    waiting: list[str] = []
    for mark in orders.journal_of(ctx).marks():
        if mark.event == TRIGGERED:
            called.setdefault(mark.text("deployment"), False)
            waiting.append(mark.text("deployment"))
        elif mark.event in (RETURNED, PROVED):
            called.update(dict.fromkeys(waiting, True))
            waiting.clear()
    if not called:
        ctx.log("nothing was called off, so the way back was not shown")
        return
    ctx.equals(
        "rollback_verdict",
        f"whatever was called off came back to {shown(ctx, old(ctx))}",
        len(called),
        sum(called.values()),
        detail=", ".join(f"{one} {'back' if home else 'not back'}" for one, home in called.items()),
    )
