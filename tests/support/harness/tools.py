"""`@pytest.mark.needs("aws")`: counted as not run where the tool is absent, a failure in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import pytest

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "terraform": ("terraform", "tofu"),
}
"""Other names of a tool; by default it goes by its own."""

NOT_PACKAGED = frozenset({"terraform", "node", "npm"})
"""What a stable Debian doesn't have (Terraform at all, Node 20 in 12), so that CI can't be sure of
installing it: never a failure."""

_NODE = 20

_PREFIX = "not run: needs "


@cache
def present(tool: str) -> bool:
    """Whether the tool can be used; Node counts from the version that the smoke pack needs."""
    found = any(shutil.which(program) for program in PROGRAMS.get(tool, (tool,)))
    return found and (tool not in ("node", "npm") or _node_version() >= _NODE)


def _node_version() -> int:
    if shutil.which("node") is None:
        return 0
    command = ["node", "-p", "parseInt(process.versions.node)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return int(done.stdout) if done.returncode == 0 else 0


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
