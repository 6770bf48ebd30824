"""What happened in the cutover, from the deployments themselves, and the time to show around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from golive.drills.dashboards.grafana_json import CUTOVER
from golive.drills.dashboards.params import Ctx
from golive.kernel.errors import PortError
from golive.kernel.ids import slug
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.dashboards import Annotation, DeploymentLog
from golive.ports.deployer import Deployer, Deployment, LifecycleEvent


@dataclass(frozen=True)
class Event:
    """One moment of a cutover. `label` is short, for a chart's key."""

    at: datetime
    deployment: str
    label: str
    text: str

    def annotation(self, rehearsal: str) -> Annotation:
        """With tags of plain letters: they travel in an address."""
        tags = [*CUTOVER, slug(rehearsal), slug(self.deployment)]
        return Annotation(self.at, self.text, tags)

    def to_json(self) -> JsonObject:
        return {
            "at": rfc3339(self.at),
            "deployment": self.deployment,
            "label": self.label,
            "text": self.text,
        }

    @classmethod
    def from_json(cls, kept: Json) -> Event:
        assert isinstance(kept, dict)
        words = {name: str(kept[name]) for name in ("deployment", "label", "text")}
        return cls(parse_rfc3339(str(kept["at"])), **words)


def cutover_events(ctx: Ctx) -> Sequence[Event]:
    """Of every deployment of this rehearsal, and of the rollbacks that followed, in order."""
    hint = "add [deployer] to the target file"
    log: DeploymentLog = ctx.target.need(ctx.target.deployments, "deployments", hint)
    deployer: Deployer = ctx.target.need(ctx.target.deployer, "deployer", hint)
    found = [
        event
        for identifier in log.mentioning(ctx.rehearsal.id)
        for event in _events(deployer, identifier)
    ]
    return sorted(found, key=lambda event: event.at)


def _events(deployer: Deployer, identifier: str) -> Iterator[Event]:
    deployment = deployer.get(identifier)
    undoing = deployment.creator == "codeDeployRollback"
    what = "rollback" if undoing else "deployment"
    if deployment.created is not None:
        text = f"{what} {identifier} created, {deployment.config}"
        yield Event(deployment.created, identifier, f"{what} begins", text)
    for event in _lifecycle(deployer, identifier):
        if event.started is not None:
            text = f"{what} {identifier}: {event.name} {event.status.value}"
            label = f"rollback: {event.name}" if undoing else event.name
            yield Event(event.started, identifier, label, text)
    if deployment.completed is not None:
        yield _end(deployment, what)


def _end(deployment: Deployment, what: str) -> Event:
    assert deployment.completed is not None
    said = deployment.rollback.message or deployment.error_message
    status = deployment.status.value
    text = f"{what} {deployment.id}: {status}" + (f" ({said})" if said else "")
    return Event(deployment.completed, deployment.id, f"{what} {status.lower()}", text)


def _lifecycle(deployer: Deployer, identifier: str) -> Sequence[LifecycleEvent]:
    """None of a deployment that never started."""
    try:
        return deployer.target(identifier).events
    except PortError:
        return ()


def window(ctx: Ctx, events: Sequence[Event]) -> tuple[datetime, datetime]:
    """From `before` the first event to `after` the last, or to now; without events, the hour that
    ends now."""
    now = ctx.clock.now()
    if not events:
        return now - timedelta(hours=1), now
    start = events[0].at - timedelta(seconds=ctx.params.before)
    return start, min(now, events[-1].at + timedelta(seconds=ctx.params.after))
