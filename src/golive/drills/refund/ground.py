"""What the refunds are about: an order each, and a milestone of it that fails on purpose."""

from __future__ import annotations

from collections.abc import Sequence, Set

from golive.drillkit.attempts import attempted
from golive.drills.refund.params import (
    Ctx,
    Desk,
    Ground,
    Part,
    at_desk,
    check_of,
    grounds,
    parts,
)
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


def choose(ctx: Ctx) -> Json:
    """An order and a milestone for each case, or the case that is begun. Changes nothing, so that
    whoever is cut off later goes on with the same."""
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
            "service": found.service,
        }
    if "case" not in chosen:
        raise ctx.fail("without an order there is no milestone that could fail")
    return chosen


def milestone(ctx: Ctx) -> Json:
    """Have each milestone fail: an inspection says so."""
    desk = at_desk(ctx)
    for ground in grounds(ctx):
        noted = attempted(
            ctx,
            ground.check("inspection-noted"),
            "a failed inspection can be noted by those who run the market",
            lambda ground=ground: desk.market.note_inspection(  # type: ignore[misc]
                desk.as_(ctx.params.inspector),
                ground.order,
                ground.milestone,
                "failed",
                ctx.key("inspection", ground.part),
            ),
        )
        if noted is not None:
            stones = {one.id: one.status for one in noted.milestones}
            ctx.equals(
                ground.check("milestone-failed"),
                "the milestone has failed",
                "failed",
                stones.get(ground.milestone),
            )
    return None


def _chosen(ctx: Ctx, desk: Desk, part: Part, taken: Set[str]) -> Ground:
    session = desk.as_(ctx.params.buyer)
    known = desk.market.refund_queue(session, "")
    reference, begun = _reference(ctx, desk, session, part)
    if begun is not None:
        ctx.log(f"{reference} was there already, {begun.status}")
        order = desk.market.order(session, begun.order_id)
        return _ground(part, reference, order, begun.milestone_id)
    closed = {one.milestone_id for one in known if one.status != "declined"}
    for summary in _ranked(ctx, desk.market.orders(session), session, part):
        if summary.id in taken:
            continue
        order = desk.market.order(session, summary.id)
        stone = _breakable(order, closed)
        if stone is not None:
            return _ground(part, reference, order, stone.id)
    raise PortError(
        "no order of the rehearsal's buyer has money held and a milestone that can fail",
        where=desk.market.url,
        hint="place one for that account, or name another account with `buyer`",
    )


def _ground(part: Part, reference: str, order: Order, stone: str) -> Ground:
    title = next((one.title for one in order.milestones if one.id == stone), "")
    service = ", ".join(one for one in (order.reference or order.id, title) if one)
    return Ground(part, reference, order.id, stone, order.provider_id, service)


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
