"""What a role may do beside the rows that it owns. Pure.

Roles are a team's own words, so a power goes by the words that must be in them.
"""

from __future__ import annotations

from collections.abc import Sequence

from golive.playbook.people import Person

_STEERS: Sequence[Sequence[str]] = (("programme", "manager"), ("program", "manager"))
_ABORTS: Sequence[Sequence[str]] = (*_STEERS, ("devops",), ("sponsor",))
_WAIVES: Sequence[Sequence[str]] = (("sponsor",),)


def may_abort(person: Person) -> bool:
    """Call the run off: DevOps, programme manager, sponsor, or a deputy named for one of them."""
    return _any(person, _ABORTS)


def may_steer(person: Person) -> bool:
    """Nudge and delegate: the programme manager, or a deputy named for them."""
    return _any(person, _STEERS)


def may_waive(person: Person) -> bool:
    """Waive and decide: the sponsor alone. A deputy must be named for the sponsor's role."""
    return _any(person, _WAIVES)


def _any(person: Person, wanted: Sequence[Sequence[str]]) -> bool:
    for role in (*person.roles, *person.deputy_for):
        words = role.casefold().split()
        if any(all(one in words for one in several) for several in wanted):
            return True
    return False
