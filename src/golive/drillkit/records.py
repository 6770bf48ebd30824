"""What a run leaves behind, item by item: plain facts that the gate judges and the vault keeps.

All of it round-trips through JSON (`to_json`, `from_json`), because the durable engine and the
sealed `facts.json` keep it as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from golive.evidence.artefact import Artefact
from golive.kernel.json import Json, JsonObject


class CheckVerdict(StrEnum):
    PASS = "pass"  # noqa: S105  (a verdict, not a password)
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    """It could not be measured. Never a pass."""


@dataclass(frozen=True)
class Check:
    """A claim with what was expected and what was measured."""

    id: str
    """Unique in its drill; a measure's name where `expect` may limit it."""
    claim: str
    expected: Json
    measured: Json
    verdict: CheckVerdict
    unit: str = ""
    detail: str = ""
    loosened_from: Json = None
    """The built-in limit, where the playbook's `expect` is looser."""

    def to_json(self) -> JsonObject:
        return {
            "id": self.id,
            "claim": self.claim,
            "expected": self.expected,
            "measured": self.measured,
            "verdict": self.verdict.value,
            "unit": self.unit,
            "detail": self.detail,
            "loosened_from": self.loosened_from,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> Check:
        return cls(
            id=str(data["id"]),
            claim=str(data["claim"]),
            expected=data["expected"],
            measured=data["measured"],
            verdict=CheckVerdict(str(data["verdict"])),
            unit=str(data["unit"]),
            detail=str(data["detail"]),
            loosened_from=data["loosened_from"],
        )


class Outcome(StrEnum):
    """How a step or an item ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A check failed or could not be measured, or the step could not be carried out."""
    SKIPPED = "skipped"
    """Not begun: an earlier step of the drill stopped it, or a person skipped it."""
    ABORTED = "aborted"
    """Ended early because a person called the run off."""
    REFUSED = "refused"
    """A person refused the approval it waited for."""
    EXPIRED = "expired"
    """The approval it waited for did not come in time."""
    OPEN = "open"
    """A human item that nobody has done (practice, or the run ended first)."""


@dataclass(frozen=True)
class StepRecord:
    """One attempt at one step."""

    name: str
    outcome: Outcome
    started: str
    ended: str
    """RFC 3339, UTC."""
    value: Json = None
    """What later steps of the drill read as `ctx.memo[name]`."""
    checks: Sequence[Check] = ()
    artefacts: Sequence[Artefact] = ()
    log: Sequence[str] = ()
    error: str = ""
    """Why it could not be carried out: what, where, what to do. Redacted."""
    undo: bool = False
    """Whether this is the undoing of the step `name`."""

    def to_json(self) -> JsonObject:
        return {
            "name": self.name,
            "outcome": self.outcome.value,
            "started": self.started,
            "ended": self.ended,
            "value": self.value,
            "checks": [check.to_json() for check in self.checks],
            "artefacts": [artefact.record() for artefact in self.artefacts],
            "log": list(self.log),
            "error": self.error,
            "undo": self.undo,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> StepRecord:
        return cls(
            name=str(data["name"]),
            outcome=Outcome(str(data["outcome"])),
            started=str(data["started"]),
            ended=str(data["ended"]),
            value=data["value"],
            checks=tuple(Check.from_json(one) for one in _objects(data["checks"])),
            artefacts=tuple(Artefact.from_record(one) for one in _objects(data["artefacts"])),
            log=tuple(_texts(data["log"])),
            error=str(data["error"]),
            undo=bool(data["undo"]),
        )


@dataclass(frozen=True)
class Act:
    """What a person did: confirmed, attached, approved, refused, retried, skipped, aborted."""

    action: str
    person: str
    role: str
    comment: str
    at: str
    digest: str = ""
    """What was approved or attached, by SHA-256."""
    signature: JsonObject = field(default_factory=dict)
    """The DSSE envelope that proves it."""

    def to_json(self) -> JsonObject:
        return {
            "action": self.action,
            "person": self.person,
            "role": self.role,
            "comment": self.comment,
            "at": self.at,
            "digest": self.digest,
            "signature": self.signature,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> Act:
        signature = data["signature"]
        return cls(
            **{key: str(data[key]) for key in ("action", "person", "role", "comment", "at")},
            digest=str(data["digest"]),
            signature=signature if isinstance(signature, Mapping) else {},
        )


@dataclass(frozen=True)
class ItemRecord:
    """One item of the playbook: a drill with its steps, or a human step with its acts."""

    item: str
    outcome: Outcome
    started: str
    ended: str
    attempt: int = 1
    """Which attempt this outcome is of; earlier attempts' steps are kept in `earlier`."""
    steps: Sequence[StepRecord] = ()
    earlier: Sequence[StepRecord] = ()
    acts: Sequence[Act] = ()
    artefacts: Sequence[Artefact] = ()
    """Files that people attached."""
    note: str = ""

    @property
    def checks(self) -> Sequence[Check]:
        """Checks of the attempt that counts."""
        return [check for step in self.steps for check in step.checks]

    @property
    def evidence(self) -> Sequence[Artefact]:
        """Every artefact of the attempt that counts, and people's uploads."""
        return [*(one for step in self.steps for one in step.artefacts), *self.artefacts]

    @property
    def barred(self) -> Sequence[str]:
        """Who can't approve it: who made it, where a step names them, and who ran it again."""
        told = [one.value.get("authors") for one in self.steps if isinstance(one.value, Mapping)]
        authors = [str(one) for names in told if isinstance(names, list) for one in names]
        return [*authors, *(act.person for act in self.acts if act.action == "retry")]

    def with_note(self, note: str) -> ItemRecord:
        return replace(self, note=note)

    def to_json(self) -> JsonObject:
        return {
            "item": self.item,
            "outcome": self.outcome.value,
            "started": self.started,
            "ended": self.ended,
            "attempt": self.attempt,
            "steps": [step.to_json() for step in self.steps],
            "earlier": [step.to_json() for step in self.earlier],
            "acts": [act.to_json() for act in self.acts],
            "artefacts": [artefact.record() for artefact in self.artefacts],
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: JsonObject) -> ItemRecord:
        attempt = data["attempt"]
        return cls(
            item=str(data["item"]),
            outcome=Outcome(str(data["outcome"])),
            started=str(data["started"]),
            ended=str(data["ended"]),
            attempt=attempt if isinstance(attempt, int) else 1,
            steps=tuple(StepRecord.from_json(one) for one in _objects(data["steps"])),
            earlier=tuple(StepRecord.from_json(one) for one in _objects(data["earlier"])),
            acts=tuple(Act.from_json(one) for one in _objects(data["acts"])),
            artefacts=tuple(Artefact.from_record(one) for one in _objects(data["artefacts"])),
            note=str(data["note"]),
        )


def _objects(value: Json) -> Sequence[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("expected a list of objects")
    found = [one for one in value if isinstance(one, Mapping)]
    if len(found) != len(value):
        raise TypeError("expected a list of objects")
    return found


def _texts(value: Json) -> Sequence[str]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("expected a list of texts")
    return [str(one) for one in value]
