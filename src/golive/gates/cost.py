"""How much a rule would have to go through, known before it is evaluated. Pure.

The engine can't be interrupted, and whoever replays a verdict runs a policy that others wrote: one
that nests long lists would keep them waiting for days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from golive.gates.guards import children
from golive.gates.syntax import ListOf, Macro, Member, Name, Node

MOST = 30_000_000
"""Members looked at, by one policy; the engine takes about a minute for so many."""


def looks(tree: Node, facts: Mapping[str, Any]) -> int:
    """At how many members `tree` looks at most, over `facts` (and `param`)."""
    longest = max((_length(one) for one in [*facts.values(), *_params(facts)]), default=0)
    return _looks(tree, facts, longest)


def _looks(node: Node, facts: Mapping[str, Any], longest: int) -> int:
    if isinstance(node, Macro):
        body = max(1, _looks(node.body, facts, longest))
        return _looks(node.of, facts, longest) + _members(node.of, facts, longest) * body
    return sum(_looks(one, facts, longest) for one in children(node))


def _members(of: Node, facts: Mapping[str, Any], longest: int) -> int:
    """How many members the list `of` has at most; what isn't known is as long as the longest."""
    if isinstance(of, Macro):
        return _members(of.of, facts, longest)
    if isinstance(of, ListOf):
        return len(of.members)
    if isinstance(of, Name) and of.name in facts:
        return _length(facts[of.name])
    if isinstance(of, Member) and isinstance(of.of, Name) and of.of.name == "param":
        return _length(facts["param"].get(of.name))
    return longest


def _params(facts: Mapping[str, Any]) -> list[Any]:
    return list(facts.get("param", {}).values())


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple | dict) else 0
