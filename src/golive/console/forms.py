"""Forms: proof that a page of ours sent them, and the key by which each is done once."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.requests import Request

from golive.kernel.errors import BadInput
from golive.kernel.ids import sha256_hex

_MOST_TEXT = 4000
_UNSAID = frozenset({"csrf", "once", "passphrase", "again"})


class NotOurs(BadInput):
    """The form lacks the proof that it came from a page of this session."""


@dataclass(frozen=True)
class Brought:
    """A file as it came."""

    name: str
    """As the browser says: not to be trusted."""
    content: bytes


@dataclass(frozen=True)
class Form:
    once: str
    fields: Mapping[str, str]
    files: Sequence[Brought] = field(default_factory=tuple)

    @property
    def said(self) -> str:
        """SHA-256 of what the form says: its fields and files, without the proofs that it is ours
        and without passphrases."""
        fields = [[name, value] for name, value in self.fields.items() if name not in _UNSAID]
        files = [[one.name, sha256_hex(one.content)] for one in self.files]
        return sha256_hex(json.dumps([sorted(fields), files]).encode())

    def text(self, name: str, most: int = _MOST_TEXT) -> str:
        """A field without blanks around it; BadInput when it is longer than `most`."""
        value = self.fields.get(name, "").strip()
        if len(value) > most:
            raise BadInput(f"{name}: {len(value)} characters, at most {most} are kept")
        return value

    def secret(self, name: str) -> str:
        """A passphrase, exactly as typed."""
        return self.fields.get(name, "")[:1000]


@dataclass(frozen=True)
class Hidden:
    """The two hidden fields of a form that is sent to `path`."""

    csrf: str
    once: str


def hidden(token: str, path: str) -> Hidden:
    """For the visitor whose cookie is `token`."""
    nonce = secrets.token_urlsafe(16)
    return Hidden(sealed_for(token, "csrf", path), f"{nonce}.{sealed_for(token, nonce, path)[:32]}")


async def read_form(request: Request, token: str) -> Form:
    """The form in `request`. NotOurs without the two hidden fields of this cookie and path."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise BadInput("a form was expected")
    async with request.form(max_files=5, max_fields=40) as data:
        fields = {name: value for name, value in data.multi_items() if isinstance(value, str)}
        uploads = [value for _, value in data.multi_items() if isinstance(value, UploadFile)]
        files = [Brought(one.filename or "", await one.read()) for one in uploads]
    path = request.url.path
    nonce, _, mac = fields.get("once", "").partition(".")
    fits = same(fields.get("csrf", ""), sealed_for(token, "csrf", path))
    known = same(mac, sealed_for(token, nonce, path)[:32])
    if not token or not (fits and known):
        raise NotOurs(
            "this form is from another session, or its page was too old",
            hint="load the page again, then send it once more",
        )
    return Form(fields["once"], fields, files)


def sealed_for(token: str, what: str, text: str) -> str:
    """Proof that `text` was given, as `what`, to the visitor whose cookie is `token`."""
    key = hashlib.sha256(b"golive form\0" + token.encode()).digest()
    return hmac.digest(key, _bytes(f"{what}\0{text}"), "sha256").hex()


def same(one: str, other: str) -> bool:
    """In constant time."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
