"""Stages with real parts. The database is filled once; each test gets a copy of the folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.stage import Stage, StageStatus
from golive.stage.homecoming import bring_home
from golive.stage.layout import Layout


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stage that was up once."""
    folder = tmp_path_factory.mktemp("seeded") / "stage"
    stage = Stage(folder)
    stage.up(attached=True)
    stage.down()
    return folder


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    """A stage of this test's own, with data; a space in its path."""
    return Path(shutil.copytree(seeded, tmp_path / "a stage"))


@pytest.fixture(scope="module")
def running(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageStatus]:
    folder = Path(shutil.copytree(seeded, tmp_path_factory.mktemp("running") / "a stage"))
    stage = Stage(folder)
    yield stage.up(attached=True)
    stage.down()


@pytest.fixture
def up(running: StageStatus) -> StageStatus:
    """A stage that this file's tests share: all traffic on the old side, nothing under way."""
    bring_home(Layout(running.folder), running.urls["codedeploy"])
    found = Stage(running.folder).status()
    assert found is not None
    return found
