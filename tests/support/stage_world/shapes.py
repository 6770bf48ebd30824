"""Answers against botocore's model of the service: botocore itself checks none of this."""

from __future__ import annotations

import json
import re
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

COMMON = {
    "AccessDeniedException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "ThrottlingException",
    "UnrecognizedClientException",
    "UnknownOperationException",
    "ValidationException",
}
"""Errors that every AWS service has (Common Errors in each API reference)."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (float, int),
    "float": (float, int),
    "timestamp": (float, int),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}


def check_answer(http_response: Any, parsed: Any, model: OperationModel, **_: object) -> None:
    """A botocore `after-call` handler: AssertionError for an answer that AWS would not give."""
    body = json.loads(http_response.content)
    if http_response.status_code == 200:
        if model.output_shape is None:
            assert body == {}, f"{model.name} answers nothing, not {body}"
        else:
            walk(model.output_shape, body, model.name)
        return
    assert http_response.status_code in (400, 413)
    declared = {shape.name for shape in model.error_shapes} | COMMON
    assert body["__type"] in declared, f"{body['__type']} is no error of {model.name}"
    assert set(body) == {"__type", "message"}


def walk(shape: Shape, value: Any, where: str) -> None:
    """Types, unknown and missing members, enumerations, lengths, patterns, nulls."""
    assert type(value) in _TYPES[shape.type_name], f"{where}: {value!r} is no {shape.type_name}"
    allowed = getattr(shape, "enum", None)
    assert not allowed or value in allowed, f"{where}: {value!r} is not one of {allowed}"
    if isinstance(value, str | list):
        lowest, highest = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
        assert lowest <= len(value) <= highest, f"{where}: length {len(value)}"
    pattern = shape.metadata.get("pattern")
    assert not pattern or re.fullmatch(pattern, value), f"{where}: {value!r} !~ {pattern}"
    if isinstance(shape, StructureShape):
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{where}: unknown members {unknown}"
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{where}: missing members {missing}"
        for name, item in value.items():
            walk(shape.members[name], item, f"{where}.{name}")
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            walk(shape.member, item, f"{where}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            walk(shape.value, item, f"{where}.{key}")
