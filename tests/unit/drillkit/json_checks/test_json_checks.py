"""JSON Pointers, demands and extraction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from golive.adapters.memory import MemoryTarget
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Params, Step
from golive.drillkit.json_checks import (
    MISSING,
    Demand,
    Demands,
    Place,
    extract,
    judge_json,
    parse,
    resolve,
)
from golive.drillkit.records import CheckVerdict
from golive.drillkit.testing import DrillRun, run_drill
from golive.kernel.json import Json

DOCUMENT = {"a": [1, {"b": "two"}], "n": None, "": 0, "x/y": 1, "m~n": 2, "ok": True}


class Judging(Drill[Params]):
    """A drill that does nothing but judge a text."""

    name = "judging"
    summary = "for tests"
    params = Params

    def __init__(self, text: str, demands: Demands, places: Mapping[str, str]) -> None:
        self.text, self.demands, self.places = text, demands, places

    def steps(self, params: Params) -> Sequence[Step[Params]]:
        return (Step("judge", self._judge),)

    def _judge(self, ctx: Context[Params]) -> Json:
        judge_json(ctx, self.text, self.demands)
        return dict(extract(ctx, self.text, self.places))


def judge(text: str, demands: Any = None, places: Mapping[str, str] | None = None) -> DrillRun:
    parsed = TypeAdapter(Demands).validate_python(demands or {})
    return run_drill(Judging(text, parsed, places or {}), {}, MemoryTarget().build(), Path())


def verdicts(run: DrillRun) -> dict[str, str]:
    return {check.id: check.verdict.value for check in run.record.checks if check.id != "json"}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", DOCUMENT),
        ("/a/0", 1),
        ("/a/1/b", "two"),
        ("/n", None),
        ("/", 0),
        ("/x~1y", 1),
        ("/m~0n", 2),
        ("/a/2", MISSING),
        ("/a/00", MISSING),
        ("/a/-", MISSING),
        ("/a/-1", MISSING),
        ("/a/b", MISSING),
        ("/ok/0", MISSING),
        ("/a/1/b/0", MISSING),
        ("/none", MISSING),
    ],
)
def test_pointers(pointer: str, found: Any) -> None:
    assert resolve(DOCUMENT, pointer) == found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.text(),
)
def test_any_pointer_into_anything_is_no_crash(document: Any, pointer: str) -> None:
    resolve(document, pointer)
    resolve(document, "/" + pointer)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, "<p>"])
def test_what_is_no_json(text: str) -> None:
    assert parse(text) is MISSING


@pytest.mark.parametrize(
    ("demand", "verdict"),
    [
        ({"/a/0": 1}, "pass"),
        ({"/a/0": 2}, "fail"),
        ({"/ok": True}, "pass"),
        ({"/ok": False}, "fail"),
        ({"/n": None}, "pass"),
        ({"/a/0": None}, "fail"),
        ({"/none": None}, "fail"),
        ({"/none": 1}, "fail"),
        ({"/n": 1}, "fail"),
        ({"/a": [1, {"b": "two"}]}, "pass"),
        ({"/a/1": {"equals": {"b": "two"}}}, "pass"),
        ({"/a/0": {"at_most": 1}}, "pass"),
        ({"/a/0": {"at_most": 0.5}}, "fail"),
        ({"/a/0": {"at_least": 1}}, "pass"),
        ({"/a/0": {"at_least": 2}}, "fail"),
        ({"/ok": {"at_least": 0}}, "fail"),
        ({"/a/1/b": {"at_least": 0}}, "fail"),
        ({"/none": {"at_most": 5}}, "fail"),
        ({"/a/1/b": {"matches": "^t.o$"}}, "pass"),
        ({"/a/1/b": {"matches": "three"}}, "fail"),
        ({"/a": {"size_at_least": 2}}, "pass"),
        ({"/a": {"size_at_least": 3}}, "fail"),
        ({"/ok": {"size_at_least": 0}}, "fail"),
        ({"/none": {"present": False}}, "pass"),
        ({"/ok": {"present": False}}, "fail"),
        ({"/n": {"present": True}}, "pass"),
        ({"/none": {"present": True}}, "fail"),
    ],
)
def test_demands(demand: Any, verdict: str) -> None:
    assert list(verdicts(judge(json.dumps(DOCUMENT), demand)).values()) == [verdict]


def test_several_demands_of_one_place_are_a_check_each() -> None:
    run = judge(json.dumps(DOCUMENT), {"/a/0": {"at_least": 0, "at_most": 0}})
    assert verdicts(run) == {"json:/a/0:at_least": "pass", "json:/a/0:at_most": "fail"}


def test_without_json_every_demand_fails() -> None:
    run = judge("<html>", {"/a": 1, "/b": {"present": True}})
    assert set(verdicts(run).values()) == {"fail"}
    assert run.check("json").verdict is CheckVerdict.FAIL
    assert run.check("json").detail == "<html>"


@pytest.mark.parametrize(
    "demand",
    [
        {"a": 1},
        {"/a": {}},
        {"/a": {"at_mots": 1}},
        {"/a": {"matches": "("}},
        {"/a": {"at_most": "much"}},
    ],
)
def test_demands_that_say_nothing(demand: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Demands).validate_python(demand)


def test_an_empty_demand_holds_of_everything_and_is_refused() -> None:
    with pytest.raises(ValidationError, match="empty demand"):
        Demand()


def test_extraction_by_pointer_and_by_pattern() -> None:
    text = json.dumps(DOCUMENT)
    run = judge(text, places={"one": "/a/0", "word": r'"b": "(\w+)"', "whole": "two", "no": "zzz"})
    assert run.record.steps[0].value == {"one": 1, "word": "two", "whole": "two"}
    assert verdicts(run) == {
        "extract:one": "pass",
        "extract:word": "pass",
        "extract:whole": "pass",
        "extract:no": "fail",
    }


def test_a_pattern_that_can_not_be_read() -> None:
    with pytest.raises(ValidationError, match="regular expression"):
        TypeAdapter(Place).validate_python("(")
