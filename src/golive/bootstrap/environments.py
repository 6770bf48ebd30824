"""What stands behind a target: the team's own systems, or the embedded stage."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from golive.bootstrap.homes import REPOSITORY
from golive.bootstrap.targets import build_target
from golive.ports.target import Environment, Target, TargetConfig

if TYPE_CHECKING:
    from golive.stage import Stage


def stage_faults() -> Sequence[str]:
    """What the embedded stage can be spoiled by."""
    from golive.stage.settings import FAULTS

    return tuple(FAULTS)


def embedded_stage(folder: Path, fault: str | None, minute: float | None) -> Stage:
    """The stage in `folder`, for whoever wants it without a rehearsal."""
    from golive.stage import Stage

    return Stage(folder, fault=fault, minute=minute)


def stage_environment(folder: Path, minute: float) -> StageEnvironment:
    """A stage of somebody's own in `folder`, whose minutes take `minute` seconds."""
    return StageEnvironment(embedded_stage(folder, None, minute), folder)


class RemoteEnvironment:
    """A target of the team's own: there already, and left alone."""

    def __init__(self, config: TargetConfig) -> None:
        self._config = config

    def ensure(self) -> Target:
        return build_target(self._config)

    def release(self) -> None:
        """Nothing: drills undo what they did themselves."""

    def urls(self) -> Mapping[str, str]:
        urls = {side: one.url for side, one in self._config.sides.items()}
        listeners = self._config.listeners
        if listeners is not None:
            urls["production"] = listeners.production
            if listeners.validation is not None:
                urls["validation"] = listeners.validation
        return urls

    def logs(self) -> Sequence[Path]:
        return ()


class PlannedElsewhere:
    """An environment whose infrastructure plan a person has brought along."""

    def __init__(self, inner: Environment, plan: Path, author: str) -> None:
        self._inner, self._plan, self._author = inner, plan, author
        self.release, self.urls, self.logs = inner.release, inner.urls, inner.logs

    def ensure(self) -> Target:
        from golive.adapters.plan_file import PlanFile

        return replace(self._inner.ensure(), planner=PlanFile(self._plan, self._author))


class StageEnvironment:
    """The embedded stage, alive as long as this process."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage, self._folder = stage, folder
        self._urls: Mapping[str, str] = {}

    def ensure(self) -> Target:
        status = self._stage.up(attached=True)
        self._urls = status.urls
        return build_target(_with_smoke_pack(status.config))

    def release(self) -> None:
        self._stage.down()

    def urls(self) -> Mapping[str, str]:
        return self._urls

    def logs(self) -> Sequence[Path]:
        return sorted(self._folder.rglob("*.log"))


def _with_smoke_pack(config: TargetConfig) -> TargetConfig:
    """The stage's own pack: Vitest where Node is, the same tests in Python where it isn't."""
    folder = REPOSITORY / "infra" / "stage" / "smoke"
    return config.model_copy(
        update={
            "smoke": ("npm", "test"),
            "smoke_fallback": (sys.executable, str(folder / "smoke.py")),
            "smoke_directory": folder,
        }
    )
