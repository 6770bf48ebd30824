from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.command_line import Golive, user


@pytest.fixture
def golive(tmp_path: Path) -> Iterator[Golive]:
    somebody = user(tmp_path / "a path with a space")
    yield somebody
    for process in somebody.running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
