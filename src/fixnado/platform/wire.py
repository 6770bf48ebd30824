"""Bodies on the wire: camelCase, strict coming in, complete going out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

PLAIN_TEXT = r"^[^\x00]*$"
"""No NUL: PostgreSQL can't keep one in a text."""


class Incoming(BaseModel):
    """What a caller sends. An unknown field is a typing error, and refused as one."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
    )


class Outgoing(BaseModel):
    """What the service answers, read from the frozen dataclasses of a model."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        from_attributes=True,
        frozen=True,
    )


Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s\x00]{1,64}@[^@\s\x00]{1,189}$",
    ),
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=PLAIN_TEXT)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
"""What people call a case: `RF-DRYRUN-118`."""
Currency = Literal["GBP", "EUR", "USD"]
MinorUnits = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
"""Money in the smallest unit of its currency: never a float."""
