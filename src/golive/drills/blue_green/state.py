"""What there is to compare: weights, health and versions of both sides, as flat properties."""

from __future__ import annotations

from collections.abc import Mapping

from golive.drills.blue_green.params import Ctx, incoming, old
from golive.drills.blue_green.patience import READING, PatientDeployer, patiently
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.ports.deployer import Deployer, Traffic
from golive.ports.marketplace import Health, Marketplace


def deployer(ctx: Ctx) -> Deployer:
    found = ctx.target.need(ctx.target.deployer, "deployer", "add [deployer] to the target file")
    return PatientDeployer(found, ctx.clock)


def traffic(ctx: Ctx) -> Traffic:
    return ctx.target.need(ctx.target.traffic, "view of its traffic", "add [traffic]")


def weights(ctx: Ctx) -> dict[str, float]:
    """The proxy's true weights in percent, by side."""
    return patiently(ctx.clock, READING, lambda: dict(traffic(ctx).weights()))


def validation(ctx: Ctx) -> Marketplace:
    return ctx.target.need(
        ctx.target.validation, "validation listener", "add validation under [listeners]"
    )


def production(ctx: Ctx) -> Marketplace:
    return ctx.target.need(
        ctx.target.production, "production listener", "add production under [listeners]"
    )


def side_way(ctx: Ctx, side: str) -> Marketplace:
    """The instance itself, or the listener that leads to it where the target names none."""
    direct = ctx.target.instances.get(side)
    if direct is not None:
        return direct
    return validation(ctx) if side == incoming(ctx) else production(ctx)


def health(way: Marketplace) -> Health | PortError:
    """Its health, or why there is none."""
    try:
        return way.health()
    except PortError as error:
        return error


def observe(ctx: Ctx) -> dict[str, Json]:
    """Everything that an abort must bring back, by name. What can't be read is None."""
    shares = weights(ctx)
    found: dict[str, Json] = {}
    for side in (old(ctx), incoming(ctx)):
        found[f"{side}.weight"] = shares.get(side)
        found |= {f"{side}.{name}": value for name, value in _facts(side_way(ctx, side)).items()}
    front = health(production(ctx))
    found["production.instance"] = front.instance if isinstance(front, Health) else None
    found["production.version"] = front.version if isinstance(front, Health) else None
    tested = health(validation(ctx))
    found["validation.instance"] = tested.instance if isinstance(tested, Health) else None
    return found | _targets(ctx) | _service(ctx)


def _targets(ctx: Ctx) -> dict[str, Json]:
    """How the load balancer's own checks find each side's targets; nothing of a side that it
    doesn't watch."""
    if ctx.target.balancer is None:
        return {}
    try:
        told = ctx.target.balancer.targets()
    except PortError:
        return {f"{side}.targets": None for side in (old(ctx), incoming(ctx))}
    return {
        f"{side}.targets": ", ".join(f"{count} {name}" for name, count in sorted(states.items()))
        or "none"
        for side, states in told.items()
    }


def _service(ctx: Ctx) -> dict[str, Json]:
    """What the service says that it runs. A deployer may lack the right to say it."""
    try:
        service = deployer(ctx).service()
    except PortError:
        return dict.fromkeys(("service.taskSet", "service.taskDefinition", "service.targetGroup"))
    return {
        "service.taskSet": service.task_set or None,
        "service.taskDefinition": service.task_definition or None,
        "service.targetGroup": service.target_group or None,
    }


def _facts(way: Marketplace) -> Mapping[str, Json]:
    state = health(way)
    if isinstance(state, PortError):
        return dict.fromkeys(("alive", "ready", "version", "schema"))
    return {
        "alive": state.alive,
        "ready": state.ready,
        "version": state.version,
        "schema": state.schema or None,
    }


def fidelity(ctx: Ctx) -> Fidelity:
    """Of what was read from the proxy and the instances."""
    return traffic(ctx).fidelity
