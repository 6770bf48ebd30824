"""The risk register: what each of the playbook's risks amounts to after the rehearsal. Pure.

Nothing is estimated: likelihood and impact stay as the team stated them. What the register adds is
whether the mitigation was tried, by the drills and human items of the sections that it links to,
and what that says of the risk that is left. `RULE` is the whole of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from golive.drillkit.records import CheckVerdict, ItemRecord, Outcome
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.playbook.model import DrillBlock, Item, Playbook, Risk

RULE = (
    "Likelihood and impact are the team's own. The residual risk is lower than stated when every "
    "drill and every human item behind the mitigation passed; higher than stated, until it is "
    "mended, when one of them failed or was refused; as stated otherwise, because what was not "
    "tried shows nothing."
)


class State(StrEnum):
    EXERCISED = "exercised"
    """Everything behind the mitigation passed."""
    PARTLY = "partly exercised"
    FAILED = "mitigation failed"
    NOT_EXERCISED = "not exercised"


_SHOWN = 5
_WRONG = (Outcome.FAILED, Outcome.REFUSED, Outcome.EXPIRED, Outcome.ABORTED)


@dataclass(frozen=True)
class Proof:
    """One item behind a mitigation and how it ended."""

    item: str
    title: str
    outcome: str
    """An `Outcome`, or `not run`."""
    evidence: int
    simulated: int
    """How many pieces of evidence it left, and how many of them came from a stand-in."""
    checks: int = 0
    unmet: Sequence[str] = ()
    """How many checks a drill made, and the names of those that did not pass."""

    @property
    def words(self) -> str:
        """The item, how it ended, and what of it was measured."""
        if not self.checks:
            return f"{self.item} {self.outcome}"
        met = self.checks - len(self.unmet)
        return f"{self.item} {self.outcome} ({self.title}, {met} of {self.checks} checks)"

    def to_json(self) -> JsonObject:
        return {
            "item": self.item,
            "title": self.title,
            "outcome": self.outcome,
            "evidence": self.evidence,
            "simulated": self.simulated,
            "checks": self.checks,
            "unmet": list(self.unmet),
        }


@dataclass(frozen=True)
class Acceptance:
    """A named person's word that what is left of a risk is borne, until a day."""

    person: str
    role: str
    reason: str
    at: str
    until: str

    def to_json(self) -> JsonObject:
        return {
            "person": self.person,
            "role": self.role,
            "reason": self.reason,
            "at": self.at,
            "until": self.until,
        }


@dataclass(frozen=True)
class Entry:
    """A risk and what the rehearsal says of it."""

    risk: Risk
    proofs: Sequence[Proof]
    acceptance: Acceptance | None = None
    """Whoever accepted what is left, by their last word on it."""

    @property
    def state(self) -> State:
        outcomes = {one.outcome for one in self.proofs}
        if outcomes & set(_WRONG):
            return State.FAILED
        if Outcome.PASSED not in outcomes:
            return State.NOT_EXERCISED
        return State.EXERCISED if outcomes == {Outcome.PASSED} else State.PARTLY

    @property
    def residual(self) -> str:
        """What is left of the risk, in words, by `RULE`."""
        open_ones = [one for one in self.proofs if one.outcome != Outcome.PASSED]
        if self.state is State.FAILED:
            wrong = [one for one in open_ones if one.outcome in _WRONG]
            return f"higher than stated until it is mended: {_names(wrong)}"
        if self.state is State.NOT_EXERCISED:
            why = f": {_names(open_ones)}" if open_ones else ": it links to nothing that can be run"
            return f"as stated, nothing was tried{why}"
        stand_ins = sum(one.simulated for one in self.proofs)
        tried = f"; {stand_ins} of the evidence came from a stand-in" if stand_ins else ""
        if self.state is State.PARTLY:
            return f"as stated, not all of it was tried: {_names(open_ones)}{tried}"
        return f"lower than stated, the mitigation worked when it was tried{tried}"

    def to_json(self) -> JsonObject:
        return {
            "id": self.risk.id,
            "risk": self.risk.risk,
            "likelihood": self.risk.likelihood,
            "impact": self.risk.impact,
            "mitigation": self.risk.mitigation.text,
            "owner": self.risk.owner,
            "line": self.risk.place.line,
            "exercised": [one.to_json() for one in self.proofs],
            "state": self.state.value,
            "residual": self.residual,
            "accepted": self.acceptance.to_json() if self.acceptance else None,
        }


def register(
    playbook: Playbook,
    items: Mapping[str, ItemRecord],
    accepted: Mapping[str, Acceptance] | None = None,
) -> Sequence[Entry]:
    """An entry for each risk of the playbook, in its order; `accepted` by the risk's id."""
    return [
        Entry(
            risk,
            [_proof(item, items.get(item.id)) for item in playbook.behind(risk.mitigation.links)],
            (accepted or {}).get(risk.id),
        )
        for risk in playbook.risks
    ]


def to_json(entries: Sequence[Entry]) -> JsonObject:
    """The register as it is sealed."""
    return {"rule": RULE, "risks": [one.to_json() for one in entries]}


_COLUMNS = (
    "id", "risk", "likelihood", "impact", "mitigation", "state", "exercised by", "residual risk",
    "accepted by", "accepted until", "why accepted", "owner",
)  # fmt: skip


def to_csv(entries: Sequence[Entry]) -> str:
    """The register as a table (RFC 4180) that a spreadsheet opens without running anything."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in entries:
        proofs = "; ".join(proof.words for proof in one.proofs)
        risk = one.risk
        row = (
            risk.id, risk.risk, risk.likelihood, risk.impact, risk.mitigation.text,
            one.state.value, proofs, one.residual,
            *_accepted(one.acceptance), risk.owner,
        )  # fmt: skip
        writer.writerow([defused(cell) for cell in row])
    return text.getvalue()


def _accepted(one: Acceptance | None) -> tuple[str, str, str]:
    return (f"{one.person} ({one.role})", one.until, one.reason) if one else ("", "", "")


def defused(cell: str) -> str:
    """`cell` on one line, and with an apostrophe in front where a spreadsheet would take it for a
    formula (OWASP, CSV injection): the signs count behind blanks too, which some programs drop."""
    flat = " ".join(cell.replace("\0", "").split())
    return f"'{flat}" if flat.startswith(("=", "+", "-", "@", "|", "\uff1d", "\uff0b", "\uff0d",
                                          "\uff20")) else flat  # fmt: skip


def _proof(item: Item, record: ItemRecord | None) -> Proof:
    evidence = record.evidence if record else ()
    checks = record.checks if record else ()
    return Proof(
        item=item.id,
        title=item.drill if isinstance(item, DrillBlock) else item.text,
        outcome=record.outcome.value if record else "not run",
        evidence=len(evidence),
        simulated=sum(one.fidelity is Fidelity.SIMULATED for one in evidence),
        checks=len(checks),
        unmet=[one.id for one in checks if one.verdict is not CheckVerdict.PASS],
    )


def _names(proofs: Sequence[Proof]) -> str:
    return ", ".join(_named(one) for one in proofs)


def _named(proof: Proof) -> str:
    """With the first checks that were not met: what is to be mended."""
    shown = ", ".join(proof.unmet[:_SHOWN])
    more = f" and {len(proof.unmet) - _SHOWN} more" if len(proof.unmet) > _SHOWN else ""
    return f"{proof.item} {proof.outcome}" + (f" ({shown}{more})" if shown else "")
