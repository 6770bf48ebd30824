"""How a measured or expected value is told to people, everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from golive.kernel.json import Json


def shown(value: Json) -> str:
    """`at most 5`, `yes`, `nothing`, `a 1, b 2`; a fraction to six figures."""
    if isinstance(value, Mapping) and len(value) == 1:
        (kind, limit), *_ = value.items()
        return f"{kind.replace('_', ' ')} {shown(limit)}"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {shown(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "nothing"
    return str(value)


def with_unit(value: Json, unit: str) -> str:
    """`0.2 s`; without a unit where there is nothing to count."""
    return f"{shown(value)} {unit}" if unit and value is not None else shown(value)
