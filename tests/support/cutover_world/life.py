"""One life of a drill: steps are journalled in a file, so that another life goes on after a kill.

python -m cutover_world.life STAGE WORK [rollback-readiness]
                             # drills (a cutover) until done, or until somebody kills it
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from golive.bootstrap import build_target
from golive.drillkit.context import Context, Rehearsal
from golive.drillkit.drill import Drill
from golive.drillkit.execute import Exercise, StepRecorder, outcome_of
from golive.drillkit.records import Check, Outcome, StepRecord
from golive.drills.blue_green import BlueGreen
from golive.drills.rollback_readiness import RollbackReadiness
from golive.evidence.artefact import Artefact
from golive.ports.clock import SystemClock
from golive.ports.target import Target, TargetConfig
from golive.stage import Stage


class Keep:
    """Artefacts as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def artefact(self, path: str, content: Any, media_type: str, **known: Any) -> Artefact:
        data = content.read_bytes() if isinstance(content, Path) else content
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        at = "2024-05-30T08:00:00.000Z"
        return Artefact(path, "0" * 64, file.stat().st_size, media_type, captured_at=at, **known)

    def text(self, text: str) -> str:
        return text


class News:
    def check(self, item: str, step: str, check: Check) -> None: ...

    def artefact(self, item: str, artefact: Artefact) -> None: ...

    def log(self, item: str, text: str) -> None: ...

    def progress(self, item: str, text: str, figures: Mapping[str, Any]) -> None: ...

    def step(self, item: str, step: str, record: StepRecord | None) -> None: ...


class Stopped(BaseException):
    """A life ended between two steps."""


class Life:
    """`records` once `run` has returned; `through` may put another port in a port's place. With
    `ends_before`, Stopped in front of that step."""

    def __init__(
        self,
        config: TargetConfig,
        work: Path,
        through: Callable[[Target], Target] = lambda target: target,
        drill: Drill[Any] | None = None,
    ) -> None:
        self._config, self._work, self._through = config, work, through
        self._drill = drill or BlueGreen()
        self.ends_before = ""
        self.records: list[StepRecord] = []

    def run(self, params: Mapping[str, Any]) -> Outcome:
        drill, item, keep = self._drill, "cutover/2", Keep(self._work / "kept")
        own = {"incoming": "blue", "stalled_after": 20} if isinstance(drill, BlueGreen) else {}
        base = Context(
            rehearsal=Rehearsal("run-1", "1.00", date(2024, 5, 30), "Europe/London", practice=True),
            item=item,
            attempt=1,
            drill=drill,
            params=drill.parse({**own, **params}),
            target=self._through(build_target(self._config)),
            clock=SystemClock(),
            work=self._work,
            record=StepRecorder(item, "", keep, News()),
            stop=threading.Event(),
        )
        exercise = Exercise(base, do=self._do, keep=keep, news=News(), called_off=lambda: False)
        self.records = list(exercise.run())
        return outcome_of(self.records)

    def _do(self, name: str, act: Callable[[], StepRecord]) -> StepRecord:
        file = self._work / "steps" / f"{name}.json"
        if not file.exists():
            if name == self.ends_before:
                raise Stopped
            record = act()
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(".half")
            half.write_text(json.dumps(record.to_json()))
            half.rename(file)
        return StepRecord.from_json(json.loads(file.read_text()))

    @property
    def checks(self) -> Mapping[str, Check]:
        return {check.id: check for record in self.records for check in record.checks}

    @property
    def failures(self) -> list[str]:
        """Everything that is not well, for a test's message."""
        bad = [f"{one.name}: {one.error}" for one in self.records if one.error]
        return bad + [
            f"{one.id}: {one.measured} {one.detail}"
            for one in self.checks.values()
            if one.verdict != "pass"
        ]

    def kept(self, ending: str) -> Any:
        """The JSON of the artefact whose path ends so."""
        return json.loads(self.bytes(ending))

    def bytes(self, ending: str) -> bytes:
        """The artefact whose path ends so."""
        found = [file for file in (self._work / "kept").rglob("*") if file.name.endswith(ending)]
        assert len(found) == 1
        return found[0].read_bytes()


if __name__ == "__main__":
    status = Stage(Path(sys.argv[1])).status()
    assert status is not None
    back = RollbackReadiness() if "rollback-readiness" in sys.argv[3:] else None
    print(Life(status.config, Path(sys.argv[2]), drill=back).run({}), flush=True)
