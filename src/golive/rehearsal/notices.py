"""What to tell whom of a run, from its board alone. Pure: the same board and moment give the same
notices, each under a key by which nobody is told it twice.

The text names steps and roles as the playbook does, never a person: it leaves the house.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.governance.decision import Decision
from golive.kernel.text import clean
from golive.playbook.people import Person, Roster
from golive.rehearsal.board import Board, BoardItem, BoardRow, nudges_of
from golive.rehearsal.forecast import moment
from golive.rehearsal.turns import turn

SOON = timedelta(minutes=10)
LATE = timedelta(minutes=5)
_WRONG = ("failed", "refused", "expired", "aborted")
_DONE = {"approve": "an approval", "decide": "retry or skip", "upload": "a file", "sign": "a word"}


@dataclass(frozen=True)
class Notice:
    about: str
    """What it tells of, the same for everybody."""
    person: str
    role: str
    """In which role it concerns the person: what a channel that many read names."""
    text: str
    path: str
    """Of the console's page on it."""

    @property
    def key(self) -> str:
        """Nobody is told the same thing twice."""
        return f"{self.about}/{self.person}"


def notices(board: Board, roster: Roster, run: str, now: datetime) -> Sequence[Notice]:
    """Everything that people should have been told by `now`."""
    teller = _Teller(board, roster, run, now)
    found = [*teller.turns(), *teller.failures(), *teller.verdict()]
    if board.clock == "schedule" and not board.verdict:
        found += teller.rows()
    return list({one.key: one for one in found}.values())


def stale(decided: Decision, run: str, title: str) -> Sequence[Notice]:
    """To each whose signature the evidence has overtaken."""
    return [
        Notice(
            f"{run}/stale/{decided.seal}/{seat.seat.role}",
            said.person,
            seat.seat.role,
            f"{clean(title)}: the evidence has changed since it was signed as "
            f"{clean(seat.seat.role)}; it must be signed again",
            f"/runs/{run}/sign",
        )
        for seat in decided.stale
        for said in seat.signatures
        if said.stale
    ]


class _Teller:
    def __init__(self, board: Board, roster: Roster, run: str, now: datetime) -> None:
        self._board, self._roster, self._run, self._now = board, roster, run, now
        self._numbers = {name: number for number, name in enumerate(board.items, 1)}

    def turns(self) -> Iterator[Notice]:
        """Whoever holds the role; its deputies once it was handed to them."""
        if self._board.verdict:
            return
        for item in self._board.waiting():
            asked = turn(item, None, self._roster)
            if asked is None:
                continue
            want = asked.request.want
            role = ", ".join(dict.fromkeys(asked.request.roles)) or "anybody"
            holders = [one for one in asked.may if self._holds(one, asked.request.roles)]
            what = f"your turn: {_DONE.get(want, 'a confirmation')} for {clean(item.title)}"
            about = f"{self._run}/turn/{item.id}/{item.attempt}/{want}"
            for one in holders or asked.may:
                yield self._notice(about, one, role, what, item)
            yield from self._handed(item, asked.may, role)
            for nudge in nudges_of(item):
                about = f"{self._run}/nudge/{item.id}/{nudge['seq']}"
                for one in asked.may:
                    what = f"others wait for you: {clean(item.title)}"
                    yield self._notice(about, one, role, what, item)

    def _handed(self, item: BoardItem, may: Sequence[Person], role: str) -> Iterator[Notice]:
        for note in item.notes:
            for one in may:
                if note["action"] == "delegate" and note["to"] == one.id:
                    about = f"{self._run}/handed/{item.id}/{note['seq']}"
                    what = f"handed to you as deputy: {clean(item.title)}"
                    yield self._notice(about, one, role, what, item)

    def failures(self) -> Iterator[Notice]:
        """To the owners of row and item."""
        for row in self._board.rows.values():
            for name in row.items:
                item = self._board.items.get(name)
                if item is None or item.state not in _WRONG:
                    continue
                about = f"{self._run}/failed/{item.id}/{item.attempt}/{item.state}"
                for role in dict.fromkeys((row.owner, item.owner)):
                    for one in self._owners(role):
                        what = f"{item.state}: {clean(item.title)}"
                        yield self._notice(about, one, role, what, item)

    def rows(self) -> Iterator[Notice]:
        """Ten minutes before a row, and when it should have begun."""
        for row in self._board.rows.values():
            planned = moment(row.plan_start)
            if planned is None or row.started:
                continue
            if planned <= self._now - LATE:
                yield from self._of_row(row, "late", f"late: {clean(row.title)} has not begun")
            elif self._now < planned <= self._now + SOON:
                left = max(1, round((planned - self._now).total_seconds() / 60))
                yield from self._of_row(row, "soon", f"in {left} min: {clean(row.title)}")

    def verdict(self) -> Iterator[Notice]:
        if not self._board.verdict:
            return
        word = str(self._board.verdict["verdict"]).replace("-", " ").upper()
        text = f"{clean(self._board.title)}: {word}"
        for one in self._roster.people:
            path = f"/runs/{self._run}/verdict"
            yield Notice(f"{self._run}/verdict", one.id, "everybody", text, path)

    def _of_row(self, row: BoardRow, kind: str, what: str) -> Iterator[Notice]:
        for one in self._owners(row.owner):
            text = f"{clean(self._board.title)}: {what}"
            about = f"{self._run}/{kind}/{row.id}"
            yield Notice(about, one.id, row.owner, text, f"/runs/{self._run}")

    def _owners(self, role: str) -> Sequence[Person]:
        if not role or role.casefold() == "all":
            return ()
        return self._roster.holders(role)

    def _holds(self, person: Person, roles: Sequence[str]) -> bool:
        return not roles or any(person in self._roster.holders(role) for role in roles)

    def _notice(self, about: str, person: Person, role: str, what: str, item: BoardItem) -> Notice:
        path = f"/runs/{self._run}/steps/{self._numbers[item.id]}"
        return Notice(about, person.id, role, f"{clean(self._board.title)}: {what}", path)
