"""What changed between two sealed rehearsals, and over many. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from golive.evidence.day import CheckFact, Day, RiskFact
from golive.kernel.json import Json, JsonObject

_NOTABLE_SECONDS = 0.5
_NOTABLE_SHARE = 0.1
_ORDER = {"fail": 0, "inconclusive": 1, "pass": 2}

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """One thing that differs. Empty texts stand for "not there"."""

    what: str
    before: str
    after: str
    note: str = ""

    def to_json(self) -> JsonObject:
        return {"what": self.what, "before": self.before, "after": self.after, "note": self.note}


@dataclass(frozen=True)
class Difference:
    """`first` and `second` as they were sealed, and what differs, section by section."""

    first: Day
    second: Day
    verdict: Sequence[Change]
    durations: Sequence[Change]
    checks: Sequence[Change]
    evidence: Sequence[Change]
    same_evidence: int
    """Files that are the same to the byte."""
    renewed_evidence: int
    """Files under the same name and of the same fidelity, with other bytes."""
    risks: Sequence[Change]

    def sections(self) -> Mapping[str, Sequence[Change]]:
        return {
            "verdict": self.verdict,
            "durations": self.durations,
            "checks": self.checks,
            "evidence": self.evidence,
            "risks": self.risks,
        }

    def to_json(self) -> JsonObject:
        return {
            "first": _named(self.first),
            "second": _named(self.second),
            **{name: [one.to_json() for one in each] for name, each in self.sections().items()},
            "same_evidence": self.same_evidence,
            "renewed_evidence": self.renewed_evidence,
        }


def difference(first: Day, second: Day) -> Difference:
    """What `second` has otherwise than `first`."""
    both = first.evidence.keys() & second.evidence.keys()
    same = sum(first.evidence[path] == second.evidence[path] for path in both)
    evidence = list(_evidence(first, second))
    fidelity = sum(bool(one.before and one.after) for one in evidence)
    return Difference(
        first=first,
        second=second,
        verdict=list(_verdict(first, second)),
        durations=list(_durations(first, second)),
        checks=list(_checks(first, second)),
        evidence=evidence,
        same_evidence=same,
        renewed_evidence=len(both) - same - fidelity,
        risks=list(_risks(first, second)),
    )


def _named(day: Day) -> JsonObject:
    return {
        "rehearsal": day.rehearsal,
        "seal": day.number,
        "digest": day.digest,
        "sealed_at": day.sealed_at,
        "verdict": day.verdict,
        "headline": day.headline,
    }


def _verdict(first: Day, second: Day) -> Iterator[Change]:
    if (first.verdict, first.practice) != (second.verdict, second.practice):
        yield Change("verdict", _word(first), _word(second))
    ready = [f"{day.machine_ready} of {day.machine_items}" for day in (first, second)]
    if ready[0] != ready[1]:
        yield Change("machine items ready", *ready)
    if first.open_human_items != second.open_human_items:
        yield Change("human items open", str(first.open_human_items), str(second.open_human_items))
    for reason in first.reasons:
        if reason not in second.reasons:
            yield Change(reason, "a reason", "", "gone")
    for reason in second.reasons:
        if reason not in first.reasons:
            yield Change(reason, "", "a reason", "new")


def _word(day: Day) -> str:
    return f"{day.verdict} (practice)" if day.practice else day.verdict


def _durations(first: Day, second: Day) -> Iterator[Change]:
    """Items that took notably longer or shorter, the largest change first."""
    found = []
    for name in _either(first.items, second.items):
        one, other = first.items.get(name), second.items.get(name)
        before, after = one.seconds if one else None, other.seconds if other else None
        if before is None and after is None:
            continue
        apart = (after or 0.0) - (before or 0.0)
        if before is None or after is None:
            found.append((abs(apart), Change(name, _seconds(before), _seconds(after))))
        elif abs(apart) >= max(_NOTABLE_SECONDS, _NOTABLE_SHARE * before):
            note = f"{apart:+.1f} s"
            found.append((abs(apart), Change(name, _seconds(before), _seconds(after), note)))
    yield from (change for _, change in sorted(found, key=lambda one: -one[0]))
    apart = second.seconds - first.seconds
    note = f"{apart:+.1f} s"
    yield Change("all drills together", _seconds(first.seconds), _seconds(second.seconds), note)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


def _checks(first: Day, second: Day) -> Iterator[Change]:
    """Checks with another verdict, the worse ones first; then those that came or went."""
    one, other = dict(first.checks()), dict(second.checks())
    turned = [name for name in one if name in other and one[name].verdict != other[name].verdict]
    for name in sorted(turned, key=lambda name: (_ORDER.get(other[name].verdict, 0), name)):
        yield Change(name, _told(one[name]), _told(other[name]), other[name].claim)
    for name in _either(one, other):
        if name not in one or name not in other:
            before, after = _maybe(one.get(name)), _maybe(other.get(name))
            yield Change(name, before, after, (other.get(name) or one[name]).claim)


def _maybe(check: CheckFact | None) -> str:
    return _told(check) if check else ""


def _told(check: CheckFact) -> str:
    if isinstance(check.measured, bool) or not isinstance(check.measured, int | float):
        return check.verdict
    return f"{check.verdict} ({check.measured:g}{f' {check.unit}' if check.unit else ''})"


def _evidence(first: Day, second: Day) -> Iterator[Change]:
    """Files that came or went, and files whose fidelity is another."""
    for path in _either(first.evidence, second.evidence):
        before = first.evidence.get(path, ("", ""))[1]
        after = second.evidence.get(path, ("", ""))[1]
        if before != after:
            yield Change(path, before, after, "" if before and after else "only in one")


def _risks(first: Day, second: Day) -> Iterator[Change]:
    for name in _either(first.risks, second.risks):
        one, other = first.risks.get(name), second.risks.get(name)
        before, after = _risk(one), _risk(other)
        if before != after:
            known = other or one
            yield Change(name, before, after, known.risk if known else "")


def _risk(known: RiskFact | None) -> str:
    if known is None:
        return ""
    borne = f", accepted by {known.accepted}" if known.accepted else ""
    return f"{known.state}: {known.residual}{borne}"


def _either(first: Mapping[str, T], second: Mapping[str, T]) -> Iterator[str]:
    """The names of both, in the order of the first, what only the second has last."""
    yield from first
    yield from (name for name in second if name not in first)


@dataclass(frozen=True)
class Trend:
    """Rehearsals in the order in which they were sealed, and what was measured in each."""

    days: Sequence[Day]
    unreadable: Sequence[tuple[str, str]] = ()
    """Folder and why: a vault that is not what was sealed tells no trend."""

    def until(self, last: Day) -> Trend:
        """Those sealed no later than `last`: what it tells stays the same as others follow."""
        return Trend([day for day in self.days if day.sealed_at <= last.sealed_at], self.unreadable)

    def measures(self) -> Mapping[str, tuple[str, Sequence[float | None]]]:
        """Unit and one figure a day of every numeric check that at least two days share."""
        found: dict[str, tuple[str, dict[int, float]]] = {}
        for place, day in enumerate(self.days):
            for name, check in day.checks():
                value: Json = check.measured
                if check.unit and isinstance(value, int | float) and not isinstance(value, bool):
                    found.setdefault(name, (check.unit, {}))[1][place] = float(value)
        return {
            name: (unit, [values.get(place) for place in range(len(self.days))])
            for name, (unit, values) in sorted(found.items())
            if len(values) > 1
        }

    def to_json(self) -> JsonObject:
        return {
            "days": [
                {
                    **_named(day),
                    "release": day.release,
                    "target": day.target,
                    "practice": day.practice,
                    "seconds": round(day.seconds, 3),
                    "machine_items": day.machine_items,
                    "machine_ready": day.machine_ready,
                    "open_human_items": day.open_human_items,
                    "checks": _counts(day),
                }
                for day in self.days
            ],
            "measures": {
                name: {"unit": unit, "values": list(values)}
                for name, (unit, values) in self.measures().items()
            },
            "unreadable": [{"folder": folder, "why": why} for folder, why in self.unreadable],
        }


def _counts(day: Day) -> JsonObject:
    verdicts = [check.verdict for _, check in day.checks()]
    return {name: verdicts.count(name) for name in ("pass", "fail", "inconclusive")}
