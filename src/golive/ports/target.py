"""The environment under rehearsal: what the target file says, and the ports made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from golive.kernel.errors import NotConfigured
from golive.kernel.fidelity import Fidelity
from golive.kernel.networks import is_loopback
from golive.ports.balancer import Balancer
from golive.ports.code_host import CodeHost
from golive.ports.commands import Commands
from golive.ports.dashboards import Dashboards, DeploymentLog
from golive.ports.deployer import Deployer, Traffic
from golive.ports.helpdesk import HelpDesk
from golive.ports.http import Http
from golive.ports.learning import LearningConfig
from golive.ports.marketplace import Marketplace, ReadinessFile
from golive.ports.metrics import Metrics
from golive.ports.plan import Planner
from golive.ports.probe import Probe
from golive.ports.secrets import read_secret
from golive.ports.series import MetricSeries
from golive.ports.wiki import Wiki


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretRef(_Strict):
    """A credential by reference, never by value: an environment variable or a file (0600)."""

    env: str | None = None
    file: Path | None = None

    def read(self, of: str) -> str:
        """The credential; NotConfigured, naming whose (`of`) and where it was looked for."""
        return read_secret(self.env, self.file, of=of)


class AccountConfig(_Strict):
    """The rehearsal account of one role."""

    email: str
    password: SecretRef


class SideConfig(_Strict):
    """One of the two sides, reached directly."""

    url: str
    readiness_file: Path | None = None
    target_group: str = ""
    """The load balancer's name for this side; "" where it has the side's name as a word."""


class ListenerConfig(_Strict):
    """The two ways in through the proxy. `ca` is the authority that signed their certificates."""

    production: str
    validation: str | None = None
    ca: Path | None = None
    side_header: str = "X-Fixnado-Instance"


_ROLE = r"^(arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+)?$"


class DeployerConfig(_Strict):
    """CodeDeploy: AWS's own when `endpoint` is absent. Credentials come from boto3's usual chain
    (`profile`, environment, …), and assume `role` where there is one."""

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    credentials: Path | None = None
    """A file in AWS's own credentials format that `profile` is looked up in, and nowhere else."""
    role: str = Field(default="", pattern=_ROLE)
    application: str
    group: str
    task_definition: str = ""
    """What a deployment brings in: an ECS task definition in which `{incoming}`, `{version}` and
    `{revision}` (the version's digits) are replaced."""
    container: str = ""
    container_port: int = 0
    hooks: Mapping[str, str] = Field(default_factory=dict)
    """Lifecycle event to the function that validates it."""
    hook_function: str = ""
    """The function that a rehearsal hooks lifecycle events with: it hands each execution's ids to
    `hook_queue` (an SQS queue's URL) and leaves the answer to the rehearsal."""
    hook_queue: str = ""
    hook_list: str = ""
    """In a queue's place: an address that lists the hooks which wait (the stage has one)."""
    fidelity: Fidelity = Fidelity.LIVE


class TrafficConfig(_Strict):
    """Where the listeners' true weights are read where the balancer is no load balancer of AWS's:
    Caddy's admin API."""

    caddy_admin: str
    caddy_front: Path | None = None
    """The configuration (JSON) of another Caddy that stands before that one and holds the clients'
    connections, where there is one."""
    fidelity: Fidelity = Fidelity.LIVE


class HelpDeskConfig(_Strict):
    """A Chatwoot: one account, and the inbox in which incidents become conversations. The token is
    a user's who is a member of that inbox."""

    url: str
    account: int = Field(gt=0)
    inbox: int = Field(gt=0)
    token: SecretRef
    fidelity: Fidelity = Fidelity.LIVE

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        _demand_encrypted(url, secret=True)
        return url


class CodeHostConfig(_Strict):
    """A repository on GitHub, or on a server that speaks its API."""

    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    api: str = "https://api.github.com"
    token: SecretRef
    fidelity: Fidelity = Fidelity.LIVE

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        _demand_encrypted(self.api, secret=True)
        return self


class CloudWatchConfig(_Strict):
    """Metrics over time in CloudWatch. Credentials come from boto3's usual chain."""

    kind: Literal["cloudwatch"]
    region: str | None = None
    profile: str | None = None
    role: str = Field(default="", pattern=_ROLE)
    endpoint: str | None = None
    load_balancer: str = ""
    """`app/name/id`, as CloudWatch's dimension has it."""
    target_groups: Mapping[str, str] = Field(default_factory=dict)
    """Side to `targetgroup/name/id`."""
    namespace: str = ""
    """Where the service's own metrics are published, by their own names."""
    side_dimension: str = "instance"
    fidelity: Fidelity = Fidelity.LIVE


class PrometheusConfig(_Strict):
    """Metrics over time behind Prometheus' HTTP API."""

    kind: Literal["prometheus"]
    url: str
    token: SecretRef | None = None
    side_label: str = "instance"
    """The label whose values are the sides' names."""
    ca: Path | None = None
    fidelity: Fidelity = Fidelity.LIVE

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        _demand_encrypted(self.url, secret=self.token is not None)
        return self


class ScrapedConfig(_Strict):
    """Metrics over time on the stage's own tape."""

    kind: Literal["scraped"]
    file: Path
    fidelity: Fidelity = Fidelity.LOCAL


class GrafanaConfig(_Strict):
    """Where people look at dashboards. `token` is a service account's, with the role Editor."""

    url: str
    token: SecretRef
    folder: str = ""
    """The uid of the folder that dashboards are put into."""
    overwrite: bool = False
    """Whether a dashboard that somebody has changed there is put back as the repository has it."""
    datasource: str = ""
    """The uid of the Prometheus that its panels ask; the first one there where absent."""
    organisation: int | None = None
    ca: Path | None = None
    fidelity: Fidelity = Fidelity.LIVE

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        _demand_encrypted(self.url, secret=True)
        return self


def _demand_encrypted(url: str, *, secret: bool) -> None:
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError("no credentials in the address; `token` refers to them")
    local = is_loopback(parts.hostname or "") or not secret
    if not (parts.hostname and parts.scheme in ("https", *(("http",) if local else ()))):
        raise ValueError("https://host is needed: the token would travel unencrypted")


class WikiConfig(_Strict):
    """A space of a Confluence: Cloud's (`user` is the address of the token's account) or Data
    Center's. New pages go under the page `parent`, by its id, or to the space's top."""

    url: str
    space: str = Field(min_length=1)
    flavour: Literal["cloud", "data-center"] = "cloud"
    user: str = ""
    token: SecretRef
    parent: str = ""
    ca: Path | None = None
    fidelity: Fidelity = Fidelity.LIVE

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        _demand_encrypted(self.url, secret=True)
        if (self.flavour == "cloud") != bool(self.user):
            raise ValueError("`user` goes with flavour cloud, and with it alone")
        return self


class TerraformConfig(_Strict):
    directory: Path
    state: Path | None = None
    """Where state and plans are kept between rehearsals; the run's own folder when absent."""


class TargetConfig(_Strict):
    """A target file (TOML), or what the embedded stage says of itself."""

    name: str
    kind: Literal["remote", "stage"] = "remote"
    fidelity: Fidelity = Fidelity.LIVE
    prefix: str = "/v1"
    unencrypted: bool = False
    """Whether accounts' passwords and secret headers may travel by http:// beyond this machine."""
    old: str = "green"
    """The side that carries production traffic before the cutover."""
    incoming: str = "blue"
    sides: Mapping[str, SideConfig] = Field(default_factory=dict)
    listeners: ListenerConfig | None = None
    accounts: Mapping[str, AccountConfig] = Field(default_factory=dict)
    deployer: DeployerConfig | None = None
    traffic: TrafficConfig | None = None
    terraform: TerraformConfig | None = None
    learning: LearningConfig | None = None
    code_host: CodeHostConfig | None = None
    helpdesk: HelpDeskConfig | None = None
    wiki: WikiConfig | None = None
    metrics: Annotated[
        CloudWatchConfig | PrometheusConfig | ScrapedConfig | None, Field(discriminator="kind")
    ] = None
    """Where metrics are kept over time. What a side exposes now is asked of the side itself."""
    grafana: GrafanaConfig | None = None
    smoke: tuple[str, ...] = ()
    """The smoke pack's command where the playbook names none."""
    smoke_fallback: tuple[str, ...] = ()
    """The pack to run where the first one's tools aren't installed; the report says which ran."""
    smoke_directory: Path | None = None
    variables: Mapping[str, str] = Field(default_factory=dict)
    """For `{name}` in `command` and `http` drills."""


Port = TypeVar("Port")


@dataclass(frozen=True)
class Target:
    """Ports of one environment. A part that isn't there is asked for by `need`, which says so."""

    config: TargetConfig
    http: Http
    commands: Commands
    probe: Probe
    instances: Mapping[str, Marketplace] = field(default_factory=dict)
    """By side; each reaches that instance directly."""
    production: Marketplace | None = None
    validation: Marketplace | None = None
    readiness_files: Mapping[str, ReadinessFile] = field(default_factory=dict)
    metrics: Mapping[str, Metrics] = field(default_factory=dict)
    deployer: Deployer | None = None
    traffic: Traffic | None = None
    balancer: Balancer | None = None
    planner: Planner | None = None
    code_host: CodeHost | None = None
    helpdesk: HelpDesk | None = None
    wiki: Wiki | None = None
    series: MetricSeries | None = None
    dashboards: Dashboards | None = None
    deployments: DeploymentLog | None = None

    @property
    def name(self) -> str:
        return self.config.name

    def need(self, port: Port | None, what: str, hint: str) -> Port:
        """`port`, or NotConfigured: "target 'staging' has no …", with `hint` as what to add."""
        if port is None:
            raise NotConfigured(f"target {self.name!r} has no {what}", hint=hint)
        return port


class Environment(Protocol):
    """What stands behind a target: nothing to do for a remote one, processes for the stage."""

    def ensure(self) -> Target:
        """Bring it up, or find it up. Called at every start and resume; may be called twice."""
        ...

    def release(self) -> None:
        """Traffic back to the old side first, then processes. May be called twice."""
        ...

    def urls(self) -> Mapping[str, str]:
        """Where it can be reached, by name: for people to see."""
        ...

    def logs(self) -> Sequence[Path]:
        """Log files of what was rehearsed, for the vault; none of a remote target."""
        ...
