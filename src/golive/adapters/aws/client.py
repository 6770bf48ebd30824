"""A client of one AWS service, and every way a call can fail, told by the port's errors."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config

from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.target import DeployerConfig

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ATTEMPTS = 3
_UNREACHABLE = (
    exceptions.HTTPClientError,
    exceptions.ConnectionError,
    exceptions.ConnectionClosedError,
)
_NOT_SET_UP = (
    exceptions.NoRegionError,
    exceptions.ProfileNotFound,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.ConfigParseError,
    exceptions.ConfigNotFound,
)


class Refused(PortError):
    """AWS's own error. `code` is its name, e.g. `DeploymentDoesNotExistException`."""

    def __init__(self, code: str, message: str, *, where: str) -> None:
        super().__init__(
            f"{code}: {message}" if message else code,
            where=where,
            hint=_HINTS.get(code, ""),
            answer=f"{code}: {message}",
        )
        self.code = code


_NAMES = {"codedeploy": "CodeDeploy", "cloudwatch": "CloudWatch", "ecs": "ECS", "sqs": "SQS"}
_HINTS = {
    "AccessDeniedException": "the credentials lack a permission: see docs/stage.md",
    "ApplicationDoesNotExistException": "check `deployer.application` in the target file",
    "DeploymentGroupDoesNotExistException": "check `deployer.group` in the target file",
    "DeploymentLimitExceededException": "wait for the deployment that is under way, or stop it",
    "ExpiredTokenException": "sign in to AWS again",
    "UnrecognizedClientException": "check the AWS credentials",
}


class Client:
    """Calls by operation name. The session is made at the first call, once. `service` is boto3's
    name; all services of a target that names an endpoint are asked there."""

    def __init__(self, config: DeployerConfig, timeout: float, service: str = "codedeploy") -> None:
        self._config, self._timeout, self._service = config, timeout, service
        self._lock = threading.Lock()
        self._made: Any = None

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """The answer's members. Refused for AWS's own errors, Unreachable, NotConfigured, or a
        plain PortError for an answer that is none."""
        name = _NAMES.get(self._service, self._service)
        where = f"{name} {operation}"
        if self._config.endpoint:
            where += f" at {self._config.endpoint}"
        try:
            client = self._client()
            answer: dict[str, Any] = getattr(client, operation)(**members)
        except exceptions.ClientError as error:
            said = error.response.get("Error", {})
            code = said.get("Code") or "Unknown"
            raise Refused(str(code), str(said.get("Message", "")), where=where) from error
        except _NOT_SET_UP as error:
            hint = "set `deployer.profile` or `deployer.region`, or sign in to AWS"
            raise NotConfigured(str(error), where=where, hint=hint) from error
        except _UNREACHABLE as error:
            raise Unreachable(str(error), where=where, hint="is the endpoint right?") from error
        except (exceptions.BotoCoreError, ValueError) as error:
            raise PortError(
                f"no answer of {name}: {_first_line(error)}",
                where=where,
                hint=f"is the endpoint {name} itself, or a proxy's page?",
            ) from error
        answer.pop("ResponseMetadata", None)
        return answer

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Any:
        config = self._config
        options: dict[str, Any] = {
            "connect_timeout": self._timeout,
            "read_timeout": self._timeout,
            "retries": {"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        }
        key: str | None = None
        if config.profile is None and _is_loopback(config.endpoint):
            # An emulator on this machine takes any credentials. It shall not see real ones, and
            # nobody shall be asked for them: the chain would try the network last. No proxy either.
            key, options["proxies"] = "stage", {}
        session: Any = boto3.Session(
            profile_name=config.profile,
            region_name=config.region,
            aws_access_key_id=key,
            aws_secret_access_key=key,
        )
        return session.client(self._service, endpoint_url=config.endpoint, config=Config(**options))


def _is_loopback(endpoint: str | None) -> bool:
    return endpoint is not None and urlsplit(endpoint).hostname in _LOOPBACK


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
