from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drillkit.figures import milliseconds, percentile


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, 1), (0.25, 1), (0.26, 2), (0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)],
)
def test_nearest_rank(share: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], share) == expected


def test_no_samples_no_figure() -> None:
    assert percentile([], 0.5) is None
    assert milliseconds(None) is None
    assert milliseconds(0.01234) == 12.3


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1))
def test_at_least_the_share_lies_at_or_below(samples: list[float], share: float) -> None:
    found = percentile(samples, share)
    assert found in samples
    assert sum(one <= found for one in samples) >= share * len(samples) - 1e-9
