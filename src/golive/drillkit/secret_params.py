"""Credentials in parameters: a reference, or a plain text that is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from golive.drillkit.context import Context
from golive.drillkit.expand import expand
from golive.drillkit.redact import Redactor
from golive.ports.secrets import read_secret


class Secret(BaseModel):
    """`{env: NAME}` or `{file: PATH}`, with `prefix` in front of it (`"Bearer "`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = None
    file: str | None = None
    prefix: str = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("exactly one of env and file")
        return self


def resolved(
    ctx: Context[Any], values: Mapping[str, str | Secret]
) -> tuple[Mapping[str, str], Redactor]:
    """Every value in clear, and what takes the secret ones out of whatever is kept.
    NotConfigured where a reference leads nowhere."""
    clear: dict[str, str] = {}
    secrets: list[str] = []
    for name, value in values.items():
        if isinstance(value, Secret):
            file = None if value.file is None else ctx.playbook_folder / Path(value.file)
            secret = read_secret(value.env, file, of=f"the value of {name}")
            secrets.append(secret)
            clear[name] = value.prefix + secret
        else:
            clear[name] = expand(value, ctx)
    return clear, Redactor(secrets)
