"""From a playbook and what the run left to the facts that rules speak about. Pure."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from golive.drillkit.records import Check as RunCheck
from golive.drillkit.records import ItemRecord, Outcome
from golive.drillkit.values import shown, with_unit
from golive.evidence.artefact import Artefact
from golive.gates import facts as fact
from golive.kernel.json import Json
from golive.kernel.times import parse_rfc3339
from golive.playbook.model import Activity, Claim, DrillBlock, FileRef, Item, Playbook, SignOff

OWN = "golive"
"""Producer of the papers that Golive writes about a run."""
_CASE = re.compile(r"#?[\w.-]*\d[\w.-]*")
"""What a case, a run or a ticket is called: `GDPR-DRYRUN-042`, `#2481`; not `ci/` or a command."""
_EPOCH = "1970-01-01T00:00:00.000Z"

_STATES = {Outcome.PASSED: "done", Outcome.SKIPPED: "skipped"}

Bears = Callable[[str], str]
"""The path of the artefact whose name or text bears a reference, or ""."""


@dataclass(frozen=True)
class Facts:
    """What the run left: the gate's whole input beside the playbook."""

    practice: bool
    items: Mapping[str, ItemRecord]
    artefacts: Sequence[Artefact]
    called_off: str = ""
    """Who called the run off and why, or ""."""
    evaluated_at: str = ""
    """RFC 3339; the last moment of the records when empty."""
    rehearsal: str = ""
    begun: str = ""
    target: str = ""
    risks: Sequence[fact.Risk] = ()
    waivers: Sequence[fact.Waiver] = ()
    bears: Bears | None = field(default=None, compare=False)
    """By artefacts' names alone, where none is given."""


def gather(playbook: Playbook, facts: Facts) -> fact.GateFacts:
    """The facts, in the order of the playbook."""
    return _Gathering(playbook, facts).all()


class _Gathering:
    def __init__(self, playbook: Playbook, facts: Facts) -> None:
        self._playbook, self._facts = playbook, facts
        self._seq = count(1)
        self._kept = {one.path: one for one in facts.artefacts}
        self._bears = facts.bears or self._by_name
        self._drills: list[fact.Drill] = []
        self._steps: list[fact.Step] = []
        self._checks: list[fact.Check] = []
        self._approvals: list[fact.Approval] = []
        self._tasks: list[fact.Task] = []

    def all(self) -> fact.GateFacts:
        for activity in self._playbook.activities:
            for item in activity.items:
                self._item(item, activity)
        files, references = tuple(self._files()), tuple(self._references())
        risks = tuple(one.model_copy(update={"seq": next(self._seq)}) for one in self._facts.risks)
        waivers = tuple(
            one.model_copy(update={"seq": next(self._seq)}) for one in self._facts.waivers
        )
        return fact.GateFacts(
            evaluated_at=self._facts.evaluated_at or _latest(self._facts),
            practice=self._facts.practice,
            run=self._run(),
            drills=tuple(self._drills),
            steps=tuple(self._steps),
            checks=tuple(self._checks),
            approvals=tuple(self._approvals),
            tasks=tuple(self._tasks),
            files=files,
            references=references,
            risks=risks,
            waivers=waivers,
            artefacts=tuple(_paper(self._kept[path]) for path in sorted(self._kept)),
            seats=tuple(self._seat(one) for one in self._playbook.signoffs),
        )

    def _run(self) -> fact.Run:
        playbook, facts = self._playbook, self._facts
        return fact.Run(
            rehearsal=facts.rehearsal,
            begun=facts.begun,
            target=facts.target,
            called_off=facts.called_off,
            playbook_file=playbook.file,
            playbook_digest=playbook.digest,
            release=playbook.release,
            title=playbook.title,
        )

    # -- items ---------------------------------------------------------------------------------

    def _item(self, item: Item, activity: Activity) -> None:
        record = self._facts.items.get(item.id)
        if isinstance(item, DrillBlock):
            self._drill(item, activity, record)
            return
        acts = record.acts if record else ()
        self._tasks.append(
            fact.Task(
                seq=next(self._seq),
                line=item.place.line,
                owner=item.by,
                item=item.id,
                text=item.text,
                kind=item.kind.value,
                outcome=record.outcome.value if record else "",
                state=_STATES.get(record.outcome if record else Outcome.OPEN, "not done"),
                comment=acts[-1].comment if acts else "",
                persons=tuple(dict.fromkeys(act.person for act in acts)),
            )
        )

    def _drill(self, item: DrillBlock, activity: Activity, record: ItemRecord | None) -> None:
        for step in record.steps if record else ():
            self._steps.append(
                fact.Step(
                    seq=next(self._seq),
                    line=item.place.line,
                    owner=activity.owner,
                    item=item.id,
                    drill=item.drill,
                    step=step.name,
                    outcome=step.outcome.value,
                    error=step.error,
                )
            )
            for check in step.checks:
                self._checks.append(self._check(item, activity.owner, step.name, check))
        acts = reversed(record.acts) if record else ()
        who = next((act for act in acts if act.action == "refuse"), None)
        self._drills.append(
            fact.Drill(
                seq=next(self._seq),
                line=item.place.line,
                owner=activity.owner,
                item=item.id,
                drill=item.drill,
                outcome=record.outcome.value if record else "",
                ran=bool(record and record.steps),
                attempt=record.attempt if record else 0,
                checks=len(record.checks) if record else 0,
                note=record.note if record else "",
                why=f": {record.note}" if record and record.note else "",
                refused=f" by {who.person}: {who.comment}" if who else "",
            )
        )
        if item.approve is not None:
            self._approvals.append(self._approval(item, activity, record))

    def _check(self, item: DrillBlock, owner: str, step: str, check: RunCheck) -> fact.Check:
        loosened = check.loosened_from
        return fact.Check(
            seq=next(self._seq),
            line=item.place.line,
            owner=owner,
            item=item.id,
            drill=item.drill,
            step=step,
            check=check.id,
            claim=check.claim,
            verdict=check.verdict.value,
            expected=with_unit(check.expected, check.unit),
            measured=with_unit(check.measured, check.unit),
            number=_number(check.measured),
            detail=f" ({check.detail})" if check.detail else "",
            loosened_from=shown(loosened) if loosened is not None else "",
        )

    def _approval(
        self, item: DrillBlock, activity: Activity, record: ItemRecord | None
    ) -> fact.Approval:
        assert item.approve is not None
        acts = [act for act in record.acts if act.action == "approve"] if record else []
        asked = record.steps[-1].ended if record and record.steps else ""
        within = item.approve.within
        return fact.Approval(
            seq=next(self._seq),
            line=item.place.line,
            owner=activity.owner,
            item=item.id,
            drill=item.drill,
            by=tuple(item.approve.by),
            persons=item.approve.persons,
            given=len({act.person for act in acts}),
            acts=tuple(fact.Given(person=act.person, role=act.role, at=act.at) for act in acts),
            asked_at=asked,
            within_seconds=within.total_seconds() if within else 0.0,
            seconds=_between(asked, acts[-1].at) if acts else 0.0,
        )

    # -- what the vault must hold --------------------------------------------------------------

    def _files(self) -> Iterator[fact.File]:
        told: set[str] = set()
        for file, owner, human in _wanted_files(self._playbook):
            if file.path in told or file.path.endswith("/"):
                continue
            told.add(file.path)
            yield fact.File(
                seq=next(self._seq),
                line=file.place.line,
                owner=owner,
                path=file.path,
                human=human,
                present=file.path in self._kept,
            )

    def _references(self) -> Iterator[fact.Reference]:
        told: set[str] = set()
        for name, line, owner, human in _wanted_references(self._playbook):
            if name in told or not _CASE.fullmatch(name):
                continue
            told.add(name)
            yield fact.Reference(
                seq=next(self._seq),
                line=line,
                owner=owner,
                name=name,
                human=human,
                borne_by=self._bears(name),
            )

    def _by_name(self, name: str) -> str:
        told = mentions(name)
        return next((path for path in sorted(self._kept) if told.search(path)), "")

    # -- who signs for what --------------------------------------------------------------------

    def _seat(self, signoff: SignOff) -> fact.Seat:
        claim = signoff.claim
        items = [item.id for item in self._playbook.behind(claim.links)]
        return fact.Seat(
            seq=next(self._seq),
            line=claim.place.line,
            owner=signoff.role,
            role=signoff.role,
            text=claim.text,
            items=tuple(items),
            whole=not claim.links,
            digest=self._scope(items, [file.path for file in claim.files], whole=not claim.links),
        )

    def _scope(self, items: Sequence[str], files: Sequence[str], *, whole: bool) -> str:
        """Of what the items left and the files that the line names; of all evidence, for one that
        decides on the whole."""
        evidence = [one for one in self._facts.artefacts if one.producer != OWN]
        inside = [one for one in evidence if whole or one.control in items or one.path in files]
        records = [
            record.to_json()
            for name, record in sorted(self._facts.items.items())
            if whole or name in items
        ]
        listed: Json = [records, sorted([one.path, one.sha256] for one in inside)]
        return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def mentions(name: str) -> re.Pattern[str]:
    """Finds `name` as a word of its own: `#248` isn't in `#2481`."""
    return re.compile(rf"(?<![\w#]){re.escape(name)}(?!\w)")


def _wanted_files(playbook: Playbook) -> Iterator[tuple[FileRef, str, bool]]:
    """Every file that the playbook asks for, its owner, and whether a person may bring it."""
    for activity in playbook.activities:
        human = any(not isinstance(item, DrillBlock) for item in activity.items)
        for file in activity.files:
            yield file, activity.owner, human
    for claim in [*playbook.evidence, *playbook.objectives]:
        human = _human(playbook, claim)
        for file in claim.files:
            yield file, "", human or not claim.links


def _wanted_references(playbook: Playbook) -> Iterator[tuple[str, int, str, bool]]:
    """Every reference, its line, its owner, and whether a person may bring it."""
    for activity in playbook.activities:
        human = any(not isinstance(item, DrillBlock) for item in activity.items)
        for name in activity.references:
            yield name, activity.place.line, activity.owner, human
    for claim in playbook.evidence:
        for name in claim.references:
            yield name, claim.place.line, "", _human(playbook, claim) or not claim.links


def _human(playbook: Playbook, claim: Claim) -> bool:
    return any(not isinstance(item, DrillBlock) for item in playbook.behind(claim.links))


def _paper(one: Artefact) -> fact.Paper:
    return fact.Paper(
        path=one.path,
        sha256=one.sha256,
        size=one.size,
        media_type=one.media_type,
        producer=one.producer,
        captured_at=one.captured_at,
        fidelity=one.fidelity.value,
        rank=fact.RANKS[one.fidelity.value],
        control=one.control,
        own=one.producer == OWN,
    )


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _between(first: str, last: str) -> float:
    """Seconds, or 0 where a time isn't known."""
    try:
        return (parse_rfc3339(last) - parse_rfc3339(first)).total_seconds()
    except ValueError:
        return 0.0


def _latest(facts: Facts) -> str:
    ends = [one.ended for one in facts.items.values() if one.outcome is not Outcome.OPEN]
    return max([*ends, *(one.captured_at for one in facts.artefacts)], default="") or _EPOCH
