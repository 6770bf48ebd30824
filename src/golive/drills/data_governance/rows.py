"""What is in an export, row by row: how many of each dataset, and whose they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from golive.kernel.json import Json
from golive.ports.data_governance import Holding

_OWNERS = ("userId", "user_id", "ownerId", "owner_id", "subjectId", "subject_id", "accountId")
_NAMED = 20
"""Foreign rows that are told one by one."""


@dataclass(frozen=True)
class Subject:
    """The person whose data it should be."""

    user_id: str
    email: str
    holdings: Mapping[str, Holding]


@dataclass
class Contents:
    """Counted from the bytes, never from the manifest."""

    rows: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    unread: int = 0
    """Lines that are no row."""
    mixed: list[int] = field(default_factory=list)
    """Chunks that hold rows of more than one dataset."""
    missing: dict[str, set[str]] = field(default_factory=dict)
    """By dataset that the subject's pages list: ids that no row has borne so far."""

    def note(self, dataset: str, number: int, why: str) -> None:
        self.foreign.append(f"{dataset} row {number}: {why}")

    @property
    def told(self) -> str:
        more = len(self.foreign) - _NAMED
        return "; ".join(self.foreign[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def examine(parts: Sequence[Path], subject: Subject, readable: TextIO) -> Contents:
    """Count and judge every row, and write them all to `readable` as one JSON object by dataset.
    A row at a time is in memory, however large the export."""
    listed = {name: set(one.ids) for name, one in subject.holdings.items() if one.ids is not None}
    found, writer = Contents(missing=listed), _Writer(readable)
    for index, part in enumerate(parts):
        datasets = set()
        for dataset, row in _rows(part, found):
            found.rows[dataset] += 1
            datasets.add(dataset)
            if dataset in listed and isinstance(row, Mapping):
                listed[dataset].discard(str(row.get("id") or ""))
            why = _foreign(dataset, row, subject)
            if why:
                found.note(dataset, found.rows[dataset], why)
            writer.write(dataset, row)
        if len(datasets) > 1:
            found.mixed.append(index)
    writer.end()
    return found


def _rows(part: Path, found: Contents) -> Iterator[tuple[str, Json]]:
    """`{"dataset": …, "row": …}` a line, or one object with a list (or a record) by dataset."""
    with part.open("rb") as lines:
        for line in lines:
            said = _parsed(line)
            if isinstance(said, dict) and isinstance(said.get("dataset"), str) and "row" in said:
                yield str(said["dataset"]), said["row"]
            elif line.strip():
                break
        else:
            return
    document = _parsed(part.read_bytes())
    if not isinstance(document, dict):
        found.unread += 1
        return
    for name, kept in document.items():
        for row in kept if isinstance(kept, list) else [kept]:
            yield name, row


def _parsed(data: bytes) -> Json:
    try:
        said: Json = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return said


def _foreign(dataset: str, row: Json, subject: Subject) -> str:
    """Why this row is not the subject's; "" where nothing speaks against it."""
    if not isinstance(row, Mapping):
        return "" if row is None else "it is no record"
    identifier = str(row.get("id") or "")
    if dataset == "user" and identifier and identifier != subject.user_id:
        return "another person's account"
    known = subject.holdings.get(dataset)
    if known is not None and known.ids is not None and identifier not in known.ids:
        return "the subject's own pages don't have it"
    for owner in _OWNERS:
        if isinstance(row.get(owner), str) and row[owner] != subject.user_id:
            return f"its {owner} is another person's"
    if any(one.casefold() != subject.email.casefold() for one in _addresses(row)):
        return "it has another person's address"
    others_words = row.get("author") not in (None, "subject", subject.user_id) and row.get("body")
    return "it has another person's words" if others_words else ""


def _addresses(said: Json, named: str = "") -> Iterator[str]:
    """Values of fields that are called an e-mail address, however deep they lie."""
    if isinstance(said, Mapping):
        for name, value in said.items():
            yield from _addresses(value, name)
    elif isinstance(said, list):
        for value in said:
            yield from _addresses(value, named)
    elif "email" in named.casefold() and isinstance(said, str) and "@" in said:
        yield said


class _Writer:
    """One JSON object, `{"dataset": [row, …], …}`, whose rows come in runs of one dataset."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last: str | None = None
        self._runs: Counter[str] = Counter()
        out.write("{")

    def write(self, dataset: str, row: Json) -> None:
        text = json.dumps(row, ensure_ascii=False)
        if dataset == self._last:
            self._out.write(f",\n    {text}")
            return
        self._out.write("\n" if self._last is None else "\n  ],\n")
        self._runs[dataset] += 1
        # a dataset that comes back later has a name of its own: no row hides another
        turn = self._runs[dataset]
        name = dataset if turn == 1 else f"{dataset} ({turn})"
        self._out.write(f"  {json.dumps(name)}: [\n    {text}")
        self._last = dataset

    def end(self) -> None:
        self._out.write("}\n" if self._last is None else "\n  ]\n}\n")
