"""Does the day survive? A failure at each step of the playbook in turn, on a stage of its own.

Survived means that the environment is as it was before: all traffic on the old side, weights,
versions, health, schema and components equal; and that undoing everything once more changes
nothing. Where that is not so, exactly what differs is named.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from golive.drillkit.context import Content, Context, Rehearsal
from golive.drillkit.drill import Params, Registry, Step
from golive.drillkit.execute import Exercise, StepRecorder
from golive.drillkit.records import Check, CheckVerdict, Outcome, StepRecord
from golive.evidence.artefact import Artefact
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.model import DrillBlock, Playbook
from golive.ports.clock import Clock, SystemClock
from golive.ports.target import Environment, Target

_SETTLE = 5.0
"""Seconds for the last property to be as before."""
_PAUSE = 0.05


class Failure(StrEnum):
    ERROR = "error"
    """The step breaks once it has done its work."""
    ABORT = "abort"
    """A person ends the run while the step is at it."""
    ALARM = "alarm"
    """An alarm of the deployment group goes off while the step is at it."""


@dataclass(frozen=True)
class Case:
    """One failure at one step of one drill."""

    item: str
    drill: str
    step: str
    failure: Failure


class Ending(StrEnum):
    SURVIVED = "survived"
    LOST = "lost"
    NOT_REACHED = "not reached"
    """The drill ended before the step whose failure was to be rehearsed: that shows nothing."""


@dataclass(frozen=True)
class Result:
    case: Case
    ending: Ending
    differs: Sequence[str]
    """What is not as before: `blue.weight: was 0.0, is 10.0`."""
    note: str
    seconds: float
    attempts: int = 1

    def to_json(self) -> JsonObject:
        return {**asdict(self.case), "ending": self.ending.value, "differs": list(self.differs),
                "note": self.note, "seconds": round(self.seconds, 2),
                "attempts": self.attempts}  # fmt: skip


def cases(playbook: Playbook, registry: Registry) -> Sequence[Case]:
    """Each step of each drill; a step that can be undone is also aborted, and hit by an alarm where
    it deploys."""
    found = []
    for block in _blocks(playbook):
        drill = registry.drill(block.drill)
        for step in drill.steps(drill.parse(block.params)):
            kinds = [Failure.ERROR]
            if step.undo is not None and not step.always:
                kinds.append(Failure.ABORT)
                kinds += [Failure.ALARM] if drill.deploys else []
            found += [Case(block.id, drill.name, step.name, kind) for kind in kinds]
    return found


def _blocks(playbook: Playbook) -> Sequence[DrillBlock]:
    return [item for item in playbook.items() if isinstance(item, DrillBlock)]


class SelfTest:
    """`environments` makes one of the test's own, as new; drills keep what they keep in `work`."""

    def __init__(
        self,
        playbook: Playbook,
        folder: Path,
        registry: Registry,
        environments: Callable[[], Environment],
        work: Path,
        clock: Clock | None = None,
    ) -> None:
        self._playbook, self._folder, self._registry = playbook, folder, registry
        self._environments, self._work = environments, work
        self._environment = environments()
        self._clock = clock or SystemClock()

    def run(self, wanted: Sequence[Case]) -> Iterator[Result]:
        """Case by case, as they end. The environment is up for as long as this runs."""
        try:
            for case in wanted:
                yield self._reached(case)
        finally:
            self._environment.release()

    def _reached(self, case: Case) -> Result:
        """Once more, in a new environment after its launch, where the drill did not come to the
        step: that the cases before have used up what it needs, that nothing was launched yet, or
        that the machine was busy, says nothing of it."""
        result = self._one(case, self._earlier(case))
        if result.ending is not Ending.NOT_REACHED:
            return result
        self._environment.release()
        self._environment = self._environments()
        again = self._one(case, self._earlier(case, launches=True))
        told = [f"at the first attempt: {result.note}", again.note]
        note = "; ".join(one for one in told if one)
        return replace(again, note=note, seconds=result.seconds + again.seconds, attempts=2)

    def _one(self, case: Case, earlier: Sequence[DrillBlock]) -> Result:
        began = time.monotonic()
        target = self._environment.ensure()
        rehearsal = f"self-test-{uuid.uuid4().hex[:8]}"
        for one in earlier:
            _Attempt(self._context(one, rehearsal, target)).run()
        before = observe(target)
        unread = [name for name, value in before.items() if value is None]
        if unread or not before:  # what is as little to be seen afterwards would pass for unchanged
            self._environment.release()
            note = f"could not be read before: {', '.join(unread) or 'anything'}"
            return Result(case, Ending.NOT_REACHED, [], note, time.monotonic() - began)
        attempt = _Attempt(self._context(self._block(case), rehearsal, target), case)
        records = attempt.run()
        differs = self._differing(target, before)
        ending, note = _ending(attempt, records, differs)
        again = attempt.undo_again()
        if not differs and ending is Ending.SURVIVED:
            differs = [f"after undoing once more: {one}" for one in self._differing(target, before)]
            ending = Ending.LOST if differs else ending
        note = note or again
        if ending is Ending.LOST or note:
            self._environment.release()  # the next failure begins from where this one did
        return Result(case, ending, differs, note, time.monotonic() - began)

    def _differing(self, target: Target, before: Mapping[str, Json]) -> Sequence[str]:
        deadline = time.monotonic() + _SETTLE
        while True:
            now = observe(target)
            found = [
                f"{name}: was {value}, is {now.get(name)}"
                for name, value in before.items()
                if now.get(name) != value
            ]
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(_PAUSE)

    def _block(self, case: Case) -> DrillBlock:
        return next(one for one in _blocks(self._playbook) if one.id == case.item)

    def _earlier(self, case: Case, *, launches: bool = False) -> Sequence[DrillBlock]:
        """What the case's block goes on from: those of the same drill before it (an incident is
        raised in one and closed in another), and the launches if asked for."""
        blocks = _blocks(self._playbook)
        before = blocks[: blocks.index(self._block(case))]
        return [
            one
            for one in before
            if one.drill == case.drill or (launches and self._registry.drill(one.drill).deploys)
        ]

    def _context(self, block: DrillBlock, rehearsal: str, target: Target) -> Context[Params]:
        drill = self._registry.drill(block.drill)
        work = self._work / rehearsal / hashlib.sha256(block.id.encode()).hexdigest()[:8]
        work.mkdir(parents=True, exist_ok=True)
        return Context(
            rehearsal=Rehearsal(
                rehearsal,
                self._playbook.release,
                self._playbook.day or self._clock.now().date(),
                self._playbook.timezone,
                practice=True,
            ),
            item=block.id,
            attempt=1,
            drill=drill,
            params=drill.parse(block.params),
            target=target,
            clock=self._clock,
            work=work,
            record=StepRecorder(block.id, "", _Nowhere(self._clock), _Quiet()),
            stop=threading.Event(),
            expect=block.expect,
            paths=block.save,
            playbook_folder=self._folder,
        )


class _Attempt:
    """One attempt at a drill, spoiled at the case's step; without a case, not at all."""

    def __init__(self, base: Context[Params], case: Case | None = None) -> None:
        self._base, self._case = base, case
        self._memo: dict[str, Json] = {}
        """What each step that has begun returned."""
        self.reached = False

    def run(self) -> Sequence[StepRecord]:
        keep = _Nowhere(self._base.clock)
        exercise = Exercise(
            self._base, do=self._do, keep=keep, news=_Quiet(), called_off=lambda: True
        )
        return exercise.run()

    def _do(self, name: str, act: Callable[[], StepRecord]) -> StepRecord:
        self._memo.setdefault(name, None)
        if self._case is None or name != self._case.step or self.reached:
            record = act()
        else:
            self.reached = True
            record = self._spoiled(act, self._case.failure)
        self._memo[name] = record.value
        return record

    def _spoiled(self, act: Callable[[], StepRecord], failure: Failure) -> StepRecord:
        if failure is Failure.ABORT:
            self._base.stop.set()
            return act()
        if failure is Failure.ALARM:
            with _Alarm(self._base.target):
                return act()
        record = act()
        broken = "broken by the self-test"
        return replace(record, outcome=Outcome.FAILED, error=record.error or broken, value=None)

    def undo_again(self) -> str:
        """Whatever had begun is undone once more; what went wrong in it, or ""."""
        wrong = []
        steps = [one for one in self._base.drill.steps(self._base.params) if one.name in self._memo]
        calm = replace(self._base, stop=threading.Event(), memo=dict(self._memo))
        for step in reversed(steps):
            problem = _undone(step, calm)
            wrong += [f"{step.name}: {problem}"] if problem else []
        return "; ".join(wrong)


def _undone(step: Step[Params], base: Context[Params]) -> str:
    if step.undo is None:
        return ""
    try:
        step.undo(base)
    except Exception as error:  # whatever an undo raises is what this looks for
        return f"{type(error).__name__}: {error}"
    return ""


def _ending(
    attempt: _Attempt, records: Sequence[StepRecord], differs: Sequence[str]
) -> tuple[Ending, str]:
    if not attempt.reached:
        errors = [f"{one.name}: {one.error}" for one in records if one.error]
        failed = [
            f"{check.id}: {check.detail or check.measured}"
            for one in records
            for check in one.checks
            if check.verdict is not CheckVerdict.PASS
        ]
        return Ending.NOT_REACHED, "; ".join([*errors, *failed][:3])
    ended_well = all(one.outcome is Outcome.PASSED for one in records)
    if ended_well and differs:
        # The failure came too late to matter: what the drill was to change, it has changed.
        return Ending.SURVIVED, "the drill had done its work: " + "; ".join(differs)
    return (Ending.LOST if differs else Ending.SURVIVED), ""


class _Alarm:
    """The group's first alarm goes off a moment after the step began, and again until it ends."""

    def __init__(self, target: Target) -> None:
        self._deployer = target.deployer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ring, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._set(active=False)

    def _ring(self) -> None:
        while not self._over.wait(0.4):
            self._set(active=True)

    def _set(self, *, active: bool) -> None:
        if self._deployer is None:
            return
        try:
            for alarm in self._deployer.alarms()[:1]:
                self._deployer.set_alarm(alarm.name, active=active, reason="golive --self-test")
        except PortError:
            return


def observe(target: Target) -> Mapping[str, Json]:
    """Everything that a failure must leave as it is, by name; None is what can't be read."""
    found: dict[str, Json] = {}
    if target.traffic is not None:
        try:
            shares: Mapping[str, float] = target.traffic.weights()
        except PortError:
            shares = {}
        found |= {f"{side}.weight": shares.get(side) for side in target.config.sides}
    ways = {**target.instances, "production": target.production, "validation": target.validation}
    for side, way in ways.items():
        if way is None:
            continue
        try:
            health = way.health()
        except PortError:
            found |= {f"{side}.{name}": None for name in ("instance", "alive", "ready")}
            continue
        found |= {
            f"{side}.instance": health.instance,
            f"{side}.alive": health.alive,
            f"{side}.ready": health.ready,
            f"{side}.version": health.version,
            f"{side}.schema": health.schema,
        }
    return found


class _Nowhere:
    """`drillkit.execute.Keep` for evidence that nobody will need."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def artefact(
        self, path: str, content: Content, media_type: str, *, producer: str, fidelity: Fidelity
    ) -> Artefact:
        data = content.encode() if isinstance(content, str) else content
        if isinstance(data, Path):
            data = data.read_bytes()
        elif not isinstance(data, bytes):
            data = data.read()
        digest, now = hashlib.sha256(data).hexdigest(), rfc3339(self._clock.now())
        return Artefact(path, digest, len(data), media_type, producer, now, fidelity)

    def text(self, text: str) -> str:
        return text


class _Quiet:
    """`drillkit.execute.News` that nobody hears."""

    def check(self, item: str, step: str, check: Check) -> None: ...

    def artefact(self, item: str, artefact: Artefact) -> None: ...

    def log(self, item: str, text: str) -> None: ...

    def progress(self, item: str, text: str, figures: Mapping[str, Json]) -> None: ...

    def step(self, item: str, step: str, record: StepRecord | None) -> None: ...
