"""What a step is handed: parameters, ports, memory, and a place to put evidence."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, Generic, Protocol

from golive.drillkit.drill import Drill, Interrupted, P, StepFailed
from golive.drillkit.records import Act, Check, CheckVerdict
from golive.drillkit.standing import Standing
from golive.evidence.artefact import Artefact
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import idempotency_key
from golive.kernel.json import Json
from golive.playbook.model import Limit
from golive.ports.clock import Clock
from golive.ports.target import Target

Content = bytes | str | Path | BinaryIO


class Recorder(Protocol):
    """Where a step's evidence goes, at once. Implemented by the run (and by `TestRun` in tests)."""

    def check(self, check: Check) -> None: ...

    def save(self, path: str, content: Content, media_type: str, fidelity: Fidelity) -> Artefact:
        """Redact, store, remember. The same path saved again in one step replaces it."""
        ...

    def log(self, text: str) -> None: ...

    def progress(self, text: str, figures: Mapping[str, Json]) -> None:
        """Shown live, kept nowhere."""
        ...


@dataclass(frozen=True)
class Rehearsal:
    """Facts of the run that a step may name."""

    id: str
    release: str
    day: date
    timezone: str
    practice: bool


@dataclass(frozen=True)
class Context(Generic[P]):
    """One attempt at one step."""

    rehearsal: Rehearsal
    item: str
    """The playbook item's id, e.g. `cutover/2`."""
    attempt: int
    """1, or more after a person's retry of the whole drill."""
    drill: Drill[P]
    params: P
    target: Target
    clock: Clock
    work: Path
    """A folder of this item and attempt; outlives a killed process."""
    record: Recorder
    stop: threading.Event
    """Set when the run is interrupted or aborted."""
    memo: Mapping[str, Json] = field(default_factory=dict)
    """What the drill's earlier steps returned, by step name."""
    expect: Mapping[str, Limit] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    """Output name to path: the playbook's `save` over the drill's defaults."""
    playbook_folder: Path = field(default_factory=Path)
    """Where relative paths in parameters start."""
    people: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    """What people did at the playbook's earlier items, by item id; nothing in practice."""
    standing: Standing = field(default_factory=Standing)
    """Where the day stands as the drill begins."""

    # -- side effects ------------------------------------------------------------------------

    def key(self, *parts: str) -> str:
        """An idempotency key: the same for the same rehearsal, item, attempt and parts."""
        return idempotency_key(self.rehearsal.id, self.item, str(self.attempt), *parts)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Interrupted` as soon as the run is called off. Use it in every loop."""
        if self.stop.wait(max(0.0, seconds)):
            raise Interrupted

    # -- evidence ----------------------------------------------------------------------------

    def save(
        self,
        output: str,
        content: Content,
        *,
        fidelity: Fidelity,
        media_type: str | None = None,
    ) -> Artefact:
        """Keep `content` as the drill's output `output` (declared in `Drill.outputs`)."""
        declared = next((one for one in self.drill.outputs if one.name == output), None)
        if declared is None:
            raise ValueError(f"drill {self.drill.name} declares no output {output!r}")
        path = self.paths.get(output, declared.path).replace("{item}", self.item)
        return self.record.save(path, content, media_type or declared.media_type, fidelity)

    def save_json(self, output: str, value: Json, *, fidelity: Fidelity) -> Artefact:
        """`value` indented, keys as given, with a final newline: for people to read."""
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        return self.save(output, text, fidelity=fidelity)

    def log(self, text: str) -> None:
        self.record.log(text)

    def progress(self, text: str, **figures: Json) -> None:
        self.record.progress(text, figures)

    # -- checks ------------------------------------------------------------------------------

    def holds(
        self, check: str, claim: str, measured: bool | None, *, detail: str = ""
    ) -> CheckVerdict:
        """A claim that is true or not; None where it could not be told."""
        return self._judge(check, claim, True, measured, measured is True, "", detail)

    def equals(
        self, check: str, claim: str, expected: Json, measured: Json, *, detail: str = ""
    ) -> CheckVerdict:
        """Measured must equal expected; a measured None is inconclusive."""
        limit = self.expect.get(check)
        if limit is not None:
            return self._limited(check, claim, measured, limit, expected, "", detail)
        return self._judge(check, claim, expected, measured, measured == expected, "", detail)

    def at_most(
        self,
        check: str,
        claim: str,
        limit: float,
        measured: float | None,
        *,
        unit: str = "",
        detail: str = "",
    ) -> CheckVerdict:
        """Measured must not exceed `limit`, or the playbook's own limit for this measure."""
        own = self.expect.get(check)
        if own is not None:
            return self._limited(check, claim, measured, own, limit, unit, detail)
        met = measured is not None and measured <= limit
        return self._judge(check, claim, {"at_most": limit}, measured, met, unit, detail)

    def at_least(
        self,
        check: str,
        claim: str,
        limit: float,
        measured: float | None,
        *,
        unit: str = "",
        detail: str = "",
    ) -> CheckVerdict:
        """Measured must reach `limit`, or the playbook's own limit for this measure."""
        own = self.expect.get(check)
        if own is not None:
            return self._limited(check, claim, measured, own, limit, unit, detail)
        met = measured is not None and measured >= limit
        return self._judge(check, claim, {"at_least": limit}, measured, met, unit, detail)

    def _limited(
        self,
        check: str,
        claim: str,
        measured: Json,
        own: Limit,
        built_in: Json,
        unit: str,
        detail: str,
    ) -> CheckVerdict:
        expected, met = _against(own, measured)
        loosened = built_in if _looser(own, built_in) else None
        return self._judge(check, claim, expected, measured, met, unit, detail, loosened)

    def _judge(
        self,
        check: str,
        claim: str,
        expected: Json,
        measured: Json,
        met: bool,
        unit: str,
        detail: str,
        loosened: Json = None,
    ) -> CheckVerdict:
        verdict = CheckVerdict.PASS if met else CheckVerdict.FAIL
        if measured is None:
            verdict = CheckVerdict.INCONCLUSIVE
        self.record.check(Check(check, claim, expected, measured, verdict, unit, detail, loosened))
        return verdict

    def fail(self, why: str) -> StepFailed:
        """`raise ctx.fail("…")` ends the step."""
        return StepFailed(why)


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _against(limit: Limit, measured: Json) -> tuple[Json, bool]:
    figure = _number(measured)
    if limit.at_most is not None:
        return {"at_most": limit.at_most}, figure is not None and figure <= limit.at_most
    if limit.at_least is not None:
        return {"at_least": limit.at_least}, figure is not None and figure >= limit.at_least
    return limit.equals, measured is not None and measured == limit.equals


def _looser(own: Limit, built_in: Json) -> bool:
    """Whether `own` lets pass what the drill's own limit would not. A limit of another kind
    counts as looser: nobody can tell that it isn't."""
    figure = _number(built_in)
    if figure is None:
        return own.equals != built_in
    if own.at_most is not None:
        return own.at_most > figure
    if own.at_least is not None:
        return own.at_least < figure
    return _number(own.equals) is None or float(str(own.equals)) != figure
