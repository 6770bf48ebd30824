"""Stages with real parts. The database is filled once; each test gets a copy of the folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from golive.stage import Stage, StageStatus
from golive.stage.settings import MINUTE


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stage that was up once."""
    folder = tmp_path_factory.mktemp("seeded") / "stage"
    stage = Stage(folder)
    stage.up(attached=True)
    stage.down()
    return folder


@pytest.fixture
def stage_up(seeded: Path, tmp_path: Path) -> Iterator[Callable[..., tuple[Path, StageStatus]]]:
    """`stage_up(fault=…)`: a stage of this test's own, with data."""
    stages: list[Stage] = []

    def start(fault: str | None = None, minute: float = MINUTE) -> tuple[Path, StageStatus]:
        folder = Path(shutil.copytree(seeded, tmp_path / "a stage"))
        stages.append(Stage(folder, fault=fault, minute=minute))
        return folder, stages[-1].up(attached=True)

    yield start
    for stage in stages:
        stage.down()
