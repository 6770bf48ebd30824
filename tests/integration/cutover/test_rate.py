"""As many requests a second as this machine serves, whatever it is: none is lost, none astray."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.alone, pytest.mark.endurance, pytest.mark.timeout(600)]

BENCH = Path(__file__).resolve().parents[3] / "bench" / "cutover.py"


def bench(*options: str) -> list[dict[str, Any]]:
    """What it prints, line by line."""
    done = subprocess.run(
        [sys.executable, str(BENCH), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("minute", ["0", "0.3"])
def test_the_whole_drill_at_four_fifths_of_what_is_served(minute: str) -> None:
    *trials, found = bench("--minute", minute)
    most = next(one["served"] for one in trials if isinstance(one.get("served"), float))
    assert 0.7 * most < found["rate"] < most
    assert found["outcome"] == "passed", found
    assert (found["failed_requests"], found["misrouted_requests"]) == (0, 0)
    assert found["whole"]["requests"] > most
    assert {answer.partition(" ")[0] for answer in found["answers"]} == {"200"}
    for one in found["by_trigger"].values():  # how soon, the bench prints
        assert one["rollback_seconds"] is not None


def test_beyond_what_is_served_requests_are_late_and_none_is_lost_or_astray() -> None:
    """The drill may well be called off: nothing of a way back can be proven in time."""
    *trials, _ = bench()
    most = next(one["served"] for one in trials if isinstance(one.get("served"), float))
    _, found = bench("--rate", str(2 * most), "--patience", "300")
    assert found["failed_requests"] in (0, None), found
    assert not found["misrouted_requests"], found
    assert {answer.partition(" ")[0] for answer in found["answers"]} == {"200"}
    assert found["whole"]["p99Ms"] > 1000, "late"
