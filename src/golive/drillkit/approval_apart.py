"""The approval page made in a process of its own: what makes PDF takes 50 MB, and a rehearsal that
has run all day keeps what it once loaded."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from golive.drillkit.apart import done_apart, end_with_parent, module
from golive.drillkit.approval_fields import fields_of, pages_of, with_fields
from golive.drillkit.approval_sheet import Line, Listing, Role, Sheet, boxes, typeset
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.json import JsonObject


@dataclass(frozen=True)
class Page:
    """A page with its fields, read back."""

    pdf: bytes
    pages: int
    fields: Mapping[str, bool]
    """Name, and whether it has been signed."""


def page_of(sheet: Sheet) -> Page:
    """The page, made and read back in a child. GoliveError where it can't be made."""
    said = json.dumps({**asdict(sheet), "made": sheet.made.isoformat()}).encode()
    what = "the approval page can't be made"
    try:
        found = json.loads(done_apart(module("golive.drillkit.approval_apart"), said, what))
        if "error" in found:
            raise BadInput(found["error"], hint=found["hint"])
        return Page(base64.b64decode(found["pdf"], validate=True), found["pages"], found["fields"])
    except (ValueError, KeyError) as error:
        raise GoliveError(f"{what}: {type(error).__name__}") from error


def sheet_from(said: JsonObject) -> Sheet:
    """The inverse of what `page_of` sends."""
    data: dict[str, object] = dict(said)
    lists = ("reasons", "said", "objectives", "risks", "open")

    def listing(one: object) -> Listing:
        assert isinstance(one, dict)
        return Listing([Line(**row) for row in one["rows"]], str(one["none"]))

    verdict, roles, facts = said["verdict"], said["roles"], said["facts"]
    assert isinstance(verdict, dict) and isinstance(roles, list) and isinstance(facts, list)
    data |= {name: listing(said[name]) for name in lists}
    data["verdict"] = Line(**{name: str(value) for name, value in verdict.items()})
    data["roles"] = [Role(**one) for one in roles if isinstance(one, dict)]
    data["facts"] = [(str(one[0]), str(one[1])) for one in facts if isinstance(one, list)]
    data["made"] = datetime.fromisoformat(str(said["made"]))
    return Sheet(**data)  # type: ignore[arg-type]


def main() -> None:
    """The child: a sheet on standard input, the page as JSON on standard output."""
    end_with_parent()
    sheet = sheet_from(json.load(sys.stdin))
    try:
        pdf = with_fields(typeset(sheet), boxes(sheet.roles))
    except GoliveError as error:
        sys.stdout.write(json.dumps({"error": error.what, "hint": error.hint}))
        return
    fields = dict(fields_of(pdf)) if sheet.roles else {}
    made = {"pdf": base64.b64encode(pdf).decode(), "pages": pages_of(pdf), "fields": fields}
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
