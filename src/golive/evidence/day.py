"""A sealed rehearsal as figures that can be set beside another's. Read from its release alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.evidence.durable import VaultError
from golive.evidence.strict import load_object
from golive.evidence.vault import SealedRelease, read_release
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339

OWN = "golive/"
"""Papers about the run; they differ every time and say nothing by differing."""


@dataclass(frozen=True)
class CheckFact:
    claim: str
    verdict: str
    """`pass`, `fail` or `inconclusive`."""
    measured: Json
    unit: str


@dataclass(frozen=True)
class ItemFact:
    outcome: str
    seconds: float | None
    """From begin to end; None for what was not begun, or what people do."""
    checks: Mapping[str, CheckFact]


@dataclass(frozen=True)
class RiskFact:
    risk: str
    state: str
    residual: str
    accepted: str = ""
    """Who bears what is left, in which role, until when; empty where nobody does."""


@dataclass(frozen=True)
class Day:
    """One rehearsal, as it was sealed."""

    rehearsal: str
    number: int
    digest: str
    sealed_at: str
    release: str
    target: str
    practice: bool
    verdict: str
    headline: str
    reasons: Sequence[str]
    machine_items: int
    machine_ready: int
    open_human_items: int
    items: Mapping[str, ItemFact]
    evidence: Mapping[str, tuple[str, str]]
    """SHA-256 and fidelity by path, Golive's own papers left out."""
    risks: Mapping[str, RiskFact]

    @property
    def seconds(self) -> float:
        """What the machine's items took together."""
        return sum(item.seconds or 0.0 for item in self.items.values())

    def checks(self) -> Iterator[tuple[str, CheckFact]]:
        """Every check under `<item>:<check>`."""
        for name, item in self.items.items():
            for check, fact in item.checks.items():
                yield f"{name}:{check}", fact


def read_day(folder: Path) -> Day:
    """The day in the release `folder`. VaultError when its papers can't be read as such."""
    found = read_release(folder)
    try:
        return _day(found)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise VaultError(
            f"the release holds no rehearsal that can be compared ({error})",
            where=str(folder),
            hint="it was sealed by something else, or by a Golive that kept other papers",
        ) from error


def _day(found: SealedRelease) -> Day:
    verdict, facts = _paper(found, "golive/verdict.json"), _paper(found, "golive/facts.json")
    tags = found.statement.tags
    items: Any = facts["items"]
    return Day(
        rehearsal=found.seal.rehearsal,
        number=found.seal.number,
        digest=found.seal.digest,
        sealed_at=found.statement.sealed_at,
        release=str(tags.get("release", "")),
        target=str(tags.get("target", "")),
        practice=verdict["practice"] is True,
        verdict=str(verdict["verdict"]),
        headline=str(verdict["headline"]),
        reasons=[str(one["text"]) for one in _objects(verdict["reasons"])],
        machine_items=_whole(verdict["machine_items"]),
        machine_ready=_whole(verdict["machine_ready"]),
        open_human_items=_whole(verdict["open_human_items"]),
        items={str(name): _item(record) for name, record in items.items()},
        evidence={
            one.path: (one.sha256, one.fidelity.value)
            for one in found.artefacts
            if not one.path.startswith(OWN)
        },
        risks=dict(_risks(found)),
    )


def _item(record: Any) -> ItemFact:
    steps = _objects(record["steps"])
    took = None
    if steps and record["started"] and record["ended"]:
        begun, ended = parse_rfc3339(str(record["started"])), parse_rfc3339(str(record["ended"]))
        took = (ended - begun).total_seconds()
    checks = {
        str(check["id"]): CheckFact(
            str(check["claim"]),
            str(check["verdict"]),
            _figure(check["measured"]),
            str(check["unit"]),
        )
        for step in steps
        for check in _objects(step["checks"])
    }
    return ItemFact(str(record["outcome"]), took, checks)


def _figure(value: Json) -> Json:
    """`value`, a number that no float can hold as a text."""
    big = isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1 << 53
    return str(value) if big else value


def _risks(found: SealedRelease) -> Iterator[tuple[str, RiskFact]]:
    if not any(one.path == "golive/risks.json" for one in found.artefacts):
        return
    for one in _objects(_paper(found, "golive/risks.json")["risks"]):
        said = one.get("accepted")
        bearer = f"{said['person']} ({said['role']}) until {said['until']}" if said else ""
        state, residual = str(one.get("state", "")), str(one.get("residual", ""))
        yield str(one["id"]), RiskFact(str(one["risk"]), state, residual, bearer)


def _paper(found: SealedRelease, path: str) -> JsonObject:
    return load_object(found.bytes_of(path))


def _objects(value: Json) -> Sequence[Any]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise TypeError("expected a list of objects")
    return value


def _whole(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("expected a whole number")
    return value
