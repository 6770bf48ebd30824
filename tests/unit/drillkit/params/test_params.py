"""What parameters may say: lengths of time, `{name}`, credentials by reference."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from golive.adapters.memory import MemoryTarget
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Params, Step
from golive.drillkit.durations import Duration
from golive.drillkit.expand import expand, expand_json
from golive.drillkit.redact import Redactor
from golive.drillkit.secret_params import Secret
from golive.drillkit.testing import run_drill
from golive.kernel.json import Json


class Expanding(Drill[Params]):
    name = "expanding"
    summary = "for tests"
    params = Params

    def __init__(self, value: Json) -> None:
        self.value = value

    def steps(self, params: Params) -> Sequence[Step[Params]]:
        return (Step("expand", self._expand),)

    def _expand(self, ctx: Context[Params]) -> Json:
        ctx.holds("ran", "it ran", True)
        if isinstance(self.value, str):
            return expand(self.value, ctx)
        return expand_json(self.value, ctx)


def expanded(value: Json, **variables: str) -> Any:
    memory = MemoryTarget()
    config = memory.config().model_copy(update={"variables": variables})
    step = run_drill(Expanding(value), {}, memory.build(config), Path()).record.steps[0]
    return step.error or step.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{production}/healthz", "https://production.memory.example/healthz"),
        ("{validation}", "https://production.memory.example:9443"),
        ("{incoming} {old}", "https://blue.memory.example https://green.memory.example"),
        ("{date} {release} {rehearsal}", "2024-05-30 1.00 test-run-1"),
        ("{{date}} {} {1} { date }", "{date} {} {1} { date }"),
        ("{mine}", "{production}"),
        ("", ""),
    ],
)
def test_names(text: str, result: str) -> None:
    assert expanded(text, mine="{production}") == result, "what a variable holds is not expanded"


def test_the_targets_own_word_wins() -> None:
    assert expanded("{date}", date="today") == "today"


def test_a_name_that_is_not_there() -> None:
    said = expanded("{prodution}")
    assert "{prodution}" in said
    assert "production" in said
    assert "{{prodution}}" in said


def test_inside_json() -> None:
    value = {"{date}": ["{date}", {"at": "{date}"}], "n": 1}
    day = "2024-05-30"
    assert expanded(value) == {"{date}": [day, {"at": day}], "n": 1}


@pytest.mark.parametrize(
    ("text", "seconds"), [("2m", 120), ("30s", 30), ("1h30m", 5400), (5, 5), (0.25, 0.25)]
)
def test_lengths_of_time(text: Any, seconds: float) -> None:
    assert TypeAdapter(Duration).validate_python(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "m", "-1s", 0, -1, True, None, "1e9h", 1e9, float("nan")]
)
def test_what_is_no_length_of_time(text: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(text)


@pytest.mark.parametrize("value", [{}, {"env": "A", "file": "b"}, {"value": "x"}, {"prefix": "y"}])
def test_a_secret_is_exactly_one_reference(value: Any) -> None:
    with pytest.raises(ValidationError):
        Secret.model_validate(value)


def test_secrets_are_found_in_other_clothes() -> None:
    secret = "pä ss/word"
    text = " ".join(
        [secret, base64.b64encode(secret.encode()).decode(), "p%C3%A4%20ss%2Fword", "password"]
    )
    assert Redactor([secret, ""]).text(text) == "[redacted] [redacted] [redacted] password"
    assert Redactor([secret]).bytes(secret.encode() + b"\xff") == b"[redacted]\xff"
    assert Redactor([secret]).json({secret: [secret, 1, None]}) == {
        "[redacted]": ["[redacted]", 1, None]
    }


def test_the_longer_secret_goes_first() -> None:
    assert Redactor(["abc", "abcdef"]).text("abcdef abc") == "[redacted] [redacted]"
