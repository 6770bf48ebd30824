"""The picture's figures are the samples', counted again; nothing in them can break the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_world as world
from golive.kernel.json import Json
from golive.ports.probe import ProbeSample
from golive.report.cutover import Cutover, _slices, cutover_of, round_step
from golive.report.cutover_chart import NUMBER, _levels
from golive.report.source import read


def _cutover(folder: Path, samples: list[Json]) -> Cutover | str:
    made = world.World(folder)
    record = made.drill(world.check(), artefacts=made.cutover(samples, world.marks()))
    source = read(made.seal(record))
    return cutover_of(source.items["cutover/1"], source)


def test_shares_failures_and_marks_are_the_samples_own(tmp_path: Path) -> None:
    found = _cutover(tmp_path, world.traffic(fail_at=2.0))
    assert isinstance(found, Cutover)
    assert (found.requests, found.failed) == (300, 25)
    assert sum(one.requests for one in found.slices) == 300
    failing = [one for one in found.slices if one.failed]
    assert failing[0].start == pytest.approx(2.0)
    assert failing[-1].end == pytest.approx(2.5)
    after = [one for one in found.slices if one.start >= 3.0]
    assert {one.share("green") for one in after} == {100.0}
    assert {one.p95 for one in found.slices} == {4.0}
    assert [(one.kind, round(one.at, 1)) for one in found.marks] == [
        ("begin", 0.2), ("abort", 3.0), ("return", 3.1), ("return", 3.2), ("begin", 3.5),
        ("promotion", 5.5),
    ]  # fmt: skip
    assert "half-way reached" in found.marks[1].what


@pytest.mark.parametrize(
    "samples",
    [
        [],
        ["words"],
        [[1.0, 2.0, 200]],
        [[1.0, 2.0, "x", "blue"]],
        [[float("nan"), 0.1, 200, "blue"]],
        [[float("inf"), 0.1, 200, "blue"]],
        [{"at": 1}],
        [7],
    ],
    ids=json.dumps,
)
def test_samples_that_are_none_are_told_and_not_drawn(tmp_path: Path, samples: list[Json]) -> None:
    found = _cutover(tmp_path, samples)
    assert isinstance(found, str)
    assert found.startswith("There is nothing to draw: ")


def test_a_cutover_without_samples_says_so(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    source = read(made.seal(made.drill(world.check())))
    found = cutover_of(source.items["cutover/1"], source)
    assert found == "There is nothing to draw: the vault holds no samples of cutover/1."


_SAMPLE = st.builds(
    ProbeSample,
    st.floats(0, 1e10),
    st.floats(0, 60),
    st.sampled_from([0, 200, 404, 500, 503]),
    st.sampled_from(["", "blue", "green", "<b>"]),
)


@given(st.lists(_SAMPLE, min_size=1, max_size=200))
def test_no_request_is_lost_or_counted_twice(samples: list[ProbeSample]) -> None:
    samples.sort(key=lambda one: one.started)
    found = _slices(samples)
    assert len(found) <= 62
    assert sum(one.requests for one in found) == len(samples)
    assert sum(one.failed for one in found) == sum(one.failed for one in samples)
    for one in found:
        assert sum(one.sides.values()) == one.requests
        assert one.p95 is None or one.requests > 0


@given(st.floats(0.1, 1e9))
def test_a_step_is_round_and_not_too_small(least: float) -> None:
    step = round_step(least)
    assert least * (1 - 1e-9) <= step <= least * 5.01
    assert f"{step:.0e}"[0] in "125"


@given(st.lists(st.floats(0, 600), max_size=40).map(sorted))
def test_no_number_of_a_mark_lies_over_another(columns: list[float]) -> None:
    placed = list(zip(columns, _levels(columns), strict=True))
    for place, (x, level) in enumerate(placed):
        assert not [one for one, other in placed[:place] if other == level and x - one < NUMBER]
    widest = max((sum(x <= other < x + NUMBER for other in columns) for x in columns), default=0)
    assert len({level for _, level in placed}) <= widest
