"""The parts of the board that a stream brings, as markup by the id of the element they replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from jinja2 import Environment

from golive.console.days import Day, Told
from golive.console.views import View
from golive.kernel.json import Json, JsonObject
from golive.playbook.people import Person
from golive.rehearsal.board import Board
from golive.rehearsal.turns import turns
from golive.rehearsal.wording import zone

_TURNING = {"item", "act", "refused-act", "row", "verdict", "called-off", "resumed", "interrupted"}


def changed(
    templates: Environment,
    day: Day,
    events: Sequence[Told],
    figures: JsonObject,
    now: datetime,
) -> Mapping[str, Json]:
    """What `events` changed; everything when there are none."""
    kinds = {event.kind for event in events}
    everything = not events or kinds & {"started", "verdict"}
    with day.reading() as board:
        view = View(board, now, day.roster, day.playbook)
        if everything:
            rows = list(board.rows)
        else:
            rows = [name for name in board.rows if name in _rows_of(view, events)]
        parts: dict[str, Json] = {
            one.id: _part(templates, "row", row=one, run=day.name) for one in map(view.row, rows)
        }
        parts["head"] = _part(templates, "head", head=view.head(alive=True), run=day.name)
        if everything or kinds & {"log", "called-off"}:
            parts["log"] = _part(templates, "log", lines=view.log())
        if everything or kinds & {"item", "row"}:
            parts["objectives"] = _part(
                templates, "objectives", objectives=view.objectives(), run=day.name
            )
        parts["traffic"] = _part(templates, "traffic", traffic=view.traffic(figures))
        found: dict[str, Json] = {"patch": parts}
        if everything or kinds & _TURNING:
            found["bars"] = _bars(templates, day, board, now)
        spoken = _spoken(board, events)
    return {**found, "say": spoken} if spoken else found


def bar(
    templates: Environment, day: Day, board: Board, person: Person | None, now: datetime
) -> str:
    """The "your turn" bar of one person: what waits for them, or what it came to."""
    waiting = turns(board, person, day.roster) if person else ()
    numbers = {name: number for number, name in enumerate(board.items, 1)}
    mine = [(item, one, numbers[item.id]) for item, one in waiting]
    headline = str(board.verdict.get("headline", ""))
    return _part(
        templates, "bar", mine=mine, run=day.name, zone=zone(board), headline=headline, now=now
    )


def _bars(templates: Environment, day: Day, board: Board, now: datetime) -> JsonObject:
    """By person; under "" that of everybody for whom nothing waits."""
    common = bar(templates, day, board, None, now)
    own = {one.id: bar(templates, day, board, one, now) for one in day.roster.people}
    return {"": common} | {name: text for name, text in own.items() if text != common}


def _rows_of(view: View, events: Sequence[Told]) -> set[str]:
    return {event.row or view.row_of(event.item) for event in events}


def _spoken(board: Board, events: Sequence[Told]) -> str:
    """For screen readers: what ends or begins, never every check."""
    said = []
    for event in events:
        if event.kind == "row" and event.note:
            said.append(f"{board.rows[event.row].title}: {event.note}")
        if event.kind == "verdict":
            said.append(event.note)
        if event.kind == "called-off":
            said.append(f"Called off by {event.note}")
    return ". ".join(said)


def _part(templates: Environment, macro: str, **facts: object) -> str:
    module = templates.get_template("parts.html").module
    return str(getattr(module, macro)(**facts)).strip()
