"""The part of CEL that policies are written in, as a tree. Pure.

The engine evaluates; this reads the same text so that the guards can look at it (`guards.py`) and a
false rule can say which facts made it so. What isn't read here is refused, whatever the engine
would make of it: cel-spec, doc/langdef.md, less messages, bytes, optionals and index assignment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


class SyntaxProblem(ValueError):
    """Not in the part of CEL that policies are written in."""


@dataclass(frozen=True)
class Node:
    """One expression; `begin` and `end` are its place in the source."""

    begin: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True)
class Literal(Node):
    kind: str
    """`string`, `int`, `double`, `bool` or `null`."""
    text: str


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Member(Node):
    of: Node
    name: str


@dataclass(frozen=True)
class Index(Node):
    of: Node
    at: Node


@dataclass(frozen=True)
class Call(Node):
    """`name(arguments)`, or `of.name(arguments)`."""

    of: Node | None
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Macro(Node):
    """`of.kind(variable, body)`."""

    of: Node
    kind: str
    variable: str
    body: Node


@dataclass(frozen=True)
class Operation(Node):
    """An operator on one, two or (`?`) three operands."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class ListOf(Node):
    members: tuple[Node, ...]


_TOKEN = re.compile(
    r"""\s*(?:
    (?P<double>\d+\.\d+) | (?P<int>\d+) |
    (?P<string>"(?:[^"\\\n]|\\["\\nt])*"|'(?:[^'\\\n]|\\['\\nt])*') |
    (?P<name>[A-Za-z_]\w*) |
    (?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%!<>?:.,()\[\]])
    )""",
    re.X,
)
_LEVELS: Sequence[frozenset[str]] = (
    frozenset({"||"}),
    frozenset({"&&"}),
    frozenset({"==", "!=", "<", "<=", ">", ">=", "in"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "%"}),
)
_DEEPEST = 60


def read(source: str) -> Node:
    """The tree of `source`. SyntaxProblem says what is not understood, and where."""
    return _Reader(source).whole()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    begin: int
    end: int


class _Reader:
    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        found = self._ternary()
        if self._now.kind != "end":
            raise self._unexpected()
        return found

    def _ternary(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxProblem("nested too deeply")
        found = self._binary(0)
        if self._take("?"):
            yes = self._ternary()
            self._demand(":")
            no = self._ternary()
            found = Operation(found.begin, no.end, "?", (found, yes, no))
        self._depth -= 1
        return found

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        found = self._binary(level + 1)
        while self._now.text in _LEVELS[level] and self._now.kind != "string":
            operator = self._next().text
            right = self._binary(level + 1)
            found = Operation(found.begin, right.end, operator, (found, right))
        return found

    def _unary(self) -> Node:
        if self._now.kind == "sign" and self._now.text in ("!", "-"):
            token = self._next()
            inner = self._unary()
            return Operation(token.begin, inner.end, token.text, (inner,))
        return self._member()

    def _member(self) -> Node:
        found = self._primary()
        while True:
            if self._take("."):
                found = self._selected(found)
            elif self._take("["):
                at = self._ternary()
                found = Index(found.begin, self._demand("]").end, found, at)
            else:
                return found

    def _selected(self, of: Node) -> Node:
        name = self._next()
        if name.kind != "name":
            raise self._unexpected(name)
        if not self._take("("):
            return Member(of.begin, name.end, of, name.text)
        arguments, end = self._arguments()
        if name.text not in MACROS:
            return Call(of.begin, end, of, name.text, arguments)
        if len(arguments) != 2 or not isinstance(arguments[0], Name):
            raise SyntaxProblem(f"`{name.text}` takes a name and an expression")
        return Macro(of.begin, end, of, name.text, arguments[0].name, arguments[1])

    def _primary(self) -> Node:
        token = self._next()
        if token.kind in ("double", "int", "string"):
            return Literal(token.begin, token.end, token.kind, token.text)
        if token.kind == "name":
            if token.text in ("true", "false", "null"):
                kind = "null" if token.text == "null" else "bool"
                return Literal(token.begin, token.end, kind, token.text)
            if token.text != "in":
                if not self._take("("):
                    return Name(token.begin, token.end, token.text)
                arguments, end = self._arguments()
                return Call(token.begin, end, None, token.text, arguments)
        if token.text == "(":
            inner = self._ternary()
            return replace(inner, begin=token.begin, end=self._demand(")").end)
        if token.text == "[":
            members, end = self._arguments("]")
            return ListOf(token.begin, end, members)
        raise self._unexpected(token)

    def _arguments(self, close: str = ")") -> tuple[tuple[Node, ...], int]:
        """What stands before `close`, and where that ends."""
        found: list[Node] = []
        while not (self._now.kind == "sign" and self._now.text == close):
            if found:
                self._demand(",")
            found.append(self._ternary())
        return tuple(found), self._next().end

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._now
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _take(self, sign: str) -> bool:
        if self._now.kind == "sign" and self._now.text == sign:
            self._next()
            return True
        return False

    def _demand(self, sign: str) -> _Token:
        if self._now.kind != "sign" or self._now.text != sign:
            raise self._unexpected()
        return self._next()

    def _unexpected(self, token: _Token | None = None) -> SyntaxProblem:
        token = token or self._now
        what = f"`{token.text}`" if token.text else "the end"
        return SyntaxProblem(f"{what} is not understood, at character {token.begin + 1}")


def _tokens(source: str) -> Sequence[_Token]:
    found, at = [], 0
    text = source.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SyntaxProblem(f"`{text[at : at + 12].strip()}` is not understood")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind), match.end()))
        at = match.end()
    return [*found, _Token("end", "", len(text), len(text))]
