"""Files stay small enough to hold one idea."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400


def test_no_source_file_is_longer_than_one_idea() -> None:
    files = sorted((ROOT / "src").rglob("*.py"))
    assert files
    long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert not long, f"more than {LONGEST} lines, so probably two ideas each: {long}"
