"""What a rule's expression must not be, found before it is ever evaluated. Pure.

CEL has two traps in which nothing at all counts as proof: `all` over an empty list is true, and so
is `missing || a` when `a` is. So every `all`, and every `exists` behind a `!`, stands beside a word
about the list being empty; and every name must be one that the facts have.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from golive.gates.facts import GateFacts
from golive.gates.syntax import (
    Call,
    Index,
    ListOf,
    Literal,
    Macro,
    Member,
    Name,
    Node,
    Operation,
)


class GuardProblem(ValueError):
    """The expression names what isn't there, or would let nothing pass for proof."""


_CALLS: Mapping[str, type] = {
    "size": int, "has": bool, "timestamp": object, "duration": object, "int": int,
    "double": float, "string": str, "startsWith": bool, "endsWith": bool, "contains": bool,
    "matches": bool,
}  # fmt: skip
_DEEPEST = 3
_LITERALS: Mapping[str, Any] = {
    "string": str, "int": int, "double": float, "bool": bool, "null": type(None),
}  # fmt: skip


def check(tree: Node, params: Mapping[str, Any]) -> None:
    """GuardProblem unless `tree` is a yes or no over facts and `params` that nothing can't pass."""
    names = {**typing.get_type_hints(GateFacts), "param": dict(params)}
    if _kind(tree, names) is not bool:
        raise GuardProblem("the expression is not a yes or no")
    if not _names_a_fact(tree, frozenset()):
        raise GuardProblem("it asks nothing of the facts: it would say the same of every rehearsal")
    _demand_guards(tree, frozenset())
    _demand_shallow(tree, 0)


# -- names and kinds -------------------------------------------------------------------------------


def _kind(node: Node, names: Mapping[str, Any]) -> Any:
    """The kind of the value of `node`; `object` where it isn't known."""
    match node:
        case Literal():
            return _LITERALS[node.kind]
        case Name():
            return _known(node.name, names, "fact")
        case Member():
            return _member(node, _kind(node.of, names))
        case Index():
            _kind(node.at, names)
            return _inner(_kind(node.of, names))
        case ListOf():
            kinds = [_kind(one, names) for one in node.members]
            return types.GenericAlias(tuple, (kinds[0] if kinds else object, ...))
        case Macro():
            return _macro(node, names)
        case Call():
            return _call(node, names)
        case Operation():
            return _operation(node, names)
    raise GuardProblem("not understood")


def _member(node: Member, of: Any) -> Any:
    if isinstance(of, dict):
        found = _known(node.name, of, "parameter")
        return type(found)
    if isinstance(of, type) and issubclass(of, BaseModel):
        return _known(node.name, typing.get_type_hints(of), f"fact of a {of.__name__.lower()}")
    if typing.get_origin(of) is dict:
        return _inner(of)
    raise GuardProblem(f"`{node.name}` is asked of something that has no parts")


def _macro(node: Macro, names: Mapping[str, Any]) -> Any:
    of = _kind(node.of, names)
    if node.variable in names:
        raise GuardProblem(f"`{node.variable}` is a fact's name already")
    body = _kind(node.body, {**names, node.variable: _inner(of)})
    if node.kind == "map":
        return types.GenericAlias(tuple, (body, ...))
    if body is not bool:
        raise GuardProblem(f"what `{node.kind}` asks of each is not a yes or no")
    return of if node.kind == "filter" else bool


def _call(node: Call, names: Mapping[str, Any]) -> Any:
    if node.name not in _CALLS:
        known = ", ".join(sorted(_CALLS))
        raise GuardProblem(f"there is no function `{node.name}`: use {known}")
    for one in ([node.of] if node.of else []) + list(node.arguments):
        _kind(one, names)
    return _CALLS[node.name]


def _operation(node: Operation, names: Mapping[str, Any]) -> Any:
    kinds = [_kind(one, names) for one in node.operands]
    if node.operator in ("&&", "||", "!"):
        if any(kind is not bool for kind in kinds):
            raise GuardProblem(f"`{node.operator}` joins what is not a yes or no")
        return bool
    if node.operator == "?":
        return kinds[1]
    if node.operator in ("==", "!=", "<", "<=", ">", ">=", "in"):
        return bool
    return kinds[0]


def _inner(kind: Any) -> Any:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and inside:
        return inside[0]
    if origin is dict and inside:
        return inside[1]
    if kind in (list, object) or isinstance(kind, types.UnionType):
        return object
    raise GuardProblem("only a list can be gone through")


def _known(name: str, names: Mapping[str, Any], what: str) -> Any:
    if name in names:
        return names[name]
    near = get_close_matches(name, names, 1)
    hint = f": did you mean `{near[0]}`?" if near else f": there are {', '.join(sorted(names))}"
    raise GuardProblem(f"there is no {what} `{name}`{hint}")


# -- nothing is no proof ---------------------------------------------------------------------------


def _demand_guards(node: Node, spoken: frozenset[Node]) -> None:
    """`spoken` are the lists whose emptiness is spoken of beside `node`."""
    if isinstance(node, Operation) and node.operator in ("&&", "||"):
        parts = list(_parts(node, node.operator))
        wanted = ">" if node.operator == "&&" else "=="
        spoken |= {of for one in parts if (of := _sized(one, wanted)) is not None}
        for one in parts:
            _demand_guards(one, spoken)
        return
    found = universal(node)
    if found is not None and found.of not in spoken:
        raise GuardProblem(
            f"`{found.kind}` says yes to an empty list: write `size(x) > 0 &&` in front of it, "
            "or `size(x) == 0 ||` where nothing is fine"
        )
    for one in children(node):
        _demand_guards(one, frozenset())


def _names_a_fact(node: Node, bound: frozenset[str]) -> bool:
    """Whether `node` looks at a fact; `bound` are the names that macros give to others' members."""
    if isinstance(node, Name):
        return node.name not in bound | {"param"}
    if isinstance(node, Macro):
        inner = bound | {node.variable}
        return _names_a_fact(node.of, bound) or _names_a_fact(node.body, inner)
    return any(_names_a_fact(one, bound) for one in children(node))


def _demand_shallow(node: Node, depth: int) -> None:
    """Lists inside lists inside lists take for ever to go through, and nobody can read them."""
    depth += isinstance(node, Macro)
    if depth > _DEEPEST:
        raise GuardProblem(f"more than {_DEEPEST} lists are gone through inside each other")
    for one in children(node):
        _demand_shallow(one, depth)


def universal(node: Node) -> Macro | None:
    """The macro in `node` that an empty list satisfies."""
    if isinstance(node, Macro) and node.kind == "all":
        return node
    if isinstance(node, Operation) and node.operator == "!":
        inner = node.operands[0]
        if isinstance(inner, Macro) and inner.kind == "exists":
            return inner
    return None


def _sized(node: Node, operator: str) -> Node | None:
    """The list `x`, where `node` is `size(x) > 0` (or `== 0`)."""
    if not isinstance(node, Operation) or node.operator != operator:
        return None
    left, right = node.operands
    if not isinstance(right, Literal) or right.text != "0" or not isinstance(left, Call):
        return None
    if left.name != "size":
        return None
    return left.of if left.of is not None else left.arguments[0] if left.arguments else None


def _parts(node: Node, operator: str) -> typing.Iterator[Node]:
    if isinstance(node, Operation) and node.operator == operator:
        for one in node.operands:
            yield from _parts(one, operator)
    else:
        yield node


def children(node: Node) -> Sequence[Node]:
    """The expressions directly inside `node`."""
    match node:
        case Member():
            return [node.of]
        case Index():
            return [node.of, node.at]
        case Call():
            return [*([node.of] if node.of else []), *node.arguments]
        case Macro():
            return [node.of, node.body]
        case Operation():
            return node.operands
        case ListOf():
            return node.members
    return []
