"""`golive.ports.incidents.Incidents` over the service's HTTP contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from golive.adapters.fixnado_http.reading import Calls, count, listed, objects, text
from golive.adapters.fixnado_http.wire import Reply, redacted
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.incidents import (
    Delivered,
    Escalation,
    Incident,
    IncidentEvent,
    PublicUpdate,
    Update,
    Words,
)
from golive.ports.marketplace import Session

_INCIDENTS = "/incidents"
_PAGE = 200
"""The longest list that the contract allows."""


class IncidentsCalls(Calls):
    """The routes of incidents, for `FixnadoMarketplace`."""

    def find_incident(self, session: Session, reference: str) -> Incident | None:
        query = urlencode({"reference": reference, "limit": _PAGE})
        reply = self._signed("GET", f"{_INCIDENTS}?{query}", session)
        found = [_incident(one) for one in listed(reply, "incidents", "items", "data")]
        return next((one for one in found if one.reference == reference), None)

    def open_incident(
        self,
        session: Session,
        *,
        reference: str,
        severity: str,
        title: str,
        description: str,
        key: str,
    ) -> Incident:
        body: Json = {
            "reference": reference,
            "severity": severity,
            "title": title,
            "description": description,
            "drill": True,
        }
        return _named(self._signed("POST", _INCIDENTS, session, body, key))

    def incident(self, session: Session, incident_id: str) -> Incident:
        return _incident(self._signed("GET", _one(incident_id), session).object())

    def acknowledge_incident(
        self, session: Session, incident_id: str, *, automated: bool, note: str, key: str
    ) -> Incident:
        body: Json = {"automated": automated, "note": note}
        return self._move(session, incident_id, "acknowledge", body, key)

    def mitigate_incident(
        self, session: Session, incident_id: str, note: str, key: str
    ) -> Incident:
        return self._move(session, incident_id, "mitigate", {"note": note}, key)

    def resolve_incident(self, session: Session, incident_id: str, note: str, key: str) -> Incident:
        return self._move(session, incident_id, "resolve", {"note": note}, key)

    def escalate_incident(
        self, session: Session, incident_id: str, reason: str, key: str
    ) -> Escalation:
        path = f"{_one(incident_id)}/escalate"
        return _escalation(self._signed("POST", path, session, {"reason": reason}, key).object())

    def escalations(self, session: Session, incident_id: str) -> Sequence[Escalation]:
        reply = self._signed("GET", f"{_one(incident_id)}/escalations", session)
        return [_escalation(one) for one in listed(reply, "escalations", "items")]

    def draft_update(self, session: Session, incident_id: str, words: Words, key: str) -> Update:
        body: Json = {
            "status": words.stage,
            "impact": words.impact,
            "headline": words.headline,
            "body": words.body,
        }
        path = f"{_one(incident_id)}/updates"
        return _update(self._signed("POST", path, session, body, key).object())

    def updates(self, session: Session, incident_id: str) -> Sequence[Update]:
        reply = self._signed("GET", f"{_one(incident_id)}/updates", session)
        return [_update(one) for one in listed(reply, "updates", "items")]

    def public_updates(self) -> Sequence[PublicUpdate]:
        reply = self._open("/status-updates?limit=100")
        if not isinstance(reply.body, list) and "updates" not in reply.object():
            raise PortError(
                "the answer lists no updates", where=reply.where, answer=redacted(reply.text)
            )
        return [
            PublicUpdate(text(one, "id"), text(one, "incidentId"), text(one, "headline"))
            for one in listed(reply, "updates")
        ]

    def incident_ledger(self, session: Session, *, since: datetime, limit: int) -> JsonObject:
        query = urlencode({"since": rfc3339(since), "limit": min(limit, _PAGE)})
        return self._signed("GET", f"{_INCIDENTS}/ledger?{query}", session).object()

    def _move(
        self, session: Session, incident_id: str, action: str, body: Json, key: str
    ) -> Incident:
        path = f"{_one(incident_id)}/{action}"
        return _named(self._signed("POST", path, session, body, key))


def _named(reply: Reply) -> Incident:
    """The incident that an answer is; PortError where it names none."""
    found = _incident(reply.object())
    if found.id:
        return found
    raise PortError("the answer names no incident", where=reply.where, answer=redacted(reply.text))


def _one(incident_id: str) -> str:
    return f"{_INCIDENTS}/{quote(incident_id, safe='')}"


def _incident(said: JsonObject) -> Incident:
    drill, events = said.get("drill"), said.get("events")
    return Incident(
        id=text(said, "id"),
        reference=text(said, "reference"),
        severity=text(said, "severity"),
        title=text(said, "title"),
        status=text(said, "status"),
        drill=drill if isinstance(drill, bool) else None,
        triggered_at=text(said, "triggeredAt"),
        acknowledged_at=text(said, "acknowledgedAt"),
        acknowledged_by=text(said, "acknowledgedBy"),
        mitigated_at=text(said, "mitigatedAt"),
        resolved_at=text(said, "resolvedAt"),
        events=[_event(one) for one in objects(events)] if isinstance(events, list) else None,
        raw=said,
    )


def _event(said: JsonObject) -> IncidentEvent:
    return IncidentEvent(
        kind=text(said, "kind"),
        at=text(said, "at"),
        automated=said.get("automated") is True,
        actor=text(said, "actorId"),
    )


def _escalation(said: JsonObject) -> Escalation:
    outcome = said.get("outcome")
    return Escalation(
        id=text(said, "id"),
        delivery=text(said, "delivery"),
        attempts=count(said, "attempts"),
        last_error=text(said, "lastError"),
        escalated_at=text(said, "escalatedAt"),
        delivered_at=text(said, "deliveredAt"),
        outcome=_delivered(outcome) if isinstance(outcome, Mapping) else None,
        raw=said,
    )


def _delivered(said: JsonObject) -> Delivered:
    labels = said.get("labels")
    return Delivered(
        contact=count(said, "contactId"),
        conversation=count(said, "conversationId"),
        note=count(said, "noteId"),
        labels=[str(one) for one in labels] if isinstance(labels, list) else (),
        team=count(said, "teamId"),
        priority=text(said, "priority"),
    )


def _update(said: JsonObject) -> Update:
    words = Words(
        stage=text(said, "status"),
        impact=text(said, "impact"),
        headline=text(said, "headline"),
        body=text(said, "body"),
    )
    return Update(text(said, "id"), words, text(said, "publishedAt"))
