"""Writes the tape (`golive.ports.tape`): what changed, and nothing twice."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from io import BufferedWriter
from pathlib import Path

from golive.kernel.json import Json
from golive.ports import tape as form

_LARGEST = 12_000_000
"""Bytes, after which a new tape begins. A rehearsal under load writes about 2 kB a second."""


class Tape:
    """An open tape, closed at the end of `with`. OSError where the disk refuses."""

    def __init__(self, path: Path, largest: int = _LARGEST) -> None:
        self._path, self._largest = path, largest
        self._file: BufferedWriter
        self._size = 0
        self._open()

    def __enter__(self) -> Tape:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keep(self, now: float, side: str, exposed: Mapping[str, float] | None) -> None:
        """One scrape of `side` at `now` (seconds of the epoch); None where it did not answer."""
        if self._size > self._largest:
            self._file.close()
            self._path.replace(form.aside(self._path))
            self._open()
        lines: list[Json] = []
        known = self._known.setdefault(side, {})
        if exposed is None:
            known.clear()
            lines.append([form.DOWN, now, side])
        else:
            lines += self._news(side, known, exposed)
            lines.append([form.SCRAPE, now, side, self._changes(side, known, exposed)])
        self._write(lines)

    def _news(
        self, side: str, known: Mapping[str, float], exposed: Mapping[str, float]
    ) -> list[Json]:
        found: list[Json] = []
        for name in exposed.keys() - known.keys():
            if (side, name) not in self._numbers:
                number = self._numbers[side, name] = len(self._numbers)
                found.append([form.SERIES, number, side, name])
        return found

    def _changes(
        self, side: str, known: dict[str, float], exposed: Mapping[str, float]
    ) -> list[Json]:
        changes: list[Json] = []
        for name, value in exposed.items():
            if known.get(name) != value and math.isfinite(value):
                changes += [self._numbers[side, name], value]
                known[name] = value
        for name in known.keys() - exposed.keys():
            changes += [self._numbers[side, name], None]
            del known[name]
        return changes

    def _open(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._known: dict[str, dict[str, float]] = {}
        self._file = self._path.open("ab")
        self._path.chmod(0o600)
        self._size = self._file.tell()
        if self._size:
            self._file.write(b"\n")  # whoever wrote before may have been cut off in mid-line
        self._write([[form.HEADER, form.VERSION]])

    def _write(self, lines: list[Json]) -> None:
        data = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        self._file.write(data)
        self._file.flush()
        self._size += len(data)
