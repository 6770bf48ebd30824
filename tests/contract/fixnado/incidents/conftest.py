"""A help desk beside the service, for tests that need one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk_world import DeskProcess


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., DeskProcess]]:
    """Start help desks in the same folder, one after another; the last is stopped at the end."""
    running: list[DeskProcess] = []

    def begin(*more: str, port: int = 0) -> DeskProcess:
        folder = tmp_path / "help desk"
        folder.mkdir(exist_ok=True)
        running.append(DeskProcess(folder, *more, port=port))
        return running[-1]

    yield begin
    for one in running:
        one.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    def wait(true: Callable[[], bool], seconds: float = 30) -> None:
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, "it did not come to be"
            time.sleep(0.02)

    return wait
