"""A case that nobody has decided is closed again when the run is called off."""

from __future__ import annotations

from golive.drillkit.attempts import attempted
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, grounds
from golive.kernel.json import Json

_NOTE = "The rehearsal was called off."
_DECLINABLE = ("received", "in_review", "escalated")


def withdraw(ctx: Ctx) -> Json:
    """Decline what was opened and is undecided; what was decided stays, for people to see to.
    Looks first, so it may run twice."""
    desk = at_desk(ctx)
    return {
        ground.part: attempted(
            ctx,
            ground.check("withdrawn"),
            f"{ground.reference} doesn't wait for a decision any more",
            lambda ground=ground: _withdrawn(ctx, desk, ground),  # type: ignore[misc]
        )
        for ground in grounds(ctx)
    }


def _withdrawn(ctx: Ctx, desk: Desk, ground: Ground) -> str:
    """The status that the case is left with; "" where there is none."""
    params = ctx.params
    found = desk.market.find_refund(desk.as_(params.buyer), ground.reference)
    if found is None:
        return ""
    if found.status not in _DECLINABLE:
        ctx.log(f"{ground.reference} stays {found.status}: what was decided is not taken back")
        return found.status
    role = params.confirmer if found.status == "escalated" else params.finance
    key = ctx.key("withdraw", ground.part)
    done = desk.market.decide_refund(desk.as_(role), found.id, "declined", _NOTE, key)
    return done.status
