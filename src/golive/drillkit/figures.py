"""Figures from samples. No samples, no figure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest sample that at least `share` (0 to 1) of all are
    not above. None without samples."""
    if not samples:
        return None
    rank = max(1, math.ceil(share * len(samples)))
    return sorted(samples)[rank - 1]


def milliseconds(seconds: float | None) -> float | None:
    """Rounded to a tenth, for people."""
    return None if seconds is None else round(seconds * 1000, 1)
