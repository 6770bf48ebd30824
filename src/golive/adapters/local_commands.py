"""Commands on this machine, each in a process group of its own that never outlives its time."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.commands import CancelCheck, CommandResult

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
"""All that a child gets of Golive's environment: never its credentials."""
_LINGER = 0.5
"""Seconds that output may still come after the command itself has ended."""


class LocalCommands:
    """`golive.ports.commands.Commands` by `subprocess`."""

    def __init__(
        self,
        fidelity: Fidelity,
        base_env: Mapping[str, str] | None = None,
        *,
        largest_output: int = 5_000_000,
        grace: float = 3.0,
    ) -> None:
        """`base_env` is added to PATH, HOME, LANG and TMPDIR; of each output stream
        `largest_output` bytes are kept; `grace` seconds lie between TERM and KILL."""
        self.fidelity = fidelity
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._env = inherited | dict(base_env or {})
        self._largest, self._grace = largest_output, grace

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        cancelled: CancelCheck | None = None,
    ) -> CommandResult:
        began = time.monotonic()
        process = _start(argv, cwd, self._env | dict(env))
        assert process.stdout is not None
        assert process.stderr is not None
        kept = {process.stdout: _Kept(self._largest), process.stderr: _Kept(self._largest)}
        in_time = False
        try:
            in_time = _drain(process, kept, began + timeout, cancelled)
        finally:
            _end_group(process, 0.0 if in_time else self._grace)
            for stream in kept:
                stream.close()
        return CommandResult(
            argv=tuple(argv),
            exit_code=process.returncode if in_time else None,
            stdout=kept[process.stdout].bytes(),
            stderr=kept[process.stderr].bytes(),
            seconds=time.monotonic() - began,
        )


class _Kept:
    """The first part of a stream, and how much there was."""

    def __init__(self, largest: int) -> None:
        self._largest, self._total, self._data = largest, 0, bytearray()

    def add(self, chunk: bytes) -> None:
        self._total += len(chunk)
        self._data += chunk[: max(0, self._largest - len(self._data))]

    def bytes(self) -> bytes:
        dropped = self._total - len(self._data)
        note = f"\n[{dropped} more bytes were not kept]\n" if dropped else ""
        return bytes(self._data) + note.encode()


def _start(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    if not cwd.is_dir():
        raise PortError("there is no such folder to run in", where=str(cwd))
    try:
        return subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise PortError(
            f"the program {argv[0]!r} is not installed", hint="install it, or correct its name"
        ) from error
    except (OSError, ValueError) as error:
        raise PortError(f"the program {argv[0]!r} can't be started: {error}") from error


def _drain(
    process: subprocess.Popen[bytes],
    kept: Mapping[IO[bytes], _Kept],
    deadline: float,
    cancelled: CancelCheck | None,
) -> bool:
    """Collect output until the process has ended; False when it was out of time or called off.

    A grandchild may hold the streams open: they are waited for `_LINGER` seconds and no longer.
    """
    with selectors.DefaultSelector() as selector:
        for stream, sink in kept.items():
            selector.register(stream, selectors.EVENT_READ, sink)
        ended: float | None = None
        while selector.get_map():
            now = time.monotonic()
            if ended is None and process.poll() is not None:
                ended = now
            if ended is not None and now > ended + _LINGER:
                break
            if ended is None and (now > deadline or (cancelled is not None and cancelled())):
                return False
            for key, _ in selector.select(0.05):
                chunk = os.read(key.fd, 65536)
                key.data.add(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
    return _ends_in_time(process, deadline, cancelled)


def _ends_in_time(
    process: subprocess.Popen[bytes], deadline: float, cancelled: CancelCheck | None
) -> bool:
    """A command may close its output and go on."""
    while process.poll() is None:
        if time.monotonic() > deadline or (cancelled is not None and cancelled()):
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    return True


def _end_group(process: subprocess.Popen[bytes], grace: float) -> None:
    """End whatever is left of the group; `grace` seconds give it time to tidy up."""
    if grace:
        _signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> None:
    # macOS answers EPERM for a group whose members are all zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
