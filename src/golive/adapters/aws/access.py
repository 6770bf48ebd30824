"""Who asks, and where: a boto3 client of one service from what a target file says."""

from __future__ import annotations

import getpass
import re
import threading
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)

from golive.ports.target import CloudWatchConfig, DeployerConfig

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ATTEMPTS = 3


class Access:
    """Credentials come from boto3's usual chain (`profile`, environment, …); with `role`, they
    assume that role, anew as often as its hour is over. All services are asked at `endpoint`
    where there is one. One session for all clients: the role is assumed once."""

    def __init__(
        self,
        region: str | None = None,
        profile: str | None = None,
        role: str = "",
        endpoint: str | None = None,
    ) -> None:
        self.region, self.profile, self.role, self.endpoint = region, profile, role, endpoint
        self._lock = threading.Lock()
        self._made: Any = None

    @classmethod
    def of(cls, config: DeployerConfig | CloudWatchConfig) -> Access:
        return cls(config.region, config.profile, config.role, config.endpoint)

    def client(self, service: str, timeout: float) -> Any:
        """A boto3 client of `service`. What botocore raises passes through."""
        options: dict[str, Any] = {
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "retries": {"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        }
        if self._emulated:
            options["proxies"] = {}
        with self._lock:  # a session makes one client at a time
            if self._made is None:
                self._made = self._session()
            return self._made.client(service, endpoint_url=self.endpoint, config=Config(**options))

    @property
    def _emulated(self) -> bool:
        """An emulator on this machine takes any credentials. It shall not see real ones, and nobody
        shall be asked for them: the chain would try the network last. No proxy either."""
        return self.profile is None and _is_loopback(self.endpoint)

    def _session(self) -> Any:
        core = botocore.session.Session(profile=self.profile)
        key = "stage" if self._emulated else None
        if self.role and not self._emulated:
            self._assume(core)
        return boto3.Session(
            region_name=self.region,
            aws_access_key_id=key,
            aws_secret_access_key=key,
            botocore_session=core,
        )

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
    return endpoint is not None and urlsplit(endpoint).hostname in _LOOPBACK
