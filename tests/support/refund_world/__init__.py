"""A marketplace in which a refund can be rehearsed, and ways to tell what a drill found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fixnado.identity import service as identity
from fixnado.legal import service as legal
from fixnado.platform.access import Principal
from fixnado.platform.database import UnitOfWork
from fixnado_world import Running, email
from fixnado_world.accounts import PASSWORD, ROLES
from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.adapters.memory import MemoryTarget
from golive.kernel.fidelity import Fidelity
from golive.ports.target import Target


def target_of(running: Running) -> Target:
    """The instance behind the production listener; every other port is from memory."""
    accounts = {role: (email(role), lambda: PASSWORD) for role in ROLES}
    market = FixnadoMarketplace(running.url, "/v1", accounts, None, Fidelity.LOCAL)
    return replace(MemoryTarget().build(), production=market)


def acknowledge(running: Running) -> None:
    """Whoever delivers to the rehearsal's buyer acknowledges the refund policy: the seed may have
    left that open."""
    orders = running.as_("user").get("/v1/orders?limit=200").json()["orders"]
    policy = running.guest.get("/v1/legal/refund-policy").json()

    def work(unit: UnitOfWork) -> None:
        for provider in {one["providerId"] for one in orders}:
            person = identity.person(unit, provider)
            caller = Principal(person.id, person.role, "session")
            words = (policy["version"], policy["contentSha256"])
            legal.acknowledge(unit, caller, "refund-policy", *words, "web")

    running.db.write(work)


def told(run: Any) -> str:
    """Everything that didn't pass, for a failing test's message."""
    checks = [one for one in run.record.checks if one.verdict != "pass"]
    lines = [f"{one.id}: {one.verdict} {one.measured} {one.detail}" for one in checks]
    return "\n".join([*lines, *(step.error for step in run.record.steps if step.error)])
