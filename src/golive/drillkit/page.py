"""A page of HTML that needs nothing else: for the vault, a phone, a printer."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours and other control characters, which have no place in HTML."""


def filled(template: str, **values: Any) -> str:
    """The template beside this file, with the house's style in it. Everything is escaped."""
    from jinja2 import Environment, StrictUndefined

    folder = resources.files(__package__)
    source, style = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in (template, "page.css")
    )
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    html = environment.from_string(source).render(style=style, **values)
    return _CONTROL.sub("", html) + "\n"
