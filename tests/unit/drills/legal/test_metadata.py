"""What a document must state, member by member."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from golive.drills.legal.metadata import day, findings

TODAY = date(2024, 5, 30)
GOOD: dict[str, Any] = {
    "documentTitle": "Refund Policy",
    "version": "2.0",
    "owner": "General Counsel",
    "effectiveDate": "2024-05-10",
    "lastUpdated": "2024-05-07T09:00:00Z",
    "jurisdiction": "England and Wales",
    "contact": "legal@rehearsal.fixnado.example",
    "audience": ["provider"],
    "statusLabel": "Published",
    "acknowledgement": {
        "required": True,
        "frequency": "each-version",
        "channel": "web",
        "dueWithinHours": 72,
        "reminderCadence": "daily",
    },
    "governance": {"nextReviewDue": "2025-05-10", "approver": "General Counsel"},
}


def test_a_complete_document_has_no_findings() -> None:
    assert findings(GOOD, TODAY) == []


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("gone", [None, "", []])
def test_each_member_is_missed(name: str, gone: object) -> None:
    assert findings({**GOOD, name: gone}, TODAY)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"governance": {"nextReviewDue": "2024-05-29"}}, "review was due on 2024-05-29"),
        ({"governance": {"nextReviewDue": "soon"}}, "no date"),
        ({"governance": {"nextReviewDue": None, "approver": ""}}, "governance is empty"),
        ({"effectiveDate": "2024-05-31"}, "not in force yet"),
        ({"effectiveDate": "2024-05-01"}, "before its words were written"),
        ({"effectiveDate": "10 May"}, "no date"),
        ({"acknowledgement": {"required": "yes"}}, "must be acknowledged"),
        (
            {"acknowledgement": {"required": True, "frequency": "annual", "channel": "web"}},
            "dueWithinHours",
        ),
    ],
)
def test_what_is_stated_wrongly(change: dict[str, Any], why: str) -> None:
    assert any(why in one for one in findings({**GOOD, **change}, TODAY))


def test_a_review_is_due_on_its_day() -> None:
    assert findings({**GOOD, "governance": {"nextReviewDue": "2024-05-30"}}, TODAY) == []


def test_days() -> None:
    assert day("2024-05-07T23:00:00Z") == date(2024, 5, 7)
    assert day(5) is None
