"""What a learning system exports: who has completed what, in the shapes that are out there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from golive.kernel.fidelity import Fidelity


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone: Europe/London is one") from error
    return name


Column = Annotated[int, Field(ge=1)]
"""Counted from 1, as people count."""


class Moodle(_Strict):
    """A completion report as CSV. Its headers, states and dates are in its reader's language, so
    columns are named by position, and the language and zone by the playbook."""

    kind: Literal["moodle"]
    file: Path = Field(
        description="relative to the playbook; in a target file, to where golive starts"
    )
    locale: Literal["en", "en-US", "de", "fr"] = Field(description="of its states and dates")
    zone: Annotated[str, AfterValidator(_zone)] = Field(description="of its dates")
    email: Column = Field(description="column of the learner's e-mail address")
    policies: Mapping[str, Column] = Field(
        min_length=1, description="document to the column of its state; the date is in the next"
    )
    header_rows: int = Field(1, ge=0, le=10)
    delimiter: Literal[",", ";", "\t"] = ","


class XApi(_Strict):
    """xAPI statements (IEEE 9274.1.1) as JSON: a list, or an object with `statements`."""

    kind: Literal["xapi"]
    file: Path = Field(
        description="relative to the playbook; in a target file, to where golive starts"
    )
    policies: Mapping[str, str] = Field(
        min_length=1, description="document to the id (an IRI) of its activity"
    )


LearningExport = Annotated[Moodle | XApi, Field(discriminator="kind")]


class LearningConfig(_Strict):
    """The learning system of a target, by what it exports."""

    export: LearningExport
    fidelity: Fidelity = Fidelity.LIVE
