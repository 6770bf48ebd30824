"""In which steps traffic moves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.stage.controller.errors import ApiError
from golive.stage.controller.routing import DEFAULTS, Shift, canary, linear, schedule


def test_the_defaults_are_awss() -> None:
    steps = {
        name.removeprefix("CodeDeployDefault.ECS"): schedule(DEFAULTS[name]) for name in DEFAULTS
    }
    assert steps["AllAtOnce"] == (Shift(100, 0),)
    assert steps["Canary10Percent5Minutes"] == (Shift(10, 5), Shift(100, 0))
    assert steps["Canary10Percent15Minutes"] == (Shift(10, 15), Shift(100, 0))
    linear_steps = steps["Linear10PercentEvery3Minutes"]
    assert [one.share for one in linear_steps] == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert {one.minutes for one in linear_steps[:-1]} == {3}
    assert linear_steps[-1].minutes == 0


@given(share=st.integers(1, 99), minutes=st.integers(1, 2880))
def test_a_linear_shift_rises_to_everything(share: int, minutes: int) -> None:
    steps = schedule(linear(share, minutes))
    shares = [one.share for one in steps]
    assert shares == sorted(set(shares))
    assert shares[0] == share
    assert shares[-1] == 100
    assert max(after - before for before, after in itertools.pairwise(shares)) <= share


@pytest.mark.parametrize(
    "routing",
    [
        canary(0, 5),
        canary(100, 5),
        linear(10, 0),
        linear(10, 2881),
        {"type": "TimeBasedLinear"},
        {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": "10"}},
    ],
)
def test_what_makes_no_sense_is_refused(routing: dict[str, object]) -> None:
    with pytest.raises(ApiError) as caught:
        schedule(routing)
    assert caught.value.code == "InvalidTrafficRoutingConfigurationException"
