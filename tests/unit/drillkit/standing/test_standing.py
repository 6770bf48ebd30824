"""Where a day stands, from its records alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from golive.drillkit.records import Outcome
from golive.drillkit.standing import Standing
from papers_world import done, record, standing


def test_before_anything_has_run() -> None:
    day = standing()
    assert [(row.number, row.owner, row.word) for row in day.rows] == [
        (1, "DevOps Lead", "not begun"),
        (2, "QA Lead", "not begun"),
        (3, "All", "not begun"),
    ]
    assert [one.word for one in day.risks] == ["not tried yet", "not tried yet"]
    assert [one.title for one in day.open_people()] == ["Everybody was told"]
    assert day.artefacts == []


def test_a_row_that_passed_and_one_that_waits_for_people() -> None:
    day = standing(record(approved=True), done(outcome=Outcome.OPEN))
    assert [row.word for row in day.rows] == ["passed", "human items open", "not begun"]
    assert day.rows[0].late == timedelta(minutes=20)
    assert day.rows[0].ended is not None and day.rows[2].ended is None
    assert [one.path for one in day.artefacts] == ["cutover/1-log.json"]
    assert [one.word for one in day.risks] == ["mitigation worked", "not tried yet"]


def test_what_went_wrong_is_told_and_brings_the_risk_nearer() -> None:
    day = standing(record(outcome=Outcome.FAILED, failed="requests that failed", error="it broke"))
    assert day.rows[0].word == "failed"
    assert day.rows[0].items[0].troubles == (
        "snapshot: it broke",
        "requests that failed: measured 3",
    )
    assert day.risks[0].word == "nearer"


def test_an_approval_that_nobody_gave_is_open() -> None:
    day = standing(record())
    assert day.rows[0].items[0].unapproved == "QA Lead"
    assert not day.objectives[0].whole
    assert day.risks[0].word == "mitigation tried in part"
    assert standing(record(approved=True)).objectives[0].whole


def test_a_file_that_a_scope_names_is_missed() -> None:
    day = standing(record(approved=True))
    assert [one.role for one in day.scopes] == ["DevOps Lead", "Executive Sponsor"]
    assert day.scopes[0].claim.missing == ["out/none.json"]
    assert not day.scopes[0].claim.whole


def test_what_steps_returned_is_there() -> None:
    day = standing(record(snapshot={"green.version": "0.99"}))
    assert day.items[0].values == {"snapshot": {"green.version": "0.99"}}


def test_the_same_records_give_the_same_standing() -> None:
    assert standing(record(), done()) == standing(record(), done())


def test_without_a_playbook_there_is_nothing() -> None:
    empty = Standing()
    assert (empty.items, empty.artefacts, empty.open_people()) == ([], [], [])
    assert empty.row_of("cutover/1") is None
    found = standing().row_of("cutover/1")
    assert found is not None and found.number == 1


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.EXPIRED, Outcome.ABORTED])
def test_whatever_ended_badly_fails_its_row(outcome: Outcome) -> None:
    assert standing(record(outcome=outcome)).rows[0].word == "failed"
