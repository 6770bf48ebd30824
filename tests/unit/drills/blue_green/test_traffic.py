"""Which answers count as astray."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from golive.drills.blue_green.journal import Mark
from golive.drills.blue_green.traffic import (
    by_side,
    by_step,
    judged,
    last_after,
    misrouted,
    read_log,
    windows,
)
from golive.ports.probe import ProbeSample, figures_of

MARKS = [
    Mark(10.0, "ordered", "s"),
    Mark(20.0, "returned", "s"),
    Mark(30.0, "ordered", "s"),
    Mark(40.0, "promoted", "s"),
]
SPANS = windows(MARKS, old="green", incoming="blue")


def sample(started: float, side: str, latency: float = 0.01, status: int = 200) -> ProbeSample:
    return ProbeSample(started, latency, status, side)


def astray(*samples: ProbeSample) -> int:
    return len(misrouted(samples, SPANS))


def test_each_span_has_its_sides():
    assert astray(sample(5, "green"), sample(15, "green"), sample(15, "blue")) == 0
    assert astray(sample(25, "green"), sample(35, "blue"), sample(45, "blue")) == 0
    assert astray(sample(5, "blue"), sample(25, "blue"), sample(45, "green")) == 3


def test_a_request_across_an_order_may_go_either_way():
    assert astray(sample(9.995, "blue"), sample(39.995, "green")) == 0


def test_a_stranger_is_astray_and_the_proxys_own_error_is_not():
    assert astray(sample(15, "purple"), sample(15, "", status=404)) == 2
    assert astray(sample(15, "", status=502), sample(15, "", status=0)) == 0


def test_only_where_one_side_alone_may_answer_can_any_be_astray():
    rows = [sample(5, "green"), sample(9.995, "green"), sample(15, "blue"), sample(45, "blue")]
    assert judged(rows, SPANS) == 2
    assert judged([sample(15, "blue"), sample(16, "green")], SPANS) == 0


def test_last_after():
    rows = [sample(9, "blue"), sample(11, "blue"), sample(12, "green")]
    assert last_after(rows, "blue", 10) == 1
    assert last_after(rows, "blue", 11.5) == 0
    assert last_after([], "blue", 10) == 0


def test_figures_by_step_and_side():
    marks = [
        Mark(0.0, "weights", "s", {"weights": {"green": 100}}),
        Mark(10.0, "weights", "s", {"weights": {"green": 50}}),
    ]
    rows = by_step([sample(1, "green"), sample(11, "blue"), sample(12, "green")], marks)
    assert [set(row["sides"]) for row in rows] == [{"green"}, {"green", "blue"}]
    assert by_side([sample(1, "", status=0)])["unanswered"]["failed"] == 1


@given(st.lists(st.floats(0.0001, 10), min_size=1, max_size=200))
def test_percentiles_are_exact(latencies):
    figures = figures_of(sample(0, "green", latency=one) for one in latencies)
    assert figures.p95 in latencies
    below = sum(one <= figures.p95 for one in latencies)
    assert below >= 0.95 * len(latencies)
    smaller = [one for one in latencies if one < figures.p95]
    assert len(smaller) < 0.95 * len(latencies)


def test_a_log_with_rubbish_in_it(tmp_path):
    log = tmp_path / "log"
    rows = [[2.0, 0.1, 200, "blue"], [1.0, 0.1, 200, "green"], "no", [1], {"a": 1}, None]
    log.write_text("\n".join(json.dumps(row) for row in rows) + "\n[3.0,0.1,2")
    assert [one.side for one in read_log(log)] == ["green", "blue"]
    assert read_log(tmp_path / "none") == []
