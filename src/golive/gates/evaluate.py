"""Evaluates a policy's rules over sealed facts. Pure.

The engine decides whether a rule holds, and only `True` itself does. `explain.py` then asks the
same engine which facts the rule objects to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from golive.gates.cost import MOST, looks
from golive.gates.explain import offenders, told
from golive.gates.facts import GateFacts
from golive.gates.policy import Policy, Rule, RuleShape
from golive.kernel.json import JsonObject

ENGINE = "common-expression-language"


@dataclass(frozen=True)
class Objection:
    """One thing that a rule objects to."""

    rule: RuleShape
    about: Mapping[str, Any]
    """The fact that offends, or empty where the rule objects to no single one."""
    text: str
    change: str

    @property
    def seq(self) -> int:
        found = self.about.get("seq", 0)
        return found if isinstance(found, int) else 0


@dataclass(frozen=True)
class RuleResult:
    """What became of one rule."""

    rule: RuleShape
    holds: bool
    error: str = ""
    """Why it could not be evaluated, or ""."""
    asked: bool = True
    """False for a rule about people, of a practice run: it neither holds nor fails."""

    def to_json(self) -> JsonObject:
        return {
            "id": self.rule.id,
            "words": self.rule.words,
            "severity": self.rule.severity,
            "holds": self.holds if self.asked else None,
            "expression": " ".join(self.rule.expression.split()),
            "error": self.error,
            "change": self.rule.change,
        }


@dataclass(frozen=True)
class Evaluation:
    rules: Sequence[RuleResult]
    objections: Sequence[Objection]
    """In the order of the playbook."""
    engine: str


def evaluate(facts: GateFacts, policy: Policy) -> Evaluation:
    """Every rule of `policy` over `facts`."""
    engine = _Engine(facts, policy)
    results, found = [], []
    for rule in policy.rules:
        result = engine.result(rule)
        results.append(result)
        if result.asked and not result.holds:
            found.append(list(_objections(rule, result, engine)))
    return Evaluation(results, _ordered(found), engine_version())


@cache
def engine_version() -> str:
    return f"{ENGINE} {metadata.version(ENGINE)}"


class _Engine:
    """The facts as the engine holds them: handed over once, since they may be large."""

    def __init__(self, facts: GateFacts, policy: Policy) -> None:
        import cel

        self._compile = cache(cel.compile)
        self.document: Mapping[str, Any] = facts.model_dump(mode="json")
        self._known = {**self.document, "param": dict(policy.params)}
        self._context = cel.Context(self._known)
        self._left = MOST
        self.too_long: set[str] = set()
        """Ids of the rules that would take too long, and so are never evaluated."""

    def result(self, rule: Rule) -> RuleResult:
        if rule.shape.attended and self.document["practice"]:
            return RuleResult(rule.shape, holds=False, asked=False)
        wanted = looks(rule.tree, self._known)
        if wanted > self._left:
            self.too_long.add(rule.shape.id)
            return RuleResult(rule.shape, holds=False, error=f"it would look at {wanted} facts")
        self._left -= wanted
        try:
            value = rule.program.execute(self._context)
        except Exception as error:
            return RuleResult(rule.shape, holds=False, error=" ".join(str(error).split())[:300])
        wrong = "" if isinstance(value, bool) else f"it gave {type(value).__name__}, not a yes"
        return RuleResult(rule.shape, holds=value is True, error=wrong)

    def value(self, expression: str, names: Mapping[str, Any]) -> Any:
        """Of `expression`, with `names` besides the facts."""
        for name, one in names.items():
            self._context.add_variable(name, one)
        return self._compile(expression).execute(self._context)


def _objections(rule: Rule, result: RuleResult, engine: _Engine) -> Iterator[Objection]:
    shape = rule.shape
    run = engine.document["run"]
    if result.error:
        text = f"the rule `{shape.id}` could not be evaluated: {result.error}"
        yield Objection(shape, {}, text, "mend the policy, or the evidence that it asks for")
    found = [] if shape.id in engine.too_long else offenders(rule, engine.value)
    for about in found:
        text = told(shape.because or shape.words, about, run, engine.document)
        yield Objection(shape, about, text, told(shape.change, about, run, engine.document))
    if not found and not result.error:
        words = shape.because or f"this does not hold: {shape.words}"
        text = told(words, run, engine.document)
        yield Objection(shape, {}, text, told(shape.change, run, engine.document))


def _ordered(by_rule: Sequence[Sequence[Objection]]) -> Sequence[Objection]:
    """By place in the playbook, and there by the policy's order; less what `otherwise` leaves
    out."""
    kept: list[Objection] = []
    told_of: set[str] = set()
    for group in by_rule:
        items = {str(one.about.get("item", "")) for one in group} - {""}
        kept += [
            one
            for one in group
            if not (one.rule.otherwise and str(one.about.get("item", "")) in told_of)
        ]
        told_of |= items
    return sorted(kept, key=lambda one: one.seq)
