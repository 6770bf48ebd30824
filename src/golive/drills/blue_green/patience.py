"""Asks again where there is no answer for a moment: a controller that restarts, a proxy that takes
new weights. Everything here may be asked twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from golive.kernel.errors import Unreachable
from golive.ports.clock import Clock
from golive.ports.deployer import (
    Alarm,
    Deployer,
    Deployment,
    DeploymentTarget,
    GroupSettings,
    Service,
    Wait,
)

Answer = TypeVar("Answer")
READING = 1.5
"""Seconds for a proxy to say what its weights are."""
DEPLOYING = 5.0
"""Seconds for a deployer to come back."""


def patiently(clock: Clock, seconds: float, ask: Callable[[], Answer]) -> Answer:
    """`ask`, again for `seconds` while it raises Unreachable."""
    deadline = clock.monotonic() + seconds
    while True:
        try:
            return ask()
        except Unreachable:
            if clock.monotonic() > deadline:
                raise
            clock.sleep(0.02)


class PatientDeployer:
    """`golive.ports.deployer.Deployer` over one that may be away for a moment."""

    def __init__(self, deployer: Deployer, clock: Clock) -> None:
        self._deployer, self._clock = deployer, clock
        self.fidelity = deployer.fidelity

    def group(self) -> GroupSettings:
        return self._ask(self._deployer.group)

    def alarms(self) -> Sequence[Alarm]:
        return self._ask(self._deployer.alarms)

    def set_alarm(self, name: str, *, active: bool, reason: str) -> None:
        self._ask(lambda: self._deployer.set_alarm(name, active=active, reason=reason))

    def service(self) -> Service:
        return self._ask(self._deployer.service)

    @property
    def hooks_reach_us(self) -> bool:
        return self._deployer.hooks_reach_us

    def open_hook(self, deployment: str, event: str) -> str | None:
        return self._ask(lambda: self._deployer.open_hook(deployment, event))

    def answer_hook(self, deployment: str, execution: str, *, succeeded: bool) -> None:
        self._ask(lambda: self._deployer.answer_hook(deployment, execution, succeeded=succeeded))

    def create(
        self,
        *,
        incoming: str,
        version: str,
        config: str,
        description: str,
        hooks: Sequence[str] = (),
    ) -> str:
        """An answer that got lost may have been a deployment: look before asking again."""
        asked = False

        def ask() -> str:
            nonlocal asked
            found = self._deployer.find(description) if asked else None
            asked = True
            return found or self._deployer.create(
                incoming=incoming,
                version=version,
                config=config,
                description=description,
                hooks=hooks,
            )

        return self._ask(ask)

    def find(self, key: str) -> str | None:
        return self._ask(lambda: self._deployer.find(key))

    def get(self, deployment: str) -> Deployment:
        return self._ask(lambda: self._deployer.get(deployment))

    def target(self, deployment: str) -> DeploymentTarget:
        return self._ask(lambda: self._deployer.target(deployment))

    def stop(self, deployment: str, *, rollback: bool) -> str:
        return self._ask(lambda: self._deployer.stop(deployment, rollback=rollback))

    def continue_deployment(self, deployment: str, wait: Wait) -> None:
        self._ask(lambda: self._deployer.continue_deployment(deployment, wait))

    def _ask(self, ask: Callable[[], Answer]) -> Answer:
        return patiently(self._clock, DEPLOYING, ask)
