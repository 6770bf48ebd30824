from __future__ import annotations

from pathlib import Path

import pytest

from evidence_world.making import Made, make


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A vault with one seal, in a folder whose name has a blank in it."""
    return make(tmp_path / "release vault")
