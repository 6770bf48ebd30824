"""AppSpecs in JSON and YAML, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.stage.controller.appspec import parse
from golive.stage.controller.errors import ApiError
from stage_world.deploying import appspec


def without(*path: Any) -> dict[str, Any]:
    document = appspec()
    holder: Any = document
    for one in path[:-1]:
        holder = holder[one]
    del holder[path[-1]]
    return document


SERVICE = ("Resources", 0, "TargetService")


def test_a_whole_one_is_read() -> None:
    found = parse(json.dumps(appspec(hooks=[{"AfterInstall": "f"}])))
    assert found.task_definition.endswith("fixnado-blue:100")
    assert (found.container, found.port) == ("fixnado", 8080)
    assert found.hooks == {"AfterInstall": "f"}


def test_small_letters_at_the_top_are_read_too() -> None:
    document = {name.lower(): value for name, value in appspec().items()}
    assert parse(json.dumps(document)).container == "fixnado"


@pytest.mark.parametrize(
    "document",
    [
        without("Resources"),
        without(*SERVICE),
        without(*SERVICE, "Type"),
        without(*SERVICE, "Properties"),
        without(*SERVICE, "Properties", "TaskDefinition"),
        without(*SERVICE, "Properties", "LoadBalancerInfo"),
        without(*SERVICE, "Properties", "LoadBalancerInfo", "ContainerPort"),
        {**appspec(), "Resources": []},
        {**appspec(), "Resources": "none"},
        {**appspec(), "Hooks": {"AfterInstall": "f"}},
        {**appspec(), "Hooks": [{"AfterInstall": 7}]},
        {**appspec(), "Hooks": [{"AllowTraffic": "f"}]},
    ],
)
def test_one_that_lacks_something_says_what(document: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        parse(json.dumps(document))
    assert caught.value.code == "InvalidRevisionException"


BOMB = "a: &a [x, x, x]\n" + "\n".join(
    f"{c}: &{c} [*{p}, *{p}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "content", ["", "- a", "a: [", "\x00", BOMB, "[" * 5000, "!!python/name:os"]
)
def test_what_is_no_document_is_refused(content: str) -> None:
    with pytest.raises(ApiError, match=r"AppSpec|Resources"):
        parse(content)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(content: str) -> None:
    try:
        parse(content)
    except ApiError as error:
        assert error.code == "InvalidRevisionException"
