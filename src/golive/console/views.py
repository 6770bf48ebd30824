"""What the pages show, taken from a board. Pure: the same board and moment give the same view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.model import DrillBlock, HumanKind, Playbook
from golive.playbook.people import Roster
from golive.rehearsal.board import Board, BoardItem, BoardRow
from golive.rehearsal.forecast import Forecast, forecast, moment
from golive.rehearsal.wording import MARKS, clock_time, elapsed, plan_of, signed_minutes, zone

KINDS: Mapping[str, str] = {
    "passed": "good", "ready": "good", "done": "good",
    "failed": "bad", "refused": "bad", "expired": "bad", "aborted": "bad", "not-ready": "bad",
    "called off": "bad",
    "waiting": "turn", "interrupted": "turn", "incomplete": "turn",
    "running": "live",
}  # fmt: skip
"""The colour that repeats what mark and word say; `quiet` otherwise."""

WANTS: Mapping[str, str] = {
    "confirm": "to be confirmed",
    "upload": "a file is wanted",
    "sign": "to be signed",
    "approve": "approval",
    "decide": "retry or skip?",
}
_LOG_LINES = 14


@dataclass(frozen=True)
class Badge:
    mark: str
    word: str
    kind: str


@dataclass(frozen=True)
class ItemLine:
    number: int
    """Its place in the day, from 1: what addresses name it by."""
    id: str
    title: str
    badge: Badge
    attempt: int


@dataclass(frozen=True)
class RowView:
    id: str
    number: int
    title: str
    plan: str
    actual: str
    guess: bool
    """Whether `actual` is a forecast."""
    took: str
    late: str
    role: str
    names: Sequence[tuple[str, str]]
    """Id and first name of everybody who holds the role."""
    badge: Badge
    done: int
    items: Sequence[ItemLine]
    leads_to: int
    """The item that its link opens: what waits, what runs, what went wrong, or the first."""
    evidence: str
    """`3/4`: of the files that the playbook asks of this row, how many there are; a bare count of
    what was kept where it asks for none."""
    reality: str


@dataclass(frozen=True)
class Objective:
    text: str
    badge: Badge
    number: int
    """Of the first step that shows it; 0 where none does."""


@dataclass(frozen=True)
class Share:
    """One side's part of the traffic."""

    side: str
    part: str
    """`old` or `new`."""
    weight: float
    p95: str


@dataclass(frozen=True)
class Traffic:
    text: str
    shares: Sequence[Share]
    failed: str
    requests: str


@dataclass(frozen=True)
class Head:
    badge: Badge
    headline: str
    passed: int
    failed: int
    ahead: int
    outlook: str
    so_far: str
    now: str
    under_way: str
    """The row that is worked on, and who does."""
    coming: str
    """The next one."""


def badge(state: str, word: str = "") -> Badge:
    return Badge(MARKS.get(state, ("○", ""))[0], word or state, KINDS.get(state, "quiet"))


class View:
    """Draws `board` at `now`. `roster` gives names, `playbook` says which side comes in."""

    def __init__(self, board: Board, now: datetime, roster: Roster, playbook: Playbook) -> None:
        self._board, self._now, self._roster, self._playbook = board, now, roster, playbook
        self.zone: tzinfo = zone(board)
        self._ahead: Forecast | None = forecast(board, now)
        self._numbers = {name: number for number, name in enumerate(board.items, 1)}

    # -- head --------------------------------------------------------------------------------

    def head(self, *, alive: bool) -> Head:
        board = self._board
        states = Counter(item.state for item in board.items.values())
        failed = sum(states[one] for one in ("failed", "refused", "expired", "aborted"))
        return Head(
            badge=self.state(alive=alive),
            headline=str(board.verdict.get("headline", "")),
            passed=states["passed"],
            failed=failed,
            ahead=sum(states[one] for one in ("pending", "running", "waiting")),
            outlook=self._outlook(),
            so_far=elapsed(board.begun, str(board.verdict.get("at", "")), self._now),
            now=self._now.astimezone(self.zone).strftime("%H:%M:%S %Z"),
            under_way=self._named(one for one in board.rows.values() if one.started),
            coming=self._named(one for one in board.rows.values() if not one.started),
        )

    def _named(self, rows: Iterator[BoardRow]) -> str:
        """`10:45 Smoke suite · Asha`: the first of `rows` that has not ended."""
        row = next((one for one in rows if not one.ended), None)
        if row is None:
            return ""
        who = ", ".join(name for _, name in self._names(row.owner)) or row.owner
        return " ".join([clock_time(row.plan_start, self.zone), row.title, "·", who]).strip()

    def state(self, *, alive: bool) -> Badge:
        """In one word: the verdict once there is one."""
        board = self._board
        if board.verdict:
            verdict = str(board.verdict["verdict"])
            mark = {"ready": "✔", "not-ready": "✘"}.get(verdict, "◇")
            return Badge(mark, verdict.replace("-", " "), KINDS.get(verdict, "turn"))
        if not board.rehearsal:
            return badge("pending", "not begun")
        if not alive or board.state == "interrupted":
            return Badge("■", "interrupted", "turn")
        if board.state == "called off":
            return Badge("■", "called off", "bad")
        if board.waiting():
            return badge("waiting", "waiting for people")
        return badge("running")

    def _outlook(self) -> str:
        if self._ahead is None or self._board.verdict:
            return ""
        end = clock_time(rfc3339(self._ahead.end), self.zone)
        return f"{end} ({signed_minutes(self._ahead.late)})"

    # -- rows --------------------------------------------------------------------------------

    def rows(self) -> Sequence[RowView]:
        return [self._row(number, row) for number, row in enumerate(self._board.rows.values(), 1)]

    def row_of(self, item: str) -> str:
        """The id of the row that `item` belongs to; "" where none does."""
        return next((row.id for row in self._board.rows.values() if item in row.items), "")

    def row(self, ident: str) -> RowView:
        number = list(self._board.rows).index(ident) + 1
        return self._row(number, self._board.rows[ident])

    def _row(self, number: int, row: BoardRow) -> RowView:
        items = [self._board.items[name] for name in row.items if name in self._board.items]
        kept = [one for item in items for one in item.artefacts.values()]
        lines = [self.line(item) for item in items]
        start = clock_time(row.started, self.zone)
        guess = "" if start else self._expected(row)
        return RowView(
            id=f"row-{number}",
            number=number,
            title=row.title,
            plan=plan_of(row, self.zone),
            actual=start or guess,
            guess=bool(guess),
            took=elapsed(row.started, row.ended, self._now) if row.ended else "",
            late=self._late(row),
            role=row.owner,
            names=self._names(row.owner),
            badge=self._row_badge(row, items),
            done=sum(item.state not in ("pending", "running", "waiting") for item in items),
            items=lines,
            leads_to=_leads_to(lines),
            evidence=self._evidence(row, items),
            reality=reality(kept),
        )

    def _evidence(self, row: BoardRow, items: Sequence[BoardItem]) -> str:
        kept = {path for item in items for path in item.artefacts}
        wanted, brought = self._wanted(row)
        if not wanted and not brought:
            return str(len(kept))
        there = len(wanted & kept) + sum(
            item.id in brought and bool(item.artefacts) for item in items
        )
        return f"{there}/{len(wanted) + len(brought)}"

    def _wanted(self, row: BoardRow) -> tuple[set[str], set[str]]:
        """The files that the playbook asks of this row by name, and the items that people bring one
        for whose name it leaves open."""
        activity = next((one for one in self._playbook.activities if one.id == row.id), None)
        if activity is None:
            return set(), set()
        files = {one.path for one in activity.files if not one.path.endswith("/")}
        brought = set()
        for item in activity.items:
            if isinstance(item, DrillBlock):
                files.update(item.save.values())
            elif item.files:
                files.update(item.files)
            elif item.kind is HumanKind.UPLOAD:
                brought.add(item.id)
        return files, brought

    def line(self, item: BoardItem) -> ItemLine:
        word = WANTS.get(str(item.waiting.get("want")), "") if item.state == "waiting" else ""
        mark = badge(item.state, word or ("" if item.state != "pending" else "to come"))
        return ItemLine(self._numbers[item.id], item.id, item.title, mark, item.attempt)

    def _row_badge(self, row: BoardRow, items: Sequence[BoardItem]) -> Badge:
        waiting = next((item for item in items if item.state == "waiting"), None)
        if waiting is not None and not row.ended:
            return badge("waiting", WANTS.get(str(waiting.waiting.get("want")), "waiting"))
        if row.state == "pending":
            return badge("pending", "next" if self._is_next(row) else "to come")
        return badge(row.state)

    def _is_next(self, row: BoardRow) -> bool:
        return next((one for one in self._board.rows.values() if not one.started), None) is row

    def _expected(self, row: BoardRow) -> str:
        if self._ahead is None or row.id not in self._ahead.rows:
            return ""
        return clock_time(rfc3339(self._ahead.rows[row.id][0]), self.zone)

    def _late(self, row: BoardRow) -> str:
        if self._board.clock != "schedule" or not row.started:
            return ""
        planned, began = moment(row.plan_start), moment(row.started)
        span = began - planned if planned and began else timedelta()
        return signed_minutes(span) if abs(span) >= timedelta(minutes=1) else ""

    def _names(self, role: str) -> Sequence[tuple[str, str]]:
        holders = [] if role.casefold() == "all" else self._roster.holders(role) if role else []
        return [(one.id, one.name.split()[0]) for one in holders]

    # -- beside the rows ---------------------------------------------------------------------

    def traffic(self, figures: JsonObject) -> Traffic | None:
        """The last look at who takes how much; None where there is none, or the run is over."""
        told = figures.get("figures")
        item = self._board.items.get(str(figures.get("item", "")))
        over = item is not None and item.state != "running"
        if not isinstance(told, Mapping) or over or self._board.verdict:
            return None
        weights = {
            name.removesuffix("_weight"): float(value)
            for name, value in told.items()
            if name.endswith("_weight") and isinstance(value, int | float)
        }
        if not weights:
            return None
        incoming = self._incoming(str(figures.get("item", "")))
        shares = [
            Share(side, "new" if side == incoming else "old", weight,
                  _ms(told.get(f"{side}_p95_ms")))
            for side, weight in weights.items()
        ]  # fmt: skip
        counts = [told.get(f"{side}_requests") for side in weights]
        total = sum(one for one in counts if isinstance(one, int))
        return Traffic(
            text=str(figures.get("text", "")),
            shares=sorted(shares, key=lambda one: one.part, reverse=True),
            failed=str(told.get("failed", "–")),
            requests=str(total) if total else "",
        )

    def _incoming(self, item: str) -> str:
        for one in self._playbook.items():
            if isinstance(one, DrillBlock) and one.id == item:
                return str(one.params.get("incoming", ""))
        return ""

    def log(self) -> Sequence[tuple[str, str]]:
        """The last lines, newest first: a list of fixed height shows what is new without a push."""
        lines = self._board.log[: -_LOG_LINES - 1 : -1]
        return [(clock_time(at, self.zone, seconds=True), text) for at, text in lines]

    def objectives(self) -> Sequence[Objective]:
        """Each objective, and whether everything that it links to has passed."""
        return [
            Objective(claim.text, self._met(claim.links), self._first(claim.links))
            for claim in self._playbook.objectives
        ]

    def _first(self, links: Sequence[str]) -> int:
        """The number of the first step behind `links`; 0 where none is."""
        found = (self._numbers.get(one.id, 0) for one in self._playbook.behind(links))
        return next((one for one in found if one), 0)

    def _met(self, links: Sequence[str]) -> Badge:
        items = self._playbook.behind(links)
        known = [self._board.items[one.id] for one in items if one.id in self._board.items]
        states = {item.state for item in known}
        if not known:
            return Badge("◇", "nothing shows it", "turn")
        if states & {"failed", "refused", "expired", "aborted"}:
            return Badge("✘", "not met", "bad")
        if states == {"passed"}:
            return Badge("✔", "met", "good")
        passed = sum(item.state == "passed" for item in known)
        return Badge("○", f"{passed} of {len(known)}", "quiet")


def reality(artefacts: Sequence[JsonObject]) -> str:
    """How real what was kept is, the least real first: `simulated 2, local 4`."""
    counts = Counter(str(one.get("fidelity", "")) for one in artefacts)
    order = (Fidelity.SIMULATED, Fidelity.MANUAL, Fidelity.LOCAL, Fidelity.LIVE)
    found = [(kind.value, counts[kind.value]) for kind in order if counts[kind.value]]
    if len(found) == 1:
        return found[0][0]
    return ", ".join(f"{kind} {count}" for kind, count in found)


def attempts(item: BoardItem) -> Iterator[tuple[int, Sequence[object]]]:
    """Attempt number and its steps, newest first."""
    yield item.attempt, list(item.steps.values())
    for number in range(len(item.earlier), 0, -1):
        yield number, list(item.earlier[number - 1].values())


def troubles(item: BoardItem) -> Iterator[tuple[str, JsonObject | None, str]]:
    """What stands in the way of this attempt's passing: (step, check or None, why it broke off)."""
    for step in item.steps.values():
        if step.error:
            yield step.name, None, step.error
        for check in step.checks.values():
            if check["verdict"] != "pass":
                yield step.name, check, ""


def _leads_to(lines: Sequence[ItemLine]) -> int:
    found = (
        one.number for kind in ("turn", "live", "bad") for one in lines if one.badge.kind == kind
    )
    return next(found, lines[0].number if lines else 1)


def _ms(value: object) -> str:
    return f"{value:g} ms" if isinstance(value, int | float) else "–"
