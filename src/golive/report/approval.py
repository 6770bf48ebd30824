"""The approval page of a sealed release: made from the vault alone, then signed in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from golive.drillkit.approval_fields import with_fields
from golive.drillkit.approval_sheet import Line, Listing, Role, Sheet, boxes, merged, typeset
from golive.evidence import approvals, dsse
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Checkpoint
from golive.evidence.strict import load_line
from golive.governance.decision import Decision
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.report import signing
from golive.report.said import bearers, risk_line, ties
from golive.report.source import Source, objects, read
from golive.report.standing import standing
from golive.report.view import wanted
from golive.report.wording import FIDELITIES, NOT_RUN, VERDICTS, day, many, moment

SEAL_KEYWORD = "golive-seal:"
"""Before the seal's digest among the file's own keywords: what a page is about, for programs."""
FOOT = (
    "A signature stands for the role's own scope; a condition said after the first one is in its "
    "box. What was changed after one, golive verify finds; pdfsig tells whether all is signed."
)


class ApprovalPaper:
    """The page, its signatures, and what is wrong with one."""

    def make(self, release: Path, decided: Decision | None = None) -> bytes:
        """The page on the sealed release in `release`, every signature open, with the conditions,
        waivers and borne risks of `decided`: the same bytes for the same release under the same
        ledger. Errors as of the report."""
        sheet = sheet_of(read(release), ledger_head(release), decided)
        return with_fields(typeset(sheet), boxes(sheet.roles))

    def sign(
        self,
        pdf: bytes,
        *,
        role: str,
        person: str,
        at: datetime,
        key: SigningKey,
        comment: str,
        conditions: Sequence[str] = (),
    ) -> bytes:
        """`pdf` with one signature more; see `signing.sign`."""
        return signing.sign(
            pdf, role=role, person=person, at=at, key=key, comment=comment, conditions=conditions
        )

    def examine(self, pdf: bytes) -> Sequence[str]:
        """Everything that is wrong with the page's signatures."""
        return approvals.examine(pdf)

    def signatures(self, pdf: bytes) -> Sequence[approvals.Signature]:
        """Who signed in which role, with which key; ValueError when the bytes are no page."""
        return approvals.signatures(pdf)


def sheet_of(source: Source, head: str, decided: Decision | None = None) -> Sheet:
    """What stands on the page of `source`; `head` is the ledger's, `decided` what people have said
    by now."""
    statement, verdict = source.sealed.statement, source.verdict
    badge = VERDICTS.get(str(verdict["verdict"]), NOT_RUN)
    sealed = moment(statement.sealed_at) or datetime(1970, 1, 1, tzinfo=UTC)
    return Sheet(
        title=source.playbook.title,
        kicker=" · ".join(
            [
                "Go-live approval",
                *([f"release {source.playbook.release}"] if source.playbook.release else []),
                f"sealed {day(sealed, UTC)}",
                f"{statement.rehearsal}, seal {statement.number}",
                f"against {source.run['target_name']}",
            ]
        ),
        verdict=Line(badge.word, _told(verdict), badge.kind, _rests_on(source)),
        reasons=Listing(
            [_reason(one) for one in objects(verdict["reasons"])],
            "No reason stands against it.",
        ),
        said=ties(decided),
        objectives=Listing(_objectives(source), "The playbook states none."),
        risks=Listing(_risks(source, bearers(decided)), "The playbook names none."),
        open=Listing(
            [
                Line(one.who, one.asked, "open", one.kind)
                for one in wanted(source)
                if one.kind != "sign-off"
            ],
            "Nothing but the signatures below.",
        ),
        fidelity=_fidelity(verdict),
        facts=[
            ("Seal", source.sealed.seal.digest),
            ("Ledger head", head),
            ("Playbook", source.playbook.digest),
        ],
        roles=merged(Role(one.role, one.claim.text) for one in source.playbook.signoffs),
        foot=FOOT,
        made=sealed,
        keywords=(f"{SEAL_KEYWORD}{source.sealed.seal.digest}",),
    )


def _told(verdict: JsonObject) -> str:
    """What goes on after the verdict's word. Counts alone: what was real has its own place."""
    ready, machine = verdict["machine_ready"], verdict["machine_items"]
    waiting = verdict["open_human_items"]
    assert isinstance(waiting, int)
    return f"{ready} of {machine} machine items ready, {many(waiting, 'human item')} open"


def _rests_on(source: Source) -> str:
    practice = "A practice: no person took part. " if source.verdict["practice"] else ""
    called_off = f"Called off: {source.called_off}. " if source.called_off else ""
    fault = f"Spoilt on purpose: {source.run['fault']}. " if source.run.get("fault") else ""
    return f"{called_off}{fault}{practice}Computed from the sealed evidence, and sealed with it."


def _reason(one: JsonObject) -> Line:
    wrong = one["blocks"] == "not-ready"
    where = f"playbook line {one['line']}"
    owner = f"{one['owner']}, " if one.get("owner") else ""
    return Line(
        "wrong" if wrong else "missing", str(one["text"]), "bad" if wrong else "open",
        f"{owner}{where}",
    )  # fmt: skip


def _objectives(source: Source) -> Sequence[Line]:
    kept = frozenset(one.path for one in source.artefacts)
    found = []
    for claim in source.playbook.objectives:
        badge, why = standing(source.playbook, claim, source.items, kept)
        found.append(Line(badge.word, claim.text, badge.kind, why))
    return found


def _risks(source: Source, borne: Mapping[str, str]) -> Sequence[Line]:
    """Those first that somebody bears: a page that is short of room leaves out the last."""
    if source.risks is None:
        return [Line("not assessed", one.risk, "plain") for one in source.playbook.risks]
    entries = sorted(objects(source.risks["risks"]), key=lambda one: str(one["id"]) not in borne)
    return [risk_line(one, borne) for one in entries]


def _fidelity(verdict: JsonObject) -> str:
    counted = verdict["fidelity"]
    found: Mapping[str, object] = counted if isinstance(counted, Mapping) else {}
    parts = [f"{found.get(kind.value, 0)} {FIDELITIES[kind][0].lower()}" for kind in Fidelity]
    return f"Pieces of evidence: {', '.join(parts)}."


def ledger_head(release: Path) -> str:
    """The root that the vault's checkpoint signs, with its size; in words where the release lies in
    no vault. Not verified: `golive verify` does that."""
    try:
        data = (release.absolute().parents[2] / "ledger" / "checkpoint").read_bytes()
        envelope = load_line(data)
        found = Checkpoint.parse(dsse.open_envelope(envelope).payload)
    except (OSError, ValueError, IndexError):
        return "this release lies in no vault"
    return f"{found.root}, {many(found.size, 'entry', 'entries')}"
