"""Charts drawn in a process of their own: the same bytes, and no child that outlives its use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from golive.drillkit import chart, chart_apart
from golive.kernel.errors import GoliveError

LINE = chart.Line("blue", [(t, float(t)) for t in range(30)])
PARTS = [chart.Panel("Requests", [LINE], "requests a second")]


def child(code: str) -> Sequence[str]:
    return (sys.executable, "-c", code)


def test_the_bytes_are_those_of_the_same_picture_drawn_here() -> None:
    axis = chart.Axis("time of day", ZoneInfo("Europe/London"))
    marks = [chart.Mark(9, "AllowTraffic")]
    apart = chart_apart.panels("Hub", PARTS, marks, axis=axis, note="local", width_px=600)
    assert apart == chart.panels("Hub", PARTS, marks, axis=axis, note="local", width_px=600)
    assert chart_apart.sheet("All", [apart, apart]) == chart.sheet("All", [apart, apart])


def test_what_it_loads_is_not_loaded_here() -> None:
    code = (
        "import sys; from golive.drillkit import chart, chart_apart;"
        "chart_apart.panels('t', [chart.Panel('p', [chart.Line('a', [(0, 1.0)])], 'n')]);"
        "assert 'matplotlib' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_cannot_be_drawn_is_said_as_it_is_here() -> None:
    with pytest.raises(ValueError, match="a chart needs a panel"):
        chart_apart.panels("Hub", [])


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (child("raise MemoryError('no room')"), "MemoryError: no room"),
        (child("import os; os.kill(os.getpid(), 9)"), "ended with -9"),
        (["/nonexistent/python"], "FileNotFoundError"),
    ],
)
def test_a_child_that_fails_is_told_of(program: Sequence[str], why: str) -> None:
    with pytest.raises(GoliveError, match=why):
        chart_apart.drawn_apart("panels", ("Hub", PARTS), {}, program=program)


def test_a_child_that_hangs_is_ended() -> None:
    stuck = child("import threading; threading.Event().wait(60)")
    with pytest.raises(GoliveError, match="TimeoutExpired"):
        chart_apart.drawn_apart("panels", ("Hub", PARTS), {}, program=stuck, seconds=0.2)


def test_a_child_ends_with_a_killed_parent(tmp_path: Path) -> None:
    """The child waits for its input for ever; only its parent's death ends it."""
    note = tmp_path / "child"
    parent = subprocess.Popen(child(
        "import os, subprocess, sys, pathlib;"
        "held, end = os.pipe(); os.set_inheritable(end, True);"
        "one = subprocess.Popen([sys.executable, '-m', 'golive.drillkit.chart_apart',"
        " str(os.getpid())], stdin=held, close_fds=False, start_new_session=True);"
        f"pathlib.Path({str(note)!r}).write_text(f'{{one.pid}} '); one.wait()"
    ))  # fmt: skip
    until(lambda: note.exists() and note.read_text().endswith(" "))
    drawer = int(note.read_text())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until(lambda: not alive(drawer))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Not a zombie either: nobody may be there to reap it."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True)
    return bool(found.stdout.strip()) and not found.stdout.strip().startswith(b"Z")
