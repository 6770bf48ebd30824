"""Names whose value is a secret: of JSON members, columns, form fields, environment variables."""

from __future__ import annotations

import re
from functools import lru_cache

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_ENDINGS = {
    "password": "password",
    "passwd": "password",
    "passphrase": "password",
    "passcode": "password",
    "pwd": "password",
    "dbpass": "password",
    "userpass": "password",
    "secret": "secret",
    "secrets": "secret",
    "token": "token",
    "jwt": "token",
    "bearer": "token",
    "apikey": "key",
    "accesskey": "key",
    "accesskeyid": "key",
    "secretkey": "key",
    "privatekey": "key",
    "signingkey": "key",
    "encryptionkey": "key",
    "masterkey": "key",
    "credential": "credential",
    "credentials": "credential",
    "authorization": "authorization",
    "authorisation": "authorization",
    "cookie": "cookie",
    "cookies": "cookie",
    "sessionid": "session",
    "sessid": "session",
    "xamzsignature": "signature",
    "cardnumber": "card",
    "creditcard": "card",
    "securitycode": "card",
    "cvv": "card",
    "cvc": "card",
}
_EXACT = {"otp": "password", "totp": "password", "pan": "card", "sid": "session"}
_HARMLESS = (
    "nexttoken",
    "pagetoken",
    "continuationtoken",
    "requesttoken",
    "idempotencytoken",
    "synctoken",
    "setpassword",
    "resetpassword",
    "forgotpassword",
    "haspassword",
    "wrongpassword",
    "badpassword",
)
_CONTACT = {
    "phone": "phone",
    "phonenumber": "phone",
    "mobile": "phone",
    "mobilenumber": "phone",
    "telephone": "phone",
    "msisdn": "phone",
}
_EVEN_DIGITS = frozenset({"password", "card"})
"""Kinds that a bare number may be; a number called a token is a count of something."""


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str | None:
    """What kind of secret a value called `name` is, or None. `dbPassword`, `DB_PASSWORD` and
    `db-password` are one name."""
    plain = _NOT_WORDS.sub("", name.lower())
    if plain in _EXACT:
        return _EXACT[plain]
    if plain.endswith(_HARMLESS):
        return None
    for ending, kind in _ENDINGS.items():
        if plain.endswith(ending):
            return kind
    return None


@lru_cache(maxsize=4096)
def is_phone(name: str) -> bool:
    """Whether a value called `name` is a telephone number however it is written."""
    return any(_NOT_WORDS.sub("", name.lower()).endswith(ending) for ending in _CONTACT)


_PLACEHOLDER = re.compile(
    r"\[redacted|\$\{|\$\(|\{\{|%\(|<[a-z]|\*+$|x{3,}$|-+$|(?:null|none|true|false|undefined|required|"
    r"optional|missing|invalid|unset|hidden|string|number|sensitive)$|$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")
_SHORTEST_TOKEN = 8


def is_secret(value: str, kind: str) -> bool:
    """Whether `value`, called by a name of `kind`, is one and not a placeholder, a reference or a
    figure."""
    if _PLACEHOLDER.match(value):
        return False
    if kind in _EVEN_DIGITS:
        return True
    return len(value) >= _SHORTEST_TOKEN and not (len(value) < 20 and _DIGITS.fullmatch(value))
