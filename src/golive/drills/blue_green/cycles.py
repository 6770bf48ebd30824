"""One shift and return for each trigger: what it is called, where it is held, what ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from golive.drills.blue_green import orders
from golive.drills.blue_green.home import new_version
from golive.drills.blue_green.params import (
    ALL_AT_ONCE,
    EVENTS,
    TEST_TRAFFIC,
    BlueGreenParams,
    Ctx,
    Trigger,
    incoming,
)
from golive.ports.deployer import AlarmKind

_CODES = {"alarm": "ALARM_ACTIVE", "hook": "HOOK_EXECUTION_FAILURE"}


@dataclass(frozen=True)
class Cycle:
    """One rehearsed abort. `first` is the one that the playbook names first."""

    trigger: Trigger
    first: bool

    def named(self, step: str) -> str:
        """The step's (and the intent's) name in this cycle."""
        return step if self.first else f"{step}-{self.trigger}"

    @property
    def intent(self) -> str:
        return self.named("shift")

    @property
    def kind(self) -> str:
        """`request`, `alarm`, `hook` or `command`."""
        return self.trigger.split("-")[0]

    @property
    def alarm(self) -> AlarmKind:
        """Which alarm is set; that on errors where the playbook names none."""
        named = self.trigger.removeprefix("alarm").removeprefix("-")
        return AlarmKind(named) if named else AlarmKind.ERRORS

    @property
    def error_code(self) -> str:
        """What the deployer must give as the reason; "" where a request needs none."""
        return _CODES.get(self.kind, "")

    def event(self, params: BlueGreenParams) -> str:
        """The lifecycle event at which the deployment is held and called off; "" for a share."""
        if self.kind == "command":
            return ""
        return params.event or (TEST_TRAFFIC if self.kind == "hook" else "")

    def hooks(self, params: BlueGreenParams) -> Sequence[str]:
        """Lifecycle events that this cycle's deployment is hooked at."""
        wanted = {self.event(params), TEST_TRAFFIC if self.validates(params) else ""}
        return [event for event in EVENTS if event in wanted]

    def validates(self, params: BlueGreenParams) -> bool:
        return self.first and params.hook is not None

    def before_traffic(self, params: BlueGreenParams) -> bool:
        """Whether it is called off before the incoming side gets any production traffic."""
        event = self.event(params)
        return bool(event) and event != EVENTS[-1]

    def config(self, params: BlueGreenParams) -> str:
        """The return from full traffic is what `command` shows, and not again the way there."""
        return ALL_AT_ONCE if self.kind == "command" and not self.first else params.config

    def how(self) -> str:
        """For people: by what the shift is called off."""
        if self.kind == "alarm":
            return f"by the alarm on {self.alarm}"
        if self.kind == "hook":
            return "by a hook that " + ("fails" if "failure" in self.trigger else "stays silent")
        return {
            "request": "by request",
            "command": "by the rollback command, in the termination wait",
        }[self.kind]


def cycles(params: BlueGreenParams) -> Sequence[Cycle]:
    return [Cycle(trigger, number == 0) for number, trigger in enumerate(params.abort_by)]


def takes_traffic(params: BlueGreenParams) -> bool:
    """Whether the incoming side is to get any production traffic at all."""
    return params.then == "promote" or not all(one.before_traffic(params) for one in cycles(params))


def ordered(ctx: Ctx, cycle: Cycle) -> str:
    """This cycle's deployment: the one that is there, or a new one."""
    return orders.order(
        ctx,
        cycle.intent,
        side=incoming(ctx),
        version=new_version(ctx),
        config=cycle.config(ctx.params),
        hooks=cycle.hooks(ctx.params),
    )
