"""Stages with real parts. The database is filled once; each test gets a copy of the folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.stage import Stage, StageStatus, addresses
from golive.stage.homecoming import bring_home
from golive.stage.layout import Layout
from golive.stage.settings import load, save


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
    return _copy(seeded, tmp_path)


@pytest.fixture(scope="module")
def running(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageStatus]:
    stage = Stage(_copy(seeded, tmp_path_factory.mktemp("running")))
    yield stage.up(attached=True)
    stage.down()


@pytest.fixture
def up(running: StageStatus) -> StageStatus:
    """A stage that this file's tests share: all traffic on the old side, nothing under way."""
    bring_home(Layout(running.folder), running.urls["codedeploy"])
    found = Stage(running.folder).status()
    assert found is not None
    return found


def _copy(seeded: Path, parent: Path) -> Path:
    """On ports that no stage prefers: one that is down for a moment finds its own still free."""
    folder = Path(shutil.copytree(seeded, parent / "a stage"))
    settings = load(Layout(folder))
    assert settings is not None
    ports = addresses.choose({}, insist=False, prefer=False)
    save(Layout(folder), settings.with_ports(ports))
    return folder
