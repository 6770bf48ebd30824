"""Whose turn it is, who else may act, and why the others may not. Pure.

This tells people beforehand what the desk will say to them; the desk alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from golive.kernel.json import JsonObject
from golive.playbook.people import Person, Roster
from golive.rehearsal.asking import Request
from golive.rehearsal.board import Board, BoardItem

_YOU = ("you", "are", "have")
_THEY = ("they", "are", "have")
_COUNTS: Mapping[str, str] = {
    "confirm": "confirm",
    "upload": "attach",
    "sign": "confirm",
    "approve": "approve",
}
"""The act that answers a want. A `decide` is answered by one act, so nothing counts towards it."""
_OFFERED: Mapping[str, Sequence[str]] = {
    "confirm": ("confirm", "refuse", "skip"),
    "upload": ("attach", "refuse", "skip"),
    "sign": ("confirm", "refuse", "skip"),
    "approve": ("approve", "refuse"),
    "decide": ("retry", "skip"),
}


@dataclass(frozen=True)
class Turn:
    """A waiting item as one person meets it."""

    request: Request
    actions: Sequence[str]
    """What can be done about it at all; `why_not` says why this person may not."""
    why_not: str
    """"" where the person may act."""
    has: Sequence[JsonObject]
    """Acts that count already."""
    may: Sequence[Person]
    may_not: Sequence[tuple[Person, str]]

    @property
    def mine(self) -> bool:
        return not self.why_not


def turn(item: BoardItem, person: Person | None, roster: Roster) -> Turn | None:
    """None where the item waits for nobody."""
    if item.state != "waiting":
        return None
    request = Request.from_json(item.id, item.waiting)
    has = acted(item, request)
    judged = [(one, why_not(one, request, has, roster, _THEY)) for one in roster.people]
    return Turn(
        request=request,
        actions=_OFFERED[request.want],
        why_not=why_not(person, request, has, roster),
        has=has,
        may=[one for one, why in judged if not why],
        may_not=[(one, why) for one, why in judged if why],
    )


def turns(board: Board, person: Person | None, roster: Roster) -> Sequence[tuple[BoardItem, Turn]]:
    """Every item that waits for `person` now."""
    found = [(item, turn(item, person, roster)) for item in board.waiting()]
    return [(item, one) for item, one in found if one is not None and one.mine]


def acted(item: BoardItem, request: Request) -> Sequence[JsonObject]:
    """The acts that count towards what is asked for now."""
    answer = _COUNTS.get(request.want)
    return [
        act
        for act in item.acts
        if act["action"] == answer
        and (request.want != "approve" or act["digest"] == request.digest)
    ]


def why_not(
    person: Person | None,
    request: Request,
    has: Sequence[JsonObject],
    roster: Roster,
    who: tuple[str, str, str] = _YOU,
) -> str:
    """Why `person` may not answer `request`; "" where they may. `who` says whether to them or of
    them."""
    they, are, have = who
    unproven = _unproven(person, they, are)
    if unproven or person is None:
        return unproven
    if person.id in request.barred:
        return f"{they} ran this step, so others approve it"
    if request.roles and not any(roster.may_act(person.id, role) for role in request.roles):
        asked = " or ".join(dict.fromkeys(request.roles))
        return f"it asks for {asked}; {they} {are} {', '.join(person.roles)}"
    if any(act["person"] == person.id for act in has):
        return f"{they} {have} said so already"
    return ""


def why_no_word(person: Person | None, bringer: str) -> str:
    """Why `person` may not say of a file by `bringer` that it holds no personal data; "" where
    they may. Any role may."""
    unproven = _unproven(person, "you", "are")
    if not unproven and person is not None and person.id == bringer:
        return "you brought it, so somebody else must look at it"
    return unproven


def _unproven(person: Person | None, they: str, are: str) -> str:
    if person is None:
        return f"{they} {are} not on this run's roster"
    if not person.key:
        return "this run's roster has no key that could prove who it was"
    return "this run's roster has that key as revoked" if person.revoked else ""
