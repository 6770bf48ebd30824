"""JSON values and the one canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import rfc8785

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
JsonObject: TypeAlias = Mapping[str, Json]

_SAFE_INTEGER = 2**53


def canonical(value: Json) -> bytes:
    """RFC 8785 bytes of `value`. Integers of 2^53 or more travel as strings."""
    return rfc8785.dumps(_plain(value))


def _plain(value: Json) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _SAFE_INTEGER else str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]
