"""A deployment as it is kept, and as the wire shows it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
FINAL = ("Succeeded", "Failed", "Stopped")
ENDED = ("Succeeded", "Failed", "Skipped")
READY_WAIT, TERMINATION_WAIT = "READY_WAIT", "TERMINATION_WAIT"
ROLLBACK_CREATOR = "codeDeployRollback"

STOP_ON_REQUEST = "DEPLOYMENT_STOP_ON_REQUEST"
STOP_ON_ALARM = "DEPLOYMENT_STOP_ON_ALARM"
FAILURE = "DEPLOYMENT_FAILURE"


@dataclass(frozen=True)
class Event:
    """One lifecycle event. Times are Unix seconds; `code` is a LifecycleErrorCode or ""."""

    name: str
    status: str = "Pending"
    started: float | None = None
    ended: float | None = None
    code: str = ""
    message: str = ""

    @property
    def over(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class Record:
    """One deployment, whole: what `store` keeps and what a restarted controller goes on from."""

    id: str
    application: str
    group: str
    config: str
    routing: Mapping[str, Any]
    revision: Mapping[str, Any]
    old: str
    incoming: str
    weights: Mapping[str, float]
    created: float
    creator: str = "user"
    description: str = ""
    status: str = "Created"
    started: float | None = None
    completed: float | None = None
    events: Sequence[Event] = field(default_factory=lambda: tuple(Event(name) for name in EVENTS))
    hooks: Mapping[str, str] = field(default_factory=dict)
    executions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Hook execution id to `{"event": …, "status": …}`."""
    rollback_events: Sequence[str] = ()
    alarms: Sequence[str] = ()
    ignore_alarm_failure: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The group's own members that a deployment shows again, as they were when it began."""
    test_listener: bool = True
    validation: str = ""
    """The side that test traffic went to when the deployment began, where a rollback leads it."""
    error_code: str = ""
    error_message: str = ""
    rollback_id: str = ""
    triggering_id: str = ""
    rollback_message: str = ""
    stop: str = ""
    """Why it must end: `keep` or `rollback` on request, `alarm`, `timeout`; or ""."""
    continued: Sequence[str] = ()
    waiting: str = ""
    waiting_since: float | None = None

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def is_rollback(self) -> bool:
        return self.creator == ROLLBACK_CREATOR

    def event(self, name: str) -> Event:
        return next(event for event in self.events if event.name == name)

    def with_event(self, name: str, **changes: Any) -> Record:
        events = tuple(
            replace(event, **changes) if event.name == name else event for event in self.events
        )
        return replace(self, events=events)

    def ended(self, status: str, code: str = "", message: str = "") -> Record:
        """Over: what had begun failed or was left, what had not is skipped."""
        now = time.time()
        events = tuple(_closed(event, status, now) for event in self.events)
        return replace(
            self,
            status=status,
            completed=now,
            events=events,
            error_code=code,
            error_message=message,
            waiting="",
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        events = tuple(Event(**event) for event in data["events"])
        return cls(**{**data, "events": events})


def _closed(event: Event, status: str, now: float) -> Event:
    if event.over:
        return event
    if event.started is None:
        return replace(event, status="Skipped")
    if status == "Failed":
        return replace(event, status="Failed", ended=now)
    return replace(event, status="Skipped", ended=now)
