"""The call for help: through the outbox, and read back at the help desk itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.params import PRIORITIES, Ctx, helpdesk_of, market_of
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.helpdesk import Contact, Conversation, HelpDesk, Message
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
    return None if first is None or last is None else round((last - first).total_seconds(), 3)


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Thread:
    """What the help desk has about one incident."""

    contacts: Sequence[Contact]
    conversations: Sequence[Conversation]
    messages: Sequence[Message]
    """Of the oldest conversation."""

    @property
    def conversation(self) -> Conversation | None:
        return min(self.conversations, key=lambda one: one.id, default=None)

    def to_json(self) -> JsonObject:
        """Without the names of those who work at the desk."""
        return {
            "contacts": [
                {"id": one.id, "name": one.name, "identifier": one.identifier}
                for one in self.contacts
            ],
            "conversations": [
                {
                    "id": one.id, "status": one.status, "priority": one.priority,
                    "labels": list(one.labels), "team": one.team, "assignee": one.assignee,
                    "attributes": dict(one.attributes),
                }
                for one in self.conversations
            ],
            "messages": [
                {"id": one.id, "private": one.private, "content": one.content}
                for one in self.messages
            ],
        }  # fmt: skip


def thread_of(desk: HelpDesk, case: Incident) -> Thread:
    """Found by the incident's reference and id alone, not by what the marketplace claims."""
    names = [one for one in (case.reference, case.id) if one]
    found = {one.id: one for name in names for one in desk.find_contacts(name)}
    contacts = [one for one in found.values() if _names(f"{one.name} {one.identifier}", names)]
    threads = [one for contact in contacts for one in desk.conversations_of(contact.id)]
    first = min((one.id for one in threads), default=None)
    if first is None:
        return Thread(contacts, (), ())
    fresh = [desk.conversation(one.id) for one in threads]
    return Thread(contacts, fresh, desk.messages(first))


def _names(text: str, wanted: Sequence[str]) -> bool:
    """Whether a name of the incident stands there whole: `INC-1` doesn't stand in `INC-12`."""
    return any(
        re.search(rf"(?:^|[^\w-]|incident-){re.escape(name)}(?![\w-])", text) for name in wanted
    )


def bridge(ctx: Ctx) -> Json:
    """Read back what arrived: contact, conversation, note, labels, team, priority; each once."""
    market = market_of(ctx)
    case = current(ctx, market)
    found = attempted(
        ctx,
        "bridge-read",
        "the help desk can be asked what arrived",
        lambda: thread_of(helpdesk_of(ctx), case),
    )
    if found is None:
        return None
    ctx.save_json("conversation", found.to_json(), fidelity=helpdesk_of(ctx).fidelity)
    ctx.equals("contacts", "the incident has one contact there", 1, len(found.contacts))
    ctx.equals(
        "threads", "it has one conversation, however often it was sent", 1, len(found.conversations)
    )
    if found.conversation is not None:
        _judge_conversation(ctx, found.conversation)
        _judge_notes(ctx, case, found)
        _judge_agreement(ctx, market, case, found)
    return {"conversation": found.conversation.id if found.conversation else None}


def _judge_conversation(ctx: Ctx, one: Conversation) -> None:
    wanted = [*ctx.params.labels, ctx.params.severity.lower()]
    missing: list[Json] = [label for label in wanted if label not in one.labels]
    ctx.equals("bridge-labels", "no label is missing", [], missing, detail=", ".join(one.labels))
    ctx.equals(
        "bridge-priority",
        "its priority is the severity's",
        PRIORITIES[ctx.params.severity],
        one.priority or "none",
    )
    ctx.equals("bridge-open", "it is open", "open", one.status or None)
    claim = "somebody has it: a team or an agent"
    if ctx.params.team is not None:
        ctx.equals("bridge-assigned", "its team has it", ctx.params.team, one.team or 0)
    else:
        ctx.holds("bridge-assigned", claim, one.team is not None or one.assignee is not None)


def _judge_notes(ctx: Ctx, case: Incident, found: Thread) -> None:
    about = [one for one in found.messages if case.reference in one.content]
    private = [one for one in about if one.private]
    ctx.equals("notes", "one private note says what happened", 1, len(private))
    ctx.equals(
        "bridge-private", "nothing of it is said to a customer", 0, len(about) - len(private)
    )
    if private:
        said = "drill" in private[0].content.casefold()
        ctx.holds("bridge-drill", "the note says that it is a drill", said)


def _judge_agreement(ctx: Ctx, market: Incidents, case: Incident, found: Thread) -> None:
    """Where the marketplace says what it delivered, the desk must have just that."""
    called = market.escalations(market.login(ctx.params.role), case.id)
    outcome = called[-1].outcome if called else None
    one = found.conversation
    if outcome is None or one is None:
        return
    notes = {message.id for message in found.messages if message.private}
    claims = {
        "conversation": outcome.conversation in (None, one.id),
        "contact": outcome.contact in (None, one.contact),
        "note": outcome.note is None or outcome.note in notes,
        "labels": set(outcome.labels) <= set(one.labels),
        "team": outcome.team in (None, one.team),
        "priority": outcome.priority in ("", one.priority),
    }
    wrong: list[Json] = [name for name, good in claims.items() if not good]
    ctx.equals("bridge-agrees", "the marketplace says what the help desk has", [], wrong)


def tidy(ctx: Ctx) -> Json:
    """Say that the drill is over and close its conversation; still one of everything."""
    case = current(ctx, market_of(ctx))
    marker = f"golive-drill-over: {case.reference}"

    def act() -> Thread:
        desk = helpdesk_of(ctx)
        found = thread_of(desk, case)
        if found.conversation is None:
            return found
        if not any(marker in one.content for one in found.messages):
            desk.add_note(found.conversation.id, f"The drill is over.\n\n{marker}")
        if found.conversation.status != "resolved":
            desk.set_status(found.conversation.id, "resolved")
        return thread_of(desk, case)

    after = attempted(
        ctx, "bridge-tidied", "the help desk takes a note and a change of status", act
    )
    if after is None:
        return None
    ctx.equals("threads-after", "there is still one conversation", 1, len(after.conversations))
    status = after.conversation.status if after.conversation else None
    ctx.equals("bridge-closed", "the drill's conversation is closed", "resolved", status)
    return None
