"""The format's page is complete, and what it shows is true."""

from __future__ import annotations

import re
from pathlib import Path

from golive.drillkit.drill import Registry
from golive.playbook.codes import CODES
from golive.playbook.lint import lint
from golive.playbook.parse import parse
from golive.playbook.shapes import BlockShape, FrontMatter

PAGE = (Path(__file__).parents[3] / "docs" / "playbook-format.md").read_text("utf-8")


def table(heading: str) -> dict[str, str]:
    """First and second column of the first table below `heading`."""
    below = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", below, re.MULTILINE)
    return {name: cell.strip() for name, cell in rows}


def test_every_code_has_its_row_and_every_row_its_code() -> None:
    assert table("Findings") == {code: level.value for code, level in CODES.items()}


def test_every_key_has_its_row_and_every_row_its_key() -> None:
    assert set(table("Front matter")) == set(FrontMatter.model_fields)
    known = {field.alias or name for name, field in BlockShape.model_fields.items()}
    assert set(table("Blocks")) == known


def test_the_example_is_sound(catalogue: Registry) -> None:
    example = PAGE.split("````markdown\n", 1)[1].split("````", 1)[0]
    parsed = parse(example.encode(), "example.md")
    assert parsed.playbook is not None
    found = [*parsed.findings, *lint(parsed.playbook, catalogue)]
    assert [one.code for one in found] == ["role-never-signs"]
    assert len(parsed.playbook.items()) == 2
