"""What is at hand at the help desk, and whether a question finds its team."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.attempts import attempted
from golive.drills.surge.params import Ctx, Trial, helpdesk_of
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json
from golive.ports.helpdesk import Conversation, HelpDesk

_FEWEST_LETTERS = 15
"""A shorter answer says nothing to somebody who asked."""


def answers(ctx: Ctx) -> Json:
    """The known questions have their answers, and each says something."""
    there = attempted(
        ctx, "answers-read", "the help desk lists what agents have at hand",
        lambda: helpdesk_of(ctx).answers(),
    )  # fmt: skip
    if there is None:
        return None
    wanted = ctx.params.answers
    known = {name: [one for one in there if one.name == name] for name in wanted}
    missing = [name for name, found in known.items() if not found]
    empty = [
        name
        for name, found in known.items()
        if found and not any(len(one.content.strip()) >= _FEWEST_LETTERS for one in found)
    ]
    document: dict[str, Json] = {
        "wanted": list(wanted),
        "missing": list(missing),
        "empty": list(empty),
        "there": [
            {
                "name": one.name,
                "kind": one.kind,
                "actions": one.actions,
                "letters": len(one.content),
                "sha256": sha256_hex(one.content.encode()),
            }
            for one in there
        ],
    }
    ctx.save_json("answers", document, fidelity=helpdesk_of(ctx).fidelity)
    ctx.at_most(
        "answers_missing", "every known question has its answer at hand", 0, len(missing),
        unit="answers", detail=", ".join(missing),
    )  # fmt: skip
    present = len(wanted) - len(missing)
    ctx.at_most(
        "answers_empty", "each says something", 0, len(empty) if present else None,
        unit="answers", detail=", ".join(empty),
    )  # fmt: skip
    return {"present": present}


def trial(ctx: Ctx) -> Json:
    """Put a question of our own to the team as a surge would, and see it arrive there."""
    wanted = ctx.params.trial
    assert wanted is not None
    routed = attempted(
        ctx,
        "trial-routed",
        "a question can be given to the team, with priority and labels",
        lambda: _route(helpdesk_of(ctx), _source(ctx), wanted),
    )
    if routed is None:
        return None
    now = routed[0]
    document: dict[str, Json] = {
        "id": now.id, "status": now.status, "priority": now.priority, "team": now.team,
        "labels": list(now.labels), "conversations": len(routed),
    }  # fmt: skip
    ctx.save_json("trial", document, fidelity=helpdesk_of(ctx).fidelity)
    ctx.equals("trials", "it has one conversation", 1, len(routed))
    ctx.equals("trial-team", "the team has it", wanted.team, now.team or 0)
    ctx.equals("trial-priority", "its priority was kept", wanted.priority, now.priority or "none")
    dropped: list[Json] = [one for one in wanted.labels if one not in now.labels]
    ctx.equals("trial-labels", "no label was dropped", [], dropped, detail=", ".join(now.labels))
    return {"conversation": now.id}


def _source(ctx: Ctx) -> str:
    return f"golive-surge-{sha256_hex(ctx.rehearsal.id.encode())[:12]}"


def _route(desk: HelpDesk, source: str, wanted: Trial) -> Sequence[Conversation]:
    """Looks before it makes anything: contact, conversation and note are there once."""
    found = _threads(desk, source)
    if found:
        first = found[0]
    else:
        known = _contacts(desk, source)
        contact = known[0] if known else desk.add_contact(source, "Launch rehearsal (drill)").id
        first = desk.add_conversation(contact, source, {"golive_trial": source})
    if not any(source in one.content for one in desk.messages(first.id)):
        desk.add_note(first.id, f"A launch rehearsal tries the routing. A drill.\n\n{source}")
    desk.add_labels(first.id, wanted.labels)
    desk.assign(first.id, wanted.team)
    desk.prioritise(first.id, wanted.priority)
    return [desk.conversation(one.id) for one in _threads(desk, source)]


def _contacts(desk: HelpDesk, source: str) -> Sequence[int]:
    return [one.id for one in desk.find_contacts(source) if one.identifier == source]


def _threads(desk: HelpDesk, source: str) -> Sequence[Conversation]:
    """The oldest first."""
    found = [one for contact in _contacts(desk, source) for one in desk.conversations_of(contact)]
    return sorted(found, key=lambda one: one.id)


def close(ctx: Ctx) -> Json:
    """No conversation of the drill stays open."""
    source = _source(ctx)

    def act() -> Sequence[str]:
        desk = helpdesk_of(ctx)
        for one in _threads(desk, source):
            if one.status != "resolved":
                desk.set_status(one.id, "resolved")
        return [one.status for one in _threads(desk, source)]

    states = attempted(ctx, "trial-ended", "the help desk takes a change of status", act)
    if states:
        closed = all(one == "resolved" for one in states)
        ctx.holds("trial-closed", "the trial's conversation is closed", closed)
    return None
