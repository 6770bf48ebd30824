"""`@pytest.mark.needs("aws")`: counted as not run where the tool is absent, a failure in CI."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "terraform": ("terraform", "tofu"),
}
"""Other names of a tool; by default it goes by its own."""

NOT_PACKAGED = frozenset({"terraform"})
"""What no package registry offers, so that CI can't install it either: never a failure."""

_PREFIX = "not run: needs "


def present(tool: str) -> bool:
    return any(shutil.which(program) for program in PROGRAMS.get(tool, (tool,)))


def require(tool: str) -> None:
    """Go on, skip, or fail, by whether `tool` is here and whether this is CI."""
    if present(tool):
        return
    if os.environ.get("CI") == "true" and tool not in NOT_PACKAGED:
        pytest.fail(f"needs {tool}, which CI installs (.ci/run)", pytrace=False)
    pytest.skip(_PREFIX + tool)


def not_run(skipped: Iterable[pytest.TestReport]) -> Mapping[str, int]:
    """How many tests were not run, by the tool that they need."""
    counts: Counter[str] = Counter()
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if _PREFIX in reason:
            counts[reason.partition(_PREFIX)[2].strip()] += 1
    return dict(sorted(counts.items()))
