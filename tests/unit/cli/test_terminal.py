"""What a run prints, to a pipe and to a real terminal, and what it leaves when it ends."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cli_day as day
from golive.cli.terminal import show_board, showing
from golive.cli.wording import program
from golive.kernel.json import JsonObject
from golive.rehearsal.board import fold

PLAY = """
import cli_day
from golive.cli.terminal import showing
with showing() as watch:
    for event in [*cli_day.morning(), cli_day.verdict()]:
        watch(event)
"""


def _piped(capsys: pytest.CaptureFixture[str], *events: JsonObject) -> list[str]:
    with showing() as watch:
        for event in events:
            watch(event)
    return capsys.readouterr().out.splitlines()


def test_a_pipe_gets_one_plain_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _piped(capsys, *day.morning())
    assert f"09:02:00 run {day.RUN} (practice, target stage)" in lines
    assert "09:02:01   open: Every role is present (Programme Manager)" in lines
    assert "09:02:02     pass: The file follows: measured 0.0127 s, expected at most 5 s" in lines
    assert "09:02:03     kept go-live/readiness-snapshot.json (local)" in lines
    assert any(line.startswith("09:02:05     fail: Nothing drifted") for line in lines)
    assert not [line for line in lines if "\x1b" in line]


def test_the_verdict_comes_last_with_reasons_places_and_the_vault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = _piped(capsys, *day.morning(), day.verdict())
    end = lines[lines.index("") + 1 :]
    assert end[0].startswith("NOT READY (practice: 2 human items open)")
    assert end[1] == "  playbook.md:40: terraform-plan: Nothing drifted: measured 2, expected 0"
    assert end[2] == "    → DevOps Lead: put it right and run it again"
    assert end[-1] == 'check  golive verify "/somewhere/release_vault/x/releases/1"'


def test_hundreds_of_reasons_are_counted_and_not_poured_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = {"file": "p.md", "line": 1, "text": "missing", "owner": "", "change": ""}
    lines = _piped(capsys, day.started(), day.verdict(reasons=[reason] * 300))
    assert sum("missing" in line for line in lines) == 20
    assert "  and 280 more: see golive/verdict.json" in lines


def test_a_resumed_run_is_shown_with_what_came_before(capsys: pytest.CaptureFixture[str]) -> None:
    with showing(day.morning()) as watch:
        watch(day.event(60, "resumed"))
        watch(day.event(61, "row", row="row-2", state="finished", outcome="failed"))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "09:03:00 taken up again",
        "09:03:01 [2/3] Blue/green deployment rehearsal in staging: failed (1 of 1 failed)",
    ]


@pytest.mark.parametrize(
    "event",
    [
        day.event(1, "row", row="row-99", state="started"),
        day.event(1, "step", item="nowhere/1", step="x", state="started"),
        day.event(1, "never-heard-of"),
        {"event": "row"},
        {},
    ],
)
def test_an_event_that_makes_no_sense_never_ends_the_run(
    event: JsonObject, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = _piped(capsys, day.started(), event, day.event(2, "log", item="", text="still here"))
    assert lines[-1].endswith("still here")


def test_an_error_goes_through_and_no_verdict_is_made_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RuntimeError, match="stopped"), showing() as watch:
        watch(day.started())
        raise RuntimeError("stopped")
    assert "READY" not in capsys.readouterr().out


def test_status_says_how_a_dead_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    show_board(fold(day.morning()), running=False)
    out = capsys.readouterr().out
    assert "INTERRUPTED" in out
    assert f"golive resume {day.RUN}" in out


def _in_terminal(**environment: str) -> str:
    """What the play prints on a real pseudo-terminal of 80 columns and 24 lines."""
    ours, theirs = pty.openpty()
    support = str(Path(__file__).resolve().parents[2] / "support")
    path = os.pathsep.join([support, os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "TERM": "xterm-256color", "COLUMNS": "80"}
    env = {**env, "LINES": "24", **environment}
    child = subprocess.Popen([sys.executable, "-c", PLAY], stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    data = bytearray()
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux: EIO once the last writer is gone
            break
        if not chunk:
            break
        data += chunk
    os.close(ours)
    assert child.wait(timeout=30) == 0, data.decode(errors="replace")
    return data.decode()


def test_a_terminal_gets_the_live_board_and_then_the_verdict() -> None:
    shown = _in_terminal()
    assert "\x1b[" in shown
    board, _, end = shown.rpartition("NOT READY")
    assert "✘ terraform-plan failed" in re.sub(r"\x1b\[[0-9;]*m", "", board)
    assert "1 of 3 machine items ready" in end


def test_no_color_takes_colours_away_and_leaves_the_marks() -> None:
    shown = _in_terminal(NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)
    assert "✘ terraform-plan failed" in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_a_dumb_terminal_gets_plain_lines() -> None:
    shown = _in_terminal(TERM="dumb")
    assert "\x1b" not in shown
    assert "09:02:05     fail: Nothing drifted" in shown


def test_a_command_is_shown_as_it_can_be_typed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == "golive"
    monkeypatch.setenv("PATH", "/nowhere")
    own = Path(sys.prefix) / "bin" / "golive"
    monkeypatch.chdir(own.parents[2])
    assert program() == str(own.relative_to(own.parents[2]))
