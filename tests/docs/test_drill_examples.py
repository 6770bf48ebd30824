"""The example on a drill's page is a block that the linter accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from golive.bootstrap import registry

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "drills").glob("[a-z]*.md"))
BLOCK = re.compile(r"^```yaml(?: golive)?\n(.*?)^```$", re.M | re.S)


def _examples(page: Path) -> list[dict[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    return [yaml.load(block) for block in BLOCK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_on_a_page_is_valid(page: Path) -> None:
    examples = _examples(page)
    assert examples
    for example in examples:
        card = registry().card(example["drill"])
        assert card is not None
        assert card.name == page.stem
        assert card.problems(example.get("with", {})) == ()
        assert set(example.get("expect", {})) <= set(card.measures)
        assert set(example.get("save", {})) <= set(card.outputs)


def test_every_drill_is_listed() -> None:
    listed = (ROOT / "docs" / "drills" / "README.md").read_text(encoding="utf-8")
    assert [page.stem for page in PAGES if f"({page.name})" not in listed] == []
