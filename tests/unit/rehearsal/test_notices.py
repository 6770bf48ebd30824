"""What is told to whom, from a board alone."""

from __future__ import annotations

from datetime import UTC, datetime

from golive.playbook.people import Person, Roster
from golive.rehearsal.board import Board, BoardItem, BoardRow
from golive.rehearsal.notices import notices

ROSTER = Roster(
    (
        Person("tom", "Tom", "tom@rehearsal.example", ["DevOps Lead"], key="SHA256:a"),
        Person("ines", "Ines", "i@rehearsal.example", ["Product"], ["DevOps Lead"], "SHA256:b"),
    )
)


def _board(state: str = "waiting", clock: str = "schedule") -> Board:
    waiting = {
        "want": "confirm", "by": ["DevOps Lead"], "everyone": False, "digest": "", "persons": 1,
        "within_seconds": None, "barred": [], "text": "", "files": [], "until": "",
    }  # fmt: skip
    item = BoardItem("a/1", "Look\nat it", "confirm", "DevOps Lead", 9, state)
    item.waiting = dict(waiting) if state == "waiting" else {}
    board = Board(rehearsal="r", title="A launch", clock=clock)
    board.items["a/1"] = item
    times = ("2024-05-30T09:00:00.000Z", "2024-05-30T09:30:00.000Z")
    board.rows["a"] = BoardRow("a", "Cutover", "DevOps Lead", *times, ["a/1"])
    return board


def _told(board: Board, minute: int) -> list[tuple[str, str]]:
    now = datetime(2024, 5, 30, 8, tzinfo=UTC).replace(minute=minute % 60, hour=8 + minute // 60)
    return [(one.about.split("/")[1], one.person) for one in notices(board, ROSTER, "r", now)]


def test_the_holder_is_told_and_the_deputy_only_once_it_is_handed_over() -> None:
    board = _board()
    assert _told(board, 10) == [("turn", "tom")]
    board.items["a/1"].notes.append({"action": "delegate", "to": "ines", "seq": 7})
    assert _told(board, 10) == [("turn", "tom"), ("handed", "ines")]


def test_a_nudge_reaches_all_who_may_and_only_for_this_attempt() -> None:
    board = _board()
    board.items["a/1"].notes.append({"action": "nudge", "to": "", "seq": 7, "attempt": 1})
    assert ("nudge", "ines") in _told(board, 10)
    board.items["a/1"].attempt = 2
    assert ("nudge", "ines") not in _told(board, 10)


def test_ten_minutes_before_and_five_late_by_the_schedule_alone() -> None:
    board = _board("pending")
    assert _told(board, 49) == []
    assert _told(board, 50) == [("soon", "tom")]
    assert _told(board, 60) == []
    assert _told(board, 65) == [("late", "tom")]
    assert _told(_board("pending", "now"), 65) == []
    board.rows["a"].started = "2024-05-30T09:06:00.000Z"
    assert _told(board, 66) == []


def test_a_failure_reaches_its_owner_once_an_attempt() -> None:
    board = _board("failed", "now")
    assert _told(board, 10) == [("failed", "tom")]


def test_the_verdict_reaches_everybody_and_the_text_is_one_line() -> None:
    board = _board()
    board.verdict = {"verdict": "not-ready", "at": "2024-05-30T10:00:00.000Z"}
    assert _told(board, 10) == [("verdict", "tom"), ("verdict", "ines")]
    now = datetime(2024, 5, 30, 8, tzinfo=UTC)
    (first, *_) = notices(_board(), ROSTER, "r", now)
    assert "\n" not in first.text
    assert first.key == "r/turn/a/1/1/confirm/tom"
    assert first.path == "/runs/r/steps/1"
