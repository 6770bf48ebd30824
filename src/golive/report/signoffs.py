"""Who signs for what, and how that stands.

What people said after the seal is in the vault's ledger and not in the release: it is handed in as
`decided`, the decision that governance reached (`golive.governance.decision.Decision.to_json`).
Without one, everybody's signature is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.kernel.json import Json, JsonObject
from golive.playbook.model import SignOff
from golive.report.source import Source, objects
from golive.report.standing import standing
from golive.report.wording import Badge

_STATES: Mapping[str, Badge] = {
    "go": Badge("good", "✔", "go"),
    "go-with-conditions": Badge("open", "◇", "go with conditions"),
    "no-go": Badge("bad", "✘", "no-go"),
    "stale": Badge("open", "↻", "stale: to be signed again"),
    "open": Badge("open", "◇", "open"),
}
_WAITING = (_STATES["open"], _STATES["stale"])
_CALLS: Mapping[str, Badge] = {
    "go": Badge("good", "✔", "Go"),
    "go-with-conditions": Badge("open", "◇", "Go with conditions"),
    "no-go": Badge("bad", "✘", "No-go"),
    "open": Badge("open", "◇", "Not decided"),
}


@dataclass(frozen=True)
class Given:
    """One person's last word in the role."""

    person: str
    said: Badge
    stale: bool
    """Whether the evidence in the role's scope has changed since."""
    comment: str
    at: str
    seal: int
    conditions: Sequence[str]


@dataclass(frozen=True)
class Seat:
    """A line of the playbook's Sign-off."""

    role: str
    scope: str
    line: int
    state: Badge
    evidence: Badge
    """How the evidence behind the scope stands."""
    why: str
    given: Sequence[Given]
    overruled: str


@dataclass(frozen=True)
class Lasting:
    """A waiver, or a risk that somebody bears, until its end."""

    kind: str
    """`waived` or `borne`."""
    about: str
    person: str
    role: str
    reason: str
    until: str


@dataclass(frozen=True)
class SignOffs:
    call: Badge
    why: Sequence[str]
    seats: Sequence[Seat]
    lasting: Sequence[Lasting] = ()

    def waits_for(self, role: str) -> bool:
        """Whether the role has yet to sign, or to sign again."""
        return all(one.state in _WAITING for one in self.seats if one.role == role)


def sign_offs(source: Source, decided: JsonObject | None) -> SignOffs:
    """The section, from the sealed playbook and evidence, and from what was decided over them."""
    seats = {str(one["role"]): one for one in objects(decided["seats"])} if decided else {}
    call = str(decided["decision"]) if decided else "open"
    kept = frozenset(one.path for one in source.artefacts)
    return SignOffs(
        call=_CALLS.get(call, _CALLS["open"]),
        why=_texts(decided["why"]) if decided else [],
        seats=[_seat(source, one, seats.get(one.role), kept) for one in source.playbook.signoffs],
        lasting=[
            *_lasting(decided, "waivers", "waived"),
            *_lasting(decided, "acceptances", "borne"),
        ],
    )


def _lasting(decided: JsonObject | None, name: str, kind: str) -> Sequence[Lasting]:
    told = objects(decided[name]) if decided else []
    texts = ("about", "person", "role", "reason", "until")
    return [Lasting(kind, *(str(one[text]) for text in texts)) for one in told]


def _seat(
    source: Source, one: SignOff, said: JsonObject | None, kept: frozenset[str]
) -> Seat:  # fmt: skip
    evidence, why = standing(source.playbook, one.claim, source.items, kept)
    if not one.claim.links and not one.claim.files:
        evidence, why = Badge("plain", "○", "the whole"), "decides on all of it"
    return Seat(
        role=one.role,
        scope=one.claim.text,
        line=one.claim.place.line,
        state=_STATES.get(str(said["state"]) if said else "open", _STATES["open"]),
        evidence=evidence,
        why=why,
        given=[_given(word) for word in objects(said["signatures"])] if said else [],
        overruled=str(said["overruled"]) if said else "",
    )


def _given(word: JsonObject) -> Given:
    seal = word["seal"]
    assert isinstance(seal, int)
    return Given(
        person=str(word["person"]),
        said=_STATES.get(str(word["decision"]), _STATES["open"]),
        stale=word["stale"] is True,
        comment=str(word["comment"]),
        at=str(word["at"]),
        seal=seal,
        conditions=_texts(word["conditions"]),
    )


def _texts(value: Json) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
