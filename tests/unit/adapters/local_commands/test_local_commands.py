"""LocalCommands over real processes."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from golive.adapters.local_commands import LocalCommands
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.commands import CommandResult

Run = Callable[..., CommandResult]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    commands = LocalCommands(Fidelity.LOCAL, {"BASE": "base"}, largest_output=1000, grace=0.2)

    def one(code: str, timeout: float = 20, **more: object) -> CommandResult:
        settings = {"cwd": tmp_path, "env": {}, "timeout": timeout, **more}
        return commands.run([sys.executable, "-c", code], **settings)  # type: ignore[arg-type]

    return one


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, within: float = 5) -> bool:
    """A killed process is a zombie until init has seen to it."""
    end = time.monotonic() + within
    while alive(pid) and time.monotonic() < end:
        threading.Event().wait(0.01)
    return not alive(pid)


def test_code_and_output(run: Run) -> None:
    result = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert 0 < result.seconds < 20


def test_a_child_gets_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do not hand on")
    monkeypatch.setenv("LANG", "C.UTF-8")
    result = run("import os; print(sorted(os.environ))", env={"GIVEN": "yes"})
    names = set(eval(result.stdout))  # what our own child printed
    assert {"BASE", "GIVEN", "PATH", "LANG"} <= names
    assert names <= {"BASE", "GIVEN", "PATH", "HOME", "LANG", "TMPDIR", "LC_CTYPE"}


def test_no_input_to_wait_for(run: Run) -> None:
    assert run("print(len(input()))").exit_code == 1


def test_time_ends_the_whole_group(run: Run, tmp_path: Path) -> None:
    result = run(
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
        "print('begun', flush=True); time.sleep(600)",
        timeout=1.0,
    )
    assert result.exit_code is None
    assert result.stdout == b"begun\n"
    assert gone(int((tmp_path / "pid").read_text()))


def test_who_ignores_term_is_killed(run: Run) -> None:
    began = time.monotonic()
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    assert run(code, timeout=0.5).exit_code is None
    assert time.monotonic() - began < 10


def test_a_grandchild_that_keeps_the_output_open_ends_with_it(run: Run, tmp_path: Path) -> None:
    began = time.monotonic()
    result = run(
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))",
    )
    assert result.exit_code == 0
    assert time.monotonic() - began < 15
    assert gone(int((tmp_path / "pid").read_text()))


def test_called_off(run: Run) -> None:
    began = time.monotonic()
    result = run("import time; time.sleep(600)", cancelled=lambda: time.monotonic() > began + 0.2)
    assert result.exit_code is None
    assert result.seconds < 10


def test_output_is_capped_with_a_note(run: Run) -> None:
    result = run("import sys; sys.stdout.write('x' * 3_000_000)")
    assert result.exit_code == 0
    assert result.stdout == b"x" * 1000 + b"\n[2999000 more bytes were not kept]\n"


def test_output_closed_early_is_not_the_end(run: Run) -> None:
    result = run("import os, time, sys; os.close(1); os.close(2); time.sleep(0.2); os._exit(4)")
    assert result.exit_code == 4


def test_a_killed_command_tells_by_which_signal(run: Run) -> None:
    assert run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").exit_code == -9


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/program"])
def test_a_missing_program_is_named(tmp_path: Path, program: str) -> None:
    with pytest.raises(PortError, match=f"'{program}' is not installed"):
        LocalCommands(Fidelity.LOCAL).run([program], cwd=tmp_path, env={}, timeout=5)


def test_what_can_not_be_started(tmp_path: Path) -> None:
    file = tmp_path / "no-program"
    file.write_text("")
    for argv in ([str(file)], [str(tmp_path)], ["a\0b"]):
        with pytest.raises(PortError, match="can't be started"):
            LocalCommands(Fidelity.LOCAL).run(argv, cwd=tmp_path, env={}, timeout=5)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no such folder"):
        LocalCommands(Fidelity.LOCAL).run(
            [sys.executable], cwd=tmp_path / "none", env=dict(os.environ), timeout=5
        )
