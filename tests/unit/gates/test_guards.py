"""A rule that names what isn't there, or takes nothing for proof, is refused before it is asked."""

from __future__ import annotations

import pytest

from golive.gates.policy import default_policy, load_policy, parse_policy
from golive.gates.syntax import SyntaxProblem, read
from golive.kernel.errors import BadInput

POLICY = """golive-policy = 1
name = "own"
[param]
limit = 300.0
names = ["a"]
[[rule]]
id = "mine"
words = "It is as I want it"
severity = "incomplete"
expression = '''{}'''
change = "make it so"
"""


def policy(expression: str) -> None:
    parse_policy(POLICY.format(expression).encode(), "own.toml")


@pytest.mark.parametrize(
    "expression",
    [
        "size(drills) > 0 && drills.all(d, d.ran)",
        "drills.size() > 0 && drills.all(d, d.ran)",
        "size(drills) == 0 || drills.all(d, d.ran)",
        "practice || size(drills) > 0 && drills.all(d, d.ran)",
        "practice || (size(drills) > 0 && drills.all(d, d.ran))",
        "size(drills) > 0 && !drills.exists(d, !d.ran)",
        "drills.exists(d, d.ran)",
        'checks.exists(c, c.check == "p95_ms" && c.number <= param.limit)',
        "size(drills.filter(d, d.ran)) > 0 && drills.filter(d, d.ran).all(d, d.checks > 0)",
        "size(drills.map(d, d.item)) > 0",
        'ranks["live"] > 1 && "a" in param.names',
        'timestamp(evaluated_at) > timestamp("2024-05-30T00:00:00Z")',
        'practice ? run.called_off == "" : run.release.startsWith("1")',
        "artefacts.exists_one(a, a.size > 3 * (2 + 1) - 1)",
        "has(run.release) && -1 < 0 && [1, 2][0] == 1",
    ],
)
def test_fit(expression: str) -> None:
    policy(expression)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("drills.all(d, d.ran)", "yes to an empty list"),
        ("practice || drills.all(d, d.ran)", "yes to an empty list"),
        ("!drills.exists(d, !d.ran)", "yes to an empty list"),
        ("size(checks) > 0 && drills.all(d, d.ran)", "yes to an empty list"),
        ("size(drills) > 0 || drills.all(d, d.ran)", "yes to an empty list"),
        ("size(drills) == 0 && drills.all(d, d.ran)", "yes to an empty list"),
        ("drills.exists(d, checks.all(c, c.item == d.item))", "yes to an empty list"),
        ("practise || true", "did you mean `practice`"),
        ("drills.exists(d, d.run)", "did you mean `ran`"),
        ("run.calledoff == ''", "did you mean `called_off`"),
        ("run.title.nothing == ''", "has no parts"),
        ("param.limits > 1.0", "did you mean `limit`"),
        ("size(drills)", "not a yes or no"),
        ("drills.exists(d, d.checks)", "not a yes or no"),
        ("practice && size(drills)", "joins what is not"),
        ("practice.exists(p, p)", "only a list"),
        ("drills.exists(practice, true)", "a fact's name already"),
        ("drills.exists(d, d.ran, true)", "takes a name and an expression"),
        ("matches_all(drills)", "no function"),
        ("practice &&", "the end"),
        ("practice @ true", "not understood"),
        ("practice practice", "`practice` is not understood"),
        ("drills[0]." + "a", "no fact of a drill"),
        (
            "drills.exists(a, drills.exists(b, drills.exists(c, drills.exists(d, d.ran))))",
            "inside each other",
        ),
        ("(" * 99 + "practice" + ")" * 99, "nested too deeply"),
        ("true", "asks nothing of the facts"),
        ("!false && 1 == 1", "asks nothing of the facts"),
        ("param.limit > 0.0", "asks nothing of the facts"),
        ("['a'].exists(x, x == 'a')", "asks nothing of the facts"),
    ],
)
def test_unfit(expression: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        policy(expression)
    assert "rule mine" in caught.value.where


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("golive-policy = 1", "golive-policy = 2"), "golive-policy"),
        (('"incomplete"', '"whatever"'), "severity"),
        (("words =", "word ="), "word"),
        (("name =", "name"), "not a policy"),
        (('id = "mine"', 'id = "Not Mine"'), "id"),
    ],
)
def test_a_file_that_is_no_policy(change: tuple[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_policy(POLICY.format("practice").replace(*change).encode(), "own.toml")


def test_two_rules_of_one_name() -> None:
    text = POLICY.format("practice")
    with pytest.raises(BadInput, match="two rules"):
        parse_policy((text + text[text.index("[[rule]]") :]).encode(), "own.toml")


def test_yaml_says_the_same_as_toml() -> None:
    text = (
        "golive-policy: 1\nname: own\nparam: {limit: 3}\nrule:\n  - id: mine\n    words: w\n"
        "    severity: not-ready\n    expression: size(drills) > param.limit\n    change: c\n"
    )
    assert parse_policy(text.encode(), "own.yaml").params == {"limit": 3}
    with pytest.raises(BadInput, match="aliases"):
        parse_policy(text.replace("words: w", "words: &a w").encode(), "own.yaml")


def test_the_shipped_policies_are_fit(pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "policies"
    files = [*folder.glob("*.toml"), *folder.glob("*.yaml")]
    assert folder / "default.toml" in files
    for file in files:
        assert load_policy(file).rules
    assert len(default_policy().rules) > 15


def test_places_of_what_stands_in_parentheses() -> None:
    source = "size((drills)) > 0 && (drills).filter(d, (d.ran)).all(e, (e.checks > 0))"
    tree = read(source)
    macro = tree.operands[1]  # type: ignore[attr-defined]
    assert source[macro.of.begin : macro.of.end] == "(drills).filter(d, (d.ran))"
    assert source[macro.body.begin : macro.body.end] == "(e.checks > 0)"
    with pytest.raises(SyntaxProblem):
        read("")


def test_a_policy_that_asks_a_practice_run_nothing() -> None:
    text = POLICY.format("practice") + "attended = true\n"
    with pytest.raises(BadInput, match="asked nothing"):
        parse_policy(text.encode(), "own.toml")
