"""A second look, by other means than the redactor's marks: is anybody's address, number or name in
these files who doesn't belong to the rehearsal?

Addresses and numbers are found as the redactor finds them. A name is two capitalised words of which
the first is a given name and the second a family name, by the lists of `mimesis`; it belongs to the
rehearsal when an address in the rehearsal's domains is made of it (`asha.menon@…`), or when it is
that of somebody who took part. What this can't see is told (`not_searched`), but for names that no
list knows.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import BinaryIO

from golive.evidence.redact import Redaction, Redactor, SecretInBinary
from golive.kernel.errors import GoliveError
from golive.kernel.json import JsonObject

PERSONAL = frozenset({"email", "phone", "card", "location"})
_LISTS = ("en", "en-gb", "de", "fr", "es", "it", "nl", "pl", "pt", "sv")
_PIECE = 1 << 20
_MARGIN = 256
_MOST = 1000
_NAME = re.compile(r"(?<![\w@])([A-Z][^\W\d_]{1,19}) ([A-Z][^\W\d_]{1,24})(?!\w)")
_WORDS = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class File:
    """One file to look through. `open` gives its bytes from the start."""

    path: str
    media_type: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, order=True)
class Found:
    """Somebody who doesn't belong here; never the value."""

    path: str
    line: int
    kind: str
    why: str

    def to_json(self) -> JsonObject:
        return {"path": self.path, "line": self.line, "kind": self.kind, "why": self.why}


@dataclass(frozen=True)
class Scan:
    """What the second look saw."""

    domains: Sequence[str]
    searched: int
    """Files."""
    not_searched: Sequence[tuple[str, str]]
    """Path and why."""
    names_of_the_rehearsal: int
    names_known: int
    """Given and family names that could have been recognised."""
    found: Sequence[Found]

    def to_json(self) -> JsonObject:
        return {
            "domains": list(self.domains),
            "searched": self.searched,
            "not_searched": [{"path": path, "why": why} for path, why in self.not_searched],
            "names_of_the_rehearsal": self.names_of_the_rehearsal,
            "names_known": self.names_known,
            "found": [one.to_json() for one in self.found],
        }


def scan(files: Iterable[File], domains: Sequence[str], people: Sequence[str] = ()) -> Scan:
    """Look through every file. `domains` are the rehearsal's own; `people` took part in it and are
    named because they answer for it. OSError when a file can't be read."""
    looking = _Looking(domains, people)
    for one in files:
        looking.through(one)
    return looking.result()


@dataclass
class _Looking:
    domains: Sequence[str]
    people: Sequence[str] = ()
    searched: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    found: set[Found] = field(default_factory=set)
    named: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    locals: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._redactor = Redactor(domains=self.domains)
        ends = "|".join(re.escape(one) for one in self.domains) or "(?!)"
        self._own = re.compile(rf"([\w.+-]{{1,64}})@(?:[\w-]+\.){{0,4}}(?:{ends})(?![\w-])", re.I)

    def through(self, file: File) -> None:
        try:
            with file.open() as source:
                log = self._redactor.stream(source, _Nowhere(), file.media_type)  # type: ignore[arg-type]
        except (SecretInBinary, GoliveError) as error:
            self._add(Found(file.path, 0, "refused", error.what))
            return
        self.searched += 1
        for one in log:
            self._note(file, one)
        with file.open() as source:
            self._names(file.path, source)

    def _note(self, file: File, one: Redaction) -> None:
        if one.is_note:
            self.skipped.append((file.path, one.why))
        elif one.kind in PERSONAL:
            self._add(Found(file.path, one.line, one.kind, one.why))

    def _add(self, one: Found) -> None:
        if len(self.found) < _MOST:
            self.found.add(one)

    def _names(self, path: str, source: BinaryIO) -> None:
        given, family = known_names()
        rest, line = "", 1
        while data := source.read(_PIECE):
            if b"\0" in data[:_MARGIN]:
                return
            text = rest + data.decode("utf-8", "replace")
            self.locals.update(match[1].lower() for match in self._own.finditer(text))
            at = 0
            for match in _NAME.finditer(text):
                if match[1].casefold() in given and match[2].casefold() in family:
                    line += text.count("\n", at, match.start())
                    at = match.start()
                    places = self.named.setdefault(_plain(match[0]), [])
                    if len(places) < _MOST:
                        places.append((path, line))
            cut = max(at, len(text) - _MARGIN)
            line += text.count("\n", at, cut)
            rest = text[cut:]

    def result(self) -> Scan:
        own = {tuple(_WORDS.findall(local))[:2] for local in self.locals}
        own |= {tuple(_WORDS.findall(_plain(name)))[:2] for name in self.people}
        belong = {name for name in self.named if tuple(_WORDS.findall(name)) in own}
        why = "a name that no address of the rehearsal is made of"
        strangers = {
            Found(path, line, "name", why)
            for name, places in self.named.items()
            if name not in belong
            for path, line in places
        }
        given, family = known_names()
        return Scan(
            domains=list(self.domains),
            searched=self.searched,
            not_searched=sorted(set(self.skipped)),
            names_of_the_rehearsal=len(belong),
            names_known=len(given) + len(family),
            found=sorted(self.found | strangers)[:_MOST],
        )


@cache
def known_names() -> tuple[Set[str], Set[str]]:
    """Given and family names in lower case."""
    given: set[str] = set()
    family: set[str] = set()
    for locale in _LISTS:
        place = resources.files("mimesis").joinpath("datasets", locale, "person.json")
        data = json.loads(place.read_text(encoding="utf-8"))
        given |= _texts(data["names"])
        family |= _texts(data["surnames"])
    return given, family


def _texts(value: object) -> set[str]:
    """Every text in nested lists and objects."""
    if isinstance(value, str):
        return {value.casefold()}
    inside = value.values() if isinstance(value, dict) else value
    return set().union(*map(_texts, inside)) if isinstance(inside, Iterable) else set()


def _plain(name: str) -> str:
    """As an address spells it: lower case, ASCII letters alone."""
    return unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()


class _Nowhere(io.RawIOBase):
    """Takes what is written and keeps none of it."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]
