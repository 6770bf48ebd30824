"""How findings read."""

from __future__ import annotations

import pytest

from golive.playbook.model import Finding, Level, Place
from golive.playbook.show import as_json, show, summary


def finding(source: str, column: int, *, message: str = "wrong", suggestion: str = "") -> Finding:
    return Finding(Level.ERROR, "a-code", message, Place("a.md", 3, column), source, suggestion)


def test_place_message_source_caret_suggestion() -> None:
    shown = show(finding("drill: readyness", 8, suggestion="did you mean `readiness`?"))
    assert shown.splitlines() == [
        "a.md:3:8: error a-code: wrong",
        "  drill: readyness",
        "         ^",
        "  → did you mean `readiness`?",
    ]


@pytest.mark.parametrize("column", [1, 40, 200, 399, 401])
def test_long_lines_are_cut_around_the_place(column: int) -> None:
    source = "".join(chr(97 + n % 26) for n in range(400))
    shown = show(finding(source, column, message="word " * 40, suggestion="word " * 40))
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    caret = next(at for at, line in enumerate(lines) if line.strip() == "^")
    if column <= 400:
        assert lines[caret - 1][lines[caret].index("^")] == source[column - 1]


def test_the_caret_counts_columns_of_the_terminal() -> None:
    lines = show(finding("港湾 x", 4)).splitlines()
    assert lines[2] == "  " + " " * 5 + "^"


def test_nothing_in_a_file_moves_the_cursor() -> None:
    shown = show(finding("a\x1b[2Jb\t\u202ec", 9, message="\x1b]0;x\x07"))
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert shown.splitlines()[1].count("�") == 2


def test_a_place_is_never_broken() -> None:
    place = Place("a folder with spaces/" * 5 + "a b.md", 3, 1)
    shown = show(Finding(Level.NOTE, "a-code", "some words", place, "", ""))
    assert shown.splitlines()[0] == f"{place}: note a-code:"


def test_colour_only_where_it_is_wanted() -> None:
    assert "\x1b[31merror\x1b[0m" in show(finding("x", 1), colour=True)
    assert "\x1b" not in show(finding("x", 1))


def test_a_place_without_a_line_has_no_excerpt() -> None:
    assert show(finding("", 1)) == "a.md:3:1: error a-code: wrong"


def test_the_summary_counts() -> None:
    assert summary([finding("x", 1)]) == "1 error, 0 warnings, 0 notes"


def test_json_has_every_part() -> None:
    assert as_json(finding("x", 1, suggestion="y")) == {
        "file": "a.md",
        "line": 3,
        "column": 1,
        "level": "error",
        "code": "a-code",
        "message": "wrong",
        "source": "x",
        "suggestion": "y",
    }
