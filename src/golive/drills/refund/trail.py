"""Who has a part in the refund, and whether they have acknowledged the policy in force."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.attempts import attempted
from golive.drillkit.cells import cell
from golive.drills.refund.params import Ctx, Desk, at_desk, grounds
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.json import Json
from golive.ports.legal_pages import LegalDocument, LegalPages
from golive.ports.marketplace import Session

_NEEDED = ("person_id", "policy", "state", "version", "content_sha256")
_SUPERSEDED = "superseded"
_COLUMNS = (
    "person", "role", "part", "state", "version", "content_sha256", "acknowledged_at", "in_force",
)  # fmt: skip


@dataclass(frozen=True)
class _Given:
    """How one person stands towards the policy."""

    person: str
    email: str
    role: str
    state: str
    version: str
    sha256: str
    at: str


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
    owing: Sequence[_Given],
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


def _read(ctx: Ctx, desk: Desk) -> Sequence[_Given]:
    """The last line of every person; PortError where it is another table."""
    content = _pages(desk).legal_acknowledgements(desk.as_(ctx.params.counsel))
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
        if missing:
            raise PortError(
                f"the table has no column {', '.join(missing)}",
                where=desk.market.url,
                answer=content[:300].decode("utf-8", "replace"),
            )
        found = [_given(row) for row in rows if row["policy"] == ctx.params.policy]
    except (UnicodeDecodeError, csv.Error) as error:
        raise PortError(f"it is no CSV: {error}", where=desk.market.url) from error
    return list({one.person: one for one in found if one.state != _SUPERSEDED}.values())


def _given(row: Mapping[str, str | None]) -> _Given:
    def said(name: str) -> str:
        return row.get(name) or ""

    return _Given(
        person=said("person_id"),
        email=said("email").casefold(),
        role=said("role"),
        state=said("state"),
        version=said("version"),
        sha256=said("content_sha256").lower(),
        at=said("acknowledged_at"),
    )


def _involved(ctx: Ctx, desk: Desk) -> Mapping[str, str]:
    """By user id or address: the part that somebody has in the refund."""
    found = {one.provider: "delivered" for one in grounds(ctx) if one.provider}
    for part, session, address in _signed_in(ctx, desk):
        found[session.user_id] = found[address] = part
    return found


def _absent(
    ctx: Ctx, desk: Desk, document: LegalDocument, given: Sequence[_Given]
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


def _part(one: _Given, involved: Mapping[str, str]) -> str:
    return involved.get(one.person) or involved.get(one.email, "")


def _owes(one: _Given, document: LegalDocument) -> bool:
    """By the roles that the document asks; everybody in the table where it names none."""
    audience = document.raw.get("audience")
    return not isinstance(audience, list) or not audience or one.role in audience


def _asked(role: str, document: LegalDocument) -> bool:
    """Whether the document names the role, and asks it to acknowledge."""
    audience, rule = document.raw.get("audience"), document.raw.get("acknowledgement")
    required = isinstance(rule, Mapping) and rule.get("required") is True
    return required and isinstance(audience, list) and role in audience


def _holds(one: _Given, document: LegalDocument) -> bool:
    """Bound to the very words in force; what the service calls it doesn't matter."""
    bound = (one.version, one.sha256)
    return bound == (document.version, document.content_sha256) != ("", "")


def _table(owing: Sequence[_Given], document: LegalDocument, involved: Mapping[str, str]) -> str:
    """People bear pseudonyms under a key that is kept nowhere: nobody can repeat them."""
    key = secrets.token_bytes(32)

    def alias(person: str) -> str:
        return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:16]

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
