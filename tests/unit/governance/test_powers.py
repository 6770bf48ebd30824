"""What a role may do beside its own rows, by the words that are in it."""

from __future__ import annotations

import pytest

from golive.governance.powers import may_abort, may_steer, may_waive
from golive.playbook.people import Person


def _person(role: str, deputy: str = "") -> Person:
    return Person("p", "P", "p@rehearsal.fixnado.example", [role], [deputy] if deputy else [])


@pytest.mark.parametrize(
    ("role", "abort", "steer", "waive"),
    [
        ("Programme Manager", True, True, False),
        ("program  MANAGER", True, True, False),
        ("DevOps Lead", True, False, False),
        ("Executive Sponsor", True, False, True),
        ("Product Manager", False, False, False),
        ("Programme Office", False, False, False),
        ("QA Lead", False, False, False),
        ("Sponsorship Lead", False, False, False),
    ],
)
def test_powers_go_by_the_role(role: str, abort: bool, steer: bool, waive: bool) -> None:
    person = _person(role)
    assert (may_abort(person), may_steer(person), may_waive(person)) == (abort, steer, waive)


def test_a_named_deputy_has_them_too() -> None:
    assert may_abort(_person("QA Lead", "DevOps Lead"))
    assert not may_waive(_person("QA Lead", "DevOps Lead"))
    assert may_waive(_person("QA Lead", "Executive Sponsor"))
