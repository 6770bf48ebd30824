"""Words, metadata, health and standing: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.legal.errors import Malformed
from fixnado.legal.model import (
    Acknowledgement,
    AckRule,
    Current,
    Frequency,
    Governance,
    Health,
    Metadata,
    Publication,
    Standing,
    health,
    next_label,
    read,
    sha256,
    standing,
    tidy,
)
from fixnado.platform.access import Role

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WHOLE = Metadata(
    owner="Counsel",
    effective_date=date(2026, 1, 1),
    jurisdiction="England and Wales",
    contact="policies@rehearsal.fixnado.example",
    audience=(Role.USER,),
    acknowledgement=AckRule(True, Frequency.EACH_VERSION, "web", 72, "daily"),
    governance=Governance(date(2027, 1, 1), "yearly", "Counsel", date(2025, 12, 1)),
)


def test_a_text_is_read_into_title_and_sections() -> None:
    title, sections = read(
        "# Terms\n\nHello.\n\n## Who we are\n\nUs.\n\n## Who, we are!\n\nAgain.\n"
    )
    assert title == "Terms"
    assert [(one.id, one.heading, one.body) for one in sections] == [
        ("who-we-are", "Who we are", "Us."),
        ("who-we-are-2", "Who, we are!", "Again."),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "No title\n\n## A\n\nb\n",
        "# \n\n## A\n\nb\n",
        "# T\n\nno sections\n",
        "# T\n\n## A\n\n## B\n\nb\n",
        f"# {'x' * 201}\n\n## A\n\nb\n",
    ],
)
def test_what_is_no_document_is_refused(content: str) -> None:
    with pytest.raises(Malformed):
        read(content)


@given(st.lists(st.sampled_from(["A", "a 2", "A-2", "2", "é", "A 2"]), min_size=1, max_size=12))
def test_every_section_has_an_anchor_of_its_own(headings: list[str]) -> None:
    content = tidy("# T\n\n" + "".join(f"## {one}\n\nbody\n\n" for one in headings))
    anchors = [one.id for one in read(content)[1]]
    assert len(set(anchors)) == len(anchors) == len(headings)


@given(st.text(alphabet="ab #\t\n", max_size=60))
def test_line_ends_make_no_other_document(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    for ending in ("\r\n", "\r"):
        assert sha256(tidy(text.replace("\n", ending))) == sha256(once)


@pytest.mark.parametrize(
    ("latest", "following"),
    [(None, "1.0"), ("1.0", "1.1"), ("2.9", "2.10"), ("2024-05", "2024-05.1"), ("3", "3.1")],
)
def test_the_next_label(latest: str | None, following: str) -> None:
    assert next_label(latest) == following


def test_what_is_not_stated_comes_from_the_version_before() -> None:
    assert Metadata().over(WHOLE) == WHOLE
    assert Metadata(owner="Somebody else").over(WHOLE) == replace(WHOLE, owner="Somebody else")


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("owner", "owner"),
        ("effective_date", "effectiveDate"),
        ("jurisdiction", "jurisdiction"),
        ("contact", "contact"),
        ("acknowledgement", "acknowledgement"),
        ("governance", "governance"),
    ],
)
def test_every_piece_of_metadata_is_missed(field: str, named: str) -> None:
    without = replace(WHOLE, **{field: None})
    assert without.lacking() == (named,)
    assert health(without, TODAY) is Health.INCOMPLETE


def test_an_empty_audience_is_missed_too() -> None:
    assert replace(WHOLE, audience=()).lacking() == ("audience",)
    assert WHOLE.lacking() == ()


@pytest.mark.parametrize(
    ("due", "effective", "expected"),
    [
        (date(2027, 1, 1), date(2026, 1, 1), Health.HEALTHY),
        (date(2027, 1, 1), TODAY, Health.HEALTHY),
        (date(2027, 1, 1), date(2026, 3, 2), Health.SCHEDULED),
        (date(2026, 4, 1), date(2026, 1, 1), Health.HEALTHY),
        (date(2026, 3, 31), date(2026, 1, 1), Health.REVIEW_DUE),
        (TODAY, date(2026, 1, 1), Health.REVIEW_DUE),
        (date(2026, 2, 28), date(2026, 1, 1), Health.REVIEW_OVERDUE),
        (date(2026, 2, 28), date(2026, 3, 2), Health.REVIEW_OVERDUE),
    ],
)
def test_health_on_a_day(due: date, effective: date, expected: Health) -> None:
    governance = Governance(due, "yearly", "Counsel", date(2025, 12, 1))
    stated = replace(WHOLE, governance=governance, effective_date=effective)
    assert health(stated, TODAY) is expected


def _current(frequency: Frequency) -> Current:
    rule = AckRule(True, frequency, "web", 72, "daily")
    publication = Publication("p", "terms", 1, "v2", "u", NOW - timedelta(days=900))
    stated = replace(WHOLE, acknowledgement=rule)
    return Current(publication, "2.0", "b" * 64, stated, NOW - timedelta(days=900))


def _given(version: str, digest: str, ago: timedelta) -> Acknowledgement:
    return Acknowledgement("a", "terms", "u", version, version, digest, "web", NOW - ago)


@pytest.mark.parametrize(
    ("latest", "frequency", "expected"),
    [
        (None, Frequency.EACH_VERSION, Standing.MISSING),
        (_given("v2", "b" * 64, timedelta(0)), Frequency.EACH_VERSION, Standing.CURRENT),
        (_given("v2", "b" * 64, timedelta(days=800)), Frequency.EACH_VERSION, Standing.CURRENT),
        (_given("v1", "a" * 64, timedelta(0)), Frequency.EACH_VERSION, Standing.OUTDATED),
        (_given("v1", "b" * 64, timedelta(0)), Frequency.EACH_VERSION, Standing.OUTDATED),
        (_given("v2", "a" * 64, timedelta(0)), Frequency.EACH_VERSION, Standing.OUTDATED),
        (_given("v2", "b" * 64, timedelta(days=364)), Frequency.ANNUAL, Standing.CURRENT),
        (_given("v2", "b" * 64, timedelta(days=365)), Frequency.ANNUAL, Standing.EXPIRED),
    ],
)
def test_standing(latest: Acknowledgement | None, frequency: Frequency, expected: Standing) -> None:
    assert standing(_current(frequency), latest, NOW) is expected
