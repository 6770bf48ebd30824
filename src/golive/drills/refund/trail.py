"""Who has a part in the refund, and whether they have acknowledged the policy in force."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from golive.drillkit.acknowledgements import NoTable, Standing, read
from golive.drillkit.aliases import aliases
from golive.drillkit.attempts import attempted
from golive.drillkit.cells import cell
from golive.drills.refund.params import Ctx, Desk, at_desk, grounds
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.json import Json
from golive.ports.legal_pages import LegalDocument, LegalPages
from golive.ports.marketplace import Session

_COLUMNS = (
    "person", "role", "part", "state", "version", "content_sha256", "acknowledged_at", "in_force",
)  # fmt: skip


def trail(ctx: Ctx) -> Json:
    """Everybody who owes it under a pseudonym, those with a part in the case named by that."""
    desk, policy = at_desk(ctx), ctx.params.policy
    document = attempted(
        ctx,
        "policy-published",
        f"{policy} is published",
        lambda: _pages(desk).legal_document(policy),
    )
    given = attempted(
        ctx,
        "acknowledgements-read",
        f"who has acknowledged {policy} can be read",
        lambda: _read(ctx, desk),
    )
    if document is None or given is None:
        ctx.at_most("acks_missing", _CLAIM, 0, None, unit="people")
        return None
    involved = _involved(ctx, desk)
    owing = [one for one in given if _owes(one, document)]
    ctx.save("acknowledgements", _table(owing, document, involved), fidelity=desk.market.fidelity)
    return _judge(ctx, document, owing, involved, _absent(ctx, desk, document, given))


_CLAIM = "everyone with a part in the refund has acknowledged the policy in force, word for word"


def _judge(
    ctx: Ctx,
    document: LegalDocument,
    owing: Sequence[Standing],
    involved: Mapping[str, str],
    absent: Sequence[str],
) -> Json:
    concerned = [one for one in owing if _part(one, involved)]
    lacking = [
        f"{_part(one, involved)}: {one.state or 'missing'} {one.version}".rstrip()
        for one in concerned
        if not _holds(one, document)
    ]
    lacking += [f"{part}: not in the table" for part in absent]
    ctx.at_most(
        "acks_missing",
        _CLAIM,
        0,
        len(lacking) if concerned or absent else None,
        unit="people",
        detail=", ".join(lacking) or f"{len(concerned)} of those with a part owe it",
    )
    held = sum(_holds(one, document) for one in owing)
    ctx.log(f"{held} of {len(owing)} who owe {ctx.params.policy} {document.version} have given it")
    return {"version": document.version, "owing": len(owing), "held": held}


def _pages(desk: Desk) -> LegalPages:
    if isinstance(desk.market, LegalPages):
        return desk.market
    raise NotConfigured(
        "the target's marketplace adapter knows no legal pages",
        where=desk.market.url,
        hint="implement golive.ports.legal_pages.LegalPages in it",
    )


def _read(ctx: Ctx, desk: Desk) -> Sequence[Standing]:
    """How everybody in the table stands towards the policy; PortError where it is another table."""
    content = _pages(desk).legal_acknowledgements(desk.as_(ctx.params.counsel))
    try:
        found = read(content)
    except NoTable as error:
        raise PortError(
            str(error), where=desk.market.url, answer=content[:300].decode("utf-8", "replace")
        ) from error
    return [one for one in found if one.policy == ctx.params.policy]


def _involved(ctx: Ctx, desk: Desk) -> Mapping[str, str]:
    """By user id or address: the part that somebody has in the refund."""
    found = {one.provider: "delivered" for one in grounds(ctx) if one.provider}
    for part, session, address in _signed_in(ctx, desk):
        found[session.user_id] = found[address] = part
    return found


def _absent(
    ctx: Ctx, desk: Desk, document: LegalDocument, given: Sequence[Standing]
) -> Sequence[str]:
    """The part of those whose role owes the policy and whom the table doesn't know: a table of
    givers alone would have nobody lacking."""
    known = {one.person for one in given} | {one.email for one in given}
    return [
        part
        for part, session, address in _signed_in(ctx, desk)
        if _asked(session.role, document) and known.isdisjoint((session.user_id, address))
    ]


def _signed_in(ctx: Ctx, desk: Desk) -> Iterator[tuple[str, Session, str]]:
    """Part, session and address of those whom the drill signs in."""
    params = ctx.params
    for role, part in (
        (params.buyer, "bought"),
        (params.confirmer, "confirms"),
        (params.finance, "decides and pays"),
    ):
        try:
            yield part, desk.as_(role), desk.market.address(role).casefold()
        except PortError as error:
            ctx.log(f"who {part} can't be told: {error.what}")


def _part(one: Standing, involved: Mapping[str, str]) -> str:
    return involved.get(one.person) or involved.get(one.email, "")


def _owes(one: Standing, document: LegalDocument) -> bool:
    """By the roles that the document asks; everybody in the table where it names none."""
    audience = document.raw.get("audience")
    return not isinstance(audience, list) or not audience or one.role in audience


def _asked(role: str, document: LegalDocument) -> bool:
    """Whether the document names the role, and asks it to acknowledge."""
    audience, rule = document.raw.get("audience"), document.raw.get("acknowledgement")
    required = isinstance(rule, Mapping) and rule.get("required") is True
    return required and isinstance(audience, list) and role in audience


def _holds(one: Standing, document: LegalDocument) -> bool:
    """Bound to the very words in force."""
    return one.bound_to(document.version, document.content_sha256)


def _table(owing: Sequence[Standing], document: LegalDocument, involved: Mapping[str, str]) -> str:
    """People bear pseudonyms."""
    alias = aliases()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    rows = [
        (
            alias(one.person), one.role, _part(one, involved), one.state, one.version, one.sha256,
            one.at, "yes" if _holds(one, document) else "no",
        )
        for one in owing
    ]  # fmt: skip
    # those with a part come first
    ordered = sorted(rows, key=lambda row: (not row[2], row))
    writer.writerows([cell(one) for one in row] for row in ordered)
    return text.getvalue()
