"""Every rehearsal in a folder of vaults, in the order in which they were sealed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from golive.evidence import bag
from golive.evidence.day import Day, read_day
from golive.evidence.diff import Trend
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput, GoliveError

_DEEPEST = 6
_MANY = 2000


def read_trend(folder: Path) -> Trend:
    """The newest seal of every rehearsal in every vault below `folder`. What doesn't verify is left
    out and told, by its place in `folder`. BadInput when no vault lies there."""
    vaults = list(_vaults(folder, _DEEPEST))
    if not vaults:
        raise BadInput("no vault lies in it", where=str(folder))
    days: dict[str, Day] = {}
    unreadable = []
    for vault in vaults:
        found = verify(vault)
        if found.state is not State.INTACT:
            first = str(found.findings[0]) if found.findings else "; ".join(found.unchecked)
            unreadable.append((vault.relative_to(folder).as_posix(), first))
            continue
        for release in found.releases:
            try:
                day = read_day(vault if release.path == "." else vault / release.path)
            except GoliveError as error:
                place = (vault / release.path).relative_to(folder)
                unreadable.append((place.as_posix(), error.what))
                continue
            known = days.get(day.rehearsal)
            if known is None or known.number < day.number:
                days[day.rehearsal] = day
    ordered = sorted(days.values(), key=lambda day: (day.sealed_at, day.rehearsal))
    return Trend(ordered, unreadable)


def _vaults(folder: Path, deep: int) -> Iterator[Path]:
    """Folders that look like vaults or releases, links not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)[:_MANY]
    except OSError:
        return
    names = {entry.name for entry in entries}
    if {"releases", "ledger"} <= names or bag.SEAL in names:
        yield folder
        return
    for entry in entries:
        if deep and entry.is_dir(follow_symlinks=False):
            yield from _vaults(folder / entry.name, deep - 1)
