"""A whole run over the time-zero stage: real engine, real vault, the outside in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from golive import bootstrap
from golive.adapters.memory import MemoryEnvironment, MemoryTarget
from golive.drillkit.drill import Registry
from golive.evidence.keys import SigningKey, load_or_create_key
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.kernel.json import JsonObject
from golive.playbook.model import Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Roster, parse_roster
from golive.ports.clock import Clock, SystemClock
from golive.ports.target import Environment, Target
from golive.rehearsal.engine import Engine, Halt
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.run import Order, begin, resume


@dataclass
class MemorySupplies:
    """`golive.rehearsal.run.Supplies` with everything but the outside real."""

    folder: Path
    memory: MemoryTarget = field(default_factory=MemoryTarget)
    clock: Clock = field(default_factory=SystemClock)
    registry: Registry = field(default_factory=bootstrap.registry)

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
        return MemoryEnvironment(self.memory)

    def engine(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> Engine:
        return Engine(folder, settings, halt)

    def vault(self, root: Path) -> Vault:
        return Vault(root)

    def redactor(self, folder: RunFolder, target: Target) -> Redactor:
        return Redactor(secrets=(), domains=bootstrap.REHEARSAL_DOMAINS)

    def signing_key(self) -> SigningKey:
        return load_or_create_key(self.folder / "seal-key.pem")

    def playbook(self, folder: RunFolder, settings: RunSettings) -> Playbook:
        found = parse(folder.playbook.read_bytes(), settings.playbook_file).playbook
        assert found is not None
        return found

    def roster(self, folder: RunFolder) -> Roster:
        content = folder.people.read_bytes()
        return parse_roster(content, "people.toml") if content else Roster(())


def order(
    source: str, folder: Path, *, practice: bool = True, people: bytes = b"", fault: str = ""
) -> Order:
    """An order for `source`, a playbook's text."""
    parsed = parse(source.encode(), "playbook.md")
    assert parsed.playbook is not None, parsed.findings
    return Order(
        playbook=parsed.playbook,
        playbook_folder=folder,
        people=people,
        target=b"",
        target_name="memory",
        state=folder / "state",
        vault_root=folder / "vaults",
        practice=practice,
        clock="now",
        fault=fault,
    )


def run_to_end(source: str, supplies: MemorySupplies) -> JsonObject:
    """Rehearse in practice mode; the verdict event."""
    return begin(order(source, supplies.folder), supplies)


def take_up(supplies: MemorySupplies) -> JsonObject:
    """Resume the one run there is."""
    return resume(RunFolder.find(supplies.folder / "state", None), supplies)
