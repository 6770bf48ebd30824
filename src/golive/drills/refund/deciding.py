"""The decision: by Finance, and confirmed by another where it is large."""

from __future__ import annotations

from golive.drillkit.attempts import attempted, refused
from golive.drills.refund.books import amount
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, opened
from golive.kernel.json import Json
from golive.ports.refunds import RefundCase

_UNDECIDED = ("received", "in_review")
_NOTE = "The inspection's report is clear: the milestone failed."


def decide(ctx: Ctx) -> Json:
    """Finance decides each case, or finds it decided."""
    desk = at_desk(ctx)
    for ground, identifier in opened(ctx):
        case = attempted(
            ctx,
            ground.check("decided"),
            f"Finance decides {ground.reference}",
            lambda ground=ground, identifier=identifier: _decided(  # type: ignore[misc]
                ctx, desk, ground, identifier
            ),
        )
        if case is not None:
            _judge(ctx, desk, ground, case)
    return None


def _decided(ctx: Ctx, desk: Desk, ground: Ground, identifier: str) -> RefundCase:
    session = desk.as_(ctx.params.finance)
    now = desk.market.refund(session, identifier)
    if now.status not in _UNDECIDED:
        return now
    key = ctx.key("decide", ground.part)
    return desk.market.decide_refund(session, identifier, "full_refund", _NOTE, key)


def _judge(ctx: Ctx, desk: Desk, ground: Ground, case: RefundCase) -> None:
    ctx.equals(
        ground.check("decided-amount"),
        "what was decided is what was asked for",
        amount(case.currency, case.requested_minor),
        amount(case.currency, case.decided_minor),
    )
    finance = desk.as_(ctx.params.finance)
    ctx.equals(
        ground.check("decided-by"),
        "the decision bears the name of who took it, and it isn't who asked",
        finance.user_id,
        case.decided_by if case.decided_by != case.opened_by else "who asked",
    )


def confirm(ctx: Ctx) -> Json:
    """A large refund waits for another person: Finance can't confirm it, compliance can."""
    desk = at_desk(ctx)
    for ground, identifier in opened(ctx):
        now = attempted(
            ctx,
            ground.check("decision-read"),
            "the decided case can be read",
            lambda identifier=identifier: desk.market.refund(  # type: ignore[misc]
                desk.as_(ctx.params.finance), identifier
            ),
        )
        if now is None:
            continue
        if (now.requested_minor or 0) > ctx.params.escalate_above:
            now = _confirmed(ctx, desk, ground, now)
        ctx.equals(
            ground.check("approved"),
            f"{ground.reference} is approved and waits to be paid",
            "approved",
            now.status if now else None,
        )
    return None


def _confirmed(ctx: Ctx, desk: Desk, ground: Ground, now: RefundCase) -> RefundCase | None:
    ctx.log(f"{ground.reference} is above what Finance may give by itself")
    _alone(ctx, desk, ground, now)

    def act() -> RefundCase:
        session = desk.as_(ctx.params.confirmer)
        if desk.market.refund(session, now.id).status != "escalated":
            return desk.market.refund(session, now.id)
        key = ctx.key("confirm", ground.part)
        return desk.market.decide_refund(session, now.id, "full_refund", _NOTE, key)

    done = attempted(
        ctx, ground.check("confirmed"), "risk and compliance confirm a large refund", act
    )
    if done is not None:
        ctx.holds(
            ground.check("two-persons"),
            "two persons stand behind a large refund, by name",
            bool(done.confirmed_by) and done.confirmed_by != done.decided_by,
            detail=f"decided by {done.decided_by or 'nobody'}, "
            f"confirmed by {done.confirmed_by or 'nobody'}",
        )
    return done


def _alone(ctx: Ctx, desk: Desk, ground: Ground, now: RefundCase) -> None:
    key = ctx.key("confirm-alone", ground.part)

    def again() -> RefundCase:
        session = desk.as_(ctx.params.finance)
        return desk.market.decide_refund(session, now.id, "full_refund", _NOTE, key)

    claim = "who decided a large refund can't confirm it"
    refused(ctx, ground.check("alone-refused"), claim, (403, 409), again)
