"""`golive schema`: JSON Schemas, for editors and for people."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(
    drill: Annotated[
        str | None,
        typer.Argument(
            help="A drill; `facts` or `policy` of the gate; none: front matter, blocks."
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a playbook, a drill or the gate.

    Of front matter and blocks, of one drill's parameters, or of what the gate judges (`facts`) and
    by what (`policy`).
    """
    if drill in ("facts", "policy"):
        from golive.gates.facts import GateFacts
        from golive.gates.policy import PolicyShape

        shape = GateFacts if drill == "facts" else PolicyShape
        print(json.dumps(shape.model_json_schema(by_alias=True), indent=2, ensure_ascii=False))
        return
    from golive.bootstrap import registry
    from golive.playbook.schemas import drill_schema, playbook_schema

    found = drill_schema(registry(), drill) if drill else playbook_schema(registry())
    print(json.dumps(found, indent=2, ensure_ascii=False))
