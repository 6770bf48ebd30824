"""The page on the target file: its example is one, and it names everything that may stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from golive.bootstrap import read_target
from golive.ports.target import TargetConfig

PAGE = Path(__file__).resolve().parents[2] / "docs" / "target-file.md"


def _names(model: type[BaseModel]) -> Iterator[str]:
    """Every field's name, those of nested tables included."""
    for name, field in model.model_fields.items():
        yield name
        for inner in _models(field.annotation):
            yield from _names(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def test_the_example_is_a_target_file() -> None:
    example = re.search(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert example is not None
    config = read_target(example[1].encode(), "example")
    assert config.incoming in config.sides
    assert config.accounts["operations"].password.file == Path("secrets/operations")


def test_every_name_stands_in_the_table() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Every name")[2]
    missing = [name for name in _names(TargetConfig) if f"`{name}`" not in table]
    assert not missing
