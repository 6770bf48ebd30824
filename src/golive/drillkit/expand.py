"""`{name}` in parameters: what the target says, so that one playbook serves every environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from golive.drillkit.context import Context
from golive.drillkit.drill import StepFailed
from golive.kernel.json import Json

_NAME = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


def names(ctx: Context[Any]) -> Mapping[str, str]:
    """The target's own variables over what Golive knows: `date`, `release`, `rehearsal`, `item`,
    and the URLs `production`, `validation`, `incoming` and `old`."""
    config, run = ctx.target.config, ctx.rehearsal
    known = {
        "date": run.day.isoformat(),
        "release": run.release,
        "rehearsal": run.id,
        "item": ctx.item,
    }
    if config.listeners is not None:
        known["production"] = config.listeners.production.rstrip("/")
        if config.listeners.validation:
            known["validation"] = config.listeners.validation.rstrip("/")
    for name, side in (("incoming", config.incoming), ("old", config.old)):
        if side in config.sides:
            known[name] = config.sides[side].url.rstrip("/")
    return {**known, **config.variables}


def expand(text: str, ctx: Context[Any]) -> str:
    """`text` with each `{name}` replaced; `{{` and `}}` stand for the braces themselves.
    StepFailed names what is there when a name isn't."""
    known = names(ctx)

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        if name not in known:
            raise StepFailed(
                f"{{{name}}} is not a name that the target {ctx.target.name!r} knows "
                f"(it knows {', '.join(sorted(known))}); write {{{{{name}}}}} for the braces "
                "themselves"
            )
        return known[name]

    return _NAME.sub(replaced, text)


def expand_json(value: Json, ctx: Context[Any]) -> Json:
    """`value` with every text in it expanded; names of members stay as they are."""
    if isinstance(value, str):
        return expand(value, ctx)
    if isinstance(value, Mapping):
        return {name: expand_json(one, ctx) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [expand_json(one, ctx) for one in value]
    return value
