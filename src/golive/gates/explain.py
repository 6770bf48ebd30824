"""Which facts make a rule false: read off the rule's own expression, so that the explanation can't
be of another opinion than the rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from golive.gates.guards import children, universal
from golive.gates.policy import Rule
from golive.gates.syntax import Macro, Node

Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""The value of an expression with these names besides the facts; an exception where it has none."""

_FIELD = re.compile(r"\{(\w+)\}")


def offenders(rule: Rule, evaluate: Evaluate) -> Sequence[Mapping[str, Any]]:
    """The facts that a false rule objects to: members of a list that don't meet what its `all`
    asks of each. Empty where it asks something else."""
    source = rule.shape.expression
    found: list[Mapping[str, Any]] = []
    for macro in _universals(rule.tree):
        members = _value(evaluate, source[macro.of.begin : macro.of.end], {})
        if not isinstance(members, list):
            continue
        wanted = macro.kind == "all"
        for member, said in zip(members, _said(source, macro, members, evaluate), strict=True):
            if said is not wanted and isinstance(member, Mapping) and member not in found:
                found.append(member)
    return found


def _said(source: str, macro: Macro, members: Sequence[Any], evaluate: Evaluate) -> Sequence[Any]:
    """What the body gives for each member. All in one question, for each takes the engine as long
    as the facts are large; one by one where a single one can't be evaluated."""
    body = source[macro.body.begin : macro.body.end]
    of = source[macro.of.begin : macro.of.end]
    together = _value(evaluate, f"({of}).map({macro.variable}, ({body}))", {})
    if isinstance(together, list) and len(together) == len(members):
        return together
    return [_value(evaluate, body, {macro.variable: member}) for member in members]


def told(template: str, *sources: Mapping[str, Any]) -> str:
    """`template` with each `{field}` from the first of `sources` that has it."""

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        return next((str(one[name]) for one in sources if name in one), match[0])

    return _FIELD.sub(filled, template)


def _value(evaluate: Evaluate, expression: str, names: Mapping[str, Any]) -> Any:
    """None where it can't be evaluated, which meets no demand."""
    try:
        return evaluate(expression, names)
    except Exception:
        return None


def _universals(node: Node) -> Iterator[Macro]:
    found = universal(node)
    if found is not None:
        yield found
    elif not isinstance(node, Macro):
        for one in children(node):
            yield from _universals(one)
