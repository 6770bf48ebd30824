"""Every drill has a page that names its parameters, files and figures; no page is left over."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.bootstrap import registry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "drills"


def test_pages_and_drills_are_the_same() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(registry().names())


@pytest.mark.parametrize("name", registry().names())
def test_a_page_names_everything_that_its_drill_takes_and_leaves(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    drill = registry().drill(name)
    parameters = {
        field.alias or parameter for parameter, field in drill.params.model_fields.items()
    }
    outputs = {output.name for output in drill.outputs}
    measures = {measure.name for measure in drill.measures}
    missing = {one for one in parameters | outputs | measures if f"`{one}`" not in text}
    assert not missing
