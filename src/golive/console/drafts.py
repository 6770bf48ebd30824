"""Words that were typed into a form whose session had ended meanwhile: they travel with the sign-in
form, and come back to the same person alone.

Nothing is kept here: the sign-in page carries them, sealed with the cookie that the form itself was
proven by, so that nobody can put words there for somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus

from golive.console.forms import Form, same, sealed_for
from golive.kernel.json import canonical

_SECRET = frozenset({"csrf", "once", "passphrase", "again"})
MOST = 60_000
"""Characters, as a form is sent: `ConsoleSettings.form_limit` leaves as many for it."""


@dataclass(frozen=True)
class Draft:
    person: str
    path: str
    """Where the form was to be sent."""
    fields: Mapping[str, str]
    """What it said. Of a passphrase only that one was asked for."""


def draft(form: Form, person: str, path: str) -> Draft | None:
    """None where the form held no words of anybody's, or a file."""
    if form.files or not form.fields.get("comment", "").strip():
        return None
    said = {name: value for name, value in form.fields.items() if name not in _SECRET}
    asked = {"passphrase": ""} if "passphrase" in form.fields else {}
    return Draft(person, path, {**said, **asked})


def packed(one: Draft, token: str) -> str:
    """As a field of the sign-in form, for the visitor whose cookie is `token`; "" where it is more
    than such a form may hold."""
    text = canonical([one.person, one.path, dict(one.fields)]).decode()
    field = f"{sealed_for(token, 'draft', text)}.{text}"
    return field if len(quote_plus(field)) <= MOST else ""


def unpacked(field: str, token: str) -> Draft | None:
    """None where it isn't one that this visitor was given."""
    mac, _, text = field.partition(".")
    if not token or not same(mac, sealed_for(token, "draft", text)):
        return None
    person, path, fields = json.loads(text)
    return Draft(person, path, fields)
