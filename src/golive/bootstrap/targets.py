"""A target file → its ports. Adapters are imported where they are made, so that `golive verify`
needs no vendor's SDK."""

from __future__ import annotations

import configparser
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from golive.bootstrap.watching import dashboards_of, series_of
from golive.kernel.errors import BadInput
from golive.ports.secrets import read_secret
from golive.ports.target import (
    AccountConfig,
    CodeHostConfig,
    DeployerConfig,
    HelpDeskConfig,
    SecretRef,
    Target,
    TargetConfig,
    TerraformConfig,
    WikiConfig,
)

if TYPE_CHECKING:
    from golive.adapters.aws import CodeDeploy, ElasticLoadBalancing
    from golive.ports.balancer import Balancer
    from golive.ports.code_host import CodeHost
    from golive.ports.deployer import Traffic
    from golive.ports.helpdesk import HelpDesk
    from golive.ports.marketplace import Marketplace
    from golive.ports.plan import Planner
    from golive.ports.wiki import Wiki


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
    deployer = _deployer(config, config.deployer)
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
        deployer=deployer,
        deployments=deployer,
        series=series_of(config.metrics),
        dashboards=dashboards_of(config.grafana),
        traffic=_traffic(config),
        balancer=_balancer(config),
        planner=_planner(config.terraform),
        code_host=_code_host(config.code_host),
        helpdesk=_helpdesk(config.helpdesk),
        wiki=_wiki(config.wiki),
    )


def secrets_of(config: TargetConfig) -> Sequence[str]:
    """Every credential that `config` refers to and that can be read: what must not be kept."""
    deployer = config.deployer
    keys = _keys_in(deployer.credentials) if deployer and deployer.credentials else ()
    found = [
        one.read(f"a credential of the target {config.name!r}")
        for one in _references(config)
        if one.file is not None or os.environ.get(one.env or "")
    ]
    return [*keys, *found]


def _keys_in(file: Path) -> Sequence[str]:
    """The secrets of a credentials file of AWS's; none where it can't be read."""
    held = configparser.ConfigParser(interpolation=None)
    try:
        held.read(file, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ()
    names = ("aws_secret_access_key", "aws_session_token")
    return [part[name] for part in held.values() for name in names if part.get(name)]


def _references(value: object) -> Iterator[SecretRef]:
    """Wherever they stand in a target file, so that a new part of it can't be forgotten."""
    if isinstance(value, SecretRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _references(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _references(one)


def _marketplace(config: TargetConfig, url: str, ca: Path | None) -> Marketplace:
    from golive.adapters.fixnado_http import FixnadoMarketplace

    accounts = {
        role: (account.email, _password(role, account)) for role, account in config.accounts.items()
    }
    return FixnadoMarketplace(
        url, config.prefix, accounts, ca, config.fidelity, unencrypted=config.unencrypted
    )


def _password(role: str, account: AccountConfig) -> Callable[[], str]:
    reference = account.password
    return lambda: read_secret(reference.env, reference.file, of=f"the {role}'s password")


def _deployer(config: TargetConfig, deployer: DeployerConfig | None) -> CodeDeploy | None:
    if deployer is None:
        return None
    from golive.adapters.aws import CodeDeploy

    return CodeDeploy(deployer, sides=_target_groups(config))


def _traffic(config: TargetConfig) -> Traffic | None:
    """A Caddy's where the target names one, else the load balancer's that the deployer's group
    names."""
    if config.traffic is None:
        return _load_balancer(config)
    from golive.adapters.caddy import CaddyTraffic

    sides = {side: one.url for side, one in config.sides.items()}
    return CaddyTraffic(config.traffic.caddy_admin, sides=sides, fidelity=config.traffic.fidelity)


def _balancer(config: TargetConfig) -> Balancer | None:
    traffic = config.traffic
    if traffic is None or config.listeners is None:
        return _load_balancer(config) if traffic is None else None
    from golive.adapters.caddy import CaddyBalancer

    return CaddyBalancer(
        traffic.caddy_admin,
        sides={side: one.url for side, one in config.sides.items()},
        listeners=config.listeners,
        front=traffic.caddy_front,
        fidelity=traffic.fidelity,
    )


def _load_balancer(config: TargetConfig) -> ElasticLoadBalancing | None:
    if config.deployer is None:
        return None
    from golive.adapters.aws import ElasticLoadBalancing

    return ElasticLoadBalancing(config.deployer, sides=_target_groups(config))


def _target_groups(config: TargetConfig) -> Mapping[str, str]:
    return {side: one.target_group for side, one in config.sides.items()}


def _helpdesk(helpdesk: HelpDeskConfig | None) -> HelpDesk | None:
    if helpdesk is None:
        return None
    from golive.adapters.chatwoot import Chatwoot

    reference = helpdesk.token
    return Chatwoot(
        helpdesk.url,
        helpdesk.account,
        helpdesk.inbox,
        lambda: reference.read("the help desk's token"),
        helpdesk.fidelity,
    )


def _code_host(code_host: CodeHostConfig | None) -> CodeHost | None:
    if code_host is None:
        return None
    from golive.adapters.github import GitHubHost

    return GitHubHost(
        code_host.repository,
        lambda: code_host.token.read("the code host's token"),
        api=code_host.api,
        fidelity=code_host.fidelity,
    )


def _planner(terraform: TerraformConfig | None) -> Planner | None:
    if terraform is None:
        return None
    from golive.adapters.terraform import TerraformPlanner

    return TerraformPlanner(terraform.directory, terraform.state)


def _wiki(wiki: WikiConfig | None) -> Wiki | None:
    if wiki is None:
        return None
    from golive.adapters.confluence import Access, CloudWiki, DataCenterWiki

    access = Access(wiki.url, wiki.user, lambda: wiki.token.read("the wiki's token"), wiki.ca)
    kind = CloudWiki if wiki.flavour == "cloud" else DataCenterWiki
    return kind(access, wiki.space, wiki.parent, wiki.fidelity)
