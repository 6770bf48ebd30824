"""`golive schema`: JSON Schemas, for editors and for people."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(
    drill: Annotated[
        str | None, typer.Argument(help="A drill; none: front matter, blocks.")
    ] = None,
) -> None:
    """Print the JSON Schema of the front matter and blocks, or of one drill's parameters."""
    from golive.bootstrap import registry
    from golive.playbook.schemas import drill_schema, playbook_schema

    found = drill_schema(registry(), drill) if drill else playbook_schema(registry())
    print(json.dumps(found, indent=2, ensure_ascii=False))
