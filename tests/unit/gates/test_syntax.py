"""Our reading of an expression is the engine's: same precedence, same places, same refusals."""

from __future__ import annotations

from typing import Any

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.gates import syntax
from golive.gates.guards import children
from golive.gates.policy import parse_policy
from golive.kernel.errors import BadInput

NAMES: dict[str, Any] = {"a": True, "b": False, "x": [1, 2, 3], "m": {"k": 2}, "s": "text"}


def spelt(node: syntax.Node) -> str:
    """`node` with parentheses around everything."""
    match node:
        case syntax.Literal():
            return node.text
        case syntax.Name():
            return node.name
        case syntax.Member():
            return f"({spelt(node.of)}.{node.name})"
        case syntax.Index():
            return f"({spelt(node.of)}[{spelt(node.at)}])"
        case syntax.Call():
            inside = ", ".join(map(spelt, node.arguments))
            call = f"{node.name}({inside})"
            return f"({spelt(node.of)}.{call})" if node.of else call
        case syntax.Macro():
            return f"({spelt(node.of)}.{node.kind}({node.variable}, {spelt(node.body)}))"
        case syntax.ListOf():
            return f"[{', '.join(map(spelt, node.members))}]"
        case syntax.Operation():
            parts = [spelt(one) for one in node.operands]
            if node.operator == "?":
                return f"({parts[0]} ? {parts[1]} : {parts[2]})"
            if len(parts) == 1:
                return f"({node.operator}{parts[0]})"
            return f"({parts[0]} {node.operator} {parts[1]})"
    raise AssertionError(node)


def outcome(expression: str) -> Any:
    try:
        return cel.evaluate(expression, NAMES)
    except (ValueError, TypeError, RuntimeError, KeyError) as error:
        return type(error).__name__


_NUMBERS = st.sampled_from(["1", "2", "m.k", "x[1]", "size(x)", "-1", "(3 - 1)", "1.5"])
_TRUTHS = st.sampled_from(
    ["a", "b", "!a", "!!b", "x.all(i, i > 0)", "x.exists(i, i == 2)", "(a)", "2 in x",
     's == "te" + "xt"', "s.startsWith('t')", "has(m.k)", "x.filter(i, i > 1)[0] == 2"]
)  # fmt: skip


@st.composite
def chains(draw: st.DrawFn) -> str:
    """Operators in a row without parentheses, so that precedence decides."""
    sums = st.lists(_NUMBERS, min_size=1, max_size=4).map(
        lambda parts: " ".join(
            word for pair in zip(parts, ["+", "*", "-", ""], strict=False) for word in pair
        ).rsplit(" ", 1)[0]
    )
    compared = st.builds("{} {} {}".format, sums, st.sampled_from(["<", "<=", "==", "!="]), sums)
    terms = draw(st.lists(st.one_of(_TRUTHS, compared), min_size=1, max_size=5))
    signs = draw(st.lists(st.sampled_from(["&&", "||"]), min_size=5, max_size=5))
    joined = terms[0]
    for sign, term in zip(signs, terms[1:], strict=False):
        joined += f" {sign} {term}"
    if draw(st.booleans()):
        return f"{joined} ? {draw(_TRUTHS)} : {draw(_TRUTHS)}"
    return joined


@given(chains())
def test_precedence_is_the_engines(expression: str) -> None:
    assert outcome(spelt(syntax.read(expression))) == outcome(expression), expression


@given(chains())
def test_every_part_stands_where_it_says(expression: str) -> None:
    def walk(node: syntax.Node) -> None:
        part = syntax.read(expression[node.begin : node.end])
        assert part == node
        for one in children(node):
            walk(one)

    walk(syntax.read(expression))


@given(st.text(alphabet="abx()[]&|!<=.,'\" 1size\\", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = syntax.read(text)
    except syntax.SyntaxProblem:
        return
    assert isinstance(tree, syntax.Node)


@pytest.mark.parametrize(
    "expression", ["&& ".join(["practice "] * 330), "!" * 3000 + "practice", "[" * 900]
)
def test_a_chain_too_long_is_refused_and_nothing_breaks(expression: str) -> None:
    policy = (
        "golive-policy = 1\nname = 'x'\n[[rule]]\nid = 'ru'\nwords = 'w'\nchange = 'c'\n"
        f"severity = 'incomplete'\nexpression = '{expression}'\n"
    )
    try:
        assert parse_policy(policy.encode(), "x").rules
    except BadInput as refusal:
        assert "ru" in refusal.where
