"""What the refunds are about: an order each, and a milestone of it that fails on purpose."""

from __future__ import annotations

from collections.abc import Sequence, Set

from golive.drillkit.attempts import attempted
from golive.drills.refund.params import Ctx, Desk, Ground, Part, at_desk, check_of, parts
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.marketplace import Session
from golive.ports.refunds import Milestone, Order, RefundCase

_UNDECIDED = ("received", "in_review", "escalated")
_OVER = ("completed", "cancelled")
_LOOKED_AT = 20
"""Orders whose milestones are looked at before giving up."""
_NAMES = 50
"""How many rehearsals may use one reference, each with a number after it."""


def milestone(ctx: Ctx) -> Json:
    """Choose an order for each case and have its milestone fail, or find the case begun."""
    desk, chosen = at_desk(ctx), dict[str, Json]()
    taken: set[str] = set()
    for part in parts(ctx):
        found = attempted(
            ctx,
            check_of(part, "order-found"),
            "there is an order with money held, a milestone of which can fail",
            lambda part=part: _chosen(ctx, desk, part, taken),  # type: ignore[misc]
        )
        if found is None:
            continue
        taken.add(found.order)
        chosen[part] = {
            "reference": found.reference,
            "order": found.order,
            "milestone": found.milestone,
            "provider": found.provider,
        }
        _fail(ctx, desk, found)
    if "case" not in chosen:
        raise ctx.fail("without a failed milestone there is no case to open")
    return chosen


def _chosen(ctx: Ctx, desk: Desk, part: Part, taken: Set[str]) -> Ground:
    session = desk.as_(ctx.params.buyer)
    known = desk.market.refund_queue(session, "")
    reference, begun = _reference(ctx, desk, session, part)
    if begun is not None:
        ctx.log(f"{reference} was there already, {begun.status}")
        order = desk.market.order(session, begun.order_id)
        return Ground(part, reference, order.id, begun.milestone_id, order.provider_id)
    closed = {one.milestone_id for one in known if one.status != "declined"}
    for summary in _ranked(ctx, desk.market.orders(session), session, part):
        if summary.id in taken:
            continue
        order = desk.market.order(session, summary.id)
        stone = _breakable(order, closed)
        if stone is not None:
            return Ground(part, reference, order.id, stone.id, order.provider_id)
    raise PortError(
        "no order of the rehearsal's buyer has money held and a milestone that can fail",
        where=desk.market.url,
        hint="place one for that account, or name another account with `buyer`",
    )


def _reference(ctx: Ctx, desk: Desk, session: Session, part: Part) -> tuple[str, RefundCase | None]:
    """Ours, or with a number behind it where an earlier rehearsal has closed that case."""
    base = ctx.params.reference + ("" if part == "case" else "-HAND")
    for number in range(1, _NAMES):
        name = base if number == 1 else f"{base}-{number}"
        found = desk.market.find_refund(session, name)
        if found is None or found.status in _UNDECIDED:
            return name, found
        ctx.log(f"{name} is of an earlier rehearsal, {found.status}")
    raise PortError(f"{base} was used {_NAMES} times", hint="name another `reference`")


def _ranked(ctx: Ctx, orders: Sequence[Order], session: Session, part: Part) -> Sequence[Order]:
    """Small ones that are not in dispute first; for the second case, large ones first."""
    limit = ctx.params.escalate_above
    own = [
        one
        for one in orders
        if one.held_minor != 0 and one.status not in _OVER and one.buyer_id in ("", session.user_id)
    ]

    def rank(order: Order) -> tuple[bool, bool, int]:
        held = order.held_minor or 0
        large = held > limit
        return (large is (part == "case"), order.status == "disputed", held)

    return sorted(own, key=rank)[:_LOOKED_AT]


def _breakable(order: Order, closed: Set[str]) -> Milestone | None:
    """One that waits, or else one that failed before and that nobody has asked money for."""
    free = [one for one in order.milestones if one.id not in closed and one.status != "passed"]
    waiting = [one for one in free if one.status != "failed"]
    return next(iter([*waiting, *free]), None)


def _fail(ctx: Ctx, desk: Desk, found: Ground) -> None:
    def act() -> Order:
        inspector = desk.as_(ctx.params.inspector)
        return desk.market.note_inspection(
            inspector, found.order, found.milestone, "failed", ctx.key("inspection", found.part)
        )

    noted = attempted(
        ctx,
        found.check("inspection-noted"),
        "a failed inspection can be noted by those who run the market",
        act,
    )
    if noted is None:
        return
    status = next((one.status for one in noted.milestones if one.id == found.milestone), None)
    ctx.equals(found.check("milestone-failed"), "the milestone has failed", "failed", status)
