"""An endless answer is left as soon as it is too much."""

from __future__ import annotations

import time
from itertools import count

import pytest

from golive.kernel.bounded import bounded
from golive.kernel.errors import PortError, Unreachable


def test_what_fits_is_kept_whole() -> None:
    assert bounded([b"ab", b"", b"c"], 3, time.monotonic() + 5, "x") == b"abc"


def test_no_more_is_read_than_is_allowed() -> None:
    read = count()
    with pytest.raises(PortError, match="larger than 1 MB"):
        bounded((bytes(100_000) for _ in read), 1_000_000, time.monotonic() + 5, "x")
    assert next(read) == 11


def test_what_drips_ends_in_time() -> None:
    with pytest.raises(Unreachable, match="in time"):
        bounded((b"x" for _ in count()), 10**9, time.monotonic() - 1, "x")
