"""Sign-off: what each role answers for, what lies behind it, and the page that they will sign.

Everybody's signature stays open: a drill signs for nobody. The page that it leaves is a draft by
the evidence so far; the one to sign is made from the sealed vault.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from golive.drillkit.approval_apart import page_of
from golive.drillkit.approval_fields import field_name
from golive.drillkit.approval_sheet import Line, Listing, Role, Sheet, merged
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.standing import Doing, Scope, Standing, Statement
from golive.evidence.artefact import Artefact
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json, JsonObject, canonical
from golive.kernel.text import clean


class SignOffParams(Params):
    """Nothing: roles and scopes are those under the playbook's Sign-off."""


Ctx = Context[SignOffParams]


class SignOff(Drill[SignOffParams]):
    name = "sign-off"
    summary = (
        "Each role's scope has its evidence listed; the page to sign is ready, all of it open."
    )
    params = SignOffParams
    fits = ("sign-off", "sign off", "approval", "signature")
    outputs = (
        Output("scopes", "{item}/sign-off-scopes.json", "application/json"),
        Output("approval", "{item}/go-live-approval.pdf", "application/pdf"),
    )
    measures = (
        Measure("scopes_without_evidence", "roles", "asked to sign for what left nothing behind"),
        Measure("open_fields", "fields", "for signatures on the page, all of them empty"),
    )

    def steps(self, params: SignOffParams) -> Sequence[Step[SignOffParams]]:  # noqa: ARG002
        return (Step("scopes", _scopes), Step("page", _page))


# -- who answers for what --------------------------------------------------------------------


def _behind(standing: Standing, scope: Scope, here: str) -> Sequence[Doing]:
    """A scope that links to nothing is the whole day: whoever decides answers for all of it. This
    item itself has no end yet, and a signature can't rest on itself."""
    found = scope.claim.behind or standing.items
    return [one for one in found if one.id != here]


def _state(behind: Sequence[Doing], missing: Sequence[str]) -> str:
    if any(one.wrong for one in behind):
        return "not met"
    if any(one.outcome is None and one.kind == "drill" for one in behind):
        return "under way"
    if missing or any(one.unapproved or not one.passed for one in behind):
        return "open"
    return "complete" if behind else "empty"


def _scopes(ctx: Ctx) -> Json:
    scopes = ctx.standing.scopes
    listed = [_scope(ctx, one) for one in scopes]
    ctx.save_json("scopes", listed, fidelity=Fidelity.LOCAL)
    bare = [str(one["role"]) for one in listed if not one["evidence"]]
    ctx.at_most(
        "scopes_without_evidence",
        "roles that are asked to sign for something that left no evidence behind",
        0,
        len(bare) if listed else None,
        unit="roles",
        detail=", ".join(bare)
        if bare
        else ", ".join(str(one["role"]) for one in listed) or "the playbook has no Sign-off",
    )
    return {str(one["role"]): one["state"] for one in listed}


def _scope(ctx: Ctx, scope: Scope) -> JsonObject:
    behind = _behind(ctx.standing, scope, ctx.item)
    evidence = {one.path: one for item in behind for one in item.artefacts}
    open_items: list[Json] = [
        f"{one.title}: {one.unapproved or one.who}"
        for one in behind
        if one.unapproved or (one.kind != "drill" and not one.passed)
    ]
    return {
        "role": scope.role,
        "scope": scope.claim.text,
        "state": _state(behind, scope.claim.missing),
        "signature": "open",
        "items": [{"id": one.id, "title": one.title, "outcome": one.word} for one in behind],
        "open": open_items,
        "missing": list(scope.claim.missing),
        "evidence": [_listed(one) for one in evidence.values()],
    }


def _listed(one: Artefact) -> JsonObject:
    return {"path": one.path, "sha256": one.sha256, "fidelity": one.fidelity.value}


# -- the page --------------------------------------------------------------------------------


def _page(ctx: Ctx) -> Json:
    sheet = _sheet(ctx)
    made = page_of(sheet)
    kept = ctx.save("approval", made.pdf, fidelity=Fidelity.LOCAL)
    ctx.equals("pages", "what is to be signed is one page", 1, made.pages)
    fields = made.fields
    wanted = {field_name(one.role) for one in sheet.roles}
    ctx.equals(
        "open_fields",
        "fields on the page: one for each role, all of them open",
        len(wanted),
        sum(not signed for name, signed in fields.items() if name in wanted) if wanted else None,
    )
    ctx.holds(
        "nothing_signed",
        "no signature was put on the page by anybody or anything",
        not any(fields.values()) if fields else None,
    )
    return {"sha256": kept.sha256}


def _sheet(ctx: Ctx) -> Sheet:
    standing = ctx.standing
    states = ctx.memo["scopes"]
    assert isinstance(states, dict)
    made = _made(ctx)
    troubles = [(one, text) for one in standing.items for text in one.troubles]
    practice = "A practice: no person takes part. " if ctx.rehearsal.practice else ""
    release = [f"release {ctx.rehearsal.release}"] if ctx.rehearsal.release else []
    return Sheet(
        title=standing.title or ctx.rehearsal.id,
        kicker=" · ".join(
            ["Draft of the go-live approval", *release, ctx.rehearsal.day.isoformat(),
             ctx.rehearsal.id]
        ),
        verdict=Line(
            "Not sealed yet",
            "nothing is signed here",
            "plain",
            f"{practice}Where the day stood before sign-off. The verdict is computed when the "
            "evidence is sealed, and the page to sign is made from the sealed vault.",
        ),
        reasons=Listing(
            [Line(one.title, text, "bad") for one, text in troubles],
            "Nothing has gone wrong so far, by the checks that have run.",
        ),
        said=Listing([], "Nobody can have said any before the seal."),
        objectives=Listing([_line(one) for one in standing.objectives], "None is stated."),
        risks=Listing(
            [Line(one.word, one.risk, _TONES.get(one.word, "open")) for one in standing.risks],
            "None is named.",
        ),
        open=Listing(
            [
                Line(one.unapproved, f"approves {one.title}", "open")
                if one.unapproved
                else Line(one.who, one.title, "open")
                for one in standing.open_people(ctx.item)
            ],
            "Nothing but the signatures below.",
        ),
        fidelity=_fidelity(standing),
        facts=[
            ("Seal", "none yet"),
            ("Evidence so far", _digest(standing)),
            ("Playbook", standing.playbook_digest or "none"),
        ],
        roles=merged(
            Role(one.role, f"{_sentence(one.claim.text)} Evidence: {states.get(one.role)}.")
            for one in standing.scopes
        ),
        foot="A draft, to be read. What is signed is the page that golive sign makes from the "
        "sealed vault.",
        made=made,
    )  # fmt: skip


_TONES = {"nearer": "bad", "mitigation worked": "good"}


def _made(ctx: Ctx) -> datetime:
    """When the last item before this one ended, so that a step that runs twice leaves the same
    bytes."""
    ends = [one.ended for one in ctx.standing.items if one.ended is not None]
    return max(ends, default=datetime(*ctx.rehearsal.day.timetuple()[:3], tzinfo=UTC))


def _line(one: Statement) -> Line:
    if any(item.wrong for item in one.behind):
        return Line("not met", one.text, "bad")
    return Line("met", one.text, "good") if one.whole else Line("open", one.text, "open")


def _fidelity(standing: Standing) -> str:
    kinds = [one.fidelity for one in standing.artefacts]
    counted = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in Fidelity)
    return f"Pieces of evidence so far: {counted}."


def _digest(standing: Standing) -> str:
    """SHA-256 over the canonical list of path and digest of everything left so far."""
    pairs: list[Json] = [[one.path, one.sha256] for one in standing.artefacts]
    return sha256_hex(canonical(sorted(pairs, key=str)))


def _sentence(text: str) -> str:
    flat = clean(text).strip()
    return flat if flat.endswith((".", "!", "?")) else f"{flat}."
