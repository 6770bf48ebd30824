"""Sampling against brute force and against figures that are in print."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drillkit.sampling import population_digest, select, support

IDS = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30)


@given(st.text(max_size=10), IDS, st.integers(0, 40))
def test_the_smallest_digests_are_drawn(seed: str, ids: list[str], size: int) -> None:
    drawn = select(seed, ids, size)
    assert len(drawn) == min(size, len(ids))
    assert set(drawn) <= set(ids)
    rank = {one: hashlib.sha256((seed + one).encode()).hexdigest() for one in ids}
    left = [rank[one] for one in ids if one not in drawn]
    assert not drawn or not left or max(rank[one] for one in drawn) <= min(left)


@given(st.text(max_size=10), IDS, st.integers(0, 40), st.randoms())
def test_order_and_repetition_change_nothing(seed: str, ids: list[str], size: int, rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = [*ids, *ids]
    rng.shuffle(shuffled)
    assert select(seed, ids, size) == select(seed, shuffled, size)
    assert population_digest(ids) == population_digest(shuffled)


def test_one_person_more_is_another_population() -> None:
    assert population_digest(["a", "b"]) != population_digest(["a", "b", "c"])
    assert population_digest(["ab"]) != population_digest(["a", "b"])


@pytest.mark.parametrize(("deviations", "percent"), [(0, 5.8), (1, 9.1), (2, 12.1)])
def test_fifty_of_very_many(deviations: int, percent: float) -> None:
    found = support(1_000_000, 50, deviations)
    assert found.method == "binomial"
    assert found.bound is not None
    assert round(found.bound * 100, 1) == percent
    assert f"{percent} %" in found.words()


@given(st.integers(1, 60), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_binomial_bound_is_exact(sample: int, data: st.DataObject, confidence: float) -> None:
    """P(X <= k) is the remainder at the bound, by rational arithmetic."""
    deviations = data.draw(st.integers(0, sample))
    bound = support(5_000, sample, deviations, confidence).bound
    assert bound is not None
    share = Fraction(bound)
    if deviations == sample:
        assert bound == 1
        return
    seen = sum(
        comb(sample, one) * share**one * (1 - share) ** (sample - one)
        for one in range(deviations + 1)
    )
    assert float(seen) == pytest.approx(1 - confidence, abs=1e-9)


@given(st.integers(2, 9), st.data(), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_finite_bound_against_every_possible_sample(
    population: int, data: st.DataObject, confidence: float
) -> None:
    sample = data.draw(st.integers(1, population - 1))
    deviations = data.draw(st.integers(0, sample))
    possible = [
        marked
        for marked in range(deviations, population - (sample - deviations) + 1)
        if _share(population, marked, sample, deviations) > 1 - Fraction(str(confidence))
    ]
    found = support(population, sample, deviations, confidence)
    assert found.method == "hypergeometric"
    assert found.bound == max(possible) / population


def _share(population: int, marked: int, sample: int, deviations: int) -> Fraction:
    """Of all samples, those that show at most `deviations` of the first `marked` people."""
    every = list(combinations(range(population), sample))
    few = sum(1 for one in every if sum(person < marked for person in one) <= deviations)
    return Fraction(few, len(every))


@given(st.integers(1, 999), st.data())
def test_a_finite_population_supports_more(population: int, data: st.DataObject) -> None:
    sample = data.draw(st.integers(1, population))
    deviations = data.draw(st.integers(0, min(sample, 5)))
    finite, large = support(population, sample, deviations), support(10**6, sample, deviations)
    assert finite.bound is not None
    assert large.bound is not None
    assert deviations / population <= finite.bound
    assert deviations / sample <= large.bound
    assert finite.bound <= large.bound + 1e-9


def test_everybody_is_no_sample() -> None:
    assert support(40, 40, 2).method == "census"
    assert support(40, 40, 2).bound == 0.05
    assert "everybody" in support(40, 40, 2).words()


def test_nobody_supports_nothing() -> None:
    for nobody in (support(0, 0, 0), support(10, 0, 0)):
        assert nobody.bound is None
        assert "nothing" in nobody.words()


@pytest.mark.parametrize("figures", [(10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_figures_that_can_not_be(figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="of"):
        support(*figures)
