"""`{date}`, `{release}` and `{rehearsal}`; and what may be a path in the vault."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from golive.kernel.json import Json
from golive.playbook.findings import Findings, nearest
from golive.playbook.model import Place

_NAME = re.compile(r"\{([a-z][a-z_]{0,30})\}")
_EXTENSION = re.compile(r"[^\s]\.[A-Za-z][A-Za-z0-9]{0,9}$")
_FORBIDDEN = re.compile(r"[\\%\x00-\x1f\x7f-\x9f]")
_LONGEST_PATH = 300


@dataclass(frozen=True)
class Expander:
    """Knows the values; notes what is used and isn't known."""

    values: Mapping[str, str | None]
    """A name's value; None where the playbook has yet to say."""
    findings: Findings
    day: date | None = None
    """The playbook's date."""

    def text(self, text: str, place: Place) -> str:
        """`text` with its placeholders filled in."""
        if "{" not in text:
            return text
        return _NAME.sub(lambda match: self._value(match, place), text)

    def json(self, value: Json, place: Callable[[], Place]) -> Json:
        """`value` with the placeholders of every text in it filled in. Other braces are left."""
        if isinstance(value, str):
            return self._known(value, place)
        if isinstance(value, Mapping):
            return {key: self.json(one, place) for key, one in value.items()}
        if isinstance(value, Sequence):
            return [self.json(one, place) for one in value]
        return value

    def path(self, text: str, place: Place) -> str | None:
        """A path in the vault, expanded; None (and a finding) where it can't be one."""
        path = self.text(text.strip(), place)
        wrong = path_problem(path)
        if wrong:
            self.findings.add("bad-path", place, f"`{path}` can't be a path in the vault: {wrong}")
            return None
        return path

    def _known(self, text: str, place: Callable[[], Place]) -> str:
        def fill(match: re.Match[str]) -> str:
            return self._value(match, place()) if match[1] in self.values else match[0]

        return _NAME.sub(fill, text)

    def _value(self, match: re.Match[str], place: Place) -> str:
        name = match[1]
        if name not in self.values:
            self.findings.add(
                "unknown-placeholder",
                place,
                f"`{match[0]}` stands for nothing and stays as it is",
                nearest(name, self.values) or "there are {date}, {release} and {rehearsal}",
            )
            return match[0]
        value = self.values[name]
        if value is None:
            self.findings.add(
                "no-date",
                place,
                f"`{match[0]}` is used, but the front matter has no `{name}`",
                f"write `{name}: {'2024-05-30' if name == 'date' else '...'}` in the front matter",
            )
            return match[0]
        return value


def names_a_file(code: str) -> bool:
    """Whether a code span is a file in the vault: it holds a `/` or an extension (rule 4).

    Folders (`ci/`), addresses and anything with the look of a request line are references.
    """
    if "://" in code or code.endswith("/") or re.match(r"[A-Z]+ /", code):
        return False
    return "/" in code or _EXTENSION.search(code) is not None


def path_problem(path: str) -> str:
    """Why `path` can't name a file in the vault, or ""."""
    parts = path.split("/")
    if not path or len(path) > _LONGEST_PATH:
        return f"it must have 1 to {_LONGEST_PATH} characters"
    if path.startswith("/") or "" in parts or "." in parts or ".." in parts:
        return "it must be relative, without empty parts, `.` or `..`"
    if _FORBIDDEN.search(path):
        return "backslashes, `%` and control characters aren't allowed"
    if not unicodedata.is_normalized("NFC", path):
        return "its accents must be composed characters (Unicode NFC)"
    return ""
