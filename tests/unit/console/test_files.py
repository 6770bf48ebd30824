"""Names and kinds of what people bring, whatever they claim."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.console import files
from golive.kernel.errors import BadInput


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("<script>alert(1)</script>.png", "script-.png"),
        ("minutes\r\nSet-Cookie: x=y.txt", "minutes-Set-Cookie-x-y.txt"),
        ("-rf", "rf"),
        (".htaccess", "htaccess"),
        ("Übersicht März.pdf", "Ubersicht-Marz.pdf"),
        ("", "file"),
        ("…", "file"),
    ],
)
def test_names_mean_nothing_to_anybody(given_name: str, kept: str) -> None:
    assert files.safe_name(given_name) == kept


@given(st.text(max_size=300))
def test_every_name_is_harmless(name: str) -> None:
    kept = files.safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,93}", kept), kept
    assert ".." not in kept.split("/")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.png", b"<svg xmlns='x' onload='alert(1)'/>", "image/svg+xml"),
        ("a.png", b"<!DOCTYPE html><p>", "text/html"),
        ("a.txt", b"words <script>alert(1)</script>", "text/html"),
        ("a.html", b"just words", "application/octet-stream"),
        ("a.csv", b"a,b\n", "text/csv"),
        ("a.md", b"# words", "text/markdown"),
        ("a.json", b"{}", "application/json"),
        ("a.js", b"alert(1)", "application/octet-stream"),
        ("a", b"words", "application/octet-stream"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
    ],
)
def test_kinds_come_from_the_bytes(name: str, content: bytes, kind: str) -> None:
    assert files.media_type(name, content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"https://intranet.example/page",
        b"  HTTP://x.example  \n",
        b"[InternetShortcut]\nURL=https://x.example/\n",
    ],
)
def test_nothing_and_addresses_are_no_evidence(content: bytes) -> None:
    with pytest.raises(BadInput):
        files.demand_evidence(content)


def test_text_with_an_address_in_it_is_evidence() -> None:
    files.demand_evidence(b"The page at https://x.example/ said: all is well.")
