"""CSV that a spreadsheet can open without running it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.platform.tabular import answer, defused, lines


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+44",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0+1",
        "|calc",
        "\uff1d1+1",
    ],
)
def test_a_formula_becomes_a_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("a;=1", "a;'=1"), ("a\t@x", "a\t'@x"), ("=1; -2", "'=1; '-2"), ("a; b", "a; b")],
)
def test_a_formula_behind_another_separator_becomes_a_text(cell: str, safe: str) -> None:
    assert defused(cell) == safe


@pytest.mark.parametrize("cell", ["a=b", "", "x@y", "1-2", -5, 7, None])
def test_anything_else_stays_as_it_is(cell: str | int | None) -> None:
    assert defused(cell) == cell


@given(st.lists(st.lists(st.text(alphabet='=+-@",\n a', max_size=8), min_size=2, max_size=2)))
def test_what_is_written_is_read_back_and_nothing_begins_a_formula(rows: list[list[str]]) -> None:
    written = b"".join(lines(["one", "two"], rows)).decode()
    found = list(csv.reader(io.StringIO(written, newline="")))
    assert found[0] == ["one", "two"]
    assert [[str(defused(cell)) for cell in row] for row in rows] == found[1:]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in found for cell in row)


def test_rows_are_fetched_as_the_reader_reads() -> None:
    fetched = 0

    def endless() -> Iterator[tuple[str, ...]]:
        nonlocal fetched
        while True:
            fetched += 1
            yield ("x" * 100,)

    chunks = lines(["column"], endless())
    next(chunks)
    assert fetched <= 200
    next(chunks)
    assert fetched <= 400


def test_what_fails_at_once_fails_before_the_answer_begins() -> None:
    def broken() -> Iterator[tuple[str, ...]]:
        raise RuntimeError("no database")
        yield ()

    with pytest.raises(RuntimeError, match="no database"):
        answer("x.csv", ["column"], broken())
