"""Times as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from golive.playbook.model import Moment
from golive.playbook.times import duration, header_zone, when, zone, zone_fits


def clock(hours: float) -> Moment:
    return Moment(timedelta(hours=hours))


def cutover(minutes: float) -> Moment:
    return Moment(timedelta(minutes=minutes), relative=True)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("09:30", clock(9.5), None),
        ("9.30", clock(9.5), None),
        ("09:30–10:45", clock(9.5), clock(10.75)),
        ("09:30 - 10:45", clock(9.5), clock(10.75)),
        ("09:30 to 10:45", clock(9.5), clock(10.75)),
        ("02:00+1", clock(26), None),
        ("22:00–02:00+1", clock(22), clock(26)),
        ("24:00", clock(24), None),
        ("9am", clock(9), None),
        ("12:15 am – 1 p.m.", clock(0.25), clock(13)),
        ("T-60m", cutover(-60), None),
        ("T−1h30m", cutover(-90), None),
        ("T+2h", cutover(120), None),
        ("T-7d", cutover(-7 * 24 * 60), None),
        ("T0", cutover(0), None),
        ("T-30m–T0", cutover(-30), cutover(0)),
        ("T0 – T+1h", cutover(0), cutover(60)),
    ],
)
def test_times(text: str, start: Moment, end: Moment | None) -> None:
    read = when(text)
    assert read is not None
    assert (read.start, read.end) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "9", "25:00", "09:60", "24:01", "13pm", "T", "T-", "soon", "09:30–", "–09:30"]
)
def test_what_is_no_time(text: str) -> None:
    assert when(text) is None


def test_a_zone_in_the_cell_is_kept() -> None:
    read = when("09:30 CEST")
    assert read is not None
    assert read.zone == "CEST"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20m", 1200),
        ("1h30m", 5400),
        ("90s", 90),
        ("2 hours", 7200),
        ("1.5h", 5400),
        ("1 day", 86400),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "20", "m", "20 parsecs", "-5m", "9" * 40 + "d"])
def test_what_is_no_duration(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("label", "name", "day", "called"),
    [
        ("BST", "Europe/London", date(2024, 5, 30), ""),
        ("BST", "Europe/London", date(2024, 1, 30), "GMT"),
        ("BST", "Europe/London", None, ""),
        ("CET", "Europe/London", None, "GMT or BST"),
        ("ET", "America/New_York", date(2024, 5, 30), ""),
        ("UTC+1", "Europe/London", date(2024, 5, 30), ""),
        ("UTC+2", "Europe/London", date(2024, 5, 30), "BST"),
        ("UTC", "UTC", None, ""),
    ],
)
def test_a_label_is_laid_against_zone_and_day(
    label: str, name: str, day: date | None, called: str
) -> None:
    assert zone_fits(label, name, day) == called


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "\x00", "a" * 5000]
)
def test_what_is_no_zone(name: str) -> None:
    assert zone(name) is None


@pytest.mark.parametrize(
    ("header", "label"),
    [("Time (BST)", "BST"), ("When (UTC+1)", "UTC+1"), ("Time", ""), ("Time (local)", "")],
)
def test_a_header_may_name_a_zone(header: str, label: str) -> None:
    assert header_zone(header) == label
