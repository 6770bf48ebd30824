"""The board: what a run looks like now. A pure fold of its journal; every screen draws this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from golive.kernel.json import Json, JsonObject


@dataclass
class BoardStep:
    name: str
    outcome: str = ""
    """"" while it runs."""
    started: str = ""
    ended: str = ""
    error: str = ""
    checks: dict[str, JsonObject] = field(default_factory=dict)


@dataclass
class BoardItem:
    id: str
    title: str
    kind: str
    """`drill`, `confirm`, `upload` or `sign`."""
    owner: str
    line: int
    state: str = "pending"
    """`pending`, `running`, `waiting`, or the outcome."""
    attempt: int = 1
    waiting: JsonObject = field(default_factory=dict)
    """What a person is asked for: `want` (`confirm`, `upload`, `sign`, `approve`, `decide`), `by`,
    `digest`, `until`, `acted`."""
    steps: dict[str, BoardStep] = field(default_factory=dict)
    artefacts: dict[str, JsonObject] = field(default_factory=dict)
    acts: list[JsonObject] = field(default_factory=list)
    notes: list[JsonObject] = field(default_factory=list)
    """What people said about it without answering it: comments, and whom it was handed to."""
    note: str = ""
    earlier: list[dict[str, BoardStep]] = field(default_factory=list)
    """The steps of the attempts before this one, first attempt first."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """The item's own last lines with their times."""

    @property
    def checks(self) -> Sequence[JsonObject]:
        return [check for step in self.steps.values() for check in step.checks.values()]


@dataclass
class BoardRow:
    id: str
    title: str
    owner: str
    plan_start: str
    plan_end: str
    """RFC 3339, or "" where the playbook gives no time."""
    items: Sequence[str]
    started: str = ""
    ended: str = ""
    state: str = "pending"


@dataclass
class Board:
    rehearsal: str = ""
    title: str = ""
    target: str = ""
    timezone: str = "UTC"
    practice: bool = False
    clock: str = "now"
    """`now` or `schedule`."""
    begun: str = ""
    state: str = "pending"
    """`pending`, `running`, `interrupted`, `called off`, `sealed`."""
    rows: dict[str, BoardRow] = field(default_factory=dict)
    items: dict[str, BoardItem] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    """The last lines with their times."""
    urls: Mapping[str, Json] = field(default_factory=dict)
    progress: JsonObject = field(default_factory=dict)
    """The last live figures: `item`, `text`, `figures`."""
    verdict: JsonObject = field(default_factory=dict)
    seq: int = 0

    def waiting(self) -> Sequence[BoardItem]:
        """What people are asked for now."""
        return [item for item in self.items.values() if item.state == "waiting"]

    def apply(self, event: JsonObject) -> None:
        """Take one event in. Unknown events are passed over: a newer journal still reads."""
        seq = event.get("seq")
        self.seq = seq if isinstance(seq, int) else self.seq
        handler = _HANDLERS.get(str(event.get("event")))
        if handler is not None:
            handler(self, event)


_LOG_LINES = 200


def fold(events: Iterable[JsonObject]) -> Board:
    board = Board()
    for event in events:
        board.apply(event)
    return board


def nudges_of(item: BoardItem) -> Sequence[JsonObject]:
    """What the programme manager said to get an answer to this attempt, oldest first."""
    return [
        one for one in item.notes if one["action"] == "nudge" and one["attempt"] == item.attempt
    ]


def handed_to(item: BoardItem, person: str) -> JsonObject | None:
    """The last word by which this attempt was handed to `person` as a deputy."""
    return next(
        (
            one
            for one in reversed(item.notes)
            if (one["action"], one["to"], one["attempt"]) == ("delegate", person, item.attempt)
        ),
        None,
    )


def unvouched(item: BoardItem) -> Sequence[Mapping[str, str]]:
    """Files of a waiting item that a second person must look at first: `path`, `sha256`, and `by`,
    who brought it."""
    told = _objects(item.waiting.get("unvouched")) if item.state == "waiting" else ()
    return [{name: str(one[name]) for name in ("path", "sha256", "by")} for one in told]


def _started(board: Board, event: JsonObject) -> None:
    board.rehearsal, board.title = str(event["rehearsal"]), str(event["title"])
    board.target, board.timezone = str(event["target"]), str(event["timezone"])
    board.practice, board.begun = bool(event["practice"]), str(event["at"])
    board.clock = str(event.get("clock", "now"))
    board.state = "running"
    for row in _objects(event["rows"]):
        items = _objects(row["items"])
        board.rows[str(row["id"])] = BoardRow(
            id=str(row["id"]),
            title=str(row["title"]),
            owner=str(row["owner"]),
            plan_start=str(row["plan_start"]),
            plan_end=str(row["plan_end"]),
            items=[str(item["id"]) for item in items],
        )
        for item in items:
            board.items[str(item["id"])] = _board_item(item)


def _row(board: Board, event: JsonObject) -> None:
    row = board.rows[str(event["row"])]
    if event["state"] == "started":
        row.started, row.state = str(event["at"]), "running"
    else:
        row.ended, row.state = str(event["at"]), str(event["outcome"])


def _item(board: Board, event: JsonObject) -> None:
    item = board.items[str(event["item"])]
    state = str(event["state"])
    if state == "started":
        attempt = event["attempt"]
        again = isinstance(attempt, int) and attempt > item.attempt
        if again and item.steps:
            item.earlier.append(item.steps)
        item.attempt = attempt if isinstance(attempt, int) else 1
        item.state, item.waiting, item.steps, item.artefacts = "running", {}, {}, {}
    elif state == "waiting":
        waiting = event["waiting"]
        item.state, item.waiting = "waiting", waiting if isinstance(waiting, Mapping) else {}
    else:
        item.state, item.waiting = str(event["outcome"]), {}
        item.note = str(event.get("note", ""))


def _joined(board: Board, event: JsonObject) -> None:
    """Items that a failure brought up: of the failed one's row, after those that were planned."""
    row = board.rows[str(event["row"])]
    new = {str(one["id"]): _board_item(one) for one in _objects(event["items"])}
    board.items.update({name: one for name, one in new.items() if name not in board.items})
    row.items = list(dict.fromkeys([*row.items, *new]))


def _board_item(told: JsonObject) -> BoardItem:
    line = told["line"]
    return BoardItem(
        id=str(told["id"]),
        title=str(told["title"]),
        kind=str(told["kind"]),
        owner=str(told["owner"]),
        line=line if isinstance(line, int) else 0,
    )


def _step(board: Board, event: JsonObject) -> None:
    item, name = board.items[str(event["item"])], str(event["step"])
    if event["state"] == "started":
        item.state = "running"
        item.steps[name] = BoardStep(name, started=str(event["at"]))
    else:
        step = item.steps.setdefault(name, BoardStep(name))
        step.outcome, step.ended = str(event["outcome"]), str(event["at"])
        step.error = str(event.get("error", ""))


def _check(board: Board, event: JsonObject) -> None:
    item, name, check = board.items[str(event["item"])], str(event["step"]), event["check"]
    if isinstance(check, Mapping):
        step = item.steps.setdefault(name, BoardStep(name))
        step.checks[str(check["id"])] = check


def _artefact(board: Board, event: JsonObject) -> None:
    artefact = event["artefact"]
    item = board.items.get(str(event["item"]))
    if item is not None and isinstance(artefact, Mapping):
        item.artefacts[str(artefact["path"])] = artefact


def _act(board: Board, event: JsonObject) -> None:
    item = board.items.get(str(event["item"]))
    if item is None:
        return
    item.acts.append(event)
    said = event.get("said")
    if isinstance(said, Mapping):  # what was brought is evidence of the item, as a drill's is
        for file in _objects(said.get("files")):
            item.artefacts[str(file["path"])] = file
    if event["action"] == "withdraw":
        kept = {path: one for path, one in item.artefacts.items() if
                one["sha256"] != event["digest"]}  # fmt: skip
        item.artefacts = kept


def _note(board: Board, event: JsonObject) -> None:
    item = board.items.get(str(event["item"]))
    if item is not None:
        item.notes.append({**event, "attempt": item.attempt})


def _revoked(board: Board, event: JsonObject) -> None:
    told = f"the key of {event['person']} is revoked: {event['reason']}"
    board.log.append((str(event["at"]), told))


def _log(board: Board, event: JsonObject) -> None:
    board.log.append((str(event["at"]), str(event["text"])))
    del board.log[:-_LOG_LINES]
    item = board.items.get(str(event.get("item", "")))
    if item is not None:
        item.log.append((str(event["at"]), str(event["text"])))
        del item.log[:-_LOG_LINES]


def _progress(board: Board, event: JsonObject) -> None:
    board.progress = event


def _stage(board: Board, event: JsonObject) -> None:
    urls = event.get("urls")
    board.urls = urls if isinstance(urls, Mapping) else {}


def _interrupted(board: Board, event: JsonObject) -> None:  # noqa: ARG001
    board.state = "interrupted"


def _resumed(board: Board, event: JsonObject) -> None:  # noqa: ARG001
    board.state = "running"


def _called_off(board: Board, event: JsonObject) -> None:
    board.state = "called off"
    board.log.append((str(event["at"]), f"called off by {event['person']}: {event['comment']}"))


def _verdict(board: Board, event: JsonObject) -> None:
    board.verdict, board.state = event, "sealed"


_HANDLERS = {
    "started": _started,
    "stage": _stage,
    "row": _row,
    "item": _item,
    "step": _step,
    "check": _check,
    "artefact": _artefact,
    "act": _act,
    "note": _note,
    "joined": _joined,
    "revoked": _revoked,
    "log": _log,
    "progress": _progress,
    "interrupted": _interrupted,
    "resumed": _resumed,
    "called-off": _called_off,
    "verdict": _verdict,
}


def _objects(value: Json) -> Sequence[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [one for one in value if isinstance(one, Mapping)]
