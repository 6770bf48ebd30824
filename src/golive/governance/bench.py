"""Who may say what over a seal: the seats, who fills them, and who bears which risk. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.gates.facts import Seat
from golive.governance.words import Word
from golive.playbook.people import Roster


@dataclass(frozen=True)
class Bench:
    """Who may say what."""

    seats: Sequence[Seat]
    roster: Roster
    owners: Mapping[str, str] = field(default_factory=dict)
    """The role that owns a risk, by the risk's id, where the playbook names one."""

    def bearers(self, risk: str) -> Sequence[str]:
        """The roles that may bear what is left of it: its owner, and the sponsor."""
        chief = sponsor(self.seats)
        roles = [self.owners.get(risk, ""), chief.role if chief else ""]
        return list(dict.fromkeys(role for role in roles if role))

    def bears(self, person: str, risk: str) -> Sequence[str]:
        """Those of `bearers` in which this person may speak, the ones they hold first."""
        mine = [role for role in self.bearers(risk) if self.roster.may_act(person, role)]
        known = self.roster.person(person)
        return sorted(mine, key=lambda role: known not in self.roster.holders(role))


def sponsor(seats: Sequence[Seat]) -> Seat | None:
    """The seat that decides on the whole: the one that links to no section, else the last."""
    whole = [one for one in seats if one.whole]
    return whole[-1] if whole else seats[-1] if seats else None


def objection(word: Word, bench: Bench) -> str:
    """Why `word` may not be said by this person in this role, or ""."""
    if word.kind == "acceptance" and word.role not in bench.bearers(word.about):
        who = " or ".join(bench.bearers(word.about)) or "nobody"
        return f"what is left of {word.about} is borne by {who}, not by {word.role}"
    if word.kind != "acceptance" and all(one.role != word.role for one in bench.seats):
        return f"the sign-off list has no {word.role}"
    person = bench.roster.person(word.person)
    if person is None or not bench.roster.may_act(word.person, word.role):
        return f"{word.person} doesn't hold the role {word.role}"
    chief = sponsor(bench.seats)
    if word.kind == "waiver":
        if chief is None or word.role != chief.role:
            return f"only the {chief.role if chief else 'sponsor'} may waive"
        if word.about == chief.role:
            return "nobody waives their own no-go"
    return ""
