"""The use cases: begin a run, take it up again, and what holds one process and one run together."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Protocol

from golive.drillkit.drill import Registry
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.ids import new_rehearsal_id, sha256_hex
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.playbook.model import Activity, Playbook
from golive.playbook.people import Roster
from golive.playbook.schedule import plan
from golive.ports.clock import Clock
from golive.ports.copies import Copies
from golive.ports.target import Environment, Target
from golive.ports.timestamps import TimestampAuthority
from golive.rehearsal.brought import Brought
from golive.rehearsal.engine import Engine, Halt, Running
from golive.rehearsal.folder import JOURNAL_FORMAT, RunFolder, RunSettings
from golive.rehearsal.handing_on import NotCopied as NotCopied
from golive.rehearsal.handing_on import handed_on
from golive.rehearsal.journal import Journal, Watcher, read_events
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.live import LiveFigures
from golive.rehearsal.sealing import POLICY, Sealing
from golive.rehearsal.steering import Helm
from golive.rehearsal.workflow import Day, Means, item_json

_TICK = 0.05
_PATIENCE = 60.0


class Supplies(Protocol):
    """What bootstrap supplies: the only things here that know of adapters."""

    registry: Registry
    clock: Clock

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment: ...

    def engine(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> Engine: ...

    def vault(self, root: Path) -> Vault: ...

    def redactor(self, folder: RunFolder, target: Target) -> Redactor: ...

    def signing_key(self) -> SigningKey: ...

    def copies(self, address: str) -> Copies: ...

    def timestamps(self, url: str) -> TimestampAuthority: ...

    def playbook(self, folder: RunFolder, settings: RunSettings) -> Playbook: ...

    def roster(self, folder: RunFolder) -> Roster: ...


@dataclass(frozen=True)
class Order:
    """What a person asked to be rehearsed; everything in it was read and checked before."""

    playbook: Playbook
    playbook_folder: Path
    people: bytes
    target: bytes
    """The target file's bytes, or b"" for the embedded stage."""
    target_name: str
    state: Path
    vault_root: Path
    practice: bool
    clock: str
    fault: str = ""
    plan: bytes = b""
    """A plan that was made elsewhere, as JSON, and who made it; or neither."""
    plan_by: str = ""
    vault_copy: str = ""
    """Where the sealed vault is to be copied, or "": an address for `Supplies.copies`."""
    tsa: str = ""
    """The time stamp authority to ask about the seal, or ""."""
    tsa_roots: bytes = b""
    """Certificates (PEM) that its answer must hold under, or b""."""
    policy: bytes = b""
    """The policy to judge by, or b"" for the default one."""


class Interruption(GoliveError):
    """Ctrl-C: everything is put back, and `golive resume` goes on."""

    exit_code = 130


def begin(order: Order, supplies: Supplies, watchers: Sequence[Watcher] = ()) -> JsonObject:
    """Rehearse; returns the verdict event. Interruption, or another GoliveError, otherwise."""
    now = supplies.clock.now()
    day = order.playbook.day or now.date()
    rehearsal = new_rehearsal_id(order.playbook.release or "rehearsal", day.isoformat())
    vault_root = vault_of(order.playbook, order.vault_root, rehearsal)
    vault = supplies.vault(vault_root)
    vault.demand_key(supplies.signing_key())
    vault.objects.put(order.playbook.source)  # can it be written at all?
    if order.vault_copy:
        with closing(supplies.copies(order.vault_copy)) as copies:
            copies.demand_lock()
    if order.tsa:
        supplies.timestamps(order.tsa)
    settings = RunSettings(
        rehearsal=rehearsal,
        playbook_file=order.playbook.file,
        playbook_digest=order.playbook.digest,
        playbook_folder=str(order.playbook_folder.absolute()),
        vault_root=str(vault_root),
        practice=order.practice,
        clock=order.clock,
        target_name=order.target_name,
        fault=order.fault,
        begun=rfc3339(now),
        plan_by=order.plan_by,
        vault_copy=order.vault_copy,
        tsa=order.tsa,
        people_digest=sha256_hex(order.people),
    )
    files = {"playbook.md": order.playbook.source, "people.toml": order.people}
    if order.target:
        files["target.toml"] = order.target
    if order.plan:
        files["plan.json"] = order.plan
    if order.policy:
        files[POLICY] = order.policy
    if order.tsa_roots:
        files["tsa-root.pem"] = order.tsa_roots
    folder = RunFolder.create(order.state, settings, files)
    with folder.locked():
        verdict = _carry_on(folder, settings, supplies, watchers)
        return handed_on(verdict, folder, settings, supplies)


def resume(folder: RunFolder, supplies: Supplies, watchers: Sequence[Watcher] = ()) -> JsonObject:
    """Go on where the run was. A finished run answers with its verdict again."""
    settings = folder.settings()
    if settings.format != JOURNAL_FORMAT:
        raise BadInput(
            f"the run was begun by a Golive that journals otherwise (format {settings.format}, "
            f"this one writes {JOURNAL_FORMAT})",
            where=str(folder.path),
            hint="resume it with the version that began it, or begin a new run",
        )
    content = folder.playbook.read_bytes()
    if sha256_hex(content) != settings.playbook_digest:
        raise BadInput(
            "the run's copy of the playbook was changed after the run began",
            where=str(folder.playbook),
            hint="put it back, or begin a new run with the new playbook",
        )
    if sha256_hex(folder.people.read_bytes()) != settings.people_digest:
        raise BadInput(
            "the run's copy of the roster was changed after the run began",
            where=str(folder.people),
            hint="put it back: who may do what, and by which key, is as it was when the run began. "
            f"`golive people revoke PERSON --run {settings.rehearsal}` takes a key out of it",
        )
    with folder.locked():
        done = finished(folder)
        if done is not None:
            for watcher in watchers:
                watcher(done)
            return handed_on(done, folder, settings, supplies)
        verdict = _carry_on(folder, settings, supplies, watchers)
        return handed_on(verdict, folder, settings, supplies)


def finished(folder: RunFolder) -> JsonObject | None:
    """The verdict event of a run that has one."""
    last = None
    for event in read_events(folder.events):
        if event.get("event") == "verdict":
            last = event
    return last


def vault_of(playbook: Playbook, root: Path, rehearsal: str) -> Path:
    """Where the release's vault lies: the playbook's own path under `root`."""
    relative = Path(playbook.vault or f"release_vault/{rehearsal}")
    if playbook.vault and "://" in playbook.vault:
        raise BadInput(
            "the playbook's vault is a path, and a bucket is the rehearsal's to choose",
            where=playbook.file,
            hint="name the bucket with --vault-root s3://BUCKET/PREFIX",
        )
    if relative.is_absolute() or ".." in relative.parts:
        raise BadInput(
            f"the playbook's vault {str(relative)!r} leaves --vault-root",
            where=playbook.file,
            hint="give a relative path without `..`",
        )
    return (root / relative).absolute()


def _carry_on(
    folder: RunFolder, settings: RunSettings, supplies: Supplies, watchers: Sequence[Watcher]
) -> JsonObject:
    halt = Halt()
    watchers = [*watchers, LiveFigures(folder.live)]
    journal = Journal(folder.events, supplies.clock, watchers)
    playbook = supplies.playbook(folder, settings)
    environment = supplies.environment(folder, settings)
    with _signals(halt):
        try:
            _announce(journal, folder, settings, playbook)
            target = environment.ensure()
            journal.write("stage", urls=dict(environment.urls()))
            means = _means(folder, settings, supplies, journal, playbook, target, environment)
            verdict = _through(supplies.engine(folder, settings, halt), means, halt)
            return journal.write("verdict", **verdict)
        finally:
            environment.release()
            if halt.leaving:
                with suppress(VaultError):  # the disk that it is left for
                    journal.write("interrupted", why=str(halt.failure or "Ctrl-C"))
            journal.close()


def _through(engine: Engine, means: Means, halt: Halt) -> Mapping[str, Json]:
    """The verdict; Interruption, or why the vault can't be written, when the run must be left."""
    try:
        helm = Helm(means.settings.rehearsal, means.roster)
        verdict = _watch(engine.start(Day(means, engine, halt).run, helm.calls_off), halt)
    finally:
        engine.close()
    if verdict is None:
        raise halt.failure or Interruption("interrupted", hint="go on with `golive resume`")
    return verdict


def _watch(running: Running, halt: Halt) -> Mapping[str, Json] | None:
    """The verdict; None when the run must be left where it is."""
    while not running.over():
        if halt.leaving:
            halt.quiet(_PATIENCE)
            return None
        threading.Event().wait(_TICK)
    result = running.result()
    return result if isinstance(result, dict) else {}


def _means(
    folder: RunFolder,
    settings: RunSettings,
    supplies: Supplies,
    journal: Journal,
    playbook: Playbook,
    target: Target,
    environment: Environment,
) -> Means:
    vault = supplies.vault(Path(settings.vault_root))
    redactor = supplies.redactor(folder, target)
    keep = Keeper(vault.objects, redactor, folder.path / "redactions.jsonl", supplies.clock)
    planned = planned_starts(playbook)
    sealing = Sealing(
        playbook,
        settings,
        folder,
        vault,
        keep,
        supplies.signing_key,
        environment.logs,
        supplies.clock,
    )
    return Means(
        playbook=playbook,
        settings=settings,
        folder=folder,
        registry=supplies.registry,
        target=target,
        roster=supplies.roster(folder),
        clock=supplies.clock,
        journal=journal,
        keep=keep,
        plan=lambda activity: planned.get(activity.id, (None, None))[0],
        brought=Brought(vault.objects, folder.unvouched),
        seal=sealing.seal,
    )


def planned_starts(
    playbook: Playbook,
) -> Mapping[str, tuple[datetime | None, datetime | None]]:
    """Planned start and end by row id, where the playbook gives clock times and a date."""
    if playbook.day is None:
        return {}
    return {slot.activity.id: (slot.start, slot.end) for slot in plan(playbook)}


def _announce(
    journal: Journal, folder: RunFolder, settings: RunSettings, playbook: Playbook
) -> None:
    if any(event.get("event") == "started" for event in read_events(folder.events)):
        journal.write("resumed")
        return
    planned = planned_starts(playbook)

    def at(activity: Activity, index: int) -> str:
        moment = planned.get(activity.id, (None, None))[index]
        return rfc3339(moment) if moment else ""

    journal.write(
        "started",
        rehearsal=settings.rehearsal,
        title=playbook.title,
        target=settings.target_name,
        timezone=playbook.timezone,
        practice=settings.practice,
        clock=settings.clock,
        fault=settings.fault,
        rows=[
            {
                "id": activity.id,
                "title": activity.title,
                "owner": activity.owner,
                "plan_start": at(activity, 0),
                "plan_end": at(activity, 1),
                "items": [item_json(item, activity) for item in activity.items],
            }
            for activity in playbook.activities
        ],
    )


@contextmanager
def _signals(halt: Halt) -> Iterator[None]:
    """Ctrl-C and TERM ask the run to leave off. Outside the main thread nothing is caught."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        halt.interrupt()

    before = {one: signal.signal(one, leave) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
