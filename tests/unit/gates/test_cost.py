"""A policy can't keep whoever replays it waiting: what takes too long isn't begun."""

from __future__ import annotations

import time

import pytest

from golive.gates.cost import looks
from golive.gates.policy import parse_policy
from golive.gates.syntax import read
from golive.gates.verdict import Facts, Verdict, judge
from golive.playbook.parse import parse

_FACTS = {"drills": [0] * 10, "checks": [0] * 100, "param": {"names": ["a"] * 7}}


@pytest.mark.parametrize(
    ("expression", "most"),
    [
        ("practice", 0),
        ("checks.all(c, c.ran)", 100),
        ("param.names.all(c, c == 'a')", 7),
        ("drills.filter(d, d.ran).all(d, checks.exists(c, c.item == d.item))", 1010),
        ("drills.all(d, d.roles.exists(r, r == 'x'))", 1000),
        ("['a', 'b'].exists(x, x == 'a')", 2),
        ("checks.all(a, checks.all(b, checks.all(c, true)))", 1_000_000),
    ],
)
def test_at_most_so_many_members_are_looked_at(expression: str, most: int) -> None:
    assert looks(read(expression), _FACTS) == most


def test_a_policy_that_would_run_for_days_is_refused_at_once_and_never_passes() -> None:
    names = ", ".join(f'"{one}"' for one in range(5000))
    deep = "size(param.a) > 0 && param.a.all({}, {})"
    inner = deep.format("x", deep.format("y", deep.format("z", "z != 'q'")))
    text = (
        f'golive-policy = 1\nname = "slow"\n[param]\na = [{names}]\n[[rule]]\nid = "slow"\n'
        f'words = "w"\nseverity = "incomplete"\nexpression = """!practice || {inner}"""\n'
        'change = "c"\n'
    )
    playbook = parse(b"# A launch\n", "launch.md").playbook
    assert playbook is not None
    begun = time.monotonic()
    found = judge(playbook, Facts(True, {}, []), parse_policy(text.encode(), "slow.toml"))
    assert time.monotonic() - begun < 5
    assert found.verdict is Verdict.INCOMPLETE
    (reason,) = found.reasons
    assert "could not be evaluated: it would look at 125000000000 facts" in reason.text
