"""The verdict: computed from the evidence, never from anybody's opinion.

Invariants (held by tests/unit/gates):
- one failed check, one step that could not be carried out, one refusal: never READY;
- what could not be measured, is missing or was not begun: INCOMPLETE at best, never READY;
- in practice, human items and approvals stay open and don't block; nothing else is forgiven;
- a playbook whose machine items are none can't be READY in practice: nothing was shown;
- reasons come in the order of the playbook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from golive.drillkit.records import Check, CheckVerdict, ItemRecord, Outcome
from golive.evidence.artefact import Artefact
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.playbook.model import Activity, Claim, DrillBlock, FileRef, Item, Place, Playbook


class Verdict(StrEnum):
    READY = "ready"
    NOT_READY = "not-ready"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Facts:
    """What the run left: the gate's whole input beside the playbook."""

    practice: bool
    items: Mapping[str, ItemRecord]
    artefacts: Sequence[Artefact]
    called_off: str = ""
    """Who called the run off and why, or ""."""


@dataclass(frozen=True)
class Reason:
    """One missing or failed thing."""

    blocks: Verdict
    """`not-ready` (something is wrong) or `incomplete` (something is missing)."""
    text: str
    place: Place
    item: str = ""
    check: str = ""
    owner: str = ""
    change: str = ""
    """What would change it."""

    def to_json(self) -> JsonObject:
        return {
            "blocks": self.blocks.value,
            "text": self.text,
            "file": self.place.file,
            "line": self.place.line,
            "item": self.item,
            "check": self.check,
            "owner": self.owner,
            "change": self.change,
        }


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    practice: bool
    reasons: Sequence[Reason] = ()
    machine_items: int = 0
    machine_ready: int = 0
    open_human_items: int = 0
    fidelity: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    """What doesn't block but must be said: loosened limits, later attempts."""

    @property
    def headline(self) -> str:
        """The first line of every report of it."""
        word = self.verdict.value.replace("-", " ").upper()
        people = f"{self.open_human_items} human item{_s(self.open_human_items)} open"
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.fidelity.items() if count)
        parts = [
            f"{word} (practice: {people})" if self.practice else f"{word} ({people})",
            f"{self.machine_ready} of {self.machine_items} machine items ready",
            f"evidence: {kinds or 'none'}",
        ]
        return " · ".join(parts)

    def to_json(self) -> JsonObject:
        return {
            "verdict": self.verdict.value,
            "practice": self.practice,
            "headline": self.headline,
            "reasons": [reason.to_json() for reason in self.reasons],
            "machine_items": self.machine_items,
            "machine_ready": self.machine_ready,
            "open_human_items": self.open_human_items,
            "fidelity": dict(self.fidelity),
            "notes": list(self.notes),
        }


def judge(playbook: Playbook, facts: Facts) -> Judgement:
    """The verdict on `facts` as `playbook` demands them."""
    machine = [item for item in playbook.items() if isinstance(item, DrillBlock)]
    reasons = [*_run_reasons(playbook, facts, machine), *_item_reasons(playbook, facts)]
    reasons += _file_reasons(playbook, facts)
    ready = [item for item in machine if _passed(facts.items.get(item.id))]
    blocks = {reason.blocks for reason in reasons}
    verdict = Verdict.READY
    if Verdict.NOT_READY in blocks:
        verdict = Verdict.NOT_READY
    elif blocks:
        verdict = Verdict.INCOMPLETE
    return Judgement(
        verdict=verdict,
        practice=facts.practice,
        reasons=tuple(reasons),
        machine_items=len(machine),
        machine_ready=len(ready),
        open_human_items=_open(playbook, facts),
        fidelity=_fidelity(facts.artefacts),
        notes=tuple(_notes(playbook, facts)),
    )


def _run_reasons(
    playbook: Playbook, facts: Facts, machine: Sequence[DrillBlock]
) -> Iterator[Reason]:
    top = Place(playbook.file, 1)
    if facts.called_off:
        yield Reason(
            Verdict.INCOMPLETE,
            f"the run was called off: {facts.called_off}",
            top,
            change="rehearse again",
        )
    if facts.practice and not machine:
        yield Reason(
            Verdict.INCOMPLETE,
            "the playbook binds no drill, so a practice run shows nothing",
            top,
            change="bind a drill: `golive check` says which would fit each row",
        )


def _item_reasons(playbook: Playbook, facts: Facts) -> Iterator[Reason]:
    for activity in playbook.activities:
        for item in activity.items:
            record = facts.items.get(item.id)
            if isinstance(item, DrillBlock):
                yield from _drill_reasons(item, activity, record, facts)
            elif not facts.practice:
                yield from _human_reasons(item, activity, record)


def _drill_reasons(
    item: DrillBlock, activity: Activity, record: ItemRecord | None, facts: Facts
) -> Iterator[Reason]:
    def reason(blocks: Verdict, text: str, change: str, check: str = "") -> Reason:
        return Reason(blocks, text, item.place, item.id, check, activity.owner, change)

    again = "put it right and run it again (`golive retry`), or a named waiver"
    if record is None or not record.steps:
        why = f": {record.note}" if record is not None and record.note else ""
        yield reason(Verdict.INCOMPLETE, f"{item.drill} was not run{why}", "run it")
        return
    for step in record.steps:
        if step.error:
            blocks = Verdict.INCOMPLETE if step.outcome is Outcome.ABORTED else Verdict.NOT_READY
            yield reason(blocks, f"{item.drill}, {step.name}: {step.error}", again)
        for check in step.checks:
            if check.verdict is CheckVerdict.FAIL:
                yield reason(Verdict.NOT_READY, _failed(item, check), again, check.id)
            elif check.verdict is CheckVerdict.INCONCLUSIVE:
                text = f"{item.drill}: could not be measured: {check.claim}{_detail(check)}"
                yield reason(Verdict.INCOMPLETE, text, again, check.id)
    if record.outcome is Outcome.REFUSED:
        who = next((act for act in reversed(record.acts) if act.action == "refuse"), None)
        said = f" by {who.person}: {who.comment}" if who else ""
        yield reason(Verdict.NOT_READY, f"{item.drill}: refused{said}", "a new approval")
    elif record.outcome is Outcome.EXPIRED:
        yield reason(
            Verdict.INCOMPLETE, f"{item.drill}: approval did not come in time", "approve it"
        )
    elif record.outcome is Outcome.SKIPPED:
        yield reason(Verdict.INCOMPLETE, f"{item.drill} was skipped: {record.note}", "run it")
    elif item.approve is not None and not facts.practice and not _approved(record):
        yield reason(Verdict.INCOMPLETE, f"{item.drill}: not approved", "approve it")
    elif not record.checks:
        text = f"{item.drill} checked nothing, which shows nothing"
        yield reason(Verdict.INCOMPLETE, text, again)


def _human_reasons(item: Item, activity: Activity, record: ItemRecord | None) -> Iterator[Reason]:
    if _passed(record):
        return
    text = getattr(item, "text", item.id)
    role = getattr(item, "by", activity.owner)
    if record is not None and record.outcome is Outcome.REFUSED:
        said = record.acts[-1].comment if record.acts else ""
        yield Reason(
            Verdict.NOT_READY, f"refused: {text} ({said})", item.place, item.id, "", role,
            "do it again",
        )  # fmt: skip
        return
    state = "skipped" if record is not None and record.outcome is Outcome.SKIPPED else "not done"
    yield Reason(
        Verdict.INCOMPLETE, f"{state}: {text}", item.place, item.id, "", role,
        f"`golive confirm` it as {role}",
    )  # fmt: skip


def _file_reasons(playbook: Playbook, facts: Facts) -> Iterator[Reason]:
    kept = {artefact.path for artefact in facts.artefacts}
    told: set[str] = set()
    for file, owner, human in _files(playbook):
        if file.path in kept or file.path in told or file.path.endswith("/"):
            continue
        told.add(file.path)
        if facts.practice and human:
            continue
        yield Reason(
            Verdict.INCOMPLETE,
            f"the file {file.path} is not in the vault",
            file.place,
            owner=owner,
            change="let a drill `save` it, or attach it (`golive attach`)",
        )


def _files(playbook: Playbook) -> Iterator[tuple[FileRef, str, bool]]:
    """Every file that the playbook asks for, its owner, and whether a person may bring it."""
    for activity in playbook.activities:
        human = any(not isinstance(item, DrillBlock) for item in activity.items)
        for file in activity.files:
            yield file, activity.owner, human
    claims: Sequence[Claim] = [*playbook.evidence, *playbook.objectives]
    for claim in claims:
        human = any(
            not isinstance(item, DrillBlock)
            for link in claim.links
            for section in playbook.within(link)
            for item in playbook.sections[section].items
        )
        for file in claim.files:
            yield file, "", human or not claim.links


def _open(playbook: Playbook, facts: Facts) -> int:
    """Human tasks, approvals and signatures that nobody has given."""
    count = len(playbook.signoffs)
    for item in playbook.items():
        record = facts.items.get(item.id)
        if isinstance(item, DrillBlock):
            count += item.approve is not None and not (record and _approved(record))
        else:
            count += not _passed(record)
    return count


def _approved(record: ItemRecord) -> bool:
    return any(act.action == "approve" for act in record.acts)


def _passed(record: ItemRecord | None) -> bool:
    return record is not None and record.outcome is Outcome.PASSED


def _fidelity(artefacts: Sequence[Artefact]) -> Mapping[str, int]:
    counts = Counter(artefact.fidelity for artefact in artefacts)
    return {kind.value: counts[kind] for kind in Fidelity}


def _notes(playbook: Playbook, facts: Facts) -> Iterator[str]:
    for item in playbook.items():
        record = facts.items.get(item.id)
        if record is None:
            continue
        if record.attempt > 1 and record.outcome is Outcome.PASSED:
            yield f"{item.id} passed on attempt {record.attempt}; attempt 1 is kept"
        for check in record.checks:
            if check.loosened_from is not None:
                limits = f"{_shown(check.loosened_from)} to {_shown(check.expected)}"
                yield f"{item.id}: the playbook loosens {check.id} from {limits}"


def _failed(item: DrillBlock, check: Check) -> str:
    unit = f" {check.unit}" if check.unit else ""
    measured, expected = _shown(check.measured), _shown(check.expected)
    return (
        f"{item.drill}: {check.claim}: measured {measured}{unit}, expected {expected}{unit}"
        f"{_detail(check)}"
    )


def _detail(check: Check) -> str:
    return f" ({check.detail})" if check.detail else ""


def _shown(value: Json) -> str:
    if isinstance(value, Mapping) and len(value) == 1:
        (kind, limit), *_ = value.items()
        return f"{kind.replace('_', ' ')} {_shown(limit)}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
