"""The verdict: computed from the evidence, never from anybody's opinion.

Invariants (held by tests/unit/gates):
- one failed check, one step that could not be carried out, one refusal: never READY;
- what could not be measured, is missing or was not begun: INCOMPLETE at best, never READY;
- in practice, human items and approvals stay open and don't block; nothing else is forgiven;
- a playbook whose machine items are none can't be READY in practice: nothing was shown;
- a rule that can't be evaluated doesn't hold;
- reasons come in the order of the playbook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from golive.gates import facts as fact
from golive.gates.evaluate import Objection, RuleResult, evaluate
from golive.gates.gather import Facts, gather
from golive.gates.policy import Policy, default_policy, of_its_own
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex
from golive.kernel.json import JsonObject
from golive.kernel.times import parse_rfc3339
from golive.playbook.model import Place, Playbook

__all__ = ["Facts", "Judgement", "Reason", "Verdict", "decide", "judge"]


class Verdict(StrEnum):
    READY = "ready"
    NOT_READY = "not-ready"
    INCOMPLETE = "incomplete"


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
    rule: str = ""
    waived_by: str = ""
    """Who answers for its being waived, and until when; "" for one that blocks."""

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
            "rule": self.rule,
        }

    def named_by(self, what: str) -> bool:
        """Whether a waiver of `what` speaks of it."""
        return what in {self.rule, self.item, f"{self.rule}:{self.item}"} - {""}


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    practice: bool
    reasons: Sequence[Reason] = ()
    waived: Sequence[Reason] = ()
    machine_items: int = 0
    machine_ready: int = 0
    open_human_items: int = 0
    fidelity: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    """What doesn't block but must be said: loosened limits, later attempts."""
    rules: Sequence[RuleResult] = ()
    basis: JsonObject = field(default_factory=dict)
    """What it was computed from and by: policy, engine, digests, the moment of evaluation."""
    judged_by: str = ""
    """Said in the first line where it wasn't Golive's default policy."""

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
        if self.waived:
            parts.append(f"{len(self.waived)} waived")
        if self.judged_by:
            parts.append(self.judged_by)
        return " · ".join(parts)

    def to_json(self) -> JsonObject:
        return {
            "verdict": self.verdict.value,
            "practice": self.practice,
            "headline": self.headline,
            "reasons": [reason.to_json() for reason in self.reasons],
            "waived": [{**one.to_json(), "waived_by": one.waived_by} for one in self.waived],
            "machine_items": self.machine_items,
            "machine_ready": self.machine_ready,
            "open_human_items": self.open_human_items,
            "fidelity": dict(self.fidelity),
            "notes": list(self.notes),
            "rules": [rule.to_json() for rule in self.rules],
            "basis": dict(self.basis),
        }


def judge(playbook: Playbook, facts: Facts, policy: Policy | None = None) -> Judgement:
    """The verdict on `facts` as `playbook` demands them, by `policy` (the default one's rules)."""
    return decide(gather(playbook, facts), policy or default_policy())


def decide(facts: fact.GateFacts, policy: Policy) -> Judgement:
    """The verdict of `policy` on `facts`. Pure: the same two give the same judgement for ever."""
    document = facts.to_bytes()
    evaluation = evaluate(facts, policy)
    reasons, waived = [], []
    for objection in evaluation.objections:
        reason = _reason(objection, facts)
        waiver = _waiver(reason, facts)
        if waiver is None:
            reasons.append(reason)
        else:
            waived.append(_with_waiver(reason, waiver))
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
        waived=tuple(waived),
        machine_items=len(facts.drills),
        machine_ready=sum(one.outcome == "passed" for one in facts.drills),
        open_human_items=_open(facts),
        fidelity=_fidelity(facts.artefacts),
        notes=tuple(_notes(facts)),
        rules=evaluation.rules,
        basis={
            "evaluated_at": facts.evaluated_at,
            "facts": sha256_hex(document),
            "policy": policy.name,
            "policy_digest": policy.digest,
            "params": dict(policy.params),
            "engine": evaluation.engine,
        },
        judged_by=of_its_own(policy),
    )


def _reason(objection: Objection, facts: fact.GateFacts) -> Reason:
    about = objection.about
    line = about.get("line")
    return Reason(
        blocks=Verdict(objection.rule.severity),
        text=objection.text,
        place=Place(facts.run.playbook_file, line if isinstance(line, int) else 1),
        item=str(about.get("item", "")),
        check=str(about.get("check", "")),
        owner=str(about.get("owner", "")),
        change=objection.change,
        rule=objection.rule.id,
    )


def _waiver(reason: Reason, facts: fact.GateFacts) -> fact.Waiver | None:
    """The waiver in force that speaks of `reason`."""
    now = parse_rfc3339(facts.evaluated_at)
    for one in facts.waivers:
        named = one.person and one.reason and reason.named_by(one.what)
        if named and parse_rfc3339(one.until) > now:
            return one
    return None


def _with_waiver(reason: Reason, waiver: fact.Waiver) -> Reason:
    by = f"{waiver.person} as {waiver.role}, until {waiver.until}: {waiver.reason}"
    return replace(reason, waived_by=by)


def _open(facts: fact.GateFacts) -> int:
    """Human tasks, approvals and signatures that nobody has given."""
    tasks = sum(one.outcome != "passed" for one in facts.tasks)
    return tasks + sum(one.given == 0 for one in facts.approvals) + len(facts.seats)


def _fidelity(artefacts: Sequence[fact.Paper]) -> Mapping[str, int]:
    counts = Counter(artefact.fidelity for artefact in artefacts)
    return {kind.value: counts[kind.value] for kind in Fidelity}


def _notes(facts: fact.GateFacts) -> Iterator[str]:
    for drill in facts.drills:
        if drill.attempt > 1 and drill.outcome == "passed":
            yield f"{drill.item} passed on attempt {drill.attempt}; attempt 1 is kept"
        for check in facts.checks:
            if check.item == drill.item and check.loosened_from:
                limits = f"{check.loosened_from} to {check.expected}"
                yield f"{check.item}: the playbook loosens {check.check} from {limits}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
