"""The incidents of the memory target, with the outbox that tells its help desk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import fmean

from golive.adapters.memory.helpdesk import TEAM, HelpDeskBooks, MemoryHelpDesk
from golive.adapters.memory.world import Fault, World
from golive.kernel.ids import idempotency_key
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.incidents import (
    Delivered,
    Escalation,
    Incident,
    IncidentEvent,
    PublicUpdate,
    Update,
    Words,
)
from golive.ports.marketplace import Refused, Session

_STAFF = ("support", "operations", "finance", "compliance", "legal", "admin")
_RESPONDERS = ("support", "operations", "admin")
_PRIORITIES = {"SEV1": "urgent", "SEV2": "high", "SEV3": "medium"}
_AWAY = 3
"""How often the outbox tries in vain while the help desk is down."""


@dataclass
class IncidentBooks:
    """State of the incidents and of the help desk behind them. A test may change it."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    escalations: dict[str, list[Escalation]] = field(default_factory=dict)
    updates: dict[str, list[Update]] = field(default_factory=dict)
    published: list[PublicUpdate] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    helpdesk: HelpDeskBooks = field(default_factory=HelpDeskBooks)


class MemoryIncidents(ABC):
    """`golive.ports.incidents.Incidents`, for `MemoryMarketplace`."""

    url: str
    _world: World
    _incidents: IncidentBooks

    @abstractmethod
    def _serve(self, route: str, session: Session | None = None) -> None:
        """Answer an ordinary request, or raise what it comes to."""

    def find_incident(self, session: Session, reference: str) -> Incident | None:
        self._on_duty("find_incident", session, _STAFF)
        found = self._incidents.incidents.values()
        return next((one for one in found if one.reference == reference), None)

    def open_incident(
        self,
        session: Session,
        *,
        reference: str,
        severity: str,
        title: str,
        description: str,  # noqa: ARG002
        key: str,
    ) -> Incident:
        self._on_duty("open_incident", session, _STAFF)
        known = self._incidents.keys.get(key)
        if known is not None:
            return self._incidents.incidents[known]
        if any(one.reference == reference for one in self._incidents.incidents.values()):
            raise self._not_now("open_incident", 409)
        now = rfc3339(self._world.clock.now())
        made = Incident(
            id=idempotency_key("memory-incident", key),
            reference=reference,
            severity=severity,
            title=title,
            status="open",
            drill=True,
            triggered_at=now,
            acknowledged_at="",
            acknowledged_by="",
            mitigated_at="",
            resolved_at="",
            events=(IncidentEvent("opened", now, automated=False, actor=session.user_id),),
            raw={"reference": reference, "status": "open"},
        )
        self._incidents.keys[key] = made.id
        return self._keep_incident(made, "incident-opened")

    def incident(self, session: Session, incident_id: str) -> Incident:
        self._on_duty("incident", session, _STAFF)
        return self._incident_case(incident_id)

    def acknowledge_incident(
        self,
        session: Session,
        incident_id: str,
        *,
        automated: bool,
        note: str,  # noqa: ARG002
        key: str,  # noqa: ARG002
    ) -> Incident:
        now = self._moving("acknowledge", session, incident_id, ("open", "acknowledged"))
        at = rfc3339(self._world.clock.now())
        if now.acknowledged_at and not automated:
            raise self._not_now("acknowledge", 409)
        if not automated:
            now = replace(now, acknowledged_at=at, acknowledged_by=session.user_id)
        return self._happened(now, "acknowledged", at, session, automated=automated)

    def mitigate_incident(
        self,
        session: Session,
        incident_id: str,
        note: str,  # noqa: ARG002
        key: str,  # noqa: ARG002
    ) -> Incident:
        now = self._moving("mitigate", session, incident_id, ("open", "acknowledged"))
        at = rfc3339(self._world.clock.now())
        return self._happened(replace(now, mitigated_at=at), "mitigated", at, session)

    def resolve_incident(
        self,
        session: Session,
        incident_id: str,
        note: str,  # noqa: ARG002
        key: str,  # noqa: ARG002
    ) -> Incident:
        allowed = ("open", "acknowledged", "mitigated")
        now = self._moving("resolve", session, incident_id, allowed)
        at = rfc3339(self._world.clock.now())
        return self._happened(replace(now, resolved_at=at), "resolved", at, session)

    def escalate_incident(
        self, session: Session, incident_id: str, reason: str, key: str
    ) -> Escalation:
        self._on_duty("escalate_incident", session, _RESPONDERS)
        kept = self._incidents.escalations.setdefault(self._incident_case(incident_id).id, [])
        if key not in self._incidents.keys:
            now = rfc3339(self._world.clock.now())
            identifier = idempotency_key("memory-call", key)
            made = Escalation(identifier, "pending", 0, "", now, "", None, {"id": identifier})
            self._incidents.keys[key] = made.id
            kept.append(made)
            self._world.changed("marketplace.escalate_incident", "incident-escalated", reason)
        known = self._incidents.keys[key]
        return next(one for one in kept if one.id == known)

    def escalations(self, session: Session, incident_id: str) -> Sequence[Escalation]:
        """The outbox works while somebody looks: one attempt at each look."""
        self._on_duty("escalations", session, _STAFF)
        case = self._incident_case(incident_id)
        kept = self._incidents.escalations.setdefault(case.id, [])
        kept[:] = [self._tried(case, one) for one in kept]
        return list(kept)

    def draft_update(self, session: Session, incident_id: str, words: Words, key: str) -> Update:
        self._on_duty("draft_update", session, _RESPONDERS)
        kept = self._incidents.updates.setdefault(self._incident_case(incident_id).id, [])
        known = self._incidents.keys.get(key)
        if known is None:
            made = Update(idempotency_key("memory-update", key), words, "")
            self._incidents.keys[key] = known = made.id
            kept.append(made)
            self._world.changed("marketplace.draft_update", "update-drafted", words.stage)
        return next(one for one in kept if one.id == known)

    def updates(self, session: Session, incident_id: str) -> Sequence[Update]:
        self._on_duty("updates", session, _STAFF)
        return list(self._incidents.updates.get(self._incident_case(incident_id).id, ()))

    def public_updates(self) -> Sequence[PublicUpdate]:
        self._world.call("marketplace.public_updates")
        self._serve("GET /v1/status-updates")
        return list(self._incidents.published)

    def incident_ledger(self, session: Session, *, since: datetime, limit: int) -> JsonObject:
        self._on_duty("incident_ledger", session, _STAFF)
        cases = [
            one
            for one in self._incidents.incidents.values()
            if parse_rfc3339(one.triggered_at) >= since
        ]
        silent = [one for one in cases if not one.acknowledged_at]
        counts: JsonObject = {
            "total": len(cases),
            "acknowledged": len(cases) - len(silent),
            "unacknowledged": sum(one.status == "resolved" for one in silent),
            "censored": sum(one.status != "resolved" for one in silent),
            "resolved": sum(bool(one.resolved_at) for one in cases),
        }
        return {
            "counts": counts,
            "mtta": _spread(cases, lambda one: one.acknowledged_at),
            "mttr": _spread(cases, lambda one: one.resolved_at),
            "definitions": {"mttr": "R is resolved"},
            "incidents": [{"id": one.id, "reference": one.reference} for one in cases[:limit]],
        }

    def _tried(self, case: Incident, call: Escalation) -> Escalation:
        if call.delivery != "pending":
            return call
        attempts = (call.attempts or 0) + 1
        away = self._world.has(Fault.CHATWOOT_DOWN) and attempts <= _AWAY
        if away or self._world.has(Fault.CHATWOOT_GONE):
            return replace(call, attempts=attempts, last_error="the help desk answered 503")
        done = _carried(MemoryHelpDesk(self._world, self._incidents.helpdesk), case, call)
        return replace(
            call,
            delivery="delivered",
            attempts=attempts,
            last_error="",
            delivered_at=rfc3339(self._world.clock.now()),
            outcome=done,
        )

    def _on_duty(self, route: str, session: Session, roles: Sequence[str]) -> None:
        self._world.call(f"marketplace.{route}")
        self._serve(route, session)
        if session.role not in roles:
            raise self._not_now(route, 403)

    def _moving(
        self, action: str, session: Session, incident_id: str, allowed: Sequence[str]
    ) -> Incident:
        self._on_duty(f"{action}_incident", session, _RESPONDERS)
        case = self._incident_case(incident_id)
        if case.status not in allowed:
            raise self._not_now(action, 409)
        return case

    def _happened(
        self, case: Incident, kind: str, at: str, session: Session, *, automated: bool = False
    ) -> Incident:
        event = IncidentEvent(kind, at, automated, session.user_id)
        events = (*(case.events or ()), event)
        raw = {**case.raw, "status": kind}
        return self._keep_incident(
            replace(case, status=kind, events=events, raw=raw), f"incident-{kind}"
        )

    def _incident_case(self, incident_id: str) -> Incident:
        found = self._incidents.incidents.get(incident_id)
        if found is None:
            raise self._not_now("incident", 404)
        return found

    def _keep_incident(self, case: Incident, kind: str) -> Incident:
        self._incidents.incidents[case.id] = case
        self._world.changed("marketplace.incident", kind, case.reference)
        return case

    def _not_now(self, route: str, status: int) -> Refused:
        return Refused(f"answered {status}", status=status, where=f"{self.url} {route}")


def _carried(desk: MemoryHelpDesk, case: Incident, call: Escalation) -> Delivered:
    """Looks before it makes anything, so that a second try finds what the first left."""
    name = f"Fixnado incident {case.reference}"
    contacts = desk.find_contacts(case.id)
    contact = contacts[0] if contacts else desk.add_contact(f"fixnado-incident-{case.id}", name)
    threads = desk.conversations_of(contact.id)
    attributes = {"fixnado_incident": case.id}
    thread = (
        threads[0] if threads else desk.add_conversation(contact.id, contact.identifier, attributes)
    )
    marker = f"fixnado-escalation: {call.id}"
    words = f"This is a drill.\n\n{case.severity} {case.reference}: {case.title}\n\n{marker}"
    notes = [one for one in desk.messages(thread.id) if marker in one.content]
    note = notes[0] if notes else desk.add_note(thread.id, words)
    labels = desk.add_labels(thread.id, ("incident", case.severity.lower(), "drill"))
    desk.assign(thread.id, TEAM)
    priority = _PRIORITIES.get(case.severity, "low")
    desk.prioritise(thread.id, priority)
    return Delivered(contact.id, thread.id, note.id, labels, TEAM, priority)


def _spread(cases: Sequence[Incident], end: Callable[[Incident], str]) -> Json:
    """Mean, median and 90th percentile from the trigger to `end`, in seconds."""
    found = sorted(
        (parse_rfc3339(end(one)) - parse_rfc3339(one.triggered_at)).total_seconds()
        for one in cases
        if end(one)
    )
    if not found:
        return {"count": 0, "meanSeconds": None, "medianSeconds": None, "p90Seconds": None}
    half = len(found) // 2
    middle = found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2
    return {
        "count": len(found),
        "meanSeconds": round(fmean(found), 3),
        "medianSeconds": round(middle, 3),
        "p90Seconds": round(found[-(-9 * len(found) // 10) - 1], 3),
    }
