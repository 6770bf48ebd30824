"""Who asks, and where: a boto3 client of one service from what a target file says."""

from __future__ import annotations

import getpass
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    SharedCredentialProvider,
)

from golive.kernel.networks import is_loopback
from golive.ports.target import CloudWatchConfig, DeployerConfig

_ATTEMPTS = 3


class Access:
    """Credentials come from boto3's usual chain (`profile`, environment, …), or from the file
    `credentials`, where it is named, and nowhere else; with `role`, they
    assume that role, anew as often as its hour is over. All services are asked at `endpoint`
    where there is one. One session for all clients: the role is assumed once."""

    def __init__(
        self,
        region: str | None = None,
        profile: str | None = None,
        role: str = "",
        endpoint: str | None = None,
        credentials: Path | None = None,
    ) -> None:
        self.region, self.profile, self.role, self.endpoint = region, profile, role, endpoint
        self.credentials = credentials
        self._lock = threading.Lock()
        self._made: Any = None

    @classmethod
    def of(cls, config: DeployerConfig | CloudWatchConfig) -> Access:
        own = config.credentials if isinstance(config, DeployerConfig) else None
        return cls(config.region, config.profile, config.role, config.endpoint, own)

    def client(self, service: str, timeout: float) -> Any:
        """A boto3 client of `service`. What botocore raises passes through."""
        options: dict[str, Any] = {
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "retries": {"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        }
        if _is_loopback(self.endpoint):
            options["proxies"] = {}
        with self._lock:  # a session makes one client at a time
            if self._made is None:
                self._made = self._session()
            return self._made.client(service, endpoint_url=self.endpoint, config=Config(**options))

    @property
    def _emulated(self) -> bool:
        """An emulator on this machine takes any credentials. It shall not see real ones, and nobody
        shall be asked for them: the chain would try the network last."""
        named = self.profile is not None or self.credentials is not None
        return not named and _is_loopback(self.endpoint)

    def _session(self) -> Any:
        core = self._core()
        key = "stage" if self._emulated else None
        if self.role and not self._emulated:
            self._assume(core)
        return boto3.Session(
            region_name=self.region,
            aws_access_key_id=key,
            aws_secret_access_key=key,
            botocore_session=core,
        )

    def _core(self) -> botocore.session.Session:
        profile = self.profile or ("default" if self.credentials else None)
        core = botocore.session.Session(profile=profile)
        if self.credentials is not None:
            core.set_config_variable("credentials_file", str(self.credentials))
            file = SharedCredentialProvider(str(self.credentials), profile)
            core.register_component("credential_provider", CredentialResolver([file]))
        return core

    def sign(self, url: str) -> Mapping[str, str]:
        """Headers that prove to `url`, which must be the endpoint's own, who asks it for JSON.
        What botocore raises passes through."""
        with self._lock:
            session = self._made = self._made or self._session()
            found = session.get_credentials()
        asked = AWSRequest("GET", url)
        if found is not None:
            region = session.region_name or ""
            SigV4Auth(found.get_frozen_credentials(), "codedeploy", region).add_auth(asked)
        return dict(asked.headers.items())

    def _assume(self, core: botocore.session.Session) -> None:
        if self.region:
            core.set_config_variable("region", self.region)
        own = core.get_component("credential_provider")
        core.register_component("credential_provider", CredentialResolver([_Role(core, own, self)]))


class _Role(CredentialProvider):
    """`AssumeRole` by whatever credentials the chain finds."""

    METHOD = "golive-assume-role"

    def __init__(self, core: Any, own: Any, access: Access) -> None:
        super().__init__()
        self._core, self._own, self._access = core, own, access

    def load(self) -> Any:
        source = self._own.load_credentials()
        if source is None:
            return None
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=self._create,
            source_credentials=source,
            role_arn=self._access.role,
            extra_args={"RoleSessionName": _session_name()},
        )
        return DeferredRefreshableCredentials(
            refresh_using=fetcher.fetch_credentials, method=self.METHOD
        )

    def _create(self, service: str, **members: Any) -> Any:
        return self._core.create_client(service, endpoint_url=self._access.endpoint, **members)


def _session_name() -> str:
    """Who, for AWS's own log: `golive-` and the person's name on this machine."""
    try:
        person = getpass.getuser()
    except (OSError, KeyError):
        person = ""
    return re.sub(r"[^\w+=,.@-]", "-", f"golive-{person}")[:64]


def _is_loopback(endpoint: str | None) -> bool:
    return endpoint is not None and is_loopback(urlsplit(endpoint).hostname or "")
