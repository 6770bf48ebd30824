"""The durable engine, DBOS, with the settings that keep two runs out of each other's way.

One database file per run; the run's lock is held before `Engine` is made; `executor_id` and
`application_version` are the run's own, or DBOS would silently take over, or never recover, a
workflow. Each setting here has its test in tests/integration/rehearsal/test_engine_settings.py.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID, WorkflowHandle
from dbos import Serializer as DBOSSerializer

from golive.drillkit.records import StepRecord
from golive.evidence.durable import VaultError
from golive.kernel.errors import GoliveError
from golive.kernel.json import Json, JsonObject
from golive.rehearsal.folder import RunFolder, RunSettings

_ACTS: Final = "acts"
_POLL_SECONDS: Final = 0.05
_FOREVER: Final = 10 * 365 * 86_400.0
_LEAVE_SECONDS: Final = 5.0
_WAKE: Final = {"action": "wake"}
_OVER: Final = {"action": "over"}
_LOCK_SECONDS: Final = 1.0
"""How long its process may take to hold the run's lock, once the folder is there."""
_LAUNCH_SECONDS: Final = 120.0
"""How long a run may take, from its folder's being there until it takes messages: a stage starts
meanwhile."""


class JsonSerializer(DBOSSerializer):
    """JSON and nothing else: DBOS's default would unpickle whatever lies in the run's file."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_exception, ensure_ascii=False, separators=(",", ":"))

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805  (DBOS's own spelling)
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {"exception"}:
            return RuntimeError(data["exception"])
        return data

    def name(self) -> str:
        return "golive_json"


def _exception(value: object) -> JsonObject:
    if isinstance(value, BaseException):
        return {"exception": f"{type(value).__name__}: {value}"}
    raise TypeError(f"{type(value).__name__} is not JSON")


class Leave(BaseException):
    """Ends a workflow's thread without an outcome, so that the engine takes it up again at the
    next start. Not an Exception: neither a drill nor the engine may record it."""


class Halt:
    """How a running process is asked to leave off: interrupted (resumable) or called off (final).

    `event` is what steps wait on. A step that leaves counts as never finished.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.failure: GoliveError | None = None
        """Why the run can't go on for now: the vault can't be written. Resumable."""
        self._interrupted = threading.Event()
        self._called_off = threading.Event()
        self._busy = threading.Lock()

    def interrupt(self) -> None:
        self._interrupted.set()
        self.event.set()

    def call_off(self) -> None:
        self._called_off.set()
        self.event.set()

    def fail(self, why: GoliveError) -> None:
        self.failure = why
        self.event.set()

    @property
    def called_off(self) -> bool:
        return self._called_off.is_set() and not self._interrupted.is_set()

    @property
    def leaving(self) -> bool:
        return self._interrupted.is_set() or self.failure is not None

    def guarded(self, action: Callable[[], Json]) -> Json:
        """Run `action` so that `quiet` can tell when none is under way; nothing begins any more
        once the process is leaving."""
        if self.leaving:
            raise Leave
        with self._busy:
            try:
                return action()
            except Exception as error:
                if isinstance(error, VaultError):
                    self.fail(error)
                if self.leaving:
                    raise Leave from error
                raise

    def quiet(self, seconds: float) -> bool:
        """Wait until no step is under way; False when `seconds` were not enough."""
        if self._busy.acquire(timeout=seconds):
            self._busy.release()
            return True
        return False


class Running:
    """A workflow that has been started or taken up."""

    def __init__(self, handle: WorkflowHandle[Json], busy: Callable[[], bool]) -> None:
        """`busy` says, for nothing, that this process is still carrying the workflow: then the
        file needn't be asked."""
        self._handle, self._busy = handle, busy

    def over(self) -> bool:
        return not self._busy() and self._handle.get_status().status in ("SUCCESS", "ERROR")

    def result(self) -> Json:
        """What the workflow returned; raises what it raised."""
        return self._handle.get_result()


class Engine:
    """One process's hold on one run. Make it only with the run's lock held."""

    def __init__(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> None:
        self.run, self._halt = settings.rehearsal, halt
        self._alive: dict[str, threading.Event] = {}
        """One for each workflow that this process carries; set once its thread is through."""
        self._file = folder.database
        with self._explained():
            _prepare(folder.database)
        config: DBOSConfig = {
            "name": "golive",
            "system_database_url": _url(folder.database),
            "executor_id": settings.rehearsal,
            "application_version": settings.application_version,
            "notification_listener_polling_interval_sec": _POLL_SECONDS,
            "log_level": "ERROR",
            "serializer": JsonSerializer(),
            "run_migrations": True,
        }
        DBOS(config=config)

    def start(
        self, workflow: Callable[[], Json], calls_off: Callable[[JsonObject], bool]
    ) -> Running:
        """Begin the run, or take it up where it was. `calls_off` judges a message that steers it:
        whether it ends the step that is under way. Asked again at a replay, in the same order."""
        run = self.run
        # Any number of resumptions: DBOS would otherwise shelve the run after a hundred.
        main = DBOS.workflow(name="golive.rehearsal", max_recovery_attempts=None)(
            self._carried("main", workflow)
        )
        control = DBOS.workflow(name="golive.control", max_recovery_attempts=None)(
            self._carried("control", lambda: self._control(calls_off))
        )
        with self._explained():
            DBOS.launch()
            with SetWorkflowID(f"{run}.control"):
                DBOS.start_workflow(control)
            with SetWorkflowID(run):
                handle = DBOS.start_workflow(main)
        return Running(handle, self._busy)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """VaultError where the engine's file can't be written."""
        try:
            yield
        except Exception as error:  # the engine's driver wraps what SQLite says
            why = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
            if not isinstance(why, sqlite3.Error):
                raise
            raise VaultError(
                f"the run's own file can't be written: {why}",
                where=str(self._file),
                hint=f"make room, then `golive resume {self.run}`",
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """As `_explained`, in a workflow: it is left as it is, to be taken up again. An error that
        the engine took for the workflow's own would end it for good."""
        try:
            with self._explained():
                yield
        except VaultError as error:
            self._halt.fail(error)
            raise Leave from error

    def _busy(self) -> bool:
        through = self._alive.get("main")
        return through is not None and not through.is_set()

    def _carried(self, name: str, workflow: Callable[[], Json]) -> Callable[[], Json]:
        def carry() -> Json:
            through = self._alive[name] = threading.Event()
            try:
                return workflow()
            finally:
                through.set()

        return carry

    def _control(self, calls_off: Callable[[JsonObject], bool]) -> Json:
        """Hears what steers the run while a step is under way, and hands it on to the desk, which
        keeps it or says why not. Ends with the run."""
        while True:
            with self._writing():
                message = DBOS.recv("control", timeout_seconds=_FOREVER)
            if not isinstance(message, dict) or message == _WAKE:
                self._leave_if_asked()
                continue
            if message == _OVER:
                return "over"
            ends = calls_off(message)
            if ends:
                self._halt.call_off()
            with self._writing():
                DBOS.send(self.run, message, _ACTS)
            if ends:
                return "called off"

    def _leave_if_asked(self) -> None:
        if self._halt.leaving:
            raise Leave

    def over(self) -> None:
        """Let the control workflow end. Called from the main workflow, last."""
        with self._writing():
            DBOS.send(f"{self.run}.control", _OVER, "control")

    def durable(self, name: str, action: Callable[[], Json]) -> Json:
        """What `action` returned the first time it ran to its end. May run it twice."""
        with self._writing():
            return DBOS.run_step({"name": name}, lambda: self._halt.guarded(action))

    def step(self, name: str, action: Callable[[], StepRecord]) -> StepRecord:
        """`durable` for a drill's step."""
        result = self.durable(name, lambda: action().to_json())
        if not isinstance(result, dict):
            raise TypeError(f"the journal holds no record of step {name}")
        return StepRecord.from_json(result)

    def receive(self, seconds: float | None) -> JsonObject | None:
        """The next message; None when none came in `seconds` (None: wait for ever). A message that
        only wakes the process up is empty."""
        self._leave_if_asked()
        with self._writing():
            message = DBOS.recv(_ACTS, timeout_seconds=_FOREVER if seconds is None else seconds)
        if message == _WAKE:
            self._leave_if_asked()
            return {}
        return message if isinstance(message, dict) else None

    def close(self) -> None:
        """Let go of the run; a workflow that waits for people is woken first, so that its thread
        doesn't outlive this."""
        if self._halt.leaving and not all(one.is_set() for one in self._alive.values()):
            # A full disk takes no message; the process ends all the same.
            with suppress(VaultError), self._explained():
                DBOS.send(self.run, _WAKE, _ACTS)
                DBOS.send(f"{self.run}.control", _WAKE, "control")
        for through in self._alive.values():
            through.wait(_LEAVE_SECONDS)
        DBOS.destroy(destroy_registry=True)


class NotReached(GoliveError):
    """A message could not be put before a run. Nothing was sent."""


def send(folder: RunFolder, message: JsonObject, *, key: str, steers: bool = False) -> None:
    """Put `message` before a run, from any process, once per `key`. One that `steers` is heard
    while a step is under way.

    A run that is just beginning is waited for. NotReached when it never got as far, or its file
    can't be written.
    """
    run = folder.settings().rehearsal
    to, topic = (f"{run}.control", "control") if steers else (run, _ACTS)
    _await_launch(folder, to)
    try:
        client = DBOSClient(
            system_database_url=_url(folder.database),
            serializer=JsonSerializer(),
            retry_connection_errors=False,
        )
        try:
            client.send(to, dict(message), topic, idempotency_key=key)
        finally:
            client.destroy()
    except Exception as error:  # the engine's driver has errors of its own for a full disk
        raise _unreachable(folder.database, error) from error


def _await_launch(folder: RunFolder, workflow: str) -> None:
    """Messages go to a workflow that has begun: the durable engine knows no others."""
    begun = time.monotonic()
    while not _has_begun(folder.database, workflow):
        waited = time.monotonic() - begun
        gone = waited > _LOCK_SECONDS and folder.runner() is None
        if gone or waited > _LAUNCH_SECONDS:
            raise NotReached(
                f"run {folder.name} has not begun to take messages, and "
                + ("no process runs it" if gone else f"has not for {waited:.0f} s"),
                where=str(folder.path),
                hint=f"nothing was sent, and nothing was changed by the run: `golive resume "
                f"{folder.name}` takes it up; say it again then",
            )
        time.sleep(_POLL_SECONDS)


def _has_begun(database: Path, workflow: str) -> bool:
    """Asked of the file itself, read-only: the engine's client would make an empty one."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
            row = found.execute(
                "SELECT 1 FROM workflow_status WHERE workflow_uuid = ?", (workflow,)
            ).fetchone()
            return row is not None
    except sqlite3.OperationalError as error:
        if database.exists() and "no such table" not in str(error):
            raise _unreachable(database, error) from error
        return False


def _unreachable(database: Path, error: Exception) -> NotReached:
    return NotReached(
        f"the message could not be put before the run: {getattr(error, 'orig', None) or error}",
        where=str(database),
        hint="nothing was sent: see to the folder, then say it again",
    )


def _url(database: Path) -> str:
    return f"sqlite:///{database.absolute()}"


def _prepare(database: Path) -> None:
    """Write-ahead logging is a property of the file; DBOS does not set it. 2.05 → 1.45 ms a
    step."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    database.chmod(0o600)
