"""`python -m golive.stage.warden FOLDER`: the one process that owns a stage's processes.

Attached, it blocks on a pipe whose write end only the rehearsing process holds: when that process
is gone, however it went, the pipe ends and the stage with it. Detached, it stays until `golive
stage down` asks it to end. It has one thread, because the kernel's promise to kill children with
their parent is bound to the thread that made them.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from golive.kernel.errors import GoliveError
from golive.kernel.json import JsonObject
from golive.stage import checks
from golive.stage.children import Child, Command, end
from golive.stage.commands import Commands
from golive.stage.layout import Layout, write_json
from golive.stage.settings import FAULTS, INCOMING, SIDES, Settings, load

_START_LIMIT = 60.0
"""Seconds; a first start takes about four, most of it the database's filling."""
_TICK = 0.02
_RESTARTS = 5
_WINDOW = 10.0
_RESTS = 1.0
"""Seconds that a child rests which ended `_RESTARTS` times in `_WINDOW` seconds."""


class Over(Exception):
    """Whoever wanted the stage is gone, or said so."""


class StartFailed(Exception):
    """A part ended or stayed silent. `part` names it."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(why)
        self.part = part


class Warden:
    """Brings the stage up, keeps it up, and takes it down."""

    def __init__(
        self, layout: Layout, settings: Settings, fixnado: Sequence[str], life: int | None
    ) -> None:
        self._layout, self._settings, self._life = layout, settings, life
        self._commands = Commands(layout, settings, fixnado)
        self._children: dict[str, Child] = {}
        self._ends: dict[str, list[float]] = {}
        self._due: dict[str, float] = {}
        """When children that ended are started again."""
        self._down: dict[str, int] = {}
        """Exit status of children that have ended, until they are started again."""
        self._began = time.monotonic()
        self._seconds = 0.0
        self._owner = os.getppid() if life is not None else None
        self._bell, bell = os.pipe()
        for one in (self._bell, bell):
            os.set_blocking(one, False)
        self._ending = False
        signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self) -> None:
        """Everything up and answering, or StartFailed, or Over."""
        ports = self._settings.ports
        for command in (self._commands.listener(), self._commands.balancer()):
            self._spawn(command)
        self._spawn(self._commands.controller())
        self._spawn(self._commands.helpdesk())
        self._prepare_database()
        for side in SIDES:
            self._spawn(self._commands.instance(side))
        for side in SIDES:
            written = self._layout.readiness(side)
            self._until(side, partial(checks.own_instance_answers, ports[side], side, written))
        answers = partial(checks.controller_answers, ports["codedeploy"], self._layout)
        self._until("controller", answers)
        token = self._layout.helpdesk_token.read_text("ascii")
        self._until("helpdesk", partial(checks.helpdesk_answers, ports["helpdesk"], token))
        self._export_authority()
        for name in ("production", "validation"):
            answers = partial(checks.proxy_answers, ports[name], self._layout.authority)
            self._until("listener", answers)
        self._spawn(self._commands.scraper())
        self._seconds = time.monotonic() - self._began
        self.tell()

    def watch(self) -> None:
        """Start again what ends, until Over."""
        while True:
            for name, child in list(self._children.items()):
                status = child.ended()
                if status is not None and name not in self._down:
                    self._fallen(name, status)
            self._raise_again()
            self._wait(_TICK if self._due else 1.0)

    def stop(self) -> None:
        """From the first moment on nobody shall take this stage for one that is up."""
        self._layout.warden.unlink(missing_ok=True)
        end(self._children.values())

    def tell(self) -> None:
        """Write down who runs."""
        content: JsonObject = {
            "pid": os.getpid(),
            "attached": self._life is not None,
            "owner": self._owner,
            "seconds": round(self._seconds, 3),
            "fault": self._settings.fault,
            "processes": {name: child.pid for name, child in self._children.items()},
            "down": dict(self._down),
        }
        write_json(self._layout.warden, content)

    def _prepare_database(self) -> None:
        """Migrated whenever the marketplace's files are others than last time, filled once."""
        last, now = self._prepared(), self._commands.fingerprint()
        if last != now:
            self._carry_out(self._commands.migrate())
        if last is None or not self._layout.learning.exists():
            self._carry_out(self._commands.seed())
        if last != now:
            content: JsonObject = {"seed": self._settings.seed, "fingerprint": now}
            write_json(self._layout.seeded, content)

    def _prepared(self) -> str | None:
        """The fingerprint of the marketplace that last prepared the database; None: none has."""
        try:
            return str(json.loads(self._layout.seeded.read_text("utf-8"))["fingerprint"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return ""

    # -- children -------------------------------------------------------------------------------

    def _spawn(self, command: Command) -> None:
        self._children[command.name] = Child(command)

    def _carry_out(self, command: Command) -> None:
        """Run `command` to its end; anything but success is StartFailed."""
        child = Child(command)
        try:
            while child.ended() is None:
                self._wait(_TICK)
                self._all_alive()
        finally:
            end([child])
        if child.ended():
            raise StartFailed(command.name, f"it ended with status {child.ended()}")

    def _until(self, part: str, condition: Callable[[], bool]) -> None:
        while not condition():
            self._wait(_TICK)
            self._all_alive()
            if time.monotonic() - self._began > _START_LIMIT:
                raise StartFailed(part, f"it did not answer within {_START_LIMIT:g} s")

    def _all_alive(self) -> None:
        for name, child in self._children.items():
            status = child.ended()
            if status is not None:
                raise StartFailed(name, f"it ended with status {status}")

    def _export_authority(self) -> None:
        made = self._layout.caddy / "store" / "pki" / "authorities" / "local" / "root.crt"
        self._until("listener", made.exists)
        shutil.copyfile(made, self._layout.authority)

    def _fallen(self, name: str, status: int) -> None:
        """Start `name` again; not a side whose fault is meant to show."""
        _say(f"{name} ended with status {status}")
        self._down[name] = status
        if name != INCOMING or not FAULTS.get(self._settings.fault or ""):
            now = time.monotonic()
            recent = [at for at in self._ends.get(name, []) if now - at < _WINDOW]
            self._ends[name] = [*recent, now]
            self._due[name] = now + (_RESTS if len(recent) >= _RESTARTS else 0.0)
        self.tell()

    def _raise_again(self) -> None:
        for name, due in list(self._due.items()):
            if time.monotonic() >= due:
                del self._due[name], self._down[name]
                self._spawn(self._commands.named(name))
                self.tell()

    # -- waiting --------------------------------------------------------------------------------

    def _wait(self, seconds: float) -> None:
        """At most `seconds`, less when a child ends; Over as soon as it is."""
        watched = [self._bell] if self._life is None else [self._bell, self._life]
        ready, _, _ = select.select(watched, [], [], seconds)
        if self._bell in ready:
            os.read(self._bell, 4096)
        if self._ending or (self._life in ready):
            raise Over

    def _end(self, *_: object) -> None:
        self._ending = True


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} warden: {text}", file=sys.stderr, flush=True)  # noqa: T201


def _tail(path: Path, size: int = 1500) -> str:
    try:
        return path.read_bytes()[-size:].decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _answer(report: TextIO, content: JsonObject) -> None:
    """One line to whoever waits. OSError when nobody does any more."""
    with report:
        json.dump(content, report)


def _serve(warden: Warden, layout: Layout, report: TextIO) -> int:
    try:
        warden.start()
        _answer(report, {"ready": True})
        warden.watch()
    except Over:
        return 0
    except StartFailed as failure:
        _say(f"{failure.part}: {failure}")
        tail = _tail(layout.log(failure.part))
        _answer(report, {"error": str(failure), "part": failure.part, "tail": tail})
    except BrokenPipeError:
        _say("nobody waits for this stage any more")
    except (GoliveError, OSError) as error:
        _say(str(error))
        _answer(report, {"error": str(error), "part": "warden"})
    finally:
        warden.stop()
    return 1


def _locked(lock: int) -> bool:
    """Take the stage. Somebody who only looks holds the lock for a moment: try for a second."""
    for _ in range(50):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_TICK)
        else:
            return True
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a stage that was up, 1 where it could not be brought up."""
    parser = argparse.ArgumentParser(prog="golive.stage.warden")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--life", type=int, help="descriptor whose end is the stage's end")
    parser.add_argument("--report", type=int, required=True, help="descriptor to say `ready` on")
    parser.add_argument("--fixnado", required=True, help="the marketplace's command, as JSON")
    options = parser.parse_args(arguments)
    if options.life is None and os.fork():
        os._exit(0)
    layout = Layout(options.folder)
    os.set_inheritable(options.report, False)
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)  # until this process has ended
    with os.fdopen(options.report, "w") as report:
        if not _locked(lock):
            _answer(report, {"error": "another warden has this stage", "part": "warden"})
            return 1
        layout.warden.unlink(missing_ok=True)  # a predecessor that was killed left it
        settings = load(layout)
        if settings is None:
            _answer(report, {"error": "no settings", "part": "warden"})
            return 1
        warden = Warden(layout, settings, json.loads(options.fixnado), options.life)
        return _serve(warden, layout, report)


if __name__ == "__main__":
    sys.exit(main())
