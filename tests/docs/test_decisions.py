"""A decision record is a page at most, and names what holds it: a file or folder that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem[:4])
def test_a_record_says_what_why_at_what_cost_and_what_holds_it(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45
    for part in ("**Decided.**", "**Why.**", "**Costs.**", "**Held by**"):
        assert text.count(part) == 1, part
    held = text.partition("**Held by**")[2]
    tests = re.findall(r"`(tests/[\w./-]+)`", held)
    assert tests, "names no test"
    for test in tests:
        path = ROOT / test
        assert path.exists(), f"{test} isn't there"
        found = [path] if path.is_file() else list(path.rglob("test_*.py"))
        assert any("def test_" in one.read_text(encoding="utf-8") for one in found), test


def test_records_are_numbered_without_a_gap_and_listed() -> None:
    numbers = [int(record.stem[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(numbers) + 1))
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [record.name for record in RECORDS if record.name not in listed] == []
