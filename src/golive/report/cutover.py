"""What a cutover's sealed samples and record show over time. Pure but for parsing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from golive.drillkit.figures import percentile
from golive.drillkit.records import ItemRecord
from golive.evidence.artefact import Artefact
from golive.evidence.strict import load_object
from golive.kernel.json import Json, JsonObject
from golive.ports.probe import ProbeSample
from golive.report.source import Source, objects

DRILL = "blue-green"
_MOST = 60
"""About how many slices of time a chart has."""


@dataclass(frozen=True)
class Mark:
    """Something that happened at `at` seconds from the first sample."""

    at: float
    what: str
    kind: str
    """`begin`, `abort`, `return` or `promotion`."""


@dataclass(frozen=True)
class Slice:
    """Requests that began in [start, end), in seconds from the first sample."""

    start: float
    end: float
    requests: int
    failed: int
    p95: float | None
    """Milliseconds, of those that were answered; None where none was."""
    sides: Mapping[str, int]
    """Answers by side; "" for requests that no side answered."""

    def share(self, side: str) -> float | None:
        """Percent of the requests that `side` answered; None without requests."""
        return 100 * self.sides.get(side, 0) / self.requests if self.requests else None


@dataclass(frozen=True)
class Cutover:
    item: str
    old: str
    incoming: str
    began: float
    """Unix time of the first sample."""
    seconds: float
    slices: Sequence[Slice]
    marks: Sequence[Mark]
    requests: int
    failed: int

    @property
    def began_at(self) -> datetime:
        return datetime.fromtimestamp(self.began, UTC)


def cutover_of(record: ItemRecord, source: Source) -> Cutover | str:
    """The cutover of `record`, or why there is nothing to draw."""
    try:
        samples = _samples(source.bytes_of(_path(record, source, "-samples.jsonl")))
        told = load_object(source.bytes_of(_path(record, source, "-record.json")))
        if not samples:
            return "There is nothing to draw: no request was sampled."
        return _build(record.item, samples, told)
    except (LookupError, TypeError, ValueError) as error:
        return f"There is nothing to draw: {error}."


def _path(record: ItemRecord, source: Source, ending: str) -> str:
    """The last artefact of the item whose name ends so, or that the playbook saved elsewhere."""
    output = ending.strip("-").partition(".")[0]
    block = next((one for one in source.playbook.items() if one.id == record.item), None)
    saved: str = getattr(block, "save", {}).get(output, "")
    kept: Sequence[Artefact] = record.evidence
    found = [one.path for one in kept if one.path == saved or one.path.endswith(ending)]
    if not found:
        raise LookupError(f"the vault holds no {output} of {record.item}")
    return found[-1]


def _samples(data: bytes) -> Sequence[ProbeSample]:
    found = []
    for line in data.splitlines():
        started, latency, status, side = json.loads(line)
        one = ProbeSample(float(started), float(latency), int(status), str(side))
        if not (math.isfinite(one.started) and math.isfinite(one.latency)):
            raise ValueError("a sample without a time")
        found.append(one)
    return sorted(found, key=lambda one: one.started)


def _build(item: str, samples: Sequence[ProbeSample], told: JsonObject) -> Cutover:
    began = samples[0].started
    incoming = str(told["incoming"])
    events = objects(told["events"])
    return Cutover(
        item=item,
        old=str(told["old"]),
        incoming=incoming,
        began=began,
        seconds=samples[-1].started - began,
        slices=_slices(samples),
        marks=[mark for event in events if (mark := _mark(event, began, incoming))],
        requests=len(samples),
        failed=sum(one.failed for one in samples),
    )


def _slices(samples: Sequence[ProbeSample]) -> Sequence[Slice]:
    began, last = samples[0].started, samples[-1].started
    width = round_step((last - began) / _MOST)
    inside: list[list[ProbeSample]] = [[] for _ in range(int((last - began) / width) + 1)]
    for one in samples:
        inside[min(int((one.started - began) / width), len(inside) - 1)].append(one)
    return [_slice(some, index * width, width) for index, some in enumerate(inside)]


def _slice(samples: Sequence[ProbeSample], start: float, width: float) -> Slice:
    answered = [one.latency * 1000 for one in samples if one.status]
    sides: dict[str, int] = {}
    for one in samples:
        sides[one.side] = sides.get(one.side, 0) + 1
    return Slice(
        start=start,
        end=start + width,
        requests=len(samples),
        failed=sum(one.failed for one in samples),
        p95=percentile(answered, 0.95),
        sides=sides,
    )


def round_step(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is not below `least`; at least 0.1."""
    if least <= 0.1:
        return 0.1
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= least * (1 - 1e-9))


def _mark(event: JsonObject, began: float, incoming: str) -> Mark | None:
    kinds = {
        "triggered": ("abort", "abort"),
        "returned": ("return", "the deployer says that traffic is back"),
        "proved": ("return", "the return is proven"),
        "promoted": ("promotion", f"all traffic is on {incoming}"),
    }
    name, at = str(event["event"]), _number(event["at"]) - began
    if name == "ordered":
        return Mark(at, _ordered(str(event.get("intent")), incoming), "begin")
    if name not in kinds:
        return None
    kind, what = kinds[name]
    why = str(event.get("why", "")) if name == "triggered" else ""
    return Mark(at, f"{what}: {why}" if why else what, kind)


def _ordered(intent: str, incoming: str) -> str:
    return {
        "shift": f"the shift to {incoming} is ordered, to be called off",
        "promote": f"the promotion of {incoming} is ordered",
        "return": "the way back is ordered",
    }.get(intent, f"{intent} is ordered")


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("expected a number")
    return float(value)
