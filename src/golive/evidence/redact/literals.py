"""Secrets that we know by value, in every spelling that a tool may give them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

from golive.evidence.redact.model import Span

_SHORTEST = 4
_LONG_ENOUGH_TO_ENCODE = 8


class Literals:
    """Finds known secrets wherever they occur. Those under four characters are left out: they
    would be found in every other word."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self.forms: Sequence[str] = sorted(
            {form for secret in known for form in _spellings(secret)}, key=len, reverse=True
        )
        self._binary = [one.encode() for one in self.forms] + [
            secret.encode("utf-16-le") for secret in known
        ]
        self.longest = max((len(form) for form in self.forms), default=0)

    def find(self, text: str) -> Iterator[Span]:
        """Every occurrence in `text`."""
        for form in self.forms:
            at = text.find(form)
            while at != -1:
                yield Span(at, at + len(form), "secret", "a secret of this rehearsal", at)
                at = text.find(form, at + len(form))

    def within(self, data: bytes) -> bool:
        """Whether any of them lies in `data`, as text of one or two bytes a character."""
        return any(form in data for form in self._binary)


def _spellings(secret: str) -> Iterator[str]:
    """As it is, and as CSV, JSON, URLs, forms, HTML, base64 and hexadecimal spell it."""
    yield secret
    yield secret.replace('"', '""')
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield html.escape(secret)
    yield html.escape(secret, quote=False)
    if len(secret) >= _LONG_ENOUGH_TO_ENCODE:
        data = secret.encode()
        yield data.hex()
        yield from _base64(data)


def _base64(data: bytes) -> Iterator[str]:
    """What of the secret shows in base64 whatever stood before it: three alignments, with the
    letters at either edge left off that also depend on the neighbours."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * before + data).decode().rstrip("=")
            first = (before * 8 + 5) // 6
            whole = (before + len(data)) * 8 // 6
            core = text[first:whole]
            if len(core) >= _LONG_ENOUGH_TO_ENCODE:
                yield core
