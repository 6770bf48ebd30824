"""What every test runs under: loopback only, tools counted, long loops left out."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from harness import loopback, tools

ROOT = Path(__file__).resolve().parent.parent

# Tools that the set-up installed for tests alone (`aws`) come first on PATH, for children as well.
os.environ["PATH"] = os.pathsep.join([str(ROOT / ".venv" / "tools"), os.environ.get("PATH", "")])

loopback.enforce()

# Bounded, without a deadline (a busy machine is not a bug); the same examples every time in CI.
hypothesis.settings.register_profile("dev", max_examples=60, deadline=None)
hypothesis.settings.register_profile(
    "ci", max_examples=40, deadline=None, derandomize=True, print_blob=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Endurance loops run only when `-m` asks for them."""
    if config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("endurance")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Five thousand collected tests and all that they import stay to the end: the collector need
    not walk them again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            tools.require(str(tool))


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Iterator[None]:
    for tool, count in tools.not_run(terminalreporter.stats.get("skipped", [])).items():
        tests = "test" if count == 1 else "tests"
        terminalreporter.write_line(f"not run: needs {tool} ({count} {tests})", yellow=True)
    yield
