"""One escalation, delivered: contact, conversation, private note, labels, team, priority.

Each step looks before it creates, and what it found is kept before the next one begins. Together
with the outbox's lanes, an incident has one conversation and an escalation one note, however often
a delivery is broken off, also when only the answer was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fixnado.incidents import service
from fixnado.incidents.model.incident import Incident
from fixnado.incidents.model.speaking import PRIORITIES, Outcome, Thread, labels
from fixnado.incidents.service import Errand
from fixnado.incidents.tasks.chatwoot import Chatwoot, Gone
from fixnado.platform.courier import Deliver, Keep, Undelivered
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.moments import rfc3339
from fixnado.platform.outbox import Parcel, Settle
from fixnado.platform.settings import HelpDesk

ATTRIBUTE: Final = "fixnado_incident"
"""The custom attribute by which a conversation is known as an incident's."""


def routes(database: Database, desk: HelpDesk | None) -> Mapping[str, Deliver]:
    """How the outbox delivers for incidents: not at all where there is no help desk."""
    if desk is None:
        return {}
    return {service.ESCALATION: Bridge(database, Chatwoot(desk), desk.team)}


class Bridge:
    """Carries escalations over."""

    def __init__(self, database: Database, desk: Chatwoot, team: int | None) -> None:
        self._database = database
        self._desk = desk
        self._team = team

    def __call__(self, parcel: Parcel, keep: Keep) -> Settle:
        """Deliver; Undelivered with the reason where it has to be tried again."""
        escalation_id = str(parcel.payload["escalation"])
        errand = self._database.read(lambda unit: service.errand(unit, escalation_id))
        if errand is None:
            return _nothing
        try:
            outcome = self._carry(errand, keep)
        except Gone:
            incident_id = errand.incident.id
            self._database.write(lambda unit: service.forget_thread(unit, incident_id))
            raise Undelivered("the help desk has no such account or conversation") from None
        return lambda unit: service.delivered(unit, escalation_id, outcome)

    def _carry(self, errand: Errand, keep: Keep) -> Outcome:
        incident = errand.incident
        contact = errand.thread.contact_id if errand.thread else self._contact(incident, keep)
        conversation = errand.thread.conversation_id if errand.thread else None
        if conversation is None:
            conversation = self._conversation(incident, contact, keep)
        note = self._note(errand, conversation, keep)
        keep()
        if self._desk.status(conversation) != "open":
            keep()
            self._desk.open(conversation)
        keep()
        labelled = self._desk.add_labels(
            conversation, labels(incident.severity, drill=incident.drill)
        )
        team = None
        if self._team is not None:
            keep()
            team = self._desk.assign(conversation, self._team)
        keep()
        priority = PRIORITIES[incident.severity]
        self._desk.prioritise(conversation, priority)
        return Outcome(contact, conversation, note, labelled, team, priority)

    def _contact(self, incident: Incident, keep: Keep) -> int:
        identifier = _identifier(incident)
        keep()
        contact = self._desk.find_contact(identifier)
        if contact is None:
            keep()
            contact = self._desk.create_contact(
                identifier, f"Fixnado incident {incident.reference}"
            )
        self._remember(Thread(incident.id, contact, None))
        return contact

    def _conversation(self, incident: Incident, contact: int, keep: Keep) -> int:
        keep()
        found = self._desk.find_conversation(contact, ATTRIBUTE, incident.id)
        if found is None:
            keep()
            found = self._desk.create_conversation(
                contact, _identifier(incident), ATTRIBUTE, incident.id
            )
        self._remember(Thread(incident.id, contact, found))
        return found

    def _note(self, errand: Errand, conversation: int, keep: Keep) -> int:
        marker = f"fixnado-escalation: {errand.escalation.id}"
        keep()
        found = self._desk.find_note(conversation, marker)
        if found is not None:
            return found
        keep()
        return self._desk.add_note(conversation, f"{_words(errand)}\n\n{marker}")

    def _remember(self, thread: Thread) -> None:
        self._database.write(lambda unit: service.keep_thread(unit, thread))


def _identifier(incident: Incident) -> str:
    """Of the incident's contact. Chatwoot keeps identifiers unique, which guards once more."""
    return f"fixnado-incident-{incident.id}"


def _words(errand: Errand) -> str:
    incident, escalation = errand.incident, errand.escalation
    drill = "This is a drill.\n\n" if incident.drill else ""
    return (
        f"{drill}**{incident.severity.value} {incident.reference}: {incident.title}**\n\n"
        f"{escalation.reason}\n\n"
        f"Triggered {rfc3339(incident.triggered_at)}, "
        f"escalated {rfc3339(escalation.escalated_at)}"
    )


def _nothing(_: UnitOfWork) -> None:
    """It was delivered before, and only the outbox didn't hear of it."""
