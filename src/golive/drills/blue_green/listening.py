"""What the load balancer itself says before anything moves: who can reach the validation listener,
and through which listeners the incoming side is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from golive.drillkit.attempts import told
from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green.params import Ctx, incoming, shown
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.balancer import Exposure, Listener, Role

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Heard:
    """None for what the load balancer didn't say, and why in `lacks`."""

    listeners: Sequence[Listener] | None
    exposures: Sequence[Exposure] | None
    targets: Mapping[str, Mapping[str, int]] | None
    lacks: Mapping[str, str]

    def installed(self, side: str) -> bool:
        """False where the load balancer has no target of that side at all: on ECS a deployment
        brings the incoming side in, and a rollback takes it away again."""
        return (self.targets or {}).get(side) != {}

    @property
    def validation_ports(self) -> Sequence[int]:
        """Of the validation listeners, where they are known."""
        return [one.port for one in self.listeners or () if one.role is Role.VALIDATION]


def listen(ctx: Ctx) -> Heard:
    """Asked and kept, before anything is judged by it."""
    balancer, lacks = ctx.target.balancer, dict[str, str]()
    if balancer is None:
        lack = "the target names no load balancer: add [deployer], or [traffic] with [listeners]"
        return Heard(None, None, None, {"listeners": lack, "exposures": lack})

    def asked(what: str, ask: Callable[[], Answer]) -> Answer | None:
        try:
            return ask()
        except PortError as error:
            lacks[what] = told(error)
            return None

    heard = Heard(
        asked("listeners", balancer.listeners),
        asked("exposures", balancer.exposures),
        asked("targets", balancer.targets),
        lacks,
    )
    ctx.save_json("listeners", _record(heard), fidelity=balancer.fidelity)
    return heard


def judged(ctx: Ctx, heard: Heard) -> Sequence[CheckVerdict]:
    """What could not be read is neither open nor closed."""
    exposures, side = heard.exposures or (), incoming(ctx)
    known = [one.public for one in exposures]
    closed = False if True in known else None if None in known or not known else True
    why = "; ".join(f"{one.listener}: {one.why}" for one in exposures)
    verdict = ctx.holds(
        "validation_closed",
        "the world can't reach the validation listener",
        closed,
        detail=heard.lacks.get("exposures", "") or why or "it names no validation listener",
    )
    stray = [
        f"{one.name} ({one.role}, {one.shares[side]:g} %)"
        for one in heard.listeners or ()
        if one.role is not Role.VALIDATION and one.shares.get(side, 0.0) > 0
    ]
    alone = ctx.equals(
        "incoming_elsewhere",
        f"no listener but the validation one leads to {shown(ctx, side)}",
        [],
        list(stray) if heard.listeners else None,
        detail=heard.lacks.get("listeners", "") or f"{len(heard.listeners or ())} listeners",
    )
    return verdict, alone


def _record(heard: Heard) -> Json:
    return {
        "listeners": [
            {"name": one.name, "port": one.port, "role": one.role, "shares": dict(one.shares)}
            for one in heard.listeners or ()
        ],
        "exposures": [
            {"listener": one.listener, "public": one.public, "why": one.why, "read": dict(one.raw)}
            for one in heard.exposures or ()
        ],
        "targets": {side: dict(states) for side, states in (heard.targets or {}).items()},
        "notTold": dict(heard.lacks),
    }
