"""Figures and plans against slow and obvious models."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.compliance.errors import CantMove
from fixnado.compliance.model.figures import DUE_SOON_DAYS, figures, nearest_rank
from fixnado.compliance.model.purges import digest, group
from fixnado.compliance.model.requests import DataRequest, RequestType, Status, move
from fixnado.platform.personal_data import Action, Target

NOW = datetime(2024, 5, 30, 12, tzinfo=UTC)


def _request(number: int, status: Status, age: int, took: int, due: int) -> DataRequest:
    requested = NOW - timedelta(minutes=age)
    closed = status in (Status.COMPLETED, Status.REJECTED)
    return DataRequest(
        id=f"{number:04d}",
        reference=f"DR-{number}",
        status=status,
        request_type=RequestType.ACCESS,
        subject_email="a@rehearsal.fixnado.example",
        user_id=None,
        filed_by="x",
        region="GB",
        channel="api",
        justification="",
        requested_at=requested,
        clock_from=requested,
        due_at=NOW + timedelta(hours=due),
        processed_at=requested + timedelta(minutes=took) if closed else None,
    )


rows = st.lists(
    st.tuples(
        st.sampled_from(Status),
        st.integers(0, 40_000),
        st.integers(0, 9_000),
        st.integers(-300, 300),
    ),
    max_size=30,
)


@given(rows)
def test_figures_agree_with_counting_by_hand(found: list[tuple[Status, int, int, int]]) -> None:
    requests = [_request(number, *row) for number, row in enumerate(found)]
    made = figures(requests, NOW, 30)
    assert made.total_requests == len(found) == sum(made.status_breakdown.values())
    done = sorted(row[2] for row in found if row[0] is Status.COMPLETED)
    waiting = [row for row in found if row[0] in (Status.RECEIVED, Status.IN_PROGRESS)]
    assert made.overdue_count == sum(row[3] < 0 for row in waiting)
    assert made.due_soon_count == sum(0 <= row[3] <= 24 * DUE_SOON_DAYS for row in waiting)
    if done:
        assert made.average_completion_minutes == pytest.approx(sum(done) / len(done))
        assert made.percentile95_completion_minutes == done[math.ceil(0.95 * len(done)) - 1]
        assert made.completion_rate == pytest.approx(len(done) / len(found))
    else:
        assert made.average_completion_minutes is None
        assert made.median_completion_minutes is None
        assert made.percentile95_completion_minutes is None
    if waiting:
        assert made.oldest_pending is not None
        age = (NOW - made.oldest_pending.requested_at).total_seconds() / 60
        assert age == max(row[1] for row in waiting)
    else:
        assert made.oldest_pending is None


def test_nothing_has_no_percentile_and_no_rate() -> None:
    assert nearest_rank([], 95) is None
    assert figures([], NOW, 30).completion_rate is None


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("wanted", Status)
def test_a_closed_request_stays_closed(status: Status, wanted: Status) -> None:
    allowed = {
        ("received", "in_progress"),
        ("received", "rejected"),
        ("in_progress", "completed"),
        ("in_progress", "rejected"),
    }
    request = _request(1, status, 5, 1, 1)
    if (status.value, wanted.value) in allowed:
        move(request, wanted)
    else:
        with pytest.raises(CantMove):
            move(request, wanted)


targets = st.lists(
    st.builds(
        Target,
        st.sampled_from(["orders", "sessions"]),
        st.text(min_size=1, max_size=5),
        st.sampled_from(Action),
        st.sampled_from(["old", "asked"]),
    ),
    max_size=10,
    unique_by=lambda one: (one.dataset, one.row_id),
)


@given(targets, st.randoms())
def test_a_plan_is_its_rows_whatever_their_order(found: list[Target], shuffled) -> None:
    again = list(found)
    shuffled.shuffle(again)
    assert digest(again) == digest(found)
    assert sum(one.rows for one in group(found)) == len(found)
    if found:
        assert digest(found[1:]) != digest(found)
