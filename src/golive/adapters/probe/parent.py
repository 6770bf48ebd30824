"""The parent's side: starts the child, reads its log, stops it."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import golive
from golive.adapters.probe.client import Orders
from golive.adapters.probe.tail import Tail
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.probe import ProbeSample, SideFigures, figures_of

START = 15.0
"""Seconds until the child must be making requests."""
END = 20.0
"""Seconds beyond the last request's own time until the child must have ended: a busy machine may
leave it little time to find that they are over."""


class OpenLoopProbe:
    """`golive.ports.probe.Probe`. `ca` is the authority that signed the listeners' certificates
    (the system's own when None); the side is read from the response header `side_header`."""

    def __init__(
        self, ca: Path | None, side_header: str, fidelity: Fidelity, *, timeout: float = 10.0
    ) -> None:
        self._ca, self._side_header, self.fidelity = ca, side_header, fidelity
        self._timeout = timeout

    def start(self, url: str, *, rate: float, log: Path) -> RunningLoad:
        if not 0 < rate <= 20_000:
            raise PortError(f"a rate of {rate:g} requests a second can't be kept", where="probe")
        orders = Orders(
            url=url,
            rate=rate,
            log=str(log),
            ca=str(self._ca or ""),
            side_header=self._side_header,
            timeout=self._timeout,
        )
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            end_last_line(log)
            errors = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the child)
        except OSError as error:
            raise PortError(f"can't start the probe load: {error}", where=str(log)) from error
        try:
            child = _spawn(orders, errors)
        except BaseException:
            errors.close()
            raise
        return RunningLoad(child, errors, log, orders)


class RunningLoad:
    """`golive.ports.probe.RunningProbe`."""

    def __init__(
        self, child: subprocess.Popen[bytes], errors: BinaryIO, log: Path, orders: Orders
    ) -> None:
        self._child, self._errors = child, errors
        self._url, self._timeout = orders.url, orders.timeout
        self._tail = Tail(log)

    def recent(self) -> Mapping[str, SideFigures]:
        self._alive()
        latest = self._tail.ended_since(time.time() - 1.0)
        sides = sorted({one.side for one in latest})
        return {side: figures_of(one for one in latest if one.side == side) for side in sides}

    def samples(self) -> Sequence[ProbeSample]:
        self._alive()
        return self._tail.all()

    def stop(self) -> Sequence[ProbeSample]:
        if self._child.stdin is not None and not self._child.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.write(b"stop\n")
                self._child.stdin.flush()
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        try:
            self._child.wait(self._timeout + END)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        try:
            self._check_end()
        finally:
            self._errors.close()
        return self._tail.all()

    def _alive(self) -> None:
        stopped = self._child.stdin is None or self._child.stdin.closed
        if not stopped and self._child.poll() is not None:
            self._check_end()
            raise PortError("the probe load ended by itself", where=self._url)

    def _check_end(self) -> None:
        if self._child.returncode:
            said = _said(self._errors)
            raise PortError(
                f"the probe load broke off (exit code {self._child.returncode}): {said}",
                where=self._url,
                hint="what was measured before is in the log",
                answer=said,
            )


def _spawn(orders: Orders, errors: BinaryIO) -> subprocess.Popen[bytes]:
    """The child, making requests. PortError with its own words where it doesn't come to that."""
    # The child must find this very package, however the parent found it.
    path = [str(Path(golive.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "golive.adapters.probe"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        start_new_session=True,
    )
    assert child.stdin is not None and child.stdout is not None
    with child.stdout, selectors.DefaultSelector() as selector:
        child.stdin.write(json.dumps(orders.to_json()).encode() + b"\n")
        child.stdin.flush()
        selector.register(child.stdout, selectors.EVENT_READ)
        if selector.select(START) and child.stdout.readline() == b"ready\n":
            return child
    child.kill()
    child.stdin.close()
    child.wait()
    said = _said(errors)
    raise PortError(
        f"the probe load did not start: {said or 'no word from it'}", where=orders.url, answer=said
    )


def _said(errors: BinaryIO) -> str:
    """The last of what the child wrote to its error output."""
    if errors.closed:
        return ""
    errors.seek(0)
    return errors.read()[-2000:].decode(errors="replace").strip()


def end_last_line(log: Path) -> None:
    """A line that a killed probe left half-written must not swallow the next one."""
    with log.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
