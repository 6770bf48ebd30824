"""No address, number or name but the rehearsal's own is in what it sealed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from golive.evidence.personal_data import File, known_names, scan
from golive.evidence.vault import read_release
from golive.evidence.verify import verify
from golive.evidence.verify.people import people_in

DOMAINS = ["rehearsal.fixnado.example"]


def look(text: str, *people: str) -> list[tuple[str, int]]:
    data = text.encode()
    found = scan([File("a.txt", "text/plain", lambda: io.BytesIO(data))], DOMAINS, people)
    return [(one.kind, one.line) for one in found.found]


def test_a_real_rehearsals_vault_names_nobody_else(rehearsed: Path) -> None:
    found = verify(rehearsed)
    people = people_in(rehearsed, found, DOMAINS)
    assert people.found == []
    assert people.searched > 15
    release = read_release(rehearsed / found.releases[0].path)
    sealed = json.loads(release.file("golive/personal-data.json").read_bytes())
    assert sealed["found"] == []
    assert sealed["searched"] >= people.searched - 10, "papers made later are not in it"
    told = json.loads(release.file("golive/redactions.json").read_bytes())
    assert set(told) == {"redactions", "unsearched"}


def test_a_stranger_in_the_vault_is_found_by_place_and_never_named(
    rehearsed: Path, golive: Callable[..., Result]
) -> None:
    done = golive("verify", rehearsed, "--personal-data")
    assert done.exit_code == 0, done.output
    assert "none found" in done.output
    done = golive("verify", rehearsed, "--personal-data", "--domain", "other.example", "--json")
    assert done.exit_code == 1, "these people have addresses elsewhere"
    told = json.loads(done.output)
    assert told["state"] == "intact"
    kinds = {one["kind"] for one in told["personalData"]["found"]}
    assert "email" in kinds
    assert "@" not in json.dumps(told["personalData"]["found"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fine\nask jo@corp.com", [("email", 2)]),
        ("call +44 20 7123 4567", [("phone", 1)]),
        ("asha@rehearsal.fixnado.example, 07700 900123", []),
        ("a\nb\nOlivia Johnson was there", [("name", 3)]),
        ("Olivia Johnson <olivia.johnson.00012@rehearsal.fixnado.example>", []),
        ("Go Live and Roll Back are no people; Blue Green neither", []),
    ],
)
def test_each_kind_is_found_and_the_rehearsals_own_are_not(
    text: str, found: list[tuple[str, int]]
) -> None:
    assert look(text) == found


def test_who_took_part_may_be_named() -> None:
    assert look("Olivia Johnson signed") == [("name", 1)]
    assert look("Olivia Johnson signed", "Olivia Johnson") == []


def test_a_name_across_two_pieces_is_found_once_in_its_line() -> None:
    before = "x" * 77 + "\n"
    text = before * ((1 << 20) // 78) + "padding " * 3
    text = text[: (1 << 20) - 7] + "\nOlivia Johnson\n" + before * 10
    assert look(text) == [("name", text.count("\n", 0, text.index("Olivia")) + 1)]


def test_the_lists_are_those_that_are_told() -> None:
    given, family = known_names()
    assert {"olivia", "asha"} & given
    assert "johnson" in family
    assert len(given) > 5000
