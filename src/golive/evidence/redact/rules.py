"""The rules together, over one piece of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from golive.evidence.redact import credentials
from golive.evidence.redact.literals import Literals
from golive.evidence.redact.model import Span, merged, replaced
from golive.evidence.redact.names import is_phone, is_secret, kind_of
from golive.evidence.redact.personal import Personal, is_card

_INERT = re.compile(
    r"[A-Za-z_ ./]{0,16}|-?\d{1,8}(?:\.\d{1,12})?|[0-9a-f]{40}|[0-9a-f]{64}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?"
)
"""Short words, figures, digests, UUIDs and moments: no rule but a known secret can be about one."""


class Rules:
    """What counts as secret or personal in this rehearsal."""

    def __init__(self, literals: Literals, personal: Personal) -> None:
        self._literals = literals
        self._personal = personal

    def spans(self, text: str) -> Sequence[Span]:
        """Everything in `text` that must go, in order, without overlaps."""
        found = list(self._literals.find(text))
        if not _INERT.fullmatch(text):
            found += credentials.find(text)
            found += self._personal.find(text)
        return merged(found) if found else ()

    def spans_of_known(self, text: str) -> Sequence[Span]:
        """The rehearsal's own secrets alone."""
        return merged(self._literals.find(text))

    def clean(self, text: str) -> str:
        """`text` without it."""
        spans = self.spans(text)
        return replaced(text, spans) if spans else text

    def called(self, name: str, value: str) -> tuple[str, str] | None:
        """Kind and reason when a value must go because of its name: a JSON member, a column."""
        kind = kind_of(name)
        if kind == "card" and not (is_card(value) or len(value) in (3, 4)):
            return None
        if kind and is_secret(value, kind):
            return kind, f"the value of {name[:64]!r}"
        if is_phone(name) and self._personal.is_phone(value):
            return "phone", f"the value of {name[:64]!r}"
        return None
