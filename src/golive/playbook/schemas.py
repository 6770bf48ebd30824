"""The format as JSON Schema (draft 2020-12), made from the models that validate it."""

from __future__ import annotations

from typing import Any

from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.catalogue import Catalogue
from golive.playbook.findings import nearest
from golive.playbook.shapes import BlockShape, FrontMatter

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def drill_schema(catalogue: Catalogue, name: str) -> JsonObject:
    """Schema of the drill's `with`; BadInput where there is no such drill."""
    card = catalogue.card(name)
    if card is None:
        names = catalogue.names()
        raise BadInput(
            f"there is no drill `{name}`",
            hint=nearest(name, names) or f"there are {', '.join(names)}",
        )
    return {"$schema": _DRAFT, "description": card.summary, **card.schema()}


def playbook_schema(catalogue: Catalogue) -> JsonObject:
    """`$defs/frontMatter` and `$defs/block`, whose `with`, `expect`, `save` follow its drill."""
    block: dict[str, Any] = BlockShape.model_json_schema(by_alias=True)
    front: dict[str, Any] = FrontMatter.model_json_schema()
    defs: dict[str, Any] = {**front.pop("$defs", {}), **block.pop("$defs", {})}
    names = list(catalogue.names())
    block["properties"]["drill"] = {"enum": names}
    block["allOf"] = [_of_drill(catalogue, name, defs) for name in names]
    return {"$schema": _DRAFT, "$defs": {**defs, "frontMatter": front, "block": block}}


def _of_drill(catalogue: Catalogue, name: str, defs: dict[str, Any]) -> JsonObject:
    card = catalogue.card(name)
    if card is None:
        return {}
    parameters = dict(card.schema())
    inner = parameters.pop("$defs", None)
    if isinstance(inner, dict):
        defs.update(inner)
    return {
        "if": {"properties": {"drill": {"const": name}}},
        "then": {
            "properties": {
                "with": parameters,
                "expect": {"propertyNames": {"enum": list(card.measures)}},
                "save": {"propertyNames": {"enum": list(card.outputs)}},
            }
        },
    }
