"""Take known secrets out of what a drill keeps.

The vault redacts too. A drill that hands a credential to something knows that one by value, and
takes it out before anything else sees the output.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from golive.kernel.json import Json

MARK = "[redacted]"


class Redactor:
    """Replaces each secret, also percent-encoded or in base64, wherever it occurs."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, MARK)
        return text

    def bytes(self, data: bytes) -> bytes:
        for form in self._forms:
            data = data.replace(form.encode(), MARK.encode())
        return data

    def json(self, value: Json) -> Json:
        """`value` with every text redacted, names of members too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self.json(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(one) for one in value]
        return value


def _forms(secret: str) -> Iterable[str]:
    yield secret
    if len(secret) >= 6:
        yield quote(secret, safe="")
        yield base64.b64encode(secret.encode()).decode()
