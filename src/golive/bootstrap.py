"""Settings → adapters → use cases. The only room that names an adapter, a drill or the stage.

Adapters are imported where they are made, so that `golive verify` needs no vendor's SDK.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from golive.drillkit.drill import Registry
from golive.evidence.keys import SigningKey, load_or_create_key
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.kernel.errors import BadInput
from golive.playbook.model import DrillBlock, Playbook
from golive.playbook.parse import parse
from golive.playbook.people import Roster, parse_roster
from golive.playbook.trust import TrustStore
from golive.ports.clock import Clock, SystemClock
from golive.ports.secrets import read_secret
from golive.ports.target import (
    AccountConfig,
    DeployerConfig,
    Environment,
    Target,
    TargetConfig,
    TerraformConfig,
    TrafficConfig,
)

if TYPE_CHECKING:
    from golive.ports.deployer import Deployer, Traffic
    from golive.ports.marketplace import Marketplace
    from golive.ports.plan import Planner
    from golive.rehearsal.engine import Engine, Halt
    from golive.rehearsal.folder import RunFolder, RunSettings
    from golive.rehearsal.keeping import Keeper
    from golive.stage import Stage

REHEARSAL_DOMAINS = ("rehearsal.fixnado.example", "rehearsal.example")
"""Where a rehearsal's people may have addresses; all others are redacted."""


@cache
def registry() -> Registry:
    """Every drill that a playbook may name."""
    from golive.drills.blue_green import BlueGreen
    from golive.drills.command import Command
    from golive.drills.data_governance import DataGovernanceDrill
    from golive.drills.http import HttpRequest
    from golive.drills.legal import Legal
    from golive.drills.readiness import Readiness
    from golive.drills.smoke import Smoke
    from golive.drills.synthetic import Synthetic
    from golive.drills.terraform_plan import TerraformPlan

    drills: Sequence[Any] = (
        BlueGreen(),
        Command(),
        DataGovernanceDrill(),
        HttpRequest(),
        Legal(),
        Readiness(),
        Smoke(),
        Synthetic(),
        TerraformPlan(),
    )
    return Registry(drills)


def config_folder() -> Path:
    """`$XDG_CONFIG_HOME/golive`: keys and what was trusted."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "golive"


def shipped_playbooks() -> Path:
    """The playbooks that come with Golive, trusted by their digests."""
    return Path(__file__).parents[2] / "playbooks"


def trust_store() -> TrustStore:
    return TrustStore(config_folder(), shipped=shipped_playbooks())


def read_target(content: bytes, where: str) -> TargetConfig:
    """A target file's model; BadInput with every mistake in it."""
    try:
        return TargetConfig.model_validate(tomllib.loads(content.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"not a target file: {error}", where=where, hint="it is TOML") from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise BadInput("; ".join(lines), where=where, hint="see docs/target-file.md") from error


def build_target(config: TargetConfig) -> Target:
    """The ports of `config`. Reaches nothing yet."""
    from golive.adapters.http import HttpxClient
    from golive.adapters.local_commands import LocalCommands
    from golive.adapters.probe import OpenLoopProbe
    from golive.adapters.prometheus import Scrape
    from golive.adapters.readiness_file import LocalReadinessFile

    listeners = config.listeners
    ca = listeners.ca if listeners else None
    header = listeners.side_header if listeners else "X-Fixnado-Instance"
    validation = listeners.validation if listeners else None
    return Target(
        config=config,
        http=HttpxClient(ca, config.fidelity),
        commands=LocalCommands(config.fidelity),
        probe=OpenLoopProbe(ca, header, config.fidelity),
        instances={side: _marketplace(config, one.url, None) for side, one in config.sides.items()},
        production=_marketplace(config, listeners.production, ca) if listeners else None,
        validation=_marketplace(config, validation, ca) if validation else None,
        readiness_files={
            side: LocalReadinessFile(one.readiness_file, config.fidelity)
            for side, one in config.sides.items()
            if one.readiness_file
        },
        metrics={
            side: Scrape(f"{one.url}/metrics", config.fidelity)
            for side, one in config.sides.items()
        },
        deployer=_deployer(config, config.deployer),
        traffic=_traffic(config, config.traffic),
        planner=_planner(config.terraform),
    )


def secrets_of(config: TargetConfig) -> Sequence[str]:
    """Every credential that `config` refers to and that can be read: what must not be kept."""
    found = []
    for role, account in config.accounts.items():
        password = account.password
        if password.file is not None or os.environ.get(password.env or ""):
            found.append(read_secret(password.env, password.file, of=f"the {role}'s password"))
    return found


def _marketplace(config: TargetConfig, url: str, ca: Path | None) -> Marketplace:
    from golive.adapters.fixnado_http import FixnadoMarketplace

    accounts = {
        role: (account.email, _password(role, account)) for role, account in config.accounts.items()
    }
    return FixnadoMarketplace(url, config.prefix, accounts, ca, config.fidelity)


def _password(role: str, account: AccountConfig) -> Callable[[], str]:
    reference = account.password
    return lambda: read_secret(reference.env, reference.file, of=f"the {role}'s password")


def _deployer(config: TargetConfig, deployer: DeployerConfig | None) -> Deployer | None:
    if deployer is None:
        return None
    from golive.adapters.aws import CodeDeploy

    return CodeDeploy(
        deployer, sides={side: one.target_group for side, one in config.sides.items()}
    )


def _traffic(config: TargetConfig, traffic: TrafficConfig | None) -> Traffic | None:
    if traffic is None:
        return None
    from golive.adapters.caddy import CaddyTraffic

    sides = {side: one.url for side, one in config.sides.items()}
    return CaddyTraffic(traffic.caddy_admin, sides=sides, fidelity=traffic.fidelity)


def _planner(terraform: TerraformConfig | None) -> Planner | None:
    if terraform is None:
        return None
    from golive.adapters.terraform import TerraformPlanner

    return TerraformPlanner(terraform.directory, terraform.state)


def report(release: Path) -> bytes:
    """The report on a sealed release, as a page of HTML."""
    from golive.report import render

    return render(release)


def embedded_stage(folder: Path, fault: str | None, minute: float | None) -> Stage:
    """The stage in `folder`, for whoever wants it without a rehearsal."""
    from golive.stage import Stage

    return Stage(folder, fault=fault, minute=minute)


class RemoteEnvironment:
    """A target of the team's own: there already, and left alone."""

    def __init__(self, config: TargetConfig) -> None:
        self._config = config

    def ensure(self) -> Target:
        return build_target(self._config)

    def release(self) -> None:
        """Nothing: drills undo what they did themselves."""

    def urls(self) -> Mapping[str, str]:
        urls = {side: one.url for side, one in self._config.sides.items()}
        listeners = self._config.listeners
        if listeners is not None:
            urls["production"] = listeners.production
            if listeners.validation is not None:
                urls["validation"] = listeners.validation
        return urls

    def logs(self) -> Sequence[Path]:
        return ()


class StageEnvironment:
    """The embedded stage, alive as long as this process."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage, self._folder = stage, folder
        self._urls: Mapping[str, str] = {}

    def ensure(self) -> Target:
        status = self._stage.up(attached=True)
        self._urls = status.urls
        return build_target(_with_smoke_pack(status.config))

    def release(self) -> None:
        self._stage.down()

    def urls(self) -> Mapping[str, str]:
        return self._urls

    def logs(self) -> Sequence[Path]:
        return sorted(self._folder.rglob("*.log"))


def _with_smoke_pack(config: TargetConfig) -> TargetConfig:
    """The stage's own pack: Vitest where Node is, the same tests in Python where it isn't."""
    folder = Path(__file__).parents[2] / "infra" / "stage" / "smoke"
    return config.model_copy(
        update={
            "smoke": ("npm", "test"),
            "smoke_fallback": (sys.executable, str(folder / "smoke.py")),
            "smoke_directory": folder,
        }
    )


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

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.registry = registry()

    def environment(self, folder: RunFolder, settings: RunSettings) -> Environment:
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

        settings = folder.settings()
        secrets = list(_stage_secrets(folder.stage))
        if folder.target.exists():
            secrets += secrets_of(read_target(folder.target.read_bytes(), settings.target_name))
        redactor = Redactor(secrets=secrets, domains=REHEARSAL_DOMAINS)
        objects = self.vault(Path(settings.vault_root)).objects
        return Keeper(objects, redactor, folder.path / "redactions.jsonl", self.clock)

    def signing_key(self) -> SigningKey:
        return load_or_create_key(config_folder() / "seal-key.pem")

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
