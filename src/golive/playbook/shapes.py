"""Front matter and drill blocks as data from outside: pydantic models and their JSON Schemas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator

from golive.playbook.times import duration, zone


class Shape(BaseModel):
    """Unknown keys are errors and values don't change kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"there is no such day: {error}") from error
    raise ValueError("a day is written like 2024-05-30")


def _length(value: object) -> object:
    length = duration(value) if isinstance(value, str) else None
    if length is None or length <= timedelta():
        raise ValueError("a length of time is written like 20m, 1h30m or 90s")
    return length


def _texts(value: object) -> object:
    return [value] if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Length = Annotated[
    timedelta, BeforeValidator(_length), WithJsonSchema({"type": "string", "examples": ["20m"]})
]
Texts = Annotated[
    list[Annotated[str, Field(min_length=1)]],
    BeforeValidator(_texts),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]


class FrontMatter(Shape):
    """What stands between the two `---` lines at the top."""

    golive: Literal[1] = Field(1, description="version of the format")
    release: str = Field("", max_length=100, description="what is launched; fills {release}")
    date: Day | None = Field(None, description="the day of the rehearsal; fills {date}")
    timezone: str = Field("", description="IANA name, such as Europe/London")
    vault: str | None = Field(None, description="root of the release vault; may use {date}")
    people: str | None = Field(None, description="the roster, relative to the playbook")
    targets: list[str] = Field(
        default_factory=list,
        max_length=10,
        description="target files, relative to the playbook, rehearsed in turn",
    )
    policy: str | None = Field(None, description="the policy to judge by, relative to the playbook")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value and zone(value) is None:
            raise ValueError(f"`{value[:60]}` is no time zone; write an IANA name: Europe/London")
        return value


class LimitShape(Shape):
    """One bound on a measure."""

    equals: Any = None
    at_most: float | None = None
    at_least: float | None = None


class ApproveShape(Shape):
    """A barrier before the next block."""

    by: Texts = Field(min_length=1, description="roles, one of which each person must hold")
    persons: int = Field(1, ge=1, le=50, description="how many distinct persons")
    within: Length | None = Field(None, description="after which it expires")


class RunShape(Shape):
    run: str = Field(pattern="^#.+", description="link to the section to run: '#rollback'")


def _limit(value: object) -> object:
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise ValueError("a limit is a value, or one of at_most, at_least, equals")
        return {"equals": value}
    if len(value) != 1:
        raise ValueError("a limit names exactly one of at_most, at_least, equals")
    return value


def _on_failure(value: object) -> object:
    if isinstance(value, dict) or value in ("ask", "continue", "stop"):
        return value
    raise ValueError('it is one of ask, continue, stop, or {run: "#section"}')


_LIMIT_SCHEMA: dict[str, Any] = {
    "description": "a value, or {at_most: n}, {at_least: n}, {equals: value}",
}
_FAILURE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": ["ask", "continue", "stop"]},
        {"type": "object", "properties": {"run": {"type": "string"}}, "required": ["run"]},
    ]
}


class BlockShape(Shape):
    """A fenced block `yaml golive`."""

    drill: str = Field(min_length=1, max_length=60, description="which drill")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="parameters")
    expect: dict[
        str, Annotated[LimitShape, BeforeValidator(_limit), WithJsonSchema(_LIMIT_SCHEMA)]
    ] = Field(default_factory=dict, description="limits on what the drill measures")
    approve: ApproveShape | None = Field(None, description="who must agree before the next block")
    save: dict[str, str] = Field(default_factory=dict, description="names for outputs")
    on_failure: Annotated[
        Literal["ask", "continue", "stop"] | RunShape | None,
        BeforeValidator(_on_failure),
        WithJsonSchema(_FAILURE_SCHEMA),
    ] = Field(None, description="ask when attended and continue when not, unless said otherwise")
    after: Texts = Field(
        default_factory=list, description="sections (#name) or items that must have passed"
    )


ROOT_KEYS: Sequence[str] = tuple(FrontMatter.model_fields)
