from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.evidence.names import clashes, problem, shown


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "go-live/2024-05-30/readiness-snapshot.json",
        "ci/2024-05-30T10-45-smoke-report.html",
        "Überwachung/größe.csv",
        "a b/c d.txt",
        ".hidden",
        "日本/語.txt",
    ],
)
def test_ordinary_names_may_be_sealed(path: str) -> None:
    assert problem(path) is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("a//b", "part"),
        ("a/", "part"),
        ("..", "part"),
        ("a/../../b", "part"),
        ("./a", "part"),
        ("100%.txt", "percent"),
        ("a%2e", "percent"),
        ("a\\b", "backslash"),
        ("a\nb", "control"),
        ("a\x7fb", "control"),
        ("a\u202eb", "invisible"),
        ("a\u2028b", "invisible"),
        ("a\u0085b", "control"),
        ("a ", "blank"),
        (" a/b", "blank"),
        ("a/\u00a0b", "blank"),
        (unicodedata.normalize("NFD", "größe"), "normal form"),
        ("x" * 256, "longer"),
        ("x/" * 600 + "y", "longer"),
        ("\ud800", "UTF-8"),
    ],
)
def test_names_that_could_be_read_two_ways_are_refused(path: str, why: str) -> None:
    assert why in str(problem(path))


@pytest.mark.parametrize(
    "paths",
    [
        ["a", "a"],
        ["Report.txt", "report.TXT"],
        ["A/x", "a/y"],
        ["a", "a/b"],
        ["a/b", "a"],
        ["straße", "STRASSE"],
        ["A", "a/b"],
    ],
)
def test_names_that_a_file_system_could_fold_together_clash(paths: list[str]) -> None:
    assert clashes(paths)


def test_neighbours_do_not_clash() -> None:
    assert clashes(["a/b", "a/c", "a/d/e", "a/d/f", "ab", "b"]) == []


@given(st.text())
def test_what_is_allowed_survives_a_manifest_line(path: str) -> None:
    """RFC 8493 lists one name a line; no allowed name may break or change in it."""
    if problem(path) is None:
        line = f"{'0' * 64}  data/{path}\n"
        assert len(line.splitlines()) == 1
        assert line.strip() == line[:-1]
        assert line.split(None, 1)[1].rstrip() == f"data/{path}"
        assert not path.startswith("/")
        assert ".." not in path.split("/")


@given(st.text())
def test_a_shown_name_is_printable(name: str) -> None:
    assert shown(name).isprintable()
    if name.isprintable():
        assert shown(name) == name
