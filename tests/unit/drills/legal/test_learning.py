"""Exports of learning systems, in the languages and shapes that they come in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drills.legal.learning import Completions, differences, read
from golive.drills.legal.params import LegalParams, Moodle, XApi

WHO = "ann@rehearsal.fixnado.example"


def moodle(**more: Any) -> Moodle:
    known: dict[str, Any] = {
        "kind": "moodle",
        "file": "x.csv",
        "locale": "en",
        "zone": "Europe/London",
        "email": 2,
        "policies": {"refund-policy": 3},
    }
    return Moodle.model_validate(known | more)


XAPI = XApi.model_validate(
    {"kind": "xapi", "file": "x.json", "policies": {"refund-policy": "https://lms.example/refunds"}}
)


@pytest.mark.parametrize(
    ("locale", "state", "when"),
    [
        ("en", "Completed", "30/05/24, 10:00"),
        ("en", "Completed (achieved pass grade)", "Thursday, 30 May 2024, 10:00 AM"),
        ("en-US", "Completed", "05/30/24, 10:00"),
        ("de", "Abgeschlossen", "30.05.24, 10:00"),
        ("fr", "Terminé", "30/05/2024 10:00"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_languages(locale: str, state: str, when: str, encoding: str) -> None:
    text = f'Kopf,Adresse,Regel,\r\nAnn,{WHO.upper()},{state},"{when}"\r\n'
    found = read(text.encode(encoding), moodle(locale=locale))
    assert found.unread == []
    assert found.done == {(WHO, "refund-policy"): datetime(2024, 5, 30, 9, 0, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"Ann,{WHO},Abgeschlossen,30.05.24", "no state in en"),
        (f"Ann,{WHO},Completed,30.05.24", "without a date in en"),
        (f"Ann,{WHO},Completed", "3 columns"),
        ('Ann,nobody,Completed,"30/05/24, 10:00"', "no address"),
    ],
)
def test_what_can_not_be_read_is_told(line: str, why: str) -> None:
    found = read(f"a,b,c,d\n{line}\n".encode(), moodle())
    assert found.done == {}
    assert why in found.unread[0]
    assert WHO not in found.unread[0]


def test_failed_grades_are_no_completion() -> None:
    text = f"a,b,c,d\nAnn,{WHO},Completed (did not achieve pass grade),\n\n"
    found = read(text.encode(), moodle())
    assert (found.done, found.unread, found.learners) == ({}, [], {WHO})


def statement(**more: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "actor": {"mbox": f"mailto:{WHO}"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://lms.example/refunds"},
        "timestamp": "2024-05-30T10:00:00+01:00",
    } | more


def test_statements() -> None:
    found = read(json.dumps({"statements": [statement()]}).encode(), XAPI)
    assert found.done == {(WHO, "refund-policy"): datetime(2024, 5, 30, 9, 0, tzinfo=UTC)}


@pytest.mark.parametrize(
    "others",
    [
        [statement(result={"success": False})],
        [statement(verb={"id": "http://adlnet.gov/expapi/verbs/attempted"})],
        [statement(object={"id": "https://lms.example/other"})],
        [
            statement(),
            statement(
                id="2",
                verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
                object={"objectType": "StatementRef", "id": "1"},
            ),
        ],
    ],
)
def test_statements_that_complete_nothing(others: list[dict[str, Any]]) -> None:
    found = read(json.dumps(others).encode(), XAPI)
    assert (found.done, found.unread) == ({}, [])


def test_a_naive_moment_is_refused() -> None:
    found = read(json.dumps([statement(timestamp="2024-05-30T10:00:00")]).encode(), XAPI)
    assert found.done == {}
    assert "no moment with a zone" in found.unread[0]


@given(st.binary(max_size=300))
def test_no_bytes_stop_the_reading(content: bytes) -> None:
    for lms in (moodle(), XAPI):
        found = read(content, lms)
        assert all(isinstance(one, str) for one in found.unread)


def test_differences_in_every_direction() -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    done = {("a", "p"): at, ("b", "p"): at, ("z", "p"): at, ("free", "p"): at, ("old", "q"): at}
    lms = Completions(done, {"a", "b", "free", "z"}, [])
    ours = {("a", "p"): True, ("b", "p"): False, ("c", "p"): True, ("old", "q"): False}
    since = {"p": datetime(2024, 4, 1, tzinfo=UTC), "q": datetime(2024, 6, 1, tzinfo=UTC)}
    # whoever owes nothing may have completed it all the same
    known = {"a", "b", "c", "free", "old"}
    assert set(differences(ours, lms, since, known)) == {
        ("b", "p", "not with the service"),
        ("z", "p", "only the learning system knows this person"),
        ("c", "p", "not with the learning system"),
        ("old", "q", "completed an older version"),
    }


@pytest.mark.parametrize(
    "wrong", [{"zone": "Europe/Atlantis"}, {"locale": "tlh"}, {"email": 0}, {"policies": {}}]
)
def test_a_language_and_zone_are_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        moodle(**wrong)
    with pytest.raises(ValueError):
        LegalParams.model_validate({"lms": {"kind": "moodle", "file": "x"}})
