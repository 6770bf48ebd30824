"""What arrived at the help desk, read back there; and closed again at the end."""

from __future__ import annotations

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.params import PRIORITIES, Ctx, helpdesk_of, market_of
from golive.drills.incident.thread import Thread, thread_of
from golive.kernel.json import Json
from golive.ports.helpdesk import Conversation
from golive.ports.incidents import Delivered, Incident, Incidents


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
        words = private[0].content
        ctx.holds("bridge-drill", "the note says that it is a drill", "drill" in words.casefold())
        absent: list[Json] = [
            name
            for name, one in (("severity", case.severity), ("title", case.title))
            if one not in words
        ]
        ctx.equals("bridge-words", "the note says how bad it is, and what broke", [], absent)


def _judge_agreement(ctx: Ctx, market: Incidents, case: Incident, found: Thread) -> None:
    """What the marketplace says that it sent, against what the desk has."""
    called = market.escalations(market.login(ctx.params.role), case.id)
    outcome = called[-1].outcome if called else None
    one = found.conversation
    if one is None:
        return
    notes = {message.id for message in found.messages if message.private}
    told = outcome or Delivered(None, None, None, (), None, "")
    sent: dict[str, tuple[bool, bool]] = {
        "conversation": (told.conversation is not None, told.conversation == one.id),
        "contact": (told.contact is not None, told.contact == one.contact),
        "note": (told.note is not None, told.note in notes),
        "labels": (bool(told.labels), set(told.labels) <= set(one.labels)),
        "team": (told.team is not None, told.team == one.team),
        "priority": (bool(told.priority), told.priority == one.priority),
    }
    wrong: list[Json] = [name for name, (said, same) in sent.items() if said and not same]
    silent = [name for name, (said, _) in sent.items() if not said]
    ctx.equals(
        "bridge-agrees",
        "the help desk has what the marketplace says that it sent",
        [],
        None if len(silent) == len(sent) else wrong,
        detail=f"the marketplace doesn't say: {', '.join(silent)}" if silent else "",
    )


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
