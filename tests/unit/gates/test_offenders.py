"""How a false rule's facts are found: in one question, or one by one where one of them can't be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cel

from golive.gates.explain import offenders
from golive.gates.policy import Rule, default_policy


def a_rule() -> Rule:
    return next(one for one in default_policy().rules if one.shape.id == "checks-passed")


class Engine:
    """CEL over one list of facts; counts what it is asked."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document, self.asked = document, 0

    def __call__(self, expression: str, names: Mapping[str, Any]) -> Any:
        self.asked += 1
        return cel.evaluate(expression, {**self.document, **names})


def checks(*verdicts: str | None) -> Sequence[Mapping[str, Any]]:
    """A check each; None stands for one that has no verdict at all."""
    return [
        {"seq": seq} | ({"verdict": verdict} if verdict else {})
        for seq, verdict in enumerate(verdicts)
    ]


def test_however_many_facts_the_engine_is_asked_twice() -> None:
    document = {"checks": checks(*["pass", "fail"] * 50)}
    engine = Engine(document)
    assert offenders(a_rule(), engine) == document["checks"][1::2]
    assert engine.asked == 2


def test_a_fact_that_cannot_be_judged_offends_and_hides_no_other() -> None:
    document = {"checks": checks("pass", None, "fail", "pass")}
    assert [one["seq"] for one in offenders(a_rule(), Engine(document))] == [1, 2]
