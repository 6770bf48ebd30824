"""Drawing a sample that nobody could steer, and what it supports. Pure.

Seed and population are committed to before anything is drawn; those with the smallest digests are
drawn. Bounds are exact and one-sided: Clopper-Pearson for a large population, the hypergeometric
distribution for one in which drawing without putting back matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, exp, lgamma, log, log1p

CONFIDENCE = 0.95
FINITE = 1_000
"""Below so many people the population is reckoned as finite."""


def population_digest(ids: Iterable[str]) -> str:
    """SHA-256 of the ids, sorted, each on a line: what is committed to before drawing."""
    text = "".join(f"{one}\n" for one in sorted(set(ids)))
    return hashlib.sha256(text.encode()).hexdigest()


def select(seed: str, ids: Iterable[str], size: int) -> Sequence[str]:
    """The `size` ids with the smallest SHA-256(seed ‖ id), in that order; all of them where there
    are no more."""
    return sorted(set(ids), key=lambda one: (_rank(seed, one), one))[:size]


def _rank(seed: str, identifier: str) -> bytes:
    return hashlib.sha256(seed.encode() + identifier.encode()).digest()


@dataclass(frozen=True)
class Support:
    """What a sample supports."""

    population: int
    sample: int
    deviations: int
    confidence: float
    method: str
    """`census`, `hypergeometric` or `binomial`."""
    bound: float | None
    """At most this share (0 to 1) of the population deviates, with `confidence`; None when
    nobody was drawn."""

    def words(self) -> str:
        """A sentence for people."""
        if self.bound is None:
            return "Nobody was drawn, so nothing is supported."
        found = f"{self.deviations} of {self.sample} drawn deviate"
        if self.method == "census":
            return f"{found}; that is everybody, so the share is {_percent(self.bound)} exactly."
        return (
            f"{found}, out of {self.population}. With {self.confidence:.0%} confidence (one-sided, "
            f"exact, {self.method}) at most {_percent(self.bound)} of all deviate."
        )


def support(
    population: int, sample: int, deviations: int, confidence: float = CONFIDENCE
) -> Support:
    """The exact upper bound. ValueError for figures that can't be."""
    if not 0 <= deviations <= sample <= population or not 0 < confidence < 1:
        raise ValueError(f"{deviations} of {sample} of {population} at {confidence}")
    method, bound = "census", None
    if sample == population:
        bound = deviations / sample if sample else None
    elif sample == 0:
        method = "binomial"
    elif population < FINITE:
        method, bound = "hypergeometric", _finite(population, sample, deviations, confidence)
    else:
        method, bound = "binomial", _binomial(sample, deviations, confidence)
    return Support(population, sample, deviations, confidence, method, bound)


def _finite(population: int, sample: int, deviations: int, confidence: float) -> float:
    """The largest number of deviations that would show so few in a sample with more than the
    remaining probability, as a share."""
    low, high = deviations, population - (sample - deviations)
    # rational, because in small populations the two are often equal
    remainder = 1 - Fraction(str(confidence))
    while low < high:
        middle = (low + high + 1) // 2
        if _at_most(population, middle, sample, deviations) > remainder:
            low = middle
        else:
            high = middle - 1
    return low / population


def _at_most(population: int, marked: int, sample: int, seen: int) -> Fraction:
    """P(X <= seen) for a hypergeometric X."""
    ways = sum(
        comb(marked, one) * comb(population - marked, sample - one) for one in range(seen + 1)
    )
    return Fraction(ways, comb(population, sample))


def _binomial(sample: int, deviations: int, confidence: float) -> float:
    """The share at which so few deviations are just as improbable as the remainder allows."""
    if deviations == sample:
        return 1.0
    low, high = deviations / sample, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _binomial_at_most(sample, middle, deviations) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _binomial_at_most(sample: int, share: float, seen: int) -> float:
    """P(X <= seen) for a binomial X."""
    if share <= 0 or share >= 1:
        return 1.0 if share <= 0 or seen >= sample else 0.0
    return sum(
        exp(_log_comb(sample, one) + one * log(share) + (sample - one) * log1p(-share))
        for one in range(seen + 1)
    )


def _log_comb(sample: int, taken: int) -> float:
    return lgamma(sample + 1) - lgamma(taken + 1) - lgamma(sample - taken + 1)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
