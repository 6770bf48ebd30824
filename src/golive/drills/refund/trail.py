"""Who has a part in the refund, and whether they have acknowledged the policy in force."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.drillkit.attempts import attempted
from golive.drillkit.cells import cell
from golive.drills.refund.params import Ctx, Desk, at_desk, grounds
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.json import Json
from golive.ports.legal_pages import LegalDocument, LegalPages

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
    return _judge(ctx, document, owing, involved)


_CLAIM = "everyone with a part in the refund has acknowledged the policy in force, word for word"


def _judge(
    ctx: Ctx, document: LegalDocument, owing: Sequence[_Given], involved: Mapping[str, str]
) -> Json:
    concerned = [one for one in owing if _part(one, involved)]
    lacking = [one for one in concerned if not _holds(one, document)]
    ctx.at_most(
        "acks_missing",
        _CLAIM,
        0,
        len(lacking) if concerned else None,
        unit="people",
        detail=", ".join(
            f"{_part(one, involved)}: {one.state or 'missing'} {one.version}".rstrip()
            for one in lacking
        )
        or f"{len(concerned)} of those with a part owe it",
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
    params = ctx.params
    found = {one.provider: "delivered" for one in grounds(ctx) if one.provider}
    for role, part in (
        (params.buyer, "bought"),
        (params.confirmer, "confirms"),
        (params.finance, "decides and pays"),
    ):
        try:
            found[desk.as_(role).user_id] = part
            found[desk.market.address(role).casefold()] = part
        except PortError as error:
            ctx.log(f"who {part} can't be told: {error.what}")
    return found


def _part(one: _Given, involved: Mapping[str, str]) -> str:
    return involved.get(one.person) or involved.get(one.email, "")


def _owes(one: _Given, document: LegalDocument) -> bool:
    """By the roles that the document asks; everybody in the table where it names none."""
    audience = document.raw.get("audience")
    return not isinstance(audience, list) or not audience or one.role in audience


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
