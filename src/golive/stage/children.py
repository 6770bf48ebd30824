"""Processes that end with the warden, whatever ends it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
"""What a child sees of the environment: no credentials of whoever rehearses."""

_GO = {"GOGC": "400", "GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))}
"""For both halves of the proxy, which share the machine with what they stand before: memory is
collected seldom, and neither half keeps every processor awake."""

PATIENCE = 3.0
"""Seconds between asking a child to end and ending it."""


@dataclass(frozen=True)
class Command:
    """One child: what to run, and where its output goes. `home` is the only home it knows."""

    name: str
    argv: Sequence[str]
    log: Path
    home: Path


class Child:
    """One running (or ended) process. Must be made on the main thread of a process that stays: on
    Linux the kernel kills the child when the *thread* that made it ends."""

    def __init__(self, command: Command) -> None:
        self.command = command
        with command.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(command.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.home,
                env=_environment(command.home),
                preexec_fn=_die_with_parent(),
            )
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> int | None:
        """Its exit status once it is gone; negative after a signal."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


def end(children: Iterable[Child], patience: float = PATIENCE) -> None:
    """All at once: TERM, and KILL for what is still there after `patience` seconds."""
    left = [child for child in children if child.ended() is None]
    for child in left:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = [child for child in left if child.ended() is None]
    for child in left:
        child.signal(signal.SIGKILL)
    while any(child.ended() is None for child in left):
        time.sleep(0.01)


def _environment(home: Path) -> Mapping[str, str]:
    """Everything that a program might write to a home directory goes to `home`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        **_GO,
    }


def _die_with_parent() -> Callable[[], None] | None:
    """For the child between fork and exec: be killed when the parent dies. Linux alone has it;
    elsewhere the pipe that the warden reads is all there is."""
    if sys.platform != "linux":
        return None
    library, parent = ctypes.CDLL(None), os.getpid()

    def bind() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return bind
