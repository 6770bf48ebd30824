"""A marketplace in memory of which a test spoils a call, and what a drill found of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from golive.adapters.memory import MemoryTarget
from golive.adapters.memory.marketplace import MemoryMarketplace
from golive.drillkit.records import CheckVerdict
from golive.drillkit.testing import DrillRun
from golive.ports.marketplace import Refused
from golive.ports.target import Target


class Poor(MemoryMarketplace):
    """Good but for what a subclass, or `spoilt`, has instead."""

    @classmethod
    def of(cls, memory: MemoryTarget, **spoilt: Any) -> Target:
        """The memory target with such a marketplace in production."""
        target = memory.build()
        side = memory.world.sides["green"]
        market = cls(memory.world, "https://poor.example", lambda: side, memory.books)
        market.__dict__.update(spoilt)
        return replace(target, production=market)


def lacking(*_: Any, **__: Any) -> Any:
    """Instead of any call: the route isn't there."""
    raise Refused("answered 404", status=404, where="POST /x", answer="<html>no such page</html>")


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is CheckVerdict.FAIL}


def unknown(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is CheckVerdict.INCONCLUSIVE}
