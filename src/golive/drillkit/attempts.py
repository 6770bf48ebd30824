"""Asking a port for something that a back end may lack: then a failed check, not a crash."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from golive.drillkit.context import Context
from golive.drillkit.drill import P
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.kernel.json import Json
from golive.ports.marketplace import Refused

T = TypeVar("T")
_SHOWN = 800
"""Characters of an answer that go into a check's detail."""


def attempted(ctx: Context[P], check: str, claim: str, ask: Callable[[], T]) -> T | None:
    """What `ask` gives, and the check passed; None, and the check failed with the answer attached,
    where the other side doesn't do it. No answer at all could not be measured."""
    try:
        given = ask()
    except PortError as error:
        unknown = isinstance(error, NotConfigured | Unreachable)
        ctx.holds(check, claim, None if unknown else False, detail=told(error))
        return None
    ctx.holds(check, claim, True)
    return given


def refused(
    ctx: Context[P], check: str, claim: str, good: Collection[int], act: Callable[[], object]
) -> Json:
    """Do what must not work: a refusal with a status among `good` is what is wanted. The status
    that it came to; None where it can't be told."""
    try:
        act()
    except Refused as refusal:
        ctx.holds(check, claim, refusal.status in good, detail=f"answered {refusal.status}")
        return refusal.status
    except PortError as error:
        ctx.holds(check, claim, None, detail=told(error))
        return None
    ctx.holds(check, claim, False, detail="it was done")
    return 200


def told(error: PortError) -> str:
    """What happened, where, and what the other side said (redacted by the adapter)."""
    parts = (error.where, error.what, error.answer[:_SHOWN], error.hint)
    return "; ".join(part for part in parts if part)
