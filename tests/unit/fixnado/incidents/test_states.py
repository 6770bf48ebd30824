"""Which event may follow which, and what the events say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.incidents.errors import AlreadyAcknowledged, NotNow
from fixnado.incidents.model.incident import Event, Kind, Status, facts, follow
from fixnado.platform.errors import FixnadoError

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MOVES = (Kind.ACKNOWLEDGED, Kind.ESCALATED, Kind.MITIGATED, Kind.RESOLVED, Kind.REOPENED)
OPEN, A, M, R = Status.OPEN, Status.ACKNOWLEDGED, Status.MITIGATED, Status.RESOLVED
TABLE = {
    Kind.ACKNOWLEDGED: {OPEN: A, A: A, M: M, R: None},
    Kind.ESCALATED: {OPEN: OPEN, A: A, M: M, R: None},
    Kind.MITIGATED: {OPEN: M, A: M, M: None, R: None},
    Kind.RESOLVED: {OPEN: R, A: R, M: R, R: None},
    Kind.REOPENED: {OPEN: None, A: None, M: OPEN, R: OPEN},
    Kind.DRAFTED: {OPEN: OPEN, A: A, M: M, R: R},
    Kind.PUBLISHED: {OPEN: OPEN, A: A, M: M, R: R},
}


def event(number: int, kind: Kind, *, automated: bool = False) -> Event:
    return Event("i", number, kind, "p", START + timedelta(minutes=number), "", automated)


@pytest.mark.parametrize(
    ("kind", "status", "after"),
    [(kind, status, after) for kind, row in TABLE.items() for status, after in row.items()],
)
def test_the_table_of_states(kind: Kind, status: Status, after: Status | None) -> None:
    if after is None:
        with pytest.raises(NotNow, match=status.value):
            follow(status, kind, [])
    else:
        assert follow(status, kind, []) is after


def test_a_person_acknowledges_once_until_it_is_reopened() -> None:
    first = [event(1, Kind.OPENED), event(2, Kind.ACKNOWLEDGED)]
    with pytest.raises(AlreadyAcknowledged, match="2026-03-01T09:02"):
        follow(A, Kind.ACKNOWLEDGED, first)
    reopened = [*first, event(3, Kind.RESOLVED), event(4, Kind.REOPENED)]
    assert follow(OPEN, Kind.ACKNOWLEDGED, reopened) is A


def test_a_person_may_acknowledge_what_a_program_has_and_not_the_other_way() -> None:
    program = [event(1, Kind.OPENED), event(2, Kind.ACKNOWLEDGED, automated=True)]
    assert follow(A, Kind.ACKNOWLEDGED, program) is A
    with pytest.raises(AlreadyAcknowledged, match="a program"):
        follow(A, Kind.ACKNOWLEDGED, program, automated=True)
    with pytest.raises(AlreadyAcknowledged):
        follow(A, Kind.ACKNOWLEDGED, [event(1, Kind.ACKNOWLEDGED)], automated=True)


def test_what_the_events_say() -> None:
    happened = [
        event(1, Kind.OPENED),
        event(2, Kind.ACKNOWLEDGED, automated=True),
        event(3, Kind.ESCALATED),
        event(4, Kind.ACKNOWLEDGED),
        event(5, Kind.MITIGATED),
        event(6, Kind.RESOLVED),
        event(7, Kind.REOPENED),
        event(8, Kind.ACKNOWLEDGED),
        event(9, Kind.MITIGATED),
    ]
    known = facts(happened)
    assert known.automated_at == happened[1].at
    assert known.acknowledged_at == happened[3].at
    assert known.mitigated_at == happened[4].at
    assert known.resolved_at is None
    assert (known.escalations, known.reopenings) == (1, 1)
    assert facts([*happened, event(10, Kind.RESOLVED)]).resolved_at == event(10, Kind.OPENED).at


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.booleans()), max_size=30))
def test_under_any_sequence_events_and_status_agree(moves: list[tuple[Kind, bool]]) -> None:
    status, happened = Status.OPEN, [event(1, Kind.OPENED)]
    for kind, program in moves:
        automated = program and kind is Kind.ACKNOWLEDGED
        try:
            status = follow(status, kind, happened, automated=automated)
        except FixnadoError:
            continue
        happened.append(event(len(happened) + 1, kind, automated=automated))
    known = facts(happened)
    assert (known.resolved_at is not None) == (status is Status.RESOLVED)
    if status is Status.ACKNOWLEDGED:
        assert known.acknowledged_at or known.automated_at
    if status is Status.MITIGATED:
        assert known.mitigated_at
    if known.reopenings:
        assert known.mitigated_at or any(one.kind is Kind.RESOLVED for one in happened)
