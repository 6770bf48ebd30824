"""The readiness snapshot (`runtime/readiness.json`) and the gauge that must agree with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.kernel.times import parse_rfc3339
from golive.ports.marketplace import ReadinessFile
from golive.ports.metrics import MetricSample

GAUGE: Mapping[str, float] = {
    "error": 0.0,
    "stopping": 0.25,
    "initialising": 0.5,
    "degraded": 0.75,
    "ready": 1.0,
}
"""Value of `fixnado_readiness_status{component}` by status."""


class SnapshotError(ValueError):
    """The bytes are no readiness snapshot; the message says which part is wrong."""


@dataclass(frozen=True)
class Snapshot:
    status: str
    generated: datetime
    started: datetime
    components: Mapping[str, str]
    """Status by component."""

    @classmethod
    def parse(cls, data: bytes) -> Snapshot:
        """SnapshotError unless every part of the contract is there."""
        document = _object(_json(data), "the file")
        components = _object(document.get("components"), "components")
        return cls(
            status=_status(document, "the file"),
            generated=_moment(document, "generatedAt"),
            started=_moment(document, "startedAt"),
            components={name: _component(name, one) for name, one in components.items()},
        )


def gauge(samples: Sequence[MetricSample], component: str) -> float | None:
    """The component's gauge among `samples`; None where there is none, or more than one."""
    found = [
        one.value
        for one in samples
        if one.name == "fixnado_readiness_status" and one.labels.get("component") == component
    ]
    return found[0] if len(found) == 1 else None


def is_subsequence(seen: Sequence[str], sent: Sequence[str]) -> bool:
    """Whether `seen` is `sent` with some left out."""
    left = iter(sent)
    return all(any(one == other for other in left) for one in seen)


class FileWatch:
    """Looks at one component in the file, and counts looks that found no whole snapshot."""

    def __init__(self, file: ReadinessFile, component: str) -> None:
        self._file, self._component = file, component
        self.looks = 0
        self.broken = 0
        self.seen: list[str] = []
        """States in the order in which they showed, repetitions left out."""

    def look(self) -> str:
        """The component's status now; "" where there is no whole snapshot at this moment."""
        self.looks += 1
        try:
            status = Snapshot.parse(self._file.read()).components.get(self._component, "")
        except (PortError, SnapshotError):
            self.broken += 1
            return ""
        if status and (not self.seen or self.seen[-1] != status):
            self.seen.append(status)
        return status


class Watcher:
    """A `FileWatch` of its own thread, while the block runs."""

    def __init__(self, watch: FileWatch, every: float) -> None:
        self._watch, self._every = watch, every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every):
            self._watch.look()


def _json(data: bytes) -> Json:
    try:
        found: Json = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SnapshotError("the file is not JSON") from error
    return found


def _object(value: Json, what: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise SnapshotError(f"{what} is no object")
    return value


def _status(part: Mapping[str, Json], what: str) -> str:
    status = part.get("status")
    if not isinstance(status, str) or status not in GAUGE:
        raise SnapshotError(f"{what} has the unknown status {status!r}")
    return status


def _component(name: str, part: Json) -> str:
    component = _object(part, f"component {name!r}")
    _moment(component, "lastUpdatedAt")
    return _status(component, f"component {name!r}")


def _moment(part: Mapping[str, Json], name: str) -> datetime:
    try:
        return parse_rfc3339(str(part.get(name)))
    except ValueError as error:
        raise SnapshotError(f"{name} is no moment: {part.get(name)!r}") from error
