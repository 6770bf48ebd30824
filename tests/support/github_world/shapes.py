"""The smallest answer that GitHub's published schema allows, to which a test adds what matters."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_TEXTS = {"date-time": "2024-05-30T08:30:00Z", "uri": "https://github.example/x"}


def smallest(model: type[BaseModel], **said: Any) -> dict[str, Any]:
    """Every field that `model` requires, with a value of its type; `said` over them."""
    schema = model.model_json_schema(mode="validation")
    made: dict[str, Any] = _value(schema, schema.get("$defs", {}))
    return {**made, **said}


def _value(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(known[schema["$ref"].rpartition("/")[2]], known)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            kinds = schema[several]
            if any(kind.get("type") == "null" for kind in kinds):
                return None
            return _value(kinds[0], known)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _value(properties[name], known) for name in schema.get("required", ())}
    if kind == "array":
        return []
    simple = {"integer": 1, "number": 1.0, "boolean": False, "null": None}
    if kind in simple:
        return simple[kind]
    return _TEXTS.get(schema.get("format", ""), "text")
