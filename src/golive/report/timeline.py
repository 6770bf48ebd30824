"""Rows as planned beside rows as they went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup

from golive.drillkit.records import Outcome
from golive.playbook.schedule import plan
from golive.report import drawing
from golive.report.source import Source
from golive.report.wording import NOT_RUN, OUTCOMES, Badge, clock, length, moment

_ROW, _TOP = 22.0, 26.0


@dataclass(frozen=True)
class Row:
    number: int
    title: str
    owner: str
    planned: tuple[datetime | None, datetime | None]
    actual: tuple[datetime | None, datetime | None]
    badge: Badge

    def plan(self, where: tzinfo) -> str:
        start, end = self.planned
        return f"{clock(start, where)} to {clock(end, where)}" if end else clock(start, where)

    def went(self, where: tzinfo) -> str:
        start, end = self.actual
        if start is None:
            return "not begun"
        return f"{clock(start, where, seconds=True)} to {clock(end, where, seconds=True)}"

    @property
    def took(self) -> str:
        start, end = self.actual
        return length(end - start) if start and end else "–"

    def late(self) -> str:
        """How much later than planned it began."""
        start, planned = self.actual[0], self.planned[0]
        if start is None or planned is None:
            return "–"
        span = start - planned
        if abs(span) < timedelta(minutes=1):
            return "on time"
        return f"{length(abs(span))} {'late' if span > timedelta() else 'early'}"


def rows(source: Source) -> Sequence[Row]:
    """Every row, in the playbook's order."""
    went = _went(source)
    slots = {slot.activity.id: (slot.start, slot.end) for slot in plan(source.playbook)}
    return [
        Row(
            number,
            activity.title,
            activity.owner,
            slots[activity.id],
            *went.get(activity.id, ((None, None), NOT_RUN)),
        )
        for number, activity in enumerate(source.playbook.activities, start=1)
    ]


_Went = tuple[tuple[datetime | None, datetime | None], Badge]


def _went(source: Source) -> Mapping[str, _Went]:
    """Begin, end and state of each row that the journal tells of."""
    found: dict[str, _Went] = {}
    for event in source.events:
        if event.get("event") != "row":
            continue
        row, at = str(event.get("row")), moment(str(event.get("at")))
        (began, _), badge = found.get(row, ((None, None), NOT_RUN))
        if event.get("state") == "started":
            found[row] = ((began or at, None), badge)
        else:
            outcome = str(event.get("outcome"))
            known = outcome in set(Outcome)
            found[row] = ((began, at), OUTCOMES[Outcome(outcome)] if known else NOT_RUN)
    return found


def draw(rows: Sequence[Row], where: tzinfo, wide: float, kind: str) -> Markup:
    """Two pictures side by side, each on its own scale: the day as planned, the run as it went."""
    middle = wide / 2
    high = _TOP + _ROW * len(rows) + 24
    planned = [one.planned for one in rows]
    parts = [
        *_lane(planned, 22, middle - 10, "Planned", "planned", lambda at: clock(at, where)),
        *_lane([one.actual for one in rows], middle + 10, wide - 6, "Actual", "actual",
               lambda at: clock(at, where, seconds=True)),
    ]  # fmt: skip
    for index, one in enumerate(rows):
        y = _TOP + _ROW * index + 15
        parts.append(drawing.words((2, y), one.number, "tick"))
    label = "Each row's planned time beside the time it took, each on a scale of its own; the list "
    return drawing.image(parts, wide, high, label + "below says the same in words.", kind)


def _lane(
    spans: Sequence[tuple[datetime | None, datetime | None]],
    left: float,
    right: float,
    title: str,
    kind: str,
    tell: Callable[[datetime], str],
) -> Iterator[Markup]:
    yield drawing.words((left, 14), title, "title")
    moments = [at for span in spans for at in span if at is not None]
    if not moments:
        yield drawing.words((left, _TOP + 15), "no times", "tick")
        return
    first, last = min(moments), max(moments)
    whole = max((last - first).total_seconds(), 0.001)

    def x(at: datetime) -> float:
        return left + (right - left) * (at - first).total_seconds() / whole

    bottom = _TOP + _ROW * len(spans)
    yield drawing.line((left, bottom), (right, bottom), "grid")
    yield drawing.words((left, bottom + 16), tell(first), "tick")
    yield drawing.words((right, bottom + 16), tell(last), "tick", "end")
    for index, (start, end) in enumerate(spans):
        if start is not None:
            y = _TOP + _ROW * index + 4
            yield drawing.box((x(start), y), max(x(end or start) - x(start), 3.0), 14, kind)
