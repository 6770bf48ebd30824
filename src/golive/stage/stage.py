"""One stage in one folder: up, down, status. All three may be called again and again."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.kernel.errors import GoliveError
from golive.stage import addresses, credentials, homecoming, status
from golive.stage.commands import FIXNADO
from golive.stage.layout import Layout
from golive.stage.settings import FAULTS, Settings, load, save
from golive.stage.status import StageStatus

_ATTEMPTS = 3
_END_LIMIT = 6.0


@dataclass(frozen=True)
class _Lifeline:
    """What binds an attached stage to this process: the pipe's write end, which no child inherits
    and which closes when this process ends, and the warden itself."""

    write_end: int
    warden: subprocess.Popen[bytes]


_lifelines: dict[Path, _Lifeline] = {}
"""By folder. Of the process, not of a Stage: a second Stage of the folder may end it."""


class Stage:
    """The embedded target in `folder`.

    `fault` (a key of `settings.FAULTS`) starts the incoming instance with a defect. With
    `insist_ports` the preferred ports are demands: an occupied one is a GoliveError. `minute` is
    how many seconds stand for one of AWS's minutes, where the folder is new. `fixnado` is the
    marketplace's own command.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fault: str | None = None,
        insist_ports: bool = False,
        minute: float | None = None,
        fixnado: Sequence[str] = FIXNADO,
    ) -> None:
        if fault is not None and fault not in FAULTS:
            known = ", ".join(FAULTS)
            raise GoliveError(f"no fault is called {fault!r}", hint=f"there are: {known}")
        self._layout = Layout(Path(folder).absolute())
        self._fault, self._insist, self._minute = fault, insist_ports, minute
        self._fixnado = tuple(fixnado)

    def up(self, attached: bool) -> StageStatus:
        """Bring it up, or find it up. Attached, it ends with this process, however this process
        ends. GoliveError says which part did not start, and the end of its log."""
        self._create()
        with self._doorway():
            found = self._running()
            if found is not None and not _orphaned(found):
                return self._same(found)
            self._let_end()
            for attempt in range(1, _ATTEMPTS + 1):
                settings = self._settle(again=attempt > 1)
                failure = self._start(attached)
                if failure is None:
                    break
                lost = [port for port in settings.ports.values() if not addresses.is_free(port)]
                # two that start at the same moment may each have taken a port of the other's and
                # let go of it again
                raced = bool(lost) or "already in use" in str(failure).lower()
                if attempt == _ATTEMPTS or self._insist or not raced:
                    raise failure
            found = self._running()
        if found is None:
            raise GoliveError("the stage ended at once", where=str(self._layout.logs))
        return found

    def down(self) -> None:
        """Traffic back to the old side first, then every process. Nothing where it is not up."""
        if not self._layout.folder.is_dir():
            return
        with self._doorway():
            found = self._running()
            if found is not None:
                homecoming.bring_home(self._layout, found.urls["codedeploy"])
            self._end(found)

    def status(self) -> StageStatus | None:
        """None where no stage is up in this folder."""
        return self._running() if self._layout.folder.is_dir() else None

    # -- start ----------------------------------------------------------------------------------

    def _create(self) -> None:
        try:
            self._layout.create()
            credentials.ensure(self._layout)
        except OSError as error:
            raise GoliveError(
                f"the stage's folder can't be written: {error.strerror or error}",
                where=str(self._layout.folder),
                hint="name another with --state",
            ) from error

    def _settle(self, *, again: bool) -> Settings:
        kept = load(self._layout)
        known = kept.ports if kept and not again else {}
        ports = addresses.choose(known, insist=self._insist, prefer=not again)
        settings = (kept or Settings(ports)).with_ports(ports).with_fault(self._fault)
        if self._minute is not None:
            settings = settings.with_minute(self._minute)
        save(self._layout, settings)
        return settings

    def _same(self, found: StageStatus) -> StageStatus:
        if found.fault == self._fault:
            return found
        raise GoliveError(
            f"the stage is up with {found.fault or 'no fault'}, not {self._fault or 'without one'}",
            where=str(self._layout.folder),
            hint="`golive stage down` first",
        )

    def _let_end(self) -> None:
        """A stage whose process was killed a moment ago still has its ports."""
        if not self._gone(_END_LIMIT):
            raise GoliveError(
                "another stage in this folder does not end",
                where=str(self._layout.folder),
                hint="`golive stage down`, then try again",
            )

    def _start(self, attached: bool) -> GoliveError | None:
        """None once it answers; else what a person is told."""
        self._reap()
        report, tell = os.pipe()
        life, hold = os.pipe() if attached else (None, None)
        argv = [sys.executable, "-P", "-m", "golive.stage.warden", str(self._layout.folder)]
        argv += ["--report", str(tell), "--fixnado", json.dumps(self._fixnado)]
        argv += ["--life", str(life)] if life is not None else []
        passed = (tell,) if life is None else (tell, life)
        with self._layout.log("warden").open("ab") as log, os.fdopen(report, "rb") as answers:
            warden = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=passed,
                start_new_session=True,
            )
            for one in passed:
                os.close(one)
            if hold is not None:
                _lifelines[self._layout.folder] = _Lifeline(hold, warden)
            else:
                warden.wait()  # it leaves the warden behind, as a child of nobody
            try:
                said = answers.read()
            except BaseException:  # Ctrl-C while it starts: leave nothing half up
                self._end(None)
                raise
        return self._failure(said)

    def _failure(self, said: bytes) -> GoliveError | None:
        try:
            answer: Any = json.loads(said)
        except ValueError:
            answer = {"error": "it ended without a word", "part": "warden"}
        if answer.get("ready"):
            return None
        self._end(None)
        part = answer.get("part", "warden")
        tail = str(answer.get("tail", ""))
        why = f"the stage did not start: {part}: {answer.get('error')}"
        return GoliveError(
            f"{why}\n{tail}" if tail else why,
            where=str(self._layout.folder),
            hint=f"its log is {self._layout.log(part)}",
        )

    # -- end ------------------------------------------------------------------------------------

    def _end(self, found: StageStatus | None) -> None:
        """TERM to the warden, which ends its children; KILL where it does not."""
        pid = found.warden if found else None
        lifeline = _lifelines.get(self._layout.folder)
        if pid is None and lifeline is not None and lifeline.warden.poll() is None:
            pid = lifeline.warden.pid
        if pid is not None:
            _signal(pid, signal.SIGTERM)
            if not self._gone(_END_LIMIT):
                _signal(pid, signal.SIGKILL)
                self._gone(_END_LIMIT)
        self._reap()

    def _gone(self, limit: float) -> bool:
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            lifeline = _lifelines.get(self._layout.folder)
            if lifeline is not None:
                lifeline.warden.poll()
            if not self._alive():
                return True
            time.sleep(0.01)
        return False

    def _reap(self) -> None:
        """Forget this process's warden: closing the pipe ends it, if nothing else has."""
        lifeline = _lifelines.pop(self._layout.folder, None)
        if lifeline is None:
            return
        os.close(lifeline.write_end)
        try:
            lifeline.warden.wait(_END_LIMIT)
        except subprocess.TimeoutExpired:
            lifeline.warden.kill()
            lifeline.warden.wait()

    # -- looking --------------------------------------------------------------------------------

    def _running(self) -> StageStatus | None:
        settings = load(self._layout)
        if settings is None or not self._alive():
            return None
        return status.read(self._layout, settings)

    def _alive(self) -> bool:
        """Whether a warden holds its lock: true as long as it lives, whatever its number."""
        try:
            with self._layout.lock.open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextlib.contextmanager
    def _doorway(self) -> Iterator[None]:
        """One at a time."""
        with self._layout.doorway.open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield


def _orphaned(found: StageStatus) -> bool:
    """Whether the process that it ends with is gone: then it is ending, though it still answers."""
    if found.owner is None:
        return False
    try:
        os.kill(found.owner, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
