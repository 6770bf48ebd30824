"""What a run works with, for real."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from golive.bootstrap.drills import registry
from golive.bootstrap.environments import (
    PlannedElsewhere,
    RemoteEnvironment,
    StageEnvironment,
)
from golive.bootstrap.homes import config_folder
from golive.bootstrap.targets import read_target, secrets_of
from golive.bootstrap.timestamps import timestamp_authority
from golive.bootstrap.vaults import copies
from golive.evidence.keys import SigningKey, load_or_create_key
from golive.evidence.pseudonyms import Pseudonyms
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.kernel.errors import BadInput
from golive.playbook.model import DrillBlock, Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Roster, parse_roster
from golive.ports.clock import Clock, SystemClock
from golive.ports.copies import Copies
from golive.ports.target import Environment, Target
from golive.ports.timestamps import TimestampAuthority

if TYPE_CHECKING:
    from golive.rehearsal.engine import Engine, Halt
    from golive.rehearsal.folder import RunFolder, RunSettings
    from golive.rehearsal.keeping import Keeper, Privacy

REHEARSAL_DOMAINS = ("rehearsal.fixnado.example", "rehearsal.example")
"""Where a rehearsal's people may have addresses; all others are redacted."""


def _stage_secrets(stage: Path) -> Sequence[str]:
    """The stage's own passwords and keys; none where there is no stage."""
    files = [one for one in sorted((stage / "secrets").glob("*")) if one.suffix != ".json"]
    return [one.read_text().strip() for one in files]


def _insists(playbook: Playbook) -> bool:
    """Whether a drill of the playbook takes no other port than the one that it names."""
    blocks = [item for item in playbook.items() if isinstance(item, DrillBlock)]
    return any(block.params.get("insist_port") is True for block in blocks)


class Supplies:
    """`rehearsal.run.Supplies`, for real."""

    domains = REHEARSAL_DOMAINS

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.registry = registry()

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
        found = self._environment(folder, settings)
        return PlannedElsewhere(found, folder.plan, settings.plan_by) if settings.plan_by else found

    def _environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
        if folder.target.exists():
            return RemoteEnvironment(read_target(folder.target.read_bytes(), settings.target_name))
        from golive.stage import Stage

        stage = Stage(
            folder.stage,
            fault=settings.fault or None,
            insist_ports=_insists(self.playbook(folder, settings)),
        )
        return StageEnvironment(stage, folder.stage)

    def engine(self, folder: RunFolder, settings: RunSettings, halt: Halt) -> Engine:
        from golive.rehearsal.engine import Engine

        return Engine(folder, settings, halt)

    def vault(self, root: Path) -> Vault:
        return Vault(root)

    def redactor(self, folder: RunFolder, target: Target) -> Redactor:
        secrets = [*secrets_of(target.config), *_stage_secrets(folder.stage)]
        return Redactor(secrets=secrets, domains=REHEARSAL_DOMAINS)

    def keeper(self, folder: RunFolder) -> Keeper:
        """For files that a person attaches from a process of their own."""
        from golive.rehearsal.keeping import Keeper

        redactor = Redactor(secrets=self.secrets_known_to(folder), domains=REHEARSAL_DOMAINS)
        objects = self.vault(Path(folder.settings().vault_root)).objects
        log, privacy = folder.path / "redactions.jsonl", self._privacy(folder)
        return Keeper(objects, redactor, log, self.clock, privacy, folder.unvouched)

    def secrets_known_to(self, folder: RunFolder) -> Sequence[str]:
        """The stage's and the target's, of a run."""
        found = list(_stage_secrets(folder.stage))
        if folder.target.exists():
            name = folder.settings().target_name
            found += secrets_of(read_target(folder.target.read_bytes(), name))
        return found

    def _privacy(self, folder: RunFolder) -> Privacy:
        """Pseudonyms under the run's own key, and who may read the originals."""
        from golive.rehearsal.keeping import Privacy

        people = self.roster(folder).people
        readers = {one.id: one.reader_key for one in people if one.reader_key}
        return Privacy(Pseudonyms(folder.secret("pseudonyms")), readers)

    def signing_key(self) -> SigningKey:
        return load_or_create_key(config_folder() / "seal-key.pem")

    def copies(self, address: str) -> Copies:
        return copies(address)

    def timestamps(self, url: str) -> TimestampAuthority:
        return timestamp_authority(url)

    def playbook(self, folder: RunFolder, settings: RunSettings) -> Playbook:
        parsed = parse(
            folder.playbook.read_bytes(), settings.playbook_file, rehearsal=settings.rehearsal
        )
        if parsed.playbook is None:
            raise BadInput("the run's copy of the playbook doesn't parse", where=folder.name)
        return parsed.playbook

    def roster(self, folder: RunFolder) -> Roster:
        content = folder.people.read_bytes()
        return parse_roster(content, "people.toml") if content else Roster(())
