"""Personal data: e-mail addresses, telephone numbers, card numbers.

Evidence is full of figures. A number counts only where its shape leaves little doubt: a card by
issuer, length, grouping and check digit (ISO/IEC 7812-1), a telephone number by its country code or
trunk prefix (ITU-T E.164, Ofcom's numbering plan). Hashes, UUIDs, moments and versions never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from golive.evidence.redact.model import Span

_EMAIL = re.compile(
    r"(?<![\w.+-])(\w[\w.+'-]{0,63}+)"
    r"(?:@|%40|&#64;|&#x40;|\\u0040)"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![A-Za-z])"
)
_AT = ("@", "%40", "&#64;", "&#x40;", "\\u0040")
_NOT_A_HOST = re.compile(r"\d+\.\d+|\d+x\.")
"""`pkg@1.2.0-rc.next` is a version and `logo@2x.png` a picture."""

_EDGE = r"(?<![\w.+/=#-])"
_END = r"(?![\w/=-]|[.,]\d)"
_CARD = re.compile(
    _EDGE
    + r"(?:[2-6]\d{12,18}|[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{1,7}|3\d{3}([ -])\d{6}\2\d{4,5})"
    + _END
)
_PHONE = re.compile(
    r"(?<![\w.+/=#:-])(?:"
    r"\+[1-9]\d{0,2}+(?:[ -]?\(0\))?(?:[ -]?\(?\d{1,5}+\)?){1,8}+"
    r"|00[1-9]\d{1,2}(?: \d{2,6}){2,5}|00[1-9]\d{9,12}"
    r"|\(0\d{2,4}\)[ -]?\d{3,4}[ -]?\d{3,4}"
    r"|0[1-9]\d{1,3}[ -]\d{3,4}[ -]?\d{3,4}|0[1-3789]\d{8,9}"
    r"|\(?[2-9]\d{2}\)?[ -][2-9]\d{2}-\d{4}"
    r")" + _END
)
_DIGIT = re.compile(r"\d")

FICTIONAL_PHONES = (
    "447700900", "441632960", "442079460", "441134960", "441144960", "441154960", "441164960",
    "441174960", "441184960", "441214960", "441314960", "441414960", "441514960", "441614960",
    "441914980", "442890180", "442920180", "443069990", "448081570", "449098790",
)  # fmt: skip
"""Ofcom's numbers for drama: they reach nobody, so a rehearsal may use them."""

_NORTH_AMERICAN_FICTION = re.compile(r"1?[2-9]\d{2}55501\d\d")


class Personal:
    """Finds personal data but the rehearsal's own: addresses in `domains` (or below), and numbers
    that begin, as international digits, with one of `phones`."""

    def __init__(self, domains: Sequence[str], phones: Sequence[str]) -> None:
        names = [domain.lower().strip(".") for domain in domains if domain.strip(".")]
        self._domains = tuple(names)
        self._below = tuple(f".{name}" for name in names)
        self._phones = tuple(phones)

    def find(self, text: str) -> Iterator[Span]:
        """Every piece of personal data in `text`."""
        if any(sign in text for sign in _AT):
            yield from self._emails(text)
        if _DIGIT.search(text):
            yield from _cards(text)
            yield from self._numbers(text)

    def is_phone(self, value: str) -> bool:
        """Whether a value that its name calls a telephone number is one of nobody we know."""
        digits = re.sub(r"\D", "", value)
        return 7 <= len(digits) <= 15 and not self._is_fictional(value, digits)

    def _emails(self, text: str) -> Iterator[Span]:
        for match in _EMAIL.finditer(text):
            host = match[2].lower()
            if host in self._domains or host.endswith(self._below) or _NOT_A_HOST.match(host):
                continue
            if match[1] == "git":
                continue  # an account of the code host, not a person's
            why = "an e-mail address outside the rehearsal's domains"
            yield Span(match.start(), match.end(), "email", why, match.start())

    def _numbers(self, text: str) -> Iterator[Span]:
        for match in _PHONE.finditer(text):
            written = _longest_number(match[0])
            digits = re.sub(r"\D", "", written)
            if len(digits) < 9 or self._is_fictional(written, digits):
                continue
            if written[0] == "+" and _starts_line(text, match.start()) and written[1:].isdigit():
                continue  # a figure on an added line of a difference
            why = "a telephone number outside the rehearsal's ranges"
            yield Span(match.start(), match.start() + len(written), "phone", why, match.start())

    def _is_fictional(self, written: str, digits: str) -> bool:
        if _NORTH_AMERICAN_FICTION.fullmatch(digits):
            return True
        if digits.startswith("00"):
            digits = digits[2:]
        elif digits.startswith("0"):
            digits = "44" + digits[1:]
        return digits.replace("440", "44", 1).startswith(self._phones) or (
            "(0)" in written and digits.startswith(self._phones)
        )


def _longest_number(written: str) -> str:
    """`written` without the groups that make it longer than E.164 allows: other figures."""
    while len(re.sub(r"\D", "", written)) > 15 and (cut := re.search(r"[ -][^ -]*$", written)):
        written = written[: cut.start()]
    return written


def _starts_line(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            why = "a payment card's number (issuer, length and check digit)"
            yield Span(match.start(), match.end(), "card", why, match.start())


def is_card(written: str) -> bool:
    """Whether the digits of `written` are a card's: known issuer and length, Luhn's check."""
    digits = re.sub(r"\D", "", written)
    return _issued(digits) and len(set(digits)) > 1 and _luhn(digits)


def _issued(digits: str) -> bool:
    size, two, four = len(digits), int(digits[:2] or 0), int(digits[:4] or 0)
    return (
        (digits[:1] == "4" and size in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and size == 16)
        or (two in (34, 37) and size == 15)
        or (two in (36, 38) and size == 14)
        or (3528 <= four <= 3589 and size == 16)
        or ((four == 6011 or two == 65 or 6440 <= four <= 6499) and size in (16, 19))
        or (two in (62, 50, 67) and 16 <= size <= 19)
    )


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
