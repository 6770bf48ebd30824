"""Everything the page shows, arranged; the template only writes it down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from markupsafe import Markup

from golive.drillkit.records import ItemRecord, Outcome
from golive.evidence.artefact import Artefact
from golive.evidence.diff import Difference, Trend
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.playbook.model import Activity, Claim, DrillBlock, Item
from golive.playbook.times import zone
from golive.report import cutover_chart, timeline
from golive.report.cutover import DRILL, Cutover, cutover_of
from golive.report.signoffs import sign_offs
from golive.report.source import Source, objects
from golive.report.standing import approved, standing
from golive.report.trend import section as trend_section
from golive.report.wording import FIDELITIES, NOT_RUN, OUTCOMES, VERDICTS, Badge, moment

NARROW, WIDE = 340.0, 760.0
"""A chart is drawn twice: for a phone and for everything else. One of them is shown."""


@dataclass(frozen=True)
class Exercise:
    """One item of the playbook and what came of it."""

    anchor: str
    title: str
    text: str
    """What a person is asked, of a human item."""
    owner: str
    line: int
    badge: Badge
    record: ItemRecord | None
    drill: bool


@dataclass(frozen=True)
class Part:
    """A row of the timeline with its items."""

    number: int
    activity: Activity
    exercises: Sequence[Exercise]


@dataclass(frozen=True)
class Statement:
    """An objective or a line of the evidence checklist."""

    text: str
    badge: Badge
    why: str
    artefacts: Sequence[tuple[str, Artefact]]
    """Anchor and artefact: those of the linked items, and those named."""
    missing: Sequence[str]


@dataclass(frozen=True)
class Picture:
    item: str
    anchor: str
    cutover: Cutover | None
    why_not: str
    narrow: Markup
    wide: Markup


@dataclass(frozen=True)
class Wanted:
    """Something that only a person can give."""

    who: str
    what: str
    kind: str
    line: int

    @property
    def asked(self) -> str:
        """What goes on after `who` in one line: of a drill, what is to be done about it."""
        return f"approves {self.what}" if self.kind == "approve" else self.what


def view(
    source: Source,
    decided: JsonObject | None,
    beside: Difference | None,
    trend: Trend | None,
) -> Mapping[str, Any]:
    """The template's variables."""
    where = zone(source.playbook.timezone) or UTC
    exercises = _exercises(source)
    anchors = {name: f"artefact-{n}" for n, name in enumerate(_paths(source), start=1)}
    rows = timeline.rows(source)
    signed = sign_offs(source, decided)
    return {
        "source": source,
        "run": source.run,
        "playbook": source.playbook,
        "statement": source.sealed.statement,
        "seal": source.sealed.seal,
        "verdict": source.verdict,
        "reasons": objects(source.verdict["reasons"]),
        "badge_of": VERDICTS.get(str(source.verdict["verdict"]), NOT_RUN),
        "when": moment(str(source.run["begun"])),
        "sealed_at": moment(source.sealed.statement.sealed_at),
        "zone": where,
        "fidelities": _fidelities(source),
        "stand_ins": [one for one in source.artefacts if one.fidelity is Fidelity.SIMULATED],
        "objectives": [_claim(source, one, anchors) for one in source.playbook.objectives],
        "evidence": [_claim(source, one, anchors) for one in source.playbook.evidence],
        "rows": rows,
        "day_charts": [
            timeline.draw(rows, where, NARROW, "narrow"),
            timeline.draw(rows, where, WIDE, "wide"),
        ],
        "parts": _parts(source, exercises),
        "others": _others(source, exercises),
        "pictures": _pictures(source, exercises),
        "artefacts": [(anchors[one.path], one) for one in _sorted(source)],
        "anchors": anchors,
        "risks": _risks(source),
        "risk_rule": source.risks["rule"] if source.risks else "",
        "wanted": [
            one for one in wanted(source) if one.kind != "sign-off" or signed.waits_for(one.who)
        ],
        "sign_offs": signed,
        "beside": beside,
        "trend": trend,
        "trend_section": trend_section(trend, level=3, here=source.sealed.seal.digest)
        if trend
        else "",
        "notes": [str(one) for one in _listing(source.verdict["notes"])],
    }


def _listing(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _sorted(source: Source) -> Sequence[Artefact]:
    return sorted(source.artefacts, key=lambda one: one.path)


def _paths(source: Source) -> Sequence[str]:
    return [one.path for one in _sorted(source)]


def _fidelities(source: Source) -> Sequence[tuple[str, str, object]]:
    """As the verdict counts them: all but the paper that the verdict stands on itself."""
    counted = source.verdict["fidelity"]
    found = counted if isinstance(counted, Mapping) else {}
    return [(*FIDELITIES[kind], found.get(kind.value, 0)) for kind in Fidelity]


def _exercises(source: Source) -> Mapping[str, Exercise]:
    """Every item by id: those of the timeline, then whatever else was carried out."""
    found: dict[str, Exercise] = {}
    for activity in source.playbook.activities:
        for item in activity.items:
            found[item.id] = _exercise(item, activity.owner, source, len(found) + 1)
    for section in source.playbook.sections.values():
        for item in section.items:
            if item.id not in found and item.id in source.items:
                found[item.id] = _exercise(item, "", source, len(found) + 1)
    return found


def _exercise(item: Item, owner: str, source: Source, number: int) -> Exercise:
    record = source.items.get(item.id)
    drill = isinstance(item, DrillBlock)
    return Exercise(
        anchor=f"item-{number}",
        title=item.drill if isinstance(item, DrillBlock) else item.text,
        text="" if isinstance(item, DrillBlock) else item.kind.value,
        owner=owner if isinstance(item, DrillBlock) else item.by,
        line=item.place.line,
        badge=OUTCOMES[record.outcome] if record else NOT_RUN,
        record=record,
        drill=drill,
    )


def _parts(source: Source, exercises: Mapping[str, Exercise]) -> Sequence[Part]:
    return [
        Part(number, activity, [exercises[item.id] for item in activity.items])
        for number, activity in enumerate(source.playbook.activities, start=1)
    ]


def _others(source: Source, exercises: Mapping[str, Exercise]) -> Sequence[Exercise]:
    inside = {item.id for item in source.playbook.items()}
    return [one for name, one in exercises.items() if name not in inside]


def _claim(source: Source, claim: Claim, anchors: Mapping[str, str]) -> Statement:
    kept = {one.path: one for one in source.artefacts}
    badge, why = standing(source.playbook, claim, source.items, frozenset(kept))
    records = [source.items.get(item.id) for item in source.playbook.behind(claim.links)]
    paths = [one.path for record in records if record for one in record.evidence]
    paths += [one.path for one in claim.files]
    shown = dict.fromkeys(path for path in paths if path in kept)
    missing = [one.path for one in claim.files if one.path not in kept]
    artefacts = [(anchors[path], kept[path]) for path in shown]
    return Statement(claim.text, badge, why, artefacts, missing)


def _pictures(source: Source, exercises: Mapping[str, Exercise]) -> Sequence[Picture]:
    return [
        _picture(exercise.record, exercise.anchor, source)
        for exercise in exercises.values()
        if exercise.drill and exercise.title == DRILL and exercise.record is not None
    ]


def _picture(record: ItemRecord, anchor: str, source: Source) -> Picture:
    found = cutover_of(record, source)
    if isinstance(found, str):
        return Picture(record.item, anchor, None, found, Markup(), Markup())
    narrow = cutover_chart.draw(found, NARROW, "narrow")
    return Picture(record.item, anchor, found, "", narrow, cutover_chart.draw(found, WIDE, "wide"))


def _risks(source: Source) -> Sequence[Mapping[str, Any]]:
    """The sealed register; of a run that sealed none, what the playbook says."""
    if source.risks is not None:
        return objects(source.risks["risks"])
    return [
        {
            "risk": one.risk,
            "likelihood": one.likelihood,
            "impact": one.impact,
            "mitigation": one.mitigation.text,
            "exercised": [],
            "state": "not assessed",
            "residual": "this run sealed no register",
        }
        for one in source.playbook.risks
    ]


def wanted(source: Source) -> Iterator[Wanted]:
    """What is open and only a person can give, in the playbook's order."""
    for activity in source.playbook.activities:
        for item in activity.items:
            record = source.items.get(item.id)
            if isinstance(item, DrillBlock):
                if item.approve is not None and not approved(record):
                    persons = item.approve.persons
                    count = f" ({persons} persons)" if persons > 1 else ""
                    who = " or ".join(item.approve.by)
                    yield Wanted(who, f"{item.drill}{count}", "approve", item.place.line)
            elif record is None or record.outcome is not Outcome.PASSED:
                yield Wanted(item.by, item.text, item.kind.value, item.place.line)
    for one in source.playbook.signoffs:
        yield Wanted(one.role, one.claim.text, "sign-off", one.claim.place.line)
