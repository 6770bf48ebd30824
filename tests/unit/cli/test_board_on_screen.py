"""The board at 80 columns: all that matters is there, nothing runs over, no colour is needed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console

import cli_day as day
from golive.cli.boardview import BoardView
from golive.kernel.json import JsonObject
from golive.rehearsal.board import Board, fold


def drawn(
    board: Board,
    now: datetime = day.BEGUN + timedelta(seconds=42),
    *,
    width: int = 80,
    height: int = 24,
    encoding: str = "utf-8",
    whole: bool = True,
) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    console = Console(
        file=file, width=width, height=height, force_terminal=True, no_color=True, markup=False
    )
    view = BoardView(board, now, console)
    with console.capture() as captured:
        console.print(view.whole() if whole else view.fitting())
    plain = [line.rstrip() for line in _without_styles(captured.get()).splitlines()]
    assert max(map(cell_len, plain)) <= width
    return plain


def _without_styles(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def line_with(lines: Iterable[str], text: str) -> str:
    return next(line for line in lines if text in line)


def test_rows_tell_plan_actual_and_checks() -> None:
    lines = drawn(fold(day.morning()))
    first = line_with(lines, "Kick-off")
    assert first.startswith("◇ 09:00–09:30 09:02:01 0:03")  # the playbook's zone, not UTC
    assert first.endswith("1 passed, 1 open")
    assert line_with(lines, "Blue/green").startswith("▶ 09:30–10:45 09:02:04 0:38")
    assert line_with(lines, "Blue/green").endswith("1 of 1 failed")
    assert line_with(lines, "Contingency").startswith("○ 12:00–13:00")


def test_the_running_row_shows_its_step_its_attempt_and_what_failed() -> None:
    lines = drawn(fold(day.morning()))
    assert "  ✘ terraform-plan failed" in lines
    assert (
        line_with(lines, "Nothing drifted")
        .strip()
        .startswith("fail: Nothing drifted: measured 2, expected 0")
    )
    assert "  ▶ blue-green: shift (attempt 2)" in lines
    assert line_with(lines, "shifting").startswith("shifting · blue 30 · green 70 · p95 ms 12.4")
    assert "09:02:06 deployment d-ABC123 created" in lines


def test_while_the_stage_comes_up_the_board_says_so() -> None:
    assert drawn(fold([day.started()]))[-1] == "bringing target stage up"
    lines = drawn(fold([*day.morning(), day.verdict()]))
    assert line_with(lines, "sealed").endswith("took 0:09")
    assert "bringing target stage up" not in drawn(fold(day.morning()))


def test_a_terminal_with_ascii_only_gets_marks_that_it_has() -> None:
    lines = drawn(fold(day.morning()), encoding="ascii")
    assert line_with(lines, "Kick-off").startswith("o ")
    assert line_with(lines, "Blue/green").startswith("> ")
    assert "  x terraform-plan failed" in lines


def test_who_is_waited_for_and_the_command_that_answers() -> None:
    waiting = {
        "want": "approve", "by": ["DevOps Lead", "QA Lead"], "persons": 2, "text": "the plan",
        "until": day.at(600), "digest": "ab",
    }  # fmt: skip
    events = [
        day.started(practice=False),
        day.event(1, "item", item="cutover/1", state="waiting", waiting=waiting),
    ]
    lines = drawn(fold(events), width=100)
    assert "WAITING for DevOps Lead, QA Lead, 2 persons: approve cutover/1, by 09:12" in lines
    assert line_with(lines, "golive approve").strip() == (
        f'golive approve {day.RUN} cutover/1 --as PERSON --comment "…"'
    )


def test_the_forecast_shows_in_the_heading_and_in_rows_to_come() -> None:
    board = fold([day.started(clock="schedule", practice=False)])
    board.apply(day.event(1, "row", row="row-1", state="started"))
    lines = drawn(board, day.BEGUN + timedelta(minutes=40))
    assert line_with(lines, "FORECAST").startswith("FORECAST 13:00 (on time)")
    assert "09:42 forecast" in line_with(lines, "Blue/green")
    assert "12:00 forecast" in line_with(lines, "Contingency")


def test_what_others_wrote_cannot_steer_the_terminal() -> None:
    nasty = "\x1b[2J\x1b]0;owned\x07 cleared\r\nsecond"
    events = [
        day.started(rows=[day.row(1, nasty, "Lead", "08:00-08:30", [])]),
        day.event(1, "log", item="", text=nasty),
    ]
    board = fold(events)
    console = Console(file=io.StringIO(), width=80, force_terminal=True, no_color=True)
    with console.capture() as captured:
        console.print(BoardView(board, day.BEGUN, console).whole())
    text = _without_styles(captured.get())
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "cleared second" in text


def _long_day(rows: int, over: int) -> Board:
    listed = [
        day.row(n, f"Row number {n}", "QA Lead", "08:00-09:00", [day.item(f"s{n}/1", "smoke")])
        for n in range(1, rows + 1)
    ]
    events: list[JsonObject] = [day.started(rows=listed)]
    for n in range(1, over + 2):
        events.append(day.event(n, "row", row=f"row-{n}", state="started"))
        if n <= over:
            events.append(day.event(n, "row", row=f"row-{n}", state="finished", outcome="passed"))
    return fold(events)


@pytest.mark.parametrize("over", [0, 1, 11, 25, 39])
@pytest.mark.parametrize("height", [12, 24, 60])
def test_a_long_day_fits_the_screen_with_the_running_row_in_it(over: int, height: int) -> None:
    lines = drawn(_long_day(40, over), height=height, whole=False)
    assert len(lines) <= height
    assert line_with(lines, f"Row number {over + 1}").startswith("▶")
    seen = [line for line in lines if "Row number" in line]
    hidden = sum(int(line.split()[1]) for line in lines if line.startswith("  … "))
    assert len(seen) + hidden == 40


def test_a_narrow_screen_loses_words_and_not_lines() -> None:
    lines = drawn(fold(day.morning()), width=40)
    assert line_with(lines, "Kick").startswith("◇")


def test_a_wide_screen_names_the_owners() -> None:
    assert "Programme Manager" in line_with(drawn(fold(day.morning()), width=120), "Kick-off")
