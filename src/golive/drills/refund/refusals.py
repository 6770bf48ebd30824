"""What must not work: the wrong role, a role claimed by a header, a stranger, nobody at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from golive.drillkit.attempts import refused, told
from golive.drills.refund.params import Ctx, Desk, at_desk, case_id, ground
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.marketplace import Session

_HIDDEN = (403, 404)
"""Refused, or not told that it exists: either keeps a case closed."""
_NOBODY = (401, 403)
_NOTE = "A rehearsal tries what must be refused."
_Try = tuple[str, str, tuple[int, ...], Callable[[], object]]


def refusals(ctx: Ctx) -> Json:
    """Try each before anything is decided, and hold it to being refused."""
    desk, identifier = at_desk(ctx), case_id(ctx, "case")
    if not identifier:
        raise ctx.fail("there is no case on which others could be tried")
    before = _status(ctx, desk, identifier)
    answers = {
        name: refused(ctx, name, claim, good, act)
        for name, claim, good, act in _tries(ctx, desk, identifier)
    }
    ctx.equals("untouched", "none of them moved the case", before, _status(ctx, desk, identifier))
    return answers


def _status(ctx: Ctx, desk: Desk, identifier: str) -> str | None:
    try:
        return desk.market.refund(desk.as_(ctx.params.finance), identifier).status or None
    except PortError as error:
        ctx.log(f"where the case stands can't be told: {told(error)}")
        return None


def _tries(ctx: Ctx, desk: Desk, identifier: str) -> tuple[_Try, ...]:
    params, key = ctx.params, ctx.key("refusals")
    buyer = desk.as_(params.buyer)
    claims = dict.fromkeys(("X-Role", "X-User-Role", "X-Fixnado-Role"), params.finance)
    # an id that no session is known by, so that the adapter sends just these headers
    forged = replace(buyer, user_id="", authorisation={**buyer.authorisation, **claims})
    chosen = ground(ctx, "case")
    reference = chosen.reference if chosen else params.reference

    def decide(session: Session, name: str) -> object:
        return desk.market.decide_refund(session, identifier, "full_refund", _NOTE, f"{key}-{name}")

    return (
        (
            "buyer-decides-refused",
            f"the role {params.buyer} can't decide its own case",
            (403,),
            lambda: decide(buyer, "buyer"),
        ),
        (
            "role-in-header-refused",
            f"a header that claims the role {params.finance} changes nothing",
            (403,),
            lambda: decide(forged, "header"),
        ),
        (
            "confirmer-first-refused",
            f"the role {params.confirmer} can't decide in Finance's place",
            (403,),
            lambda: decide(desk.as_(params.confirmer), "confirmer"),
        ),
        (
            "buyer-settles-refused",
            f"the role {params.buyer} can't have money paid",
            (403,),
            lambda: desk.market.settle_refund(buyer, identifier, f"{key}-settle"),
        ),
        (
            "buyer-pays-by-hand-refused",
            f"the role {params.buyer} can't note a payout by hand",
            (403,),
            lambda: desk.market.pay_by_hand(buyer, reference, _NOTE, f"{key}-hand"),
        ),
        (
            "books-closed",
            f"the role {params.buyer} can't look into the books",
            (403,),
            lambda: desk.market.ledger_rows(buyer, reference),
        ),
        (
            "books-by-header-refused",
            "a claimed role opens the books no more than the case",
            (403,),
            lambda: desk.market.ledger_rows(forged, reference),
        ),
        (
            "others-case-closed",
            f"the role {params.other} can't see the case",
            _HIDDEN,
            lambda: desk.market.refund(desk.as_(params.other), identifier),
        ),
        (
            "nobody-refused",
            "the case is closed to those who aren't signed in",
            _NOBODY,
            lambda: desk.market.refund(Session("", "", {}), identifier),
        ),
        (
            "undecided-unpaid",
            "money for a case that nobody has decided can't be paid",
            (409,),
            lambda: desk.market.settle_refund(
                desk.as_(params.finance), identifier, f"{key}-undecided"
            ),
        ),
    )
