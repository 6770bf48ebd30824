"""Staff data under pseudonyms: in a rota or a learning report somebody's name proves nothing that a
stable stand-in for it doesn't.

A pseudonym is made by HMAC-SHA256 (RFC 2104) under a key of the rehearsal's own, which is never in
the vault: the same person bears the same one throughout a rehearsal, another in the next, and
nobody who has the vault alone can try out names.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_LETTERS = 10
_NOT_LETTERS = re.compile(r"[^a-z]+")
_COLUMNS = {
    "name": "person",
    "fullname": "person",
    "displayname": "person",
    "firstname": "given",
    "givenname": "given",
    "forename": "given",
    "lastname": "family",
    "surname": "family",
    "familyname": "family",
    "employee": "person",
    "employeename": "person",
    "staff": "person",
    "staffname": "person",
    "agent": "person",
    "agentname": "person",
    "username": "account",
    "login": "account",
    "employeeid": "account",
    "staffid": "account",
    "idnumber": "account",
    "email": "mail",
    "emailaddress": "mail",
    "mail": "mail",
    "phone": "phone",
    "phonenumber": "phone",
    "mobile": "phone",
    "telephone": "phone",
}
"""What a column's name says that its cells are, lower-case letters alone."""


@dataclass(frozen=True)
class Pseudonyms:
    """Those of one rehearsal."""

    key: bytes = field(repr=False)

    def of(self, value: str, kind: str = "person") -> str:
        """The pseudonym of `value`: `person-k3f9qzw2ab`. Case and spacing make no difference."""
        same = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
        mark = hmac.new(self.key, f"{kind}\0{same}".encode(), hashlib.sha256).digest()
        return f"{kind}-{base64.b32encode(mark).decode().lower()[:_LETTERS]}"

    @property
    def mark(self) -> str:
        """Tells these from others, and nothing of the key: two tables with the same mark bear the
        same pseudonym for the same person."""
        return hmac.new(self.key, b"\0which pseudonyms", hashlib.sha256).hexdigest()[:16]


def personal_columns(header: Sequence[str]) -> Mapping[int, str]:
    """Kind by place of the columns that name people. A lone `Name` counts only beside another."""
    found = {
        place: kind
        for place, name in enumerate(header)
        if (kind := _COLUMNS.get(_NOT_LETTERS.sub("", name.lower())))
    }
    lone = len(found) == 1 and _NOT_LETTERS.sub("", header[next(iter(found))].lower()) == "name"
    return {} if lone else found


def pseudonymised(table: bytes, pseudonyms: Pseudonyms) -> bytes | None:
    """The CSV `table` with every cell of a column that names people under its pseudonym; None where
    no column does. ValueError when it isn't UTF-8 CSV."""
    text = table.decode("utf-8-sig")
    delimiter = max(",;\t|", key=lambda sign: (text.partition("\n")[0].count(sign), sign == ","))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"not CSV: {error}") from None
    columns = personal_columns(rows[0]) if rows else {}
    if not columns:
        return None
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows[1:]:
        writer.writerow(
            pseudonyms.of(cell, columns[place]) if place in columns and cell.strip() else cell
            for place, cell in enumerate(row)
        )
    return sink.getvalue().encode()
