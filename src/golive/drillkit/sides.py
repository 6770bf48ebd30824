"""Which of the two instances a parameter means."""

from __future__ import annotations

from golive.ports.target import Target


def side_name(target: Target, side: str) -> str:
    """`incoming` and `old` by the target's own names; any other word is a name already."""
    return {"incoming": target.config.incoming, "old": target.config.old}.get(side, side)
