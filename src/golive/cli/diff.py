"""`golive diff`: what changed between two rehearsals, or over a folder of them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from golive.evidence.day import read_day
from golive.evidence.diff import Change, Difference, Trend, difference
from golive.evidence.durable import explained
from golive.evidence.names import shown
from golive.evidence.verify.choose import intact_release
from golive.kernel.errors import BadInput

_WIDTH = 80
_NAME = 34
_EMPTY = "—"
_MARKS = {"new": "+", "gone": "-"}
"""Before a reason that only one of the two has."""


def diff(
    first: Annotated[Path, typer.Argument(help="A vault (its newest release), or one release.")],
    second: Annotated[Path | None, typer.Argument(help="The other; left out with --trend.")] = None,
    trend: Annotated[
        bool, typer.Option("--trend", help="Every rehearsal in the vaults of one folder.")
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="With --trend: a page of HTML.", dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare two sealed rehearsals, or all in a folder of vaults.

    Verdict, durations, checks, evidence and risks; with --trend, over time. All are verified first.

    Exit code: 0 compared, 1 a vault is not what was sealed, 2 not a vault.
    """
    if trend == (second is not None):
        raise BadInput(
            "give two vaults, or one folder with --trend",
            hint="golive diff VAULT_A VAULT_B, or golive diff --trend FOLDER",
        )
    if second is None:
        from golive.evidence.trend import read_trend

        over = read_trend(first)
        if page is not None:
            _write(page, over)
            return
        print(json.dumps(over.to_json(), indent=2) if as_json else "\n".join(_trend(over)))
        return
    found = difference(read_day(intact_release(first)), read_day(intact_release(second)))
    if as_json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_difference(found)))


def _write(page: Path, over: Trend) -> None:
    from golive import bootstrap

    with explained("the page can't be written", page):
        page.write_bytes(bootstrap.trend_page(over))
    print(f"trend  {page}")


def _difference(found: Difference) -> Iterator[str]:
    for name, day in (("A", found.first), ("B", found.second)):
        when, where = shown(day.sealed_at[:16]), shown(day.target)
        yield f"{name}  {shown(day.rehearsal)}, seal {day.number}, {when}Z, {where}"
        yield from _wrapped(day.headline, 3)
    for title, changes in found.sections().items():
        yield ""
        yield title.capitalize()
        for change in changes:
            yield from _change(change)
        if title == "evidence":
            yield f"  {found.same_evidence} files the same to the byte"
            yield f"  {found.renewed_evidence} under the same name with other bytes"
        elif not changes:
            yield "  no change"


def _change(change: Change) -> Iterator[str]:
    """A line of name, before and after; more lines where they don't fit."""
    if change.note in _MARKS:
        yield from _wrapped(f"{_MARKS[change.note]} {change.what}", 2)
        return
    name, note = shown(change.what), shown(change.note)
    values = f"{shown(change.before) or _EMPTY} → {shown(change.after) or _EMPTY}"
    line = f"  {name:<{_NAME}} {values}"
    if note and len(line) + len(note) + 3 <= _WIDTH:
        line += f"  ({note})"
        note = ""
    if len(line) <= _WIDTH:
        yield line
    else:
        yield from _wrapped(name, 2)
        yield from _wrapped(values, 6)
    if note:
        yield from _wrapped(note, 6)


def _trend(over: Trend) -> Iterator[str]:
    yield (
        f"{'sealed':<16}  {'rehearsal':<26} {'verdict':<10} {'ready':>5} {'open':>4} {'seconds':>8}"
    )
    for day in over.days:
        ready = f"{day.machine_ready}/{day.machine_items}"
        yield (
            f"{shown(day.sealed_at[:16]):<16}  {shown(day.rehearsal[:26]):<26} "
            f"{shown(day.verdict):<10} {ready:>5} {day.open_human_items:>4} {day.seconds:>8.1f}"
        )
    measures = over.measures()
    if measures:
        yield ""
        yield "Measured, oldest first"
    for name, (unit, values) in measures.items():
        told = "  ".join(_EMPTY if one is None else f"{one:g}" for one in values[-6:])
        yield from _wrapped(f"{name}: {told} {unit}", 2)
    for folder, why in over.unreadable:
        yield from _wrapped(f"left out: {folder}: {why}", 0)


def _wrapped(text: str, indent: int) -> Sequence[str]:
    """`text` in lines that a narrow terminal shows whole."""
    first = " " * indent
    return textwrap.wrap(shown(text), _WIDTH, initial_indent=first, subsequent_indent=f"{first}  ")
