"""What a stage says of itself, and the target that it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.kernel.doors import SCHEME
from golive.kernel.fidelity import Fidelity
from golive.ports.learning import LearningConfig, Moodle
from golive.ports.target import (
    AccountConfig,
    DeployerConfig,
    HelpDeskConfig,
    ListenerConfig,
    ScrapedConfig,
    SecretRef,
    SideConfig,
    TargetConfig,
    TerraformConfig,
    TrafficConfig,
)
from golive.stage import credentials, names
from golive.stage.addresses import HOST
from golive.stage.layout import Layout
from golive.stage.settings import INCOMING, OLD, SIDES, Settings


@dataclass(frozen=True)
class StageStatus:
    """A stage that is up. `urls` names production, validation, blue, green, admin, codedeploy and
    helpdesk."""

    folder: Path
    urls: Mapping[str, str]
    config: TargetConfig
    authority: Path
    attached: bool
    """Whether it ends with the process that brought it up."""
    fault: str | None
    minute: float
    """Seconds that stand for one of AWS's minutes in its deployments."""
    owner: int | None
    """The process that it ends with, where attached."""
    warden: int
    processes: Mapping[str, int]
    down: Mapping[str, int]
    """Parts that have ended and are not up again, with their exit status."""
    seconds: float
    """How long the start took."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the `aws` command line needs to speak to this stage. The key itself isn't in it."""
        return {
            "AWS_SHARED_CREDENTIALS_FILE": str(Layout(self.folder).aws_credentials),
            "AWS_PROFILE": names.PROFILE,
            "AWS_ENDPOINT_URL_CODEDEPLOY": self.urls["codedeploy"],
            "AWS_ENDPOINT_URL_CLOUDWATCH": self.urls["codedeploy"],
            "AWS_ENDPOINT_URL_ECS": self.urls["codedeploy"],
            "AWS_DEFAULT_REGION": names.REGION,
        }


def read(layout: Layout, settings: Settings) -> StageStatus | None:
    """From what the warden wrote down; None where it has not, or was cut off writing."""
    try:
        data: Any = json.loads(layout.warden.read_text("utf-8"))
        return StageStatus(
            folder=layout.folder,
            urls=urls(layout, settings),
            config=target(layout, settings),
            authority=layout.authority,
            attached=bool(data["attached"]),
            fault=data["fault"],
            minute=settings.minute,
            owner=data["owner"],
            warden=int(data["pid"]),
            processes={str(name): int(pid) for name, pid in data["processes"].items()},
            down={str(name): int(code) for name, code in data["down"].items()},
            seconds=float(data["seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def urls(layout: Layout, settings: Settings) -> Mapping[str, str]:
    secure = ("production", "validation")
    found = {name: f"https://{HOST}:{settings.ports[name]}" for name in secure}
    plain = ("blue", "green", "codedeploy", "helpdesk")
    found |= {name: f"http://{HOST}:{settings.ports[name]}" for name in plain}
    return {**found, "admin": f"{SCHEME}{layout.admin}"}


def target(layout: Layout, settings: Settings) -> TargetConfig:
    """The stage as a target file would describe it."""
    where = urls(layout, settings)
    infrastructure = Path(__file__).parents[3] / "infra" / "stage"
    terraform = TerraformConfig(directory=infrastructure, state=layout.terraform)
    return TargetConfig(
        name="stage",
        kind="stage",
        fidelity=Fidelity.LOCAL,
        old=OLD,
        incoming=INCOMING,
        sides={
            side: SideConfig(
                url=where[side],
                readiness_file=layout.readiness(side),
                target_group=names.family(side),
            )
            for side in SIDES
        },
        listeners=ListenerConfig(
            production=where["production"], validation=where["validation"], ca=layout.authority
        ),
        accounts={
            role: AccountConfig(
                email=credentials.email(role), password=SecretRef(file=layout.password(role))
            )
            for role in credentials.ROLES
        },
        deployer=DeployerConfig(
            endpoint=where["codedeploy"],
            region=names.REGION,
            credentials=layout.aws_credentials,
            profile=names.PROFILE,
            application=names.APPLICATION,
            group=names.GROUP,
            task_definition=names.task_definition("{incoming}", "{revision}"),
            container=names.CONTAINER,
            container_port=8080,
            hook_function=names.HOOK,
            hook_list=f"{where['codedeploy']}/stage/hooks",
            fidelity=Fidelity.SIMULATED,
        ),
        traffic=TrafficConfig(
            caddy_admin=where["admin"], caddy_front=layout.listener, fidelity=Fidelity.LOCAL
        ),
        helpdesk=HelpDeskConfig(
            url=where["helpdesk"],
            account=names.HELP_DESK_ACCOUNT,
            inbox=names.HELP_DESK_INBOX,
            token=SecretRef(file=layout.helpdesk_token),
            fidelity=Fidelity.SIMULATED,
        ),
        terraform=terraform if infrastructure.is_dir() else None,
        metrics=ScrapedConfig(kind="scraped", file=layout.scraped, fidelity=Fidelity.LOCAL),
        learning=_learning(layout),
        variables={"stage_minute_seconds": f"{settings.minute:g}"},
    )


def _learning(layout: Layout) -> LearningConfig:
    """A learning system's report in the shape that `fixnado seed --learning` gives it."""
    export = Moodle(
        kind="moodle",
        file=layout.learning,
        locale="en",
        zone="Europe/London",
        email=2,
        policies={"refund-policy": 3, "community-guidelines": 5},
        header_rows=1,
    )
    return LearningConfig(export=export, fidelity=Fidelity.SIMULATED)
