"""Times and order: what goes backwards, what never runs."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from golive.playbook.findings import Findings
from golive.playbook.lint.facts import Facts
from golive.playbook.model import Activity, Moment
from golive.playbook.times import exists, zone

_DAY = timedelta(days=1)


def check(facts: Facts, findings: Findings) -> None:
    _kinds(facts, findings)
    _backwards(facts, findings)
    _skipped(facts, findings)
    _unreached(facts, findings)


def _kinds(facts: Facts, findings: Findings) -> None:
    first: Activity | None = None
    for activity in facts.playbook.activities:
        for moment in (activity.start, activity.end):
            if moment is None:
                continue
            first = first or activity
            if first.start and moment.relative != first.start.relative:
                findings.add(
                    "times-mixed",
                    activity.place,
                    f"`{activity.title[:60]}` mixes clock times with offsets from the cutover",
                    "one timeline uses one kind",
                )
                break


def _backwards(facts: Facts, findings: Findings) -> None:
    before: Activity | None = None
    for activity in facts.playbook.activities:
        start, end = activity.start, activity.end
        if start is None:
            continue
        if end is not None and end.relative == start.relative and end.offset < start.offset:
            findings.add(
                "time-backwards",
                activity.place,
                f"`{activity.title[:60]}` ends at {show(end)}, before it begins at {show(start)}",
                f"the next day is written {show(end)}+1" if not end.relative else "",
            )
        above = before.start if before else None
        if above and above.relative == start.relative and start.offset < above.offset:
            findings.add(
                "time-backwards",
                activity.place,
                f"`{activity.title[:60]}` begins at {show(start)}, "
                f"before the row above it ({show(above)})",
                f"the next day is written {show(start)}+1" if not start.relative else "",
            )
            continue
        before = activity


def show(moment: Moment) -> str:
    """As a playbook writes it."""
    minutes = int(abs(moment.offset).total_seconds()) // 60
    if moment.relative:
        sign = "-" if moment.offset < timedelta() else "+"
        return f"T{sign}{minutes}m" if moment.offset else "T0"
    days, rest = divmod(minutes, 24 * 60)
    return f"{rest // 60:02d}:{rest % 60:02d}" + (f"+{days}" if days else "")


def _skipped(facts: Facts, findings: Findings) -> None:
    there = zone(facts.playbook.timezone)
    day = facts.playbook.day
    if there is None or day is None:
        return
    for activity in facts.playbook.activities:
        for moment in (activity.start, activity.end):
            if moment is None or moment.relative:
                continue
            wall = (datetime.combine(day, time()) + moment.offset).replace(tzinfo=there)
            if not exists(wall):
                findings.add(
                    "time-skipped",
                    activity.place,
                    f"the clocks of {facts.playbook.timezone} skip {wall:%H:%M} on {wall:%d %B}",
                )


def _unreached(facts: Facts, findings: Findings) -> None:
    book = facts.playbook
    reached = {item.id for item in book.items()}
    rescues = {block.run_on_failure for block in facts.blocks if block.run_on_failure is not None}
    for rescue in rescues:
        for one in book.within(rescue):
            reached |= {item.id for item in book.sections[one].items}
    for section in book.sections.values():
        left = [item for item in section.items if item.id not in reached]
        if left:
            findings.add(
                "never-runs",
                section.place,
                f"no row links to `{section.title[:60]}`: {len(left)} of its steps never run",
                f"link to it from the row that runs it: [{section.title[:40]}](#{section.id})",
            )
