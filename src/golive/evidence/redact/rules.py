"""The rules together, over one piece of text."""

from __future__ import annotations

from collections.abc import Sequence

from golive.evidence.redact import credentials
from golive.evidence.redact.literals import Literals
from golive.evidence.redact.model import Span, mark, merged, replaced
from golive.evidence.redact.names import is_phone, is_secret, kind_of
from golive.evidence.redact.personal import Personal, is_card


class Rules:
    """What counts as secret or personal in this rehearsal."""

    def __init__(self, literals: Literals, personal: Personal) -> None:
        self._literals = literals
        self._personal = personal

    def spans(self, text: str) -> Sequence[Span]:
        """Everything in `text` that must go, in order, without overlaps."""
        found = [
            *self._literals.find(text),
            *credentials.find(text),
            *self._personal.find(text),
        ]
        return merged(found) if found else ()

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


__all__ = ["Rules", "mark"]
