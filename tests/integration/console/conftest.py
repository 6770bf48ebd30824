from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console_world import World, world


@pytest.fixture
def day(tmp_path: Path) -> Iterator[World]:
    """A console with everybody invited and nothing begun."""
    with world(tmp_path) as made:
        made.invite()
        yield made
