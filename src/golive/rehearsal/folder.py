"""One folder per run: what is needed to take it up again, and the lock that says who runs it.

<state>/<run>/run.json        settings, written once
              playbook.md     the document as it was when the run began
              people.toml     the roster, likewise
              target.toml     the target file, likewise (absent for the embedded stage)
              events.jsonl    the journal that people read
              live.json       the last live figures, for who watches from outside
              dbos.sqlite     the durable engine's own file
              NAME.key        secrets of the run's own
              stage/  work/   the embedded stage; steps' files
              unvouched/      files that wait for a second person's word, not in the vault yet
              lock            held while a process runs it; holds that process's id
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from golive.evidence.durable import explained
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.ids import is_rehearsal_id

_MOMENT = 0.3
"""Seconds that a look at who runs it may take on a busy machine."""
JOURNAL_FORMAT = "2"
"""Changes when a run begun by an older version can't be resumed by this one."""


@dataclass(frozen=True)
class RunSettings:
    rehearsal: str
    playbook_file: str
    """As the person named it; messages use it."""
    playbook_digest: str
    playbook_folder: str
    vault_root: str
    practice: bool
    clock: str
    """`now` or `schedule`."""
    target_name: str
    fault: str = ""
    begun: str = ""
    format: str = JOURNAL_FORMAT
    sections: Sequence[str] = field(default_factory=tuple)
    """Only these sections' items, where not empty (`golive demo`)."""
    plan_by: str = ""
    """Who made the plan that the run was given, or "" where plans are made by the run."""
    vault_copy: str = ""
    """Where the sealed vault is copied to (`s3://…`), or ""."""
    tsa: str = ""
    """The time stamp authority that is asked about the seal, or ""."""
    people_digest: str = ""
    """SHA-256 of the roster that the run began with."""

    @property
    def application_version(self) -> str:
        """What the durable engine must find again before it goes on with the run."""
        return f"{self.format}-{self.playbook_digest[:32]}"


class AlreadyRunning(GoliveError):
    """Another process holds the run's lock."""


@dataclass(frozen=True)
class RunFolder:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def live(self) -> Path:
        return self.path / "live.json"

    @property
    def database(self) -> Path:
        return self.path / "dbos.sqlite"

    @property
    def playbook(self) -> Path:
        return self.path / "playbook.md"

    @property
    def people(self) -> Path:
        return self.path / "people.toml"

    @property
    def target(self) -> Path:
        return self.path / "target.toml"

    @property
    def plan(self) -> Path:
        """A plan that was made elsewhere, as JSON; not there where plans are made by the run."""
        return self.path / "plan.json"

    @property
    def tsa_roots(self) -> Path:
        """Certificates that its answer must hold under; not there where none were given."""
        return self.path / "tsa-root.pem"

    @property
    def stage(self) -> Path:
        return self.path / "stage"

    @property
    def unvouched(self) -> Path:
        """What people brought that waits for a second person's word."""
        return self.path / "unvouched"

    def secret(self, name: str) -> bytes:
        """32 bytes of this run's own, made when first asked for; they never enter the vault."""
        path = self.path / f"{name}.key"
        if not path.exists():
            whole = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
            handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(os.urandom(32))
            with suppress(FileExistsError):
                os.link(whole, path)  # of two who make one, the first wins, and nobody sees half
            whole.unlink()
        return path.read_bytes()

    def work(self, item: str, attempt: int) -> Path:
        """A step's own files; made if need be."""
        folder = self.path / "work" / item.replace("/", "-") / str(attempt)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @classmethod
    def create(cls, state: Path, settings: RunSettings, files: dict[str, bytes]) -> RunFolder:
        """A new run's folder with its settings and copies of what it was given."""
        folder = cls(state / settings.rehearsal)
        try:
            folder.path.mkdir(parents=True, mode=0o700)
            for name, content in files.items():
                (folder.path / name).write_bytes(content)
            _write_whole(folder.path / "run.json", json.dumps(asdict(settings), indent=2))
        except OSError as error:
            raise GoliveError(
                f"can't write the run's folder: {error.strerror}",
                where=str(folder.path),
                hint="give another folder with --state, or make room",
            ) from error
        return folder

    @classmethod
    def find(cls, state: Path, run: str | None) -> RunFolder:
        """The run named `run`, or the newest one in `state`."""
        if run is None:
            runs = [one for one in state.glob("*/run.json") if one.is_file()]
            if not runs:
                raise BadInput(
                    "there is no run here",
                    where=str(state),
                    hint="start one with `golive rehearse FILE`, or name its folder with --state",
                )
            return cls(max(runs, key=lambda one: one.stat().st_mtime_ns).parent)
        folder = cls(state / run) if is_rehearsal_id(run) else None
        if folder is None or not (folder.path / "run.json").is_file():
            raise BadInput(
                f"there is no run {run!r}",
                where=str(state),
                hint="`golive status` without a name shows the newest run",
            )
        return folder

    def settings(self) -> RunSettings:
        """BadInput when `run.json` is not one of ours."""
        where = str(self.path / "run.json")
        try:
            data = json.loads((self.path / "run.json").read_text())
            data["sections"] = tuple(data["sections"])
            return RunSettings(**data)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadInput(f"not a run's settings: {error}", where=where) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run. AlreadyRunning names the process that holds it."""
        with explained("the run's folder can't be written", self.path):
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _seized(handle):
                pid = os.pread(handle, 32, 0).decode().strip() or "unknown"
                raise AlreadyRunning(
                    f"run {self.name} is already running, pid {pid}",
                    hint=f"watch it with `golive status {self.name}`, or call it off with "
                    f"`golive abort {self.name}`",
                )
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(handle)

    def runner(self) -> int | None:
        """The id of the process that runs it now, or None."""
        with suppress(OSError):
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(os.pread(handle, 32, 0).decode().strip() or 0) or None
            finally:
                os.close(handle)
        return None


def _seized(handle: int) -> bool:
    """Whether the lock is ours now. Who only asks whether somebody runs it (`runner`) holds it for
    a moment as well: that moment is waited out."""
    until = time.monotonic() + _MOMENT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        else:
            return True


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
