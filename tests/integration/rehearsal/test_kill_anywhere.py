"""A process killed at any durable step resumes: nothing is lost, nothing is doubled.

Every time at a few boundaries spread over the day, before some and after others; at every one of
them, before and after, in the long runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryEnvironment
from golive.evidence.verify import verify
from golive.kernel.errors import GoliveError
from golive.kernel.json import Json
from golive.ports.target import Environment, Target
from golive.rehearsal.engine import Engine, Halt, Leave
from golive.rehearsal.folder import RunFolder, RunSettings
from harness.memory_run import MemorySupplies, run_to_end, take_up


class PowerCutError(GoliveError):
    """The process is gone."""


@dataclass
class Cut:
    """Where the power goes: in front of the n-th durable step, or after its work and before the
    engine has noted it."""

    at: int
    after: bool
    count: int = 0
    done: list[str] = field(default_factory=list)


class CuttingEngine(Engine):
    def __init__(self, folder: RunFolder, settings: RunSettings, halt: Halt, cut: Cut) -> None:
        super().__init__(folder, settings, halt)
        self._cut = cut

    def durable(self, name: str, action: Callable[[], Json]) -> Json:
        def cutting() -> Json:
            self._cut.count += 1
            if self._cut.count != self._cut.at:
                return action()
            if self._cut.after:
                action()
            self._cut.done.append(name)
            self._halt.failure = PowerCutError("power cut")
            raise Leave

        return super().durable(name, cutting)


class Unreleased(MemoryEnvironment):
    """A killed process puts nothing back."""

    def release(self) -> None: ...


@dataclass
class CuttingSupplies(MemorySupplies):
    cut: Cut = field(default_factory=lambda: Cut(0, after=False))

    def engine(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> Engine:
        return CuttingEngine(folder, settings, halt, self.cut)

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
        return Unreleased(self.memory)


def durable_steps(playbook: str, folder: Path) -> int:
    """How many durable steps the playbook takes."""
    supplies = CuttingSupplies(folder)
    run_to_end(playbook, supplies)
    return supplies.cut.count


def _target(supplies: MemorySupplies) -> Target:
    return supplies.memory.build()


CUTS = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
EVERY_TIME = 2


@CUTS
def test_killed_at_a_few_step_boundaries(tmp_path: Path, playbook: str, after: bool) -> None:
    steps = durable_steps(playbook, tmp_path / "count")
    stride = steps / EVERY_TIME
    assert stride > 2
    for turn in range(EVERY_TIME):
        _killed(tmp_path, playbook, Cut(int((turn + (0.75 if after else 0.25)) * stride), after))


@pytest.mark.endurance
@CUTS
def test_killed_at_every_step_boundary(tmp_path: Path, playbook: str, after: bool) -> None:
    for at in range(1, durable_steps(playbook, tmp_path / "count") + 1):
        _killed(tmp_path, playbook, Cut(at, after))


def _killed(folder: Path, playbook: str, cut: Cut) -> None:
    supplies = CuttingSupplies(folder / f"run-{cut.at}", cut=cut)
    with pytest.raises(PowerCutError):
        run_to_end(playbook, supplies)
    verdict = take_up(replace(supplies, cut=Cut(0, after=False)))
    where = f"cut {'after' if cut.after else 'before'} step {cut.at} {cut.done}"
    assert verdict["verdict"] == "ready", (where, verdict["reasons"])
    # the one that is aborted half-way, its rollback, and the one that is promoted
    assert supplies.memory.count("deployment-created") == 2, where
    release = Path(str(verdict["vault"]))
    assert release.name == "1", where
    assert not verify(release).findings, where
    assert _target(supplies).traffic.weights() == {"blue": 100.0, "green": 0.0}, where
