"""What an auditor is shown of a sealed run: deviations first, then each claim down to its bytes.
Pure, apart from reading the sealed files themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from golive.console.sealed import Standing
from golive.console.wording import in_role
from golive.evidence.artefact import Artefact
from golive.evidence.verify import Verification
from golive.gates import facts as fact
from golive.kernel.json import JsonObject
from golive.playbook.model import Playbook
from golive.rehearsal.board import BoardItem, fold, handed_to
from golive.rehearsal.docket import sealed_bytes, sealed_playbook

SAMPLE = 5
_JOURNAL = "golive/journal.jsonl"
_DONE: Mapping[str, str] = {
    "confirm": "confirmed",
    "approve": "approved",
    "refuse": "refused",
    "retry": "run again",
    "skip": "skipped",
    "attach": "a file brought",
    "vouch": "a file vouched for",
    "withdraw": "a file taken back",
}


@dataclass(frozen=True)
class Deviation:
    """One thing that was not as the playbook has it."""

    what: str
    kind: str
    line: int


@dataclass(frozen=True)
class CheckLine:
    check: fact.Check
    kind: str


@dataclass(frozen=True)
class Behind:
    """An item behind a claim: how it ended, what was measured, what it left."""

    item: str
    title: str
    outcome: str
    checks: Sequence[CheckLine]
    papers: Sequence[fact.Paper]


@dataclass(frozen=True)
class ClaimView:
    text: str
    line: int
    items: Sequence[Behind]


@dataclass(frozen=True)
class Drawn:
    """One piece of the sample, recounted."""

    artefact: Artefact
    found: str
    """The digest of the bytes as they lie there now."""

    @property
    def same(self) -> bool:
        return self.found == self.artefact.sha256


def deviations(found: Standing) -> Sequence[Deviation]:
    """In the order of the playbook; what concerns the whole comes first."""
    facts = found.case.sealed.facts
    told = [*_of_people(found), *_of_deputies(found), *_of_machine(facts)]
    return sorted(told, key=lambda one: one.line)


def _of_machine(facts: fact.GateFacts) -> Iterator[Deviation]:
    if facts.run.called_off:
        yield Deviation(f"the run was called off: {facts.run.called_off}", "bad", 0)
    for drill in facts.drills:
        if drill.outcome != "passed":
            word = drill.outcome or "not begun"
            yield Deviation(f"{drill.item}: {word}{drill.why}{drill.refused}", "bad", drill.line)
        if drill.attempt > 1:
            text = f"{drill.item}: attempt {drill.attempt} counts; those before are kept"
            yield Deviation(text, "turn", drill.line)
    for check in facts.checks:
        if check.verdict != "pass":
            text = f"{check.item}: {check.claim}: {check.measured}, expected {check.expected}"
            yield Deviation(text, "bad" if check.verdict == "fail" else "turn", check.line)
        if check.loosened_from:
            text = f"{check.item}: {check.check} loosened from {check.loosened_from}"
            yield Deviation(f"{text} to {check.expected}", "turn", check.line)
    for one in facts.approvals:
        if one.given < one.persons:
            text = f"{one.item}: {one.given} of {one.persons} persons approved"
            yield Deviation(text, "bad", one.line)
        elif one.within_seconds and one.seconds > one.within_seconds:
            took = f"approved after {one.seconds:.0f} s, allowed {one.within_seconds:.0f} s"
            yield Deviation(f"{one.item}: {took}", "turn", one.line)
    for task in facts.tasks:
        if task.outcome != "passed":
            yield Deviation(f"{task.text}: {task.state}{_said(task.comment)}", "turn", task.line)
    for file in facts.files:
        if not file.present:
            yield Deviation(f"{file.path} is not in the vault", "turn", file.line)


def _of_people(found: Standing) -> Iterator[Deviation]:
    for heard in found.decided.waivers:
        word = heard.word
        who = _name(found, word.person)
        text = f"waived by {who} as {word.role} until {word.until[:10]}: {word.about}"
        yield Deviation(f"{text}{_said(word.comment)}", "turn", 0)
    for heard in found.decided.acceptances:
        word = heard.word
        text = f"{word.about} is borne by {_name(found, word.person)}{_said(word.comment)}"
        yield Deviation(text, "turn", 0)
    for one in found.decided.uncounted:
        yield Deviation(f"entry {one.seq} of the ledger counts for nothing: {one.why}", "bad", 0)
    for seat in found.decided.stale:
        text = f"the signature of {seat.seat.role} is over evidence that has changed since"
        yield Deviation(text, "turn", seat.seat.line)


def _of_deputies(found: Standing) -> Iterator[Deviation]:
    """Who acted in whose place, and by whose word, as the sealed journal has it."""
    roster = found.case.sealed.roster
    source = sealed_bytes(found.case.sealed.release, _JOURNAL)
    for item in fold(json.loads(line) for line in source.splitlines()).items.values():
        for act in item.acts:
            role = in_role(act, roster)
            if role == act["role"]:
                continue
            who, said = _name(found, str(act["person"])), str(act["action"])
            text = (
                f"{item.title}: {_DONE.get(said, said)} by {who}, {role}{_handed(found, item, act)}"
            )
            yield Deviation(text, "turn", item.line)


def _handed(found: Standing, item: BoardItem, act: JsonObject) -> str:
    note = handed_to(item, str(act["person"]))
    if note is None:
        return ""
    return f", handed over by {_name(found, str(note['person']))}{_said(str(note['comment']))}"


def _name(found: Standing, ident: str) -> str:
    person = found.case.sealed.roster.person(ident)
    return person.name if person else ident


def _said(comment: str) -> str:
    return f" (“{comment}”)" if comment else ""


def claims(found: Standing) -> Sequence[ClaimView]:
    """Objectives, then the sign-off list: what is claimed, and what stands behind it."""
    playbook = sealed_playbook(found.case.sealed)
    facts = found.case.sealed.facts
    views = [
        ClaimView(claim.text, claim.place.line, _behind(playbook, claim.links, found))
        for claim in playbook.objectives
    ]
    for seat in facts.seats:
        if not seat.whole:
            items = [_item(name, found) for name in seat.items]
            views.append(ClaimView(f"{seat.role}: {seat.text}", seat.line, items))
    return views


def _behind(playbook: Playbook, links: Sequence[str], found: Standing) -> Sequence[Behind]:
    return [_item(one.id, found) for one in playbook.behind(links)]


def _item(name: str, found: Standing) -> Behind:
    facts = found.case.sealed.facts
    outcomes = {one.item: one.outcome or "not begun" for one in facts.drills}
    outcomes |= {one.item: one.outcome or "not begun" for one in facts.tasks}
    titles = {one.item: one.text for one in facts.tasks} | {
        one.item: one.drill for one in facts.drills
    }
    checks = [CheckLine(one, _kind(one.verdict)) for one in facts.checks if one.item == name]
    papers = [one for one in found.papers if name in (one.control, one.producer.partition(":")[0])]
    return Behind(name, titles.get(name, ""), outcomes.get(name, "not run"), checks, papers)


def _kind(verdict: str) -> str:
    return {"pass": "good", "fail": "bad"}.get(verdict, "turn")


def unverifiable(found: Standing, checked: Verification) -> Sequence[str]:
    """What these pages, and the vault, can't prove."""
    papers = found.papers
    manual = sum(one.fidelity == "manual" for one in papers)
    stand_ins = sum(one.fidelity == "simulated" for one in papers)
    told = list(checked.unchecked)
    if stand_ins:
        told.append(
            f"what came from stand-ins ({stand_ins} of the evidence) shows how the rehearsal goes, "
            "not how the real systems answer"
        )
    if manual:
        told.append(f"what people brought ({manual} of the evidence) rests on their word")
    kept = sorted({one.word.person for one in found.case.docket.words if one.word.custody})
    if kept:
        told.append(
            f"the keys of {', '.join(kept)} are kept by the server under their passphrases: their "
            "signatures prove the passphrase, and that this server was honest"
        )
    told.append("that the machine's clock was right: times are its own, no authority stamped them")
    return told


def seed_of(found: Standing) -> str:
    """What the sample is drawn by: fixed by the seal, so nobody could choose it afterwards."""
    return hashlib.sha256(f"golive audit sample\n{found.decided.digest}\n".encode()).hexdigest()


def sample(found: Standing, count: int = SAMPLE) -> Sequence[Drawn]:
    """The `count` artefacts with the smallest SHA-256 of seed and path, recounted from disk."""
    release, seed = found.case.sealed.release, seed_of(found)
    drawn = sorted(
        release.artefacts,
        key=lambda one: hashlib.sha256(f"{seed}\n{one.path}".encode()).hexdigest(),
    )[:count]
    return [Drawn(one, _digest(found, one)) for one in sorted(drawn, key=lambda one: one.path)]


def _digest(found: Standing, artefact: Artefact) -> str:
    try:
        with found.case.sealed.release.file(artefact.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"can't be read: {error.strerror}"
