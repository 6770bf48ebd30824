"""A run told line by line, for pipes, logs and terminals that can't redraw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from golive.cli.wording import request_lines
from golive.kernel.json import JsonObject
from golive.rehearsal.board import Board
from golive.rehearsal.wording import check_line, clean, clock_time, plan_of, tally, zone

Lines = Iterator[str]


def lines(board: Board, event: JsonObject) -> Lines:
    """What `event` adds, given the board that has already taken it in."""
    teller = _TELLERS.get(str(event.get("event")))
    if teller is None:
        return
    at = clock_time(str(event.get("at") or ""), zone(board), seconds=True)
    for line in teller(board, event):
        yield f"{at} {line}".rstrip()


def _started(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    mode = "practice" if board.practice else "attended"
    yield clean(board.title)
    yield f"run {clean(board.rehearsal)} ({mode}, target {clean(board.target)})"


def _stage(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    for name, url in board.urls.items():
        yield f"{clean(name)}: {clean(url)}"


def _row(board: Board, event: JsonObject) -> Lines:
    row = board.rows.get(str(event["row"]))
    if row is None:
        return
    number = list(board.rows).index(row.id) + 1
    where = f"[{number}/{len(board.rows)}] {clean(row.title)}"
    if event["state"] == "started":
        planned = plan_of(row, zone(board))
        plan = f", planned {planned}" if planned else ""
        yield f"{where} ({clean(row.owner)}{plan})"
    else:
        told = tally(board, row)
        yield f"{where}: {row.state}{f' ({told})' if told else ''}"


def _item(board: Board, event: JsonObject) -> Lines:
    item = board.items.get(str(event["item"]))
    if item is None or event["state"] == "started":
        return
    if event["state"] == "waiting":
        ask, *more = request_lines(board, item)
        yield f"  WAITING {ask}"
        yield from (f"    {line}" for line in more)
        return
    note = f": {clean(item.note)}" if item.note else ""
    who = f" ({clean(item.owner)})" if item.kind != "drill" else ""
    yield f"  {item.state}: {clean(item.title)}{who}{note}"


def _step(board: Board, event: JsonObject) -> Lines:
    item = board.items.get(str(event["item"]))
    title = clean(item.title) if item else clean(event["item"])
    if event["state"] == "started":
        yield f"  {title}: {clean(event['step'])}"
    elif event.get("error"):
        yield f"  {title}: {clean(event['step'])} {event['outcome']}: {clean(event['error'])}"


def _check(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    check = event["check"]
    if isinstance(check, Mapping):
        yield f"    {check['verdict']}: {check_line(check)}"


def _artefact(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    artefact = event["artefact"]
    if isinstance(artefact, Mapping):
        yield f"    kept {clean(artefact['path'])} ({clean(artefact['fidelity'])})"


def _act(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    said = f": {clean(event['comment'])}" if event.get("comment") else ""
    yield f"  {clean(event['person'])} ({clean(event['role'])}): {clean(event['action'])}{said}"


def _refused(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    yield f"  not accepted: {clean(event['why'])}"


def _log(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    yield f"    {clean(event['text'])}"


def _interrupted(board: Board, event: JsonObject) -> Lines:
    yield f"interrupted ({clean(event.get('why', ''))}); `golive resume {board.rehearsal}` goes on"


def _resumed(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    yield "taken up again"


def _note(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    to = f" to {clean(event['to'])}" if event.get("to") else ""
    what = f"{clean(event['action'])} {clean(event['item'])}{to}"
    yield f"  {clean(event['person'])}: {what}: {clean(event['comment'])}"


def _revoked(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    yield f"the key of {clean(event['person'])} is revoked: {clean(event['reason'])}"


def _called_off(board: Board, event: JsonObject) -> Lines:  # noqa: ARG001
    yield f"called off by {clean(event['person'])}: {clean(event['comment'])}"


_TELLERS: Mapping[str, Callable[[Board, JsonObject], Lines]] = {
    "started": _started,
    "stage": _stage,
    "row": _row,
    "item": _item,
    "step": _step,
    "check": _check,
    "artefact": _artefact,
    "act": _act,
    "refused-act": _refused,
    "note": _note,
    "revoked": _revoked,
    "log": _log,
    "interrupted": _interrupted,
    "resumed": _resumed,
    "called-off": _called_off,
}
