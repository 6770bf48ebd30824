"""A missing tool is counted by name on a bare machine, and fails where CI should have it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = """
import pytest

@pytest.mark.needs("no-such-tool")
def test_one(): raise AssertionError("ran without its tool")

@pytest.mark.needs("no-such-tool")
def test_two(): raise AssertionError("ran without its tool")

@pytest.mark.needs("terraform")
def test_terraform(): pass

@pytest.mark.endurance
def test_long(): raise AssertionError("ran without being asked for")

def test_plain(): pass
"""


def _run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env = {**env, "PATH": "/nowhere", "PYTHONPATH": str(ROOT / "tests" / "support")}
    env = {**env, "CI": "false", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    options = ["-q", "-p", "no:cacheprovider", "-p", "xdist.plugin", "-p", "pytest_timeout", "-c"]
    options += [str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *arguments, "test_sample.py"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_on_a_bare_machine_they_are_counted_by_tool(tmp_path: Path) -> None:
    code, out = _run(tmp_path)
    assert code == 0, out
    assert "not run: needs no-such-tool (2 tests)" in out
    assert "not run: needs terraform (1 test)" in out
    assert "1 passed, 3 skipped, 1 deselected" in out


@pytest.mark.endurance
def test_in_a_worker_as_well(tmp_path: Path) -> None:
    code, out = _run(tmp_path, "-n", "1")
    assert code == 0, out
    assert "not run: needs no-such-tool (2 tests)" in out


def test_in_ci_a_missing_tool_is_a_failure_unless_nobody_packages_it(tmp_path: Path) -> None:
    code, out = _run(tmp_path, CI="true")
    assert code == 1
    assert "1 passed, 1 skipped, 1 deselected, 2 errors" in out
    assert "needs no-such-tool, which CI installs" in out


def test_endurance_runs_when_it_is_asked_for(tmp_path: Path) -> None:
    _, out = _run(tmp_path, "-m", "endurance")
    assert "ran without being asked for" in out
