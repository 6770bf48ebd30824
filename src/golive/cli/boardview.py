"""The board as Rich draws it: rows, the running step, what is waited for, the last lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from golive.cli.wording import STYLES, request_lines
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.rehearsal.board import Board, BoardItem, BoardRow
from golive.rehearsal.forecast import Forecast, forecast
from golive.rehearsal.wording import (
    MARKS,
    check_line,
    clean,
    clock_time,
    elapsed,
    plan_of,
    shown,
    signed_minutes,
    tally,
    zone,
)

_FINAL = ("passed", "failed", "refused", "expired", "aborted", "skipped", "open")
_TROUBLE = ("failed", "refused", "expired", "aborted")
_LOG_LINES = 3
_DETAILS = 6
"""Lines at most under one row."""


class BoardView:
    """Draws `board` as it is at `now` for `console`'s width, height and letters."""

    def __init__(self, board: Board, now: datetime, console: Console) -> None:
        self._board, self._now, self._console = board, now, console
        self._ascii = not (console.encoding or "").lower().startswith("utf")
        self._zone = zone(board)
        self._forecast = forecast(board, now)

    def whole(self) -> RenderableType:
        """Everything, however many lines it takes."""
        return Group(*self._head(), *self._rows(list(self._board.rows.values())), *self._foot())

    def fitting(self) -> RenderableType:
        """What fits the screen: the rows around the one that runs."""
        head, foot = list(self._head()), list(self._foot())
        room = self._console.height - len(head) - len(foot) - 2
        rows = list(self._board.rows.values())
        first, last = self._window(rows, room)
        drawn = self._rows(rows[first:last], before=first, after=len(rows) - last)
        return Group(*head, *drawn, *foot)

    # -- head and foot -----------------------------------------------------------------------

    def _head(self) -> Iterator[RenderableType]:
        board = self._board
        yield self._line(clean(board.title) or "Rehearsal", "bold")
        mode = "practice" if board.practice else "attended"
        at = clock_time(rfc3339(self._now), self._zone, seconds=True)
        name = self._now.astimezone(self._zone).tzname() or ""
        parts = [
            board.state.upper() if board.state in ("interrupted", "called off") else board.state,
            mode,
            f"target {clean(board.target)}",
            f"{at} {name}",
            f"{elapsed(board.begun, '', self._now)} so far" if board.state == "running" else "",
            f"took {elapsed(board.begun, str(board.verdict['at']), self._now)}"
            if board.verdict
            else "",
        ]
        yield self._line(" · ".join(part for part in parts if part))
        outlook = self._outlook()
        run = f"run {clean(board.rehearsal)}"
        yield self._line(f"{outlook} · {run}" if outlook else run, "" if outlook else "dim")
        yield self._rule()

    def _outlook(self) -> str:
        if self._forecast is None:
            return ""
        end = clock_time(rfc3339(self._forecast.end), self._zone)
        return f"FORECAST {end} ({signed_minutes(self._forecast.late)})"

    def _foot(self) -> Iterator[RenderableType]:
        board = self._board
        yield self._rule()
        for item in list(board.waiting())[:3]:
            ask, *more = request_lines(board, item)
            yield self._line(f"WAITING {ask}", "bold yellow")
            yield from (self._line(f"  {line}") for line in more)
        if board.state == "running" and not any(row.started for row in board.rows.values()):
            yield self._line(f"bringing target {clean(board.target)} up", "cyan")
        if board.state == "running" and board.progress:
            yield self._line(progress_line(board.progress), "cyan")
        for at, text in board.log[-_LOG_LINES:]:
            yield self._line(f"{clock_time(at, self._zone, seconds=True)} {clean(text)}", "dim")

    # -- rows --------------------------------------------------------------------------------

    def _rows(self, rows: Sequence[BoardRow], before: int = 0, after: int = 0) -> Iterator[Text]:
        tallies = {row.id: tally(self._board, row) for row in rows}
        widths = self._widths(tallies.values())
        heading = ("", "Plan", "Actual", "Activity", "Owner", "Checks")
        yield self._cells([Text(one, style="bold") for one in heading], widths)
        if before:
            yield self._line(f"  … {before} earlier rows", "dim")
        for row in rows:
            cells = [
                self._mark(row.state),
                Text(plan_of(row, self._zone)),
                self._actual(row),
                Text(clean(row.title), style="bold" if row.state == "running" else ""),
                Text(clean(row.owner)),
                Text(tallies[row.id], style=self._tally_style(row)),
            ]
            yield self._cells(cells, widths)
            yield from self._details(row)
        if after:
            yield self._line(f"  … {after} more rows", "dim")

    def _widths(self, tallies: Iterable[str]) -> Sequence[int]:
        """Of the six columns; the activity takes what is left. A narrow screen shows no owners."""
        checks = min(24, max([6, *map(len, tallies)]))
        owner = 22 if self._console.width >= 110 else 0
        fixed = 1 + 11 + 14 + owner + checks + (5 if owner else 4)
        return (1, 11, 14, max(10, self._console.width - fixed), owner, checks)

    def _cells(self, cells: Sequence[Text], widths: Sequence[int]) -> Text:
        line = self._line("")
        for cell, width in zip(cells, widths, strict=True):
            if width:
                cell.truncate(width, overflow="ellipsis", pad=True)
                line.append_text(cell).append(" ")
        line.rstrip()
        return line

    def _actual(self, row: BoardRow) -> Text:
        start = clock_time(row.started, self._zone, seconds=True)
        if start:
            return Text(f"{start} {elapsed(row.started, row.ended, self._now)}")
        expected = self._expected(row)
        return Text(f"{expected} forecast" if expected else "", style="italic dim")

    def _expected(self, row: BoardRow) -> str:
        ahead: Forecast | None = self._forecast
        if ahead is None or row.id not in ahead.rows:
            return ""
        return clock_time(rfc3339(ahead.rows[row.id][0]), self._zone)

    def _details(self, row: BoardRow) -> Sequence[Text]:
        items = [self._board.items[name] for name in row.items if name in self._board.items]
        lines = [line for item in items for line in self._item(item, running=row.state)]
        if len(lines) > _DETAILS:
            more = len(lines) - _DETAILS + 1
            lines = [*lines[: _DETAILS - 1], self._line(f"    and {more} more lines", "dim")]
        return lines

    def _item(self, item: BoardItem, *, running: str) -> Iterator[Text]:
        trouble = item.state in _TROUBLE
        if running != "running" and not trouble:
            return
        step = next((one for one in reversed(item.steps.values()) if not one.outcome), None)
        doing = f": {clean(step.name)}" if step and item.state == "running" else ""
        again = f" (attempt {item.attempt})" if item.attempt > 1 else ""
        state = f" {item.state}" if item.state in _FINAL else ""
        line = self._line("  ").append_text(self._mark(item.state))
        yield line.append(f" {clean(item.title)}{doing}{state}{again}", STYLES.get(item.state, ""))
        if not trouble:
            return
        for one in item.steps.values():
            if one.error:
                yield self._line(f"    {clean(one.name)}: {clean(one.error)}", "red")
        for check in item.checks:
            if check["verdict"] != "pass":
                yield self._line(f"    {check['verdict']}: {check_line(check)}", "red")

    def _window(self, rows: Sequence[BoardRow], room: int) -> tuple[int, int]:
        """First and last row to draw so that the lines fit into `room`, the running one inside."""
        heights = [1 + len(self._details(row)) for row in rows]
        if sum(heights) <= room or not rows:
            return 0, len(rows)
        active = next((n for n, row in enumerate(rows) if not row.ended), len(rows) - 1)
        first, last, used = active, active + 1, heights[active] + 2
        while used < room and (first > 0 or last < len(rows)):
            if last < len(rows) and (last - active <= active - first or first == 0):
                used += heights[last]
                last += used <= room
            else:
                used += heights[first - 1]
                first -= used <= room
        return first, last

    # -- small change ------------------------------------------------------------------------

    def _mark(self, state: str) -> Text:
        fancy, plain = MARKS.get(state, ("○", "."))
        return Text(plain if self._ascii else fancy, style=STYLES.get(state, ""))

    def _tally_style(self, row: BoardRow) -> str:
        return STYLES.get(row.state, "") if row.state in _FINAL else ""

    def _line(self, text: str, style: str = "") -> Text:
        return Text(text, style=style, no_wrap=True, overflow="ellipsis")

    def _rule(self) -> Rule:
        return Rule(style="dim", characters="-" if self._ascii else "─")


def progress_line(progress: object) -> str:
    """The live figures: `shift: blue 50 · green 50 · p95 0.012`."""
    if not isinstance(progress, dict):
        return ""
    figures = progress.get("figures")
    parts = [clean(progress.get("text", ""))]
    if isinstance(figures, dict):
        parts += [
            f"{clean(name).replace('_', ' ')} {_figure(one)}" for name, one in figures.items()
        ]
    return " · ".join(part for part in parts if part)


def _figure(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{clean(key)} {shown(one)}" for key, one in value.items())
    return shown(value)
