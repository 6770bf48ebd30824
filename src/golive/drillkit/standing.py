"""Where the day stands when a drill begins: what a paper for people is made of.

Frozen, without I/O. Derived from the playbook and the records of the items that have ended, both of
which a resumed run has again: the same moment of the day gives the same standing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from golive.drillkit.records import Check, CheckVerdict, ItemRecord, Outcome
from golive.evidence.artefact import Artefact
from golive.kernel.json import Json
from golive.kernel.times import parse_rfc3339
from golive.playbook.model import Activity, Claim, DrillBlock, Item, Playbook

WRONG = (Outcome.FAILED, Outcome.REFUSED, Outcome.EXPIRED, Outcome.ABORTED)


@dataclass(frozen=True)
class Doing:
    """One item of the playbook, and what has come of it."""

    id: str
    title: str
    """The drill's name, or what a person is asked."""
    kind: str
    """`drill`, `confirm`, `upload` or `sign`."""
    who: str
    line: int
    outcome: Outcome | None = None
    """None where it has not ended, or not begun."""
    started: datetime | None = None
    ended: datetime | None = None
    troubles: Sequence[str] = ()
    """What went wrong: failed and unmeasured checks, errors, refusals, in words."""
    artefacts: Sequence[Artefact] = ()
    unapproved: str = ""
    """Who has yet to approve what it did, or ""."""
    values: Mapping[str, Json] = field(default_factory=dict)
    """What a drill's steps returned, by step name."""

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def wrong(self) -> bool:
        return self.outcome in WRONG

    @property
    def word(self) -> str:
        return self.outcome.value if self.outcome else "not yet"


@dataclass(frozen=True)
class Row:
    """A row of the timeline."""

    number: int
    title: str
    owner: str
    planned: datetime | None
    items: Sequence[Doing]

    @property
    def started(self) -> datetime | None:
        return min((one.started for one in self.items if one.started), default=None)

    @property
    def ended(self) -> datetime | None:
        """When its last item ended; None while one has not."""
        if any(one.outcome is None for one in self.items):
            return None
        return max((one.ended for one in self.items if one.ended), default=None)

    @property
    def word(self) -> str:
        """How it stands: `failed`, `under way`, `not begun`, `human items open` or `passed`."""
        if any(one.wrong for one in self.items):
            return "failed"
        if all(one.outcome is None for one in self.items):
            return "not begun"
        if any(one.outcome is None for one in self.items):
            return "under way"
        return "passed" if all(one.passed for one in self.items) else "human items open"

    @property
    def late(self) -> timedelta | None:
        """How much later than planned it began; None where either is not known."""
        return self.started - self.planned if self.started and self.planned else None


@dataclass(frozen=True)
class Statement:
    """An objective, a risk's mitigation or a role's scope, and the items behind it."""

    text: str
    behind: Sequence[Doing]
    missing: Sequence[str] = ()
    """Files that it names and that nothing has left yet."""
    files: Sequence[str] = ()

    @property
    def whole(self) -> bool:
        """Whether there is something behind it, all of it passed and approved, no file missing."""
        done = all(one.passed and not one.unapproved for one in self.behind)
        return done and not self.missing and bool(self.behind or self.files)


@dataclass(frozen=True)
class RiskStanding:
    id: str
    risk: str
    impact: str
    likelihood: str
    mitigation: Statement

    @property
    def word(self) -> str:
        """`nearer` where something behind its mitigation went wrong."""
        tried = [one for one in self.mitigation.behind if one.outcome is not None]
        if any(one.wrong for one in tried):
            return "nearer"
        if not any(one.passed for one in tried):
            return "not tried yet"
        return "mitigation worked" if self.mitigation.whole else "mitigation tried in part"


@dataclass(frozen=True)
class Scope:
    """A role that signs, and what for."""

    role: str
    claim: Statement


@dataclass(frozen=True)
class Standing:
    """The whole of it; empty where no playbook stands behind a drill."""

    title: str = ""
    playbook_digest: str = ""
    target: str = ""
    on_schedule: bool = False
    """Whether rows wait for their planned times; where not, no row can be late."""
    rows: Sequence[Row] = ()
    objectives: Sequence[Statement] = ()
    risks: Sequence[RiskStanding] = ()
    scopes: Sequence[Scope] = ()
    others: Sequence[Doing] = field(default_factory=tuple)
    """Items carried out beside the timeline."""

    @property
    def items(self) -> Sequence[Doing]:
        return [*(one for row in self.rows for one in row.items), *self.others]

    @property
    def artefacts(self) -> Sequence[Artefact]:
        """Everything left so far, one for a path: the last."""
        found = [one for item in self.items for one in item.artefacts]
        return list({one.path: one for one in found}.values())

    def open_people(self, here: str = "") -> Sequence[Doing]:
        """What people have yet to do or to approve; `here` is left out."""
        return [
            one
            for one in self.items
            if one.id != here
            and (one.unapproved or (one.kind != "drill" and not one.passed and not one.wrong))
        ]

    def row_of(self, item: str) -> Row | None:
        return next((row for row in self.rows if any(one.id == item for one in row.items)), None)


def standing_of(
    playbook: Playbook,
    records: Mapping[str, ItemRecord],
    plan: Callable[[Activity], datetime | None],
    *,
    target: str,
    on_schedule: bool,
) -> Standing:
    """The standing after the items in `records` have ended."""
    kept = {one.path for record in records.values() for one in record.evidence}

    def claim(said: Claim) -> Statement:
        behind = [_doing(item, records.get(item.id)) for item in playbook.behind(said.links)]
        files = [one.path for one in said.files]
        return Statement(said.text, behind, [one for one in files if one not in kept], files)

    within = {item.id for item in playbook.items()}
    return Standing(
        title=playbook.title,
        playbook_digest=playbook.digest,
        target=target,
        on_schedule=on_schedule,
        rows=[
            Row(
                number,
                activity.title,
                activity.owner,
                plan(activity),
                [_doing(item, records.get(item.id), activity.owner) for item in activity.items],
            )
            for number, activity in enumerate(playbook.activities, start=1)
        ],
        objectives=[claim(one) for one in playbook.objectives],
        risks=[
            RiskStanding(one.id, one.risk, one.impact, one.likelihood, claim(one.mitigation))
            for one in playbook.risks
        ],
        scopes=[Scope(one.role, claim(one.claim)) for one in playbook.signoffs],
        others=[
            _doing(item, records[item.id])
            for section in playbook.sections.values()
            for item in section.items
            if item.id in records and item.id not in within
        ],
    )


def _doing(item: Item, record: ItemRecord | None, owner: str = "") -> Doing:
    drill = isinstance(item, DrillBlock)
    return Doing(
        id=item.id,
        title=item.drill if isinstance(item, DrillBlock) else item.text,
        kind="drill" if isinstance(item, DrillBlock) else item.kind.value,
        who=owner if isinstance(item, DrillBlock) else item.by,
        line=item.place.line,
        outcome=record.outcome if record else None,
        started=_moment(record.started) if record else None,
        ended=_moment(record.ended) if record else None,
        troubles=tuple(_troubles(record)) if record and (drill or record.note) else (),
        artefacts=tuple(record.evidence) if record else (),
        unapproved=_unapproved(item, record),
        values={step.name: step.value for step in record.steps if not step.undo} if record else {},
    )


def _unapproved(item: Item, record: ItemRecord | None) -> str:
    if not isinstance(item, DrillBlock) or item.approve is None or record is None:
        return ""
    if any(act.action == "approve" for act in record.acts):
        return ""
    return " or ".join(item.approve.by)


def _troubles(record: ItemRecord) -> Sequence[str]:
    found = [f"{step.name}: {step.error}" for step in record.steps if step.error]
    for check in record.checks:
        if check.verdict is CheckVerdict.FAIL:
            found.append(f"{check.claim}: measured {shown(check.measured)}{_detail(check)}")
        elif check.verdict is CheckVerdict.INCONCLUSIVE:
            found.append(f"could not be measured: {check.claim}{_detail(check)}")
    if record.outcome in WRONG and record.note:
        found.append(record.note)
    return found


def _detail(check: Check) -> str:
    return f" ({check.detail})" if check.detail else ""


def shown(value: object) -> str:
    """A measured value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _moment(text: str) -> datetime | None:
    return parse_rfc3339(text) if text else None
