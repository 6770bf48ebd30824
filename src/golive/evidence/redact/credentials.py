"""Credentials that give themselves away by their shape or by what stands before them.

Every pattern takes linear time: repetitions are bounded or possessive, and a match may begin only
where a word does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from golive.evidence.redact.model import Span
from golive.evidence.redact.names import is_secret, kind_of

_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[A-Za-z0-9+/=\s:,]|\\[nr]|-(?!-)){0,65536}+"
    r"(?:-----END [A-Z0-9 ]{1,40}-----)?"
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+(?:\.[\w-]*+){2,4}+")
_VENDOR = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9_])"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[\w-]{16,64}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|sk_(?:live|test)_[A-Za-z0-9]{10,128}"
    r"|rk_(?:live|test)_[A-Za-z0-9]{10,128}|sk-(?:proj-|ant-)?[\w-]{20,255}"
    r"|AIza[\w-]{35}|SG\.[\w-]{16,64}\.[\w-]{16,64}|npm_[A-Za-z0-9]{36}"
    r"|pypi-[\w-]{40,255}|hv[sb]\.[\w-]{20,255}|dop_v1_[a-f0-9]{64}|AGE-SECRET-KEY-1[A-Z0-9]{58}"
    r")"
)
_WEBHOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows)/([\w/-]{10,200})")
_HEADER = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:proxy-)?authori[sz]ation|x-(?:api|auth|access)-(?:key|token))"
    r"\\?[\"']?\s{0,8}[:=]\s{0,8}\\?[\"']?"
    r"(?:(?:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)\s{1,8})?"
    r"([^\s\"'<>\\][^\r\n\"'<>\\]{0,8191}+)",
)
_SCHEME = re.compile(r"(?<![A-Za-z0-9])(?:bearer|basic)\s{1,4}([A-Za-z0-9._~+/-]{8,8192}+={0,3})")
_COOKIE = re.compile(
    r"(?<![A-Za-z0-9])(?:set-)?cookie2?\\?[\"']?\s{0,8}:\s{0,8}\\?[\"']?"
    r"([^\s\"'<>\\][^\r\n\"'<>\\]{0,8191}+)",
)
_URL = re.compile(
    r"(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}+://[^\s/@:?#\"'<>]{0,256}+:"
    r"([^\s/@\"'<>]{1,512}+)@",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|jwt|key(?:[_-]?id)?|credentials?|"
    r"sess(?:ion[_-]?)?id|signature|otp|card[_-]?number|security[_-]?code|cvv|cvc)"
    r"(?:\\?[\"']|\])?\s{0,8}+(?:=>|[:=])\s{0,8}+",
)
_NAME_BEFORE = re.compile(r"[A-Za-z0-9_.-]{0,64}\Z")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}+")
_QUOTED = re.compile(
    r"\\[\"']([^\"'\r\n]{1,8192}+)"
    r"|\"((?:[^\"\\\r\n]|\\.){1,8192}+)|'((?:[^'\\\r\n]|\\.){1,8192}+)"
)
_BARE = re.compile(r"(?:[^\s\"'<>,;&|(){}\[\]\\]|[,;](?!\s|$)){1,8192}+")
_TO_BLANK = re.compile(r"(?:[^\s\"'<>,;\\]|[,;](?!\s|$)){1,8192}+")
_PROSE = re.compile(r"[a-z]+(?=[ ,.][ A-Za-z0-9(]|[.,]?\Z)")
"""A word that goes on in a sentence: "rejects a bad password: expected 401"."""

_ELEMENT = re.compile(r"<([A-Za-z][\w:.-]{0,63}+)>([^<\r\n]{1,8192}+)</")
_INPUT = re.compile(r"<input\b[^>]{0,1024}+>", re.IGNORECASE)
_INPUT_VALUE = re.compile(r"\bvalue\s?=\s?[\"']([^\"']{1,1024}+)", re.IGNORECASE)
_INPUT_SECRET = re.compile(r"\b(?:name|type|id)\s?=\s?[\"']?([\w.-]{1,64}+)", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Every credential in `text`."""
    if "PRIVATE KEY" in text:
        yield from _whole(_PEM, text, "private-key", "a private key in PEM")
    if "eyJ" in text:
        yield from _whole(_JWT, text, "token", "a JSON web token")
    yield from _whole(_VENDOR, text, "token", "shaped like a key or token of a known service")
    if "hooks.slack" in text:
        yield from _group(_WEBHOOK, text, "token", "a webhook's address")
    if "://" in text:
        yield from _group(_URL, text, "password", "the password in an address")
    lower = _lowered(text)
    yield from _headers(text, lower)
    yield from _named(text, lower)
    if "<" in text:
        yield from _markup(text)


def _whole(pattern: re.Pattern[str], text: str, kind: str, why: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield Span(match.start(), match.end(), kind, why, match.start())


def _group(pattern: re.Pattern[str], text: str, kind: str, why: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if not match[1].startswith("[redacted"):
            yield Span(match.start(1), match.end(1), kind, why, match.start())


def _lowered(text: str) -> str:
    """`text` in lower case, every letter in its place: a search that ignores case is twenty times
    slower than one that needn't."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(_ASCII_LOWER)


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _headers(text: str, lower: str) -> Iterator[Span]:
    if "authori" in lower or "x-a" in lower:
        yield from _group(_HEADER, lower, "authorization", "the value of an authorisation header")
    if "cookie" in lower:
        yield from _group(_COOKIE, lower, "cookie", "the value of a cookie header")
    if "bearer" in lower or "basic" in lower:
        for match in _SCHEME.finditer(lower):
            if _is_random(text[slice(*match.span(1))]):
                why = "the credentials of an HTTP scheme"
                yield Span(match.start(1), match.end(1), "authorization", why, match.start())


def _is_random(value: str) -> bool:
    """Not a word of prose: "bearer authentication" is none."""
    return any(letter.isdigit() for letter in value) or (
        len(value) >= 16 and not (value.islower() or value.istitle())
    )


def _named(text: str, lower: str) -> Iterator[Span]:
    """`password=…`, `"token": "…"`, `?api_key=…`, `export DB_PASSWORD=…`."""
    at = 0
    while match := _NAMED.search(lower, at):
        at = match.end()
        start, kind = _name(text, match)
        value = _value(text, at, start) if kind else None
        if kind is None or value is None or not is_secret(text[slice(*value)], kind):
            continue
        if text[at - 1] == " " and _PROSE.match(text, value[0], value[1] + 2):
            continue
        at = value[1]
        yield Span(*value, kind, f"the value of {text[start : start + 64].split('=')[0]!r}", start)


def _name(text: str, match: re.Match[str]) -> tuple[int, str | None]:
    """Where the name begins that `match` found the end of, and what kind of secret it names."""
    before = _NAME_BEFORE.search(text, max(0, match.start() - 64), match.start())
    start = before.start() if before else match.start()
    whole = _NAME.match(text, start, match.end())
    return start, kind_of(whole[0]) if whole else None


def _value(text: str, at: int, name_start: int) -> tuple[int, int] | None:
    quoted = _QUOTED.match(text, at)
    if quoted:
        start, end = quoted.span(quoted.lastindex or 0)
        cut = quoted.lastindex == 1 and text[end - 1] == "\\" and end - 1 > start
        return start, end - 1 if cut else end
    in_query = name_start > 0 and text[name_start - 1] in "?&;"
    bare = (_BARE if in_query else _TO_BLANK).match(text, at)
    return bare.span() if bare else None


def _markup(text: str) -> Iterator[Span]:
    for match in _ELEMENT.finditer(text):
        kind = kind_of(match[1])
        if kind and is_secret(match[2], kind):
            yield Span(
                match.start(2), match.end(2), kind, f"the text of <{match[1]}>", match.start()
            )
    for match in _INPUT.finditer(text):
        names = [kind_of(one[1]) for one in _INPUT_SECRET.finditer(match[0])]
        value = _INPUT_VALUE.search(text, match.start(), match.end())
        kind = next((one for one in names if one), None)
        if kind and value and is_secret(value[1], kind):
            yield Span(*value.span(1), kind, "the value of a form field", match.start())
