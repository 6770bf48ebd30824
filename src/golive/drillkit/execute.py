"""Carries a drill out, step by step. How a step is made durable is the caller's (`Do`)."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Generic, Protocol

from golive.drillkit.context import Content, Context
from golive.drillkit.drill import Interrupted, P, Step, StepFailed
from golive.drillkit.records import Check, CheckVerdict, Outcome, StepRecord
from golive.evidence.artefact import Artefact
from golive.evidence.durable import VaultError
from golive.kernel.errors import GoliveError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.kernel.times import rfc3339

Do = Callable[[str, Callable[[], StepRecord]], StepRecord]
"""Runs the function under the name, or returns what it returned the first time."""


class Keep(Protocol):
    """Redacts and stores bytes for good, before the step ends."""

    def artefact(
        self, path: str, content: Content, media_type: str, *, producer: str, fidelity: Fidelity
    ) -> Artefact: ...

    def text(self, text: str) -> str:
        """`text` without secrets."""
        ...


class News(Protocol):
    """Tells people what happens while it happens."""

    def check(self, item: str, step: str, check: Check) -> None: ...

    def artefact(self, item: str, artefact: Artefact) -> None: ...

    def log(self, item: str, text: str) -> None: ...

    def progress(self, item: str, text: str, figures: Mapping[str, Json]) -> None: ...

    def step(self, item: str, step: str, record: StepRecord | None) -> None:
        """A step began (None) or ended."""
        ...


class StepRecorder:
    """Collects one attempt at one step (`drillkit.context.Recorder`)."""

    def __init__(self, item: str, step: str, keep: Keep, news: News) -> None:
        self._item, self._step, self._keep, self._news = item, step, keep, news
        self.checks: list[Check] = []
        self.artefacts: dict[str, Artefact] = {}
        self.lines: list[str] = []

    def check(self, check: Check) -> None:
        check = replace(check, detail=self._keep.text(check.detail))
        self.checks.append(check)
        self._news.check(self._item, self._step, check)

    def save(self, path: str, content: Content, media_type: str, fidelity: Fidelity) -> Artefact:
        producer = f"{self._item}:{self._step}"
        artefact = self._keep.artefact(
            path, content, media_type, producer=producer, fidelity=fidelity
        )
        artefact = replace(artefact, control=self._item)
        self.artefacts[path] = artefact
        self._news.artefact(self._item, artefact)
        return artefact

    def log(self, text: str) -> None:
        text = self._keep.text(text)
        self.lines.append(text)
        self._news.log(self._item, text)

    def progress(self, text: str, figures: Mapping[str, Json]) -> None:
        self._news.progress(self._item, self._keep.text(text), figures)


class Exercise(Generic[P]):
    """One attempt at one drill. `base` is a context whose record and memo are put in here."""

    def __init__(
        self,
        base: Context[P],
        *,
        do: Do,
        keep: Keep,
        news: News,
        called_off: Callable[[], bool],
    ) -> None:
        self._base, self._do, self._keep, self._news = base, do, keep, news
        self._called_off = called_off
        self._memo: dict[str, Json] = {}
        self._companion: AbstractContextManager[None] | None = None

    def run(self) -> Sequence[StepRecord]:
        """Every step's record in order, undoing included. Lets `Interrupted` through when the run
        was interrupted rather than called off."""
        steps = self._base.drill.steps(self._base.params)
        records: list[StepRecord] = []
        begun: list[Step[P]] = []
        ended_early = False
        try:
            for step in steps:
                if ended_early and not step.always:
                    records.append(self._skipped(step))
                    continue
                begun.append(step)
                record = self._step(step, calm=ended_early)
                self._memo[step.name] = record.value
                records.append(record)
                ended_early = ended_early or bool(record.error)
        finally:
            self._leave()
        if ended_early:
            undone = [self._undo(step) for step in reversed(begun) if step.undo is not None]
            records.extend(undone)
        return records

    def _step(self, step: Step[P], *, calm: bool) -> StepRecord:
        def act() -> StepRecord:
            self._enter()
            return self._carry_out(step.name, step.run, undo=False, calm=calm)

        return self._do(step.name, act)

    def _undo(self, step: Step[P]) -> StepRecord:
        undo = step.undo
        assert undo is not None
        name = f"{step.name}.undo"
        return self._do(name, lambda: self._carry_out(step.name, undo, undo=True, calm=True))

    def _carry_out(
        self, name: str, action: Callable[[Context[P]], Json], *, undo: bool, calm: bool
    ) -> StepRecord:
        """`calm` steps run after the run was called off: nothing hurries them."""
        item, clock = self._base.item, self._base.clock
        shown = f"{name}.undo" if undo else name
        recorder = StepRecorder(item, shown, self._keep, self._news)
        stop = threading.Event() if calm else self._base.stop
        ctx = replace(self._base, record=recorder, memo=dict(self._memo), stop=stop)
        started = rfc3339(clock.now())
        self._news.step(item, shown, None)
        value: Json = None
        outcome, error = Outcome.PASSED, ""
        try:
            value = action(ctx)
        except Interrupted:
            if not self._called_off():
                raise
            outcome, error = Outcome.ABORTED, "ended early: the run was called off"
        except VaultError:
            raise  # evidence that can't be kept stops the day: nothing may be judged without it
        except (StepFailed, GoliveError) as failure:
            outcome, error = Outcome.FAILED, self._keep.text(str(failure))
        except Exception as defect:
            # One boundary for defects: a drill's bug is a failed step with its trace in the log,
            # never a run that dies and takes the other evidence with it.
            outcome = Outcome.FAILED
            error = self._keep.text(f"the drill itself broke: {type(defect).__name__}: {defect}")
            recorder.log(traceback.format_exc())
        if outcome is Outcome.PASSED and any(
            check.verdict is not CheckVerdict.PASS for check in recorder.checks
        ):
            outcome = Outcome.FAILED
        record = StepRecord(
            name=name,
            outcome=outcome,
            started=started,
            ended=rfc3339(clock.now()),
            value=value,
            checks=tuple(recorder.checks),
            artefacts=tuple(recorder.artefacts.values()),
            log=tuple(recorder.lines),
            error=error,
            undo=undo,
        )
        self._news.step(item, shown, record)
        return record

    def _skipped(self, step: Step[P]) -> StepRecord:
        # Not journalled: it follows from the steps before it, the same at every replay.
        return StepRecord(step.name, Outcome.SKIPPED, "", "")

    def _enter(self) -> None:
        """The companion lives only while a step really runs: a replay doesn't wake it."""
        if self._companion is None:
            recorder = StepRecorder(self._base.item, "around", self._keep, self._news)
            self._companion = self._base.drill.around(replace(self._base, record=recorder))
            self._companion.__enter__()

    def _leave(self) -> None:
        if self._companion is not None:
            companion, self._companion = self._companion, None
            companion.__exit__(None, None, None)


def outcome_of(records: Sequence[StepRecord]) -> Outcome:
    """What the steps together amount to. A drill without a single passed check has not passed."""
    outcomes = {record.outcome for record in records}
    if Outcome.ABORTED in outcomes:
        return Outcome.ABORTED
    if outcomes & {Outcome.FAILED, Outcome.SKIPPED}:
        return Outcome.FAILED
    checks = [check for record in records for check in record.checks]
    return Outcome.PASSED if checks else Outcome.FAILED
