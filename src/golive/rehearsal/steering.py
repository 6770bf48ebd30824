"""What steers a run from outside its steps: calling it off, and taking a person's key out of it.

A person's abort is an act like any other: signed, and by somebody with the power. Whoever owns the
run's folder may steer it without a key, since they could as well remove it; it is recorded as
theirs, and a message that names a person is never taken for one of theirs. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from golive.governance.acts import ActRefused, Statement, read
from golive.governance.powers import may_abort
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.people import Person, Roster

OPERATOR = "the operator, who owns the run's folder"


@dataclass(frozen=True)
class Revocation:
    """The operator's word that a person's key no longer counts in this run."""

    person: str
    reason: str
    at: str

    def to_json(self) -> JsonObject:
        return {"action": "revoke", "person": self.person, "reason": self.reason, "at": self.at}


def abort_message(comment: str, envelope: JsonObject | None) -> JsonObject:
    return {"action": "abort", "comment": comment, "envelope": envelope}


def steers(message: JsonObject) -> bool:
    """Whether `message` claims to steer the run."""
    return message.get("action") in ("abort", "revoke")


def read_abort(message: JsonObject, roster: Roster, run: str) -> Statement:
    """Who calls the run off, and why. ActRefused where that isn't proved, or they may not."""
    envelope = message.get("envelope")
    if envelope is None and not message.get("person"):
        return Statement(run, "", "abort", OPERATOR, str(message.get("comment", "")), "")
    if not isinstance(envelope, Mapping):
        raise ActRefused("an abort in a person's name without that person's signature")
    statement, person = read(envelope, roster, run)
    if statement.action != "abort":
        raise ActRefused(f"a signed {statement.action!r} is no abort")
    demand_power(person)
    return statement


def demand_power(person: Person) -> None:
    """ActRefused unless the person may call the run off."""
    if not may_abort(person):
        raise ActRefused(
            f"{person.id} may not call the run off",
            hint="DevOps, the programme manager and the sponsor may, and their named deputies",
        )


def read_revocation(message: JsonObject, roster: Roster) -> Revocation:
    """ActRefused where the message names nobody on the roster."""
    told = [str(message.get(name, "")) for name in ("person", "reason", "at")]
    if roster.person(told[0]) is None:
        raise ActRefused(f"{told[0]!r} is not on the roster")
    return Revocation(*told)


def without_key(roster: Roster, gone: Revocation) -> Roster:
    """The roster on which that person's key no longer counts."""
    return Roster(
        tuple(
            replace(one, revoked=one.revoked or gone.at) if one.id == gone.person else one
            for one in roster.people
        )
    )


class Helm:
    """Judges messages in their order while a step is under way. The desk hears the same ones later
    and judges likewise."""

    def __init__(self, run: str, roster: Roster) -> None:
        self._run, self._roster = run, roster

    def calls_off(self, message: JsonObject) -> bool:
        """Whether `message` ends the run."""
        try:
            if message.get("action") == "revoke":
                self._roster = without_key(self._roster, read_revocation(message, self._roster))
                return False
            return steers(message) and bool(read_abort(message, self._roster, self._run))
        except BadInput:
            return False
