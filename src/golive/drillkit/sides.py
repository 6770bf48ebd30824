"""Which instance, or which way in, a parameter means."""

from __future__ import annotations

from golive.ports.marketplace import Marketplace
from golive.ports.target import Target


def side_name(target: Target, side: str) -> str:
    """`incoming` and `old` by the target's own names; any other word is a name already."""
    return {"incoming": target.config.incoming, "old": target.config.old}.get(side, side)


def way_in(target: Target, through: str) -> Marketplace:
    """`production` or `validation` is the listener, anything else a side; NotConfigured, saying
    what to add, where the target has none."""
    if through in ("production", "validation"):
        listener = target.production if through == "production" else target.validation
        return target.need(listener, f"{through} listener", f"add {through} under [listeners]")
    side = side_name(target, through)
    return target.need(
        target.instances.get(side), f"side {side!r}", f"add [sides.{side}] with its url"
    )
