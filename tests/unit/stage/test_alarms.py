"""When an alarm is active."""

from __future__ import annotations

from golive.stage.controller.alarms import (
    LATENCY,
    READINESS,
    TARGET_5XX,
    WINDOW,
    Reading,
    Window,
    read,
    unknown,
)

EXPOSITION = """# HELP fixnado_http_requests_total Requests answered
# TYPE fixnado_http_requests_total counter
fixnado_http_requests_total{method="GET",route="/",status="200"} 40.0
fixnado_http_requests_total{method="GET",route="/",status="503"} 2.0
fixnado_http_requests_total{method="GET",route="/readyz",status="503"} 70.0
# TYPE fixnado_http_request_duration_seconds histogram
fixnado_http_request_duration_seconds_bucket{method="GET",route="/",le="+Inf"} 42.0
fixnado_http_request_duration_seconds_count{method="GET",route="/"} 42.0
fixnado_http_request_duration_seconds_sum{method="GET",route="/"} 2.5
# TYPE fixnado_readiness_status gauge
fixnado_readiness_status{component="database"} 1.0
fixnado_readiness_status{component="search"} 0.75
"""


def reading(at: float, **figures: float) -> Reading:
    plain: dict[str, float] = {"requests": 0, "errors": 0, "seconds": 0, "timed": 0, "readiness": 1}
    return Reading(at=at, **(plain | figures))


def window(*readings: Reading) -> Window:
    made = Window()
    for one in readings:
        made.add(one)
    return made


def test_an_exposition_is_read_without_the_watchers_own_requests() -> None:
    assert read(EXPOSITION, 7.0) == Reading(7.0, 42.0, 2.0, 2.5, 42.0, 0.75)
    assert read("", 7.0) == Reading(7.0, 0.0, 0.0, 0.0, 0.0, None)


def test_nothing_seen_is_no_alarm() -> None:
    assert window().active() == {}
    assert window(reading(0, readiness=1)).active() == {}


def test_one_error_is_no_alarm_and_three_are() -> None:
    start = reading(0)
    assert window(start, reading(1, requests=20, errors=1)).active() == {}
    found = window(start, reading(1, requests=20, errors=3)).active()
    assert found == {TARGET_5XX: "3 of 20 requests failed"}


def test_three_errors_among_thousands_are_no_alarm() -> None:
    assert window(reading(0), reading(1, requests=2000, errors=3)).active() == {}


def test_slow_answers_are_an_alarm_once_there_are_enough() -> None:
    assert window(reading(0), reading(1, timed=4, seconds=4)).active() == {}
    assert list(window(reading(0), reading(1, timed=5, seconds=4)).active()) == [LATENCY]


def test_a_sick_component_is_an_alarm_at_once_and_a_degraded_one_is_none() -> None:
    assert list(window(reading(0, readiness=0.5)).active()) == [READINESS]
    assert window(reading(0, readiness=0.75)).active() == {}


def test_what_is_long_past_counts_no_more() -> None:
    bad = reading(1, requests=10, errors=5)
    later = [reading(1 + WINDOW / 2 * n, requests=10 + n, errors=5) for n in range(1, 6)]
    assert list(window(reading(0), bad).active()) == [TARGET_5XX]
    assert window(reading(0), bad, *later).active() == {}


def test_counters_that_begin_anew_make_no_negative_figures() -> None:
    made = window(reading(0, requests=500, errors=100), reading(1, requests=2))
    assert made.active() == {}


def test_alarms_of_other_names_can_not_be_read_here() -> None:
    assert unknown([TARGET_5XX, "somebody-elses"]) == ["somebody-elses"]
