"""The call for help, through the marketplace's outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.params import Ctx, market_of
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.incidents import Escalation, Incident, Incidents

_LOOK = 0.2
"""Seconds between two looks at the outbox."""
_REASON = "A launch rehearsal calls for help. Please acknowledge the incident."


def escalate(ctx: Ctx) -> Json:
    """Call the help desk, or find it called; wait until the outbox says that it was reached."""
    market = market_of(ctx)
    seen: list[JsonObject] = []
    case = attempted(
        ctx, "incident-found", "the incident can be read", lambda: current(ctx, market)
    )
    if case is None:
        raise ctx.fail("there is no incident to escalate")
    called = attempted(
        ctx,
        "escalated",
        "the incident was escalated to the help desk",
        lambda: _delivered(ctx, market, case, seen),
    )
    if called is None:
        return None
    ctx.save_json(
        "escalation", {"escalation": dict(called.raw), "seen": seen}, fidelity=market.fidelity
    )
    _judge_delivery(ctx, called, [str(one["lastError"]) for one in seen if one["lastError"]])
    return {"delivery": called.delivery, "attempts": called.attempts}


def _delivered(ctx: Ctx, market: Incidents, case: Incident, seen: list[JsonObject]) -> Escalation:
    """The escalation, delivered or given up on. What changes on the way is put into `seen`."""
    session = market.login(ctx.params.role)
    if not market.escalations(session, case.id):
        market.escalate_incident(session, case.id, _REASON, ctx.key("escalate", case.id))
    began, last = ctx.clock.now(), None
    while True:
        called = market.escalations(session, case.id)
        if not called:
            raise PortError("it lists no escalation of what it escalated", where=market.url)
        one, now = called[-1], ctx.clock.now()
        state = (one.delivery, one.attempts, one.last_error)
        if state != last:
            last = state
            seen.append({
                "at": rfc3339(now), "delivery": one.delivery, "attempts": one.attempts,
                "lastError": one.last_error,
            })  # fmt: skip
            if one.last_error:
                ctx.log(f"attempt {one.attempts} was begun; last trouble: {one.last_error}")
        waited = (now - began).total_seconds()
        if one.delivery != "pending" or waited >= ctx.params.deliver_within:
            return one
        ctx.progress("the outbox is at work", attempts=one.attempts, waited_s=round(waited, 1))
        ctx.pause(_LOOK)


def _judge_delivery(ctx: Ctx, called: Escalation, troubles: Sequence[str]) -> None:
    words = {
        "delivered": f"at attempt {called.attempts}" + _after(troubles),
        "not-configured": "the marketplace has no help desk: nothing was sent",
    }
    last = f"still {called.delivery or '(not said)'} at attempt {called.attempts}"
    detail = words.get(called.delivery, f"{last}: {called.last_error or 'no reason given'}")
    ctx.holds(
        "escalation-delivered",
        "the outbox reached the help desk",
        called.delivery == "delivered",
        detail=detail,
    )
    if called.delivery == "delivered":
        ctx.at_most(
            "delivery_seconds",
            "from the call to its delivery",
            ctx.params.deliver_within,
            _between(called.escalated_at, called.delivered_at),
            unit="s",
            detail=detail,
        )


def _after(troubles: Sequence[str]) -> str:
    """Why it took more than one attempt, in the order in which it was seen. How often, nobody can
    tell from outside: while an attempt is under way, the last one's trouble is still shown."""
    return f", after: {'; '.join(dict.fromkeys(troubles))}" if troubles else ""


def _between(begin: str, end: str) -> float | None:
    first, last = _moment(begin), _moment(end)
    if first is None or last is None or last < first:
        return None
    return round((last - first).total_seconds(), 3)


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None
