"""The case as it stands at the end, whatever came before: for people, and for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from golive.drillkit.attempts import told
from golive.drillkit.standing import RiskStanding
from golive.drills.refund.books import money
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, case_id, grounds
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.refunds import RefundCase

_RISK = (
    "What happens to customers' money when the payout provider fails: it is paid by hand from a "
    "printed list, reconciled with the bank, and never paid twice."
)


def notes(ctx: Ctx) -> Json:
    """The notes for people, the raw case, and what the rehearsal has tried of the risk."""
    desk = at_desk(ctx)
    people = _people(ctx, desk)
    found = [(ground, _case(ctx, desk, ground)) for ground in grounds(ctx)]
    known = [(ground, case) for ground, case in found if case is not None]
    if not known:
        raise ctx.fail("there is no case to keep")
    ctx.save("notes", _markdown(ctx, known, people), fidelity=desk.market.fidelity)
    document: JsonObject = {
        "reference": ctx.params.reference,
        "cases": {ground.part: dict(case.raw) or _plain(case) for ground, case in known},
        "refusals": ctx.memo.get("refusals"),
        "ledger": ctx.memo.get("balance"),
        "acknowledgements": ctx.memo.get("trail"),
    }
    ctx.save_json("case", document, fidelity=desk.market.fidelity)
    ctx.save_json("risk", _risk(ctx, known), fidelity=desk.market.fidelity)
    if ctx.standing.risks:
        named = _named(ctx)
        ctx.holds(
            "risk-log-names-it",
            "the risk log names this drill: a risk's mitigation links to its section",
            bool(named),
            detail=", ".join(one.id for one in named) or "link to the section under mitigation",
        )
    for ground, case in known:
        ctx.equals(
            ground.check("case-closed"), f"{ground.reference} is settled", "settled", case.status
        )
        # a case that tells nothing of what was done with it can't be followed up
        ctx.at_least(
            ground.check("notes_kept"),
            "the case's own notes tell what was done with it, and by whom",
            4,
            sum(bool(one.actor and one.at) for one in case.notes),
            unit="notes",
        )
    return {ground.part: case.status for ground, case in known}


def _case(ctx: Ctx, desk: Desk, ground: Ground) -> RefundCase | None:
    identifier = case_id(ctx, ground.part)
    if not identifier:
        return None
    try:
        return desk.market.refund(desk.as_(ctx.params.finance), identifier)
    except PortError as error:
        ctx.holds(
            ground.check("case-readable"), "the case can be read at the end", False,
            detail=told(error),
        )  # fmt: skip
        return None


def _people(ctx: Ctx, desk: Desk) -> Mapping[str, str]:
    """User id to the role that the rehearsal signs it in for: people read no ids."""
    params = ctx.params
    found = {}
    for role in (params.buyer, params.finance, params.confirmer, params.inspector):
        try:
            found[desk.as_(role).user_id] = role
        except PortError as error:
            ctx.log(f"who is {role} can't be told: {error.what}")
    return found


def _markdown(
    ctx: Ctx, cases: Sequence[tuple[Ground, RefundCase]], people: Mapping[str, str]
) -> str:
    lines = [
        f"# Refund {ctx.params.reference}",
        "",
        f"Launch rehearsal of release {ctx.rehearsal.release}. Read from the service at "
        f"{rfc3339(ctx.clock.now())}, in front of {at_desk(ctx).market.url}.",
    ]
    for ground, case in cases:
        lines += ["", *_chapter(ground, case, people)]
    return "\n".join(lines) + "\n"


def _chapter(ground: Ground, case: RefundCase, people: Mapping[str, str]) -> Sequence[str]:
    title = "the case" if ground.part == "case" else "paid by hand, the provider being down"
    confirmed = f", confirmed by {_who(people, case.confirmed_by)}" if case.confirmed_by else ""
    decision = (
        f"{case.outcome.replace('_', ' ')}, {money(case.currency, case.decided_minor)}, by "
        f"{_who(people, case.decided_by)}{confirmed}"
        if case.decided_minor is not None
        else "none"
    )
    return [
        f"## {case.reference or ground.reference}: {title}",
        "",
        f"- Status: {case.status or '(not said)'}",
        f"- Asked for: {money(case.currency, case.requested_minor or 0)}, "
        f"{case.preferred_outcome.replace('_', ' ') or '(no preference said)'}",
        f"- Decision: {decision}",
        f"- Opened {case.opened_at or '(not said)'}, to be acknowledged by "
        f"{case.acknowledge_by or '(not said)'}, acknowledged "
        f"{case.acknowledged_at or '(not yet)'}",
        f"- Next word to the buyer due {case.next_update_due or '(not said)'}",
        f"- Refund policy acknowledged by the buyer: {case.policy_version or 'none on the case'}",
        "",
        "| file | kind | bytes | SHA-256 |",
        "| --- | --- | --- | --- |",
        *(
            f"| {_flat(one.name)} | {_flat(one.kind)} | {one.bytes} | `{_flat(one.sha256)}` |"
            for one in case.attachments
        ),
        "",
        "| when (UTC) | who | what | words |",
        "| --- | --- | --- | --- |",
        *(
            f"| {_flat(one.at)} | {_flat(_who(people, one.actor))} | {_flat(one.kind)} "
            f"| {_flat(one.text)} |"
            for one in case.notes
        ),
    ]


def _who(people: Mapping[str, str], identifier: str) -> str:
    return people.get(identifier, identifier or "nobody")


def _flat(text: str) -> str:
    """In a cell: on one line, and with nothing that Markdown or HTML would act on."""
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _risk(ctx: Ctx, cases: Sequence[tuple[Ground, RefundCase]]) -> JsonObject:
    """What the risk log's line rests on: the drill's own figures, no judgement; and in which of
    the playbook's risks it stands."""
    hand = next((case for ground, case in cases if ground.part == "fallback"), None)
    made, seen = ctx.memo.get("by-hand"), ctx.memo.get("reconcile")
    return {
        "tried": _RISK,
        "risks": [
            {"id": one.id, "risk": one.risk, "impact": one.impact, "likelihood": one.likelihood}
            for one in _named(ctx)
        ],
        "case": hand.reference if hand else None,
        "amountMinor": hand.decided_minor if hand else None,
        "currency": hand.currency if hand else None,
        "paidByHand": made is not None,
        "reconciled": seen is not None,
        "ledger": ctx.memo.get("balance"),
        "drill": "refund",
        "item": ctx.item,
    }


def _named(ctx: Ctx) -> Sequence[RiskStanding]:
    """The playbook's risks whose mitigation links to this drill: the risk log names it there."""
    risks = ctx.standing.risks
    return [one for one in risks if any(item.id == ctx.item for item in one.mitigation.behind)]


def _plain(case: RefundCase) -> JsonObject:
    return {
        "id": case.id,
        "reference": case.reference,
        "status": case.status,
        "requestedMinor": case.requested_minor,
        "decidedMinor": case.decided_minor,
        "currency": case.currency,
    }
