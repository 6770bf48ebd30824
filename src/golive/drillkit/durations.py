"""Lengths of time in parameters: `30s`, `2m`, `1h30m`, or a number of seconds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from golive.playbook.times import duration


def seconds(value: object) -> float:
    """`value` in seconds; ValueError in plain words where it is no length of time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    length = duration(value) if isinstance(value, str) else None
    if length is None:
        raise ValueError("a length of time such as 30s, 2m or 1h30m, or a number of seconds")
    return length.total_seconds()


Duration = Annotated[
    float,
    BeforeValidator(seconds, json_schema_input_type=str | float),
    Field(gt=0, le=24 * 3600, allow_inf_nan=False),
]
"""Seconds; more than nothing, at most a day."""
