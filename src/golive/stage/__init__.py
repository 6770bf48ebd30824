"""The embedded target: two Fixnado instances behind a real Caddy, and a CodeDeploy controller.

`Stage` is imported when it is asked for: the warden and the controller are programs of this room
that start in every rehearsal and need nothing of what `Stage` needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from golive.stage.stage import Stage
    from golive.stage.status import StageStatus

__all__ = ["Stage", "StageStatus"]


def __getattr__(name: str) -> Any:
    if name == "Stage":
        from golive.stage.stage import Stage

        return Stage
    if name == "StageStatus":
        from golive.stage.status import StageStatus

        return StageStatus
    raise AttributeError(name)
