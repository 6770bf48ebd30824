"""Wherever and by whatever a deployment is called off, all traffic ends on the old side."""

from __future__ import annotations

from pathlib import Path

from stage_world import matrix

PAGE = Path(__file__).resolve().parents[3] / "docs" / "drills" / "blue-green.md"


def test_the_page_says_what_becomes_of_every_abort(tmp_path: Path) -> None:
    """`python -m stage_world.matrix`, with tests/support on the path, prints the table anew."""
    with matrix.world(tmp_path) as world:
        found = matrix.whole(world)
    assert found == matrix.read(PAGE.read_text(encoding="utf-8"))
