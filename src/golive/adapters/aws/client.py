"""Calls to one AWS service, and every way a call can fail, told by the port's errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from botocore import exceptions

from golive.adapters.aws.access import Access
from golive.kernel.errors import NotConfigured, PortError, Unreachable

_MOST_PAGES = 200
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
_THROTTLED = (
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
)


class Refused(PortError):
    """AWS's own error. `code` is its name, e.g. `DeploymentDoesNotExistException`."""

    def __init__(self, code: str, message: str, *, where: str) -> None:
        super().__init__(
            f"{code}: {message}" if message else code,
            where=where,
            hint=_hint(code),
            answer=f"{code}: {message}",
        )
        self.code = code


class Throttled(Refused, Unreachable):
    """Asked too often, by us or by others of the account: nothing was done, and asking again may
    help."""


_NAMES = {
    "cloudwatch": "CloudWatch",
    "codedeploy": "CodeDeploy",
    "ec2": "EC2",
    "ecs": "ECS",
    "elbv2": "Elastic Load Balancing",
    "sqs": "SQS",
}
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_HINTS = {
    "ApplicationDoesNotExistException": "check `deployer.application` in the target file",
    "DeploymentGroupDoesNotExistException": "check `deployer.group` in the target file",
    "DeploymentLimitExceededException": "wait for the deployment that is under way, or stop it",
    "ExpiredToken": "sign in to AWS again",
    "ExpiredTokenException": "sign in to AWS again",
    "InvalidClientTokenId": "check the AWS credentials",
    "ListenerNotFound": "the deployment group names a listener that is gone",
    "UnrecognizedClientException": "check the AWS credentials",
}


def _hint(code: str) -> str:
    if code in _DENIED:
        return "the credentials lack a permission: see docs/stage.md"
    return _HINTS.get(code, "it may be asked again in a moment" if code in _THROTTLED else "")


class Client:
    """Calls by operation name. The session is made at the first call, once. `service` is boto3's
    name."""

    def __init__(self, access: Access, timeout: float, service: str) -> None:
        self._access, self._timeout, self._service = access, timeout, service
        self._lock = threading.Lock()
        self._made: Any = None

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """The answer's members. Refused for AWS's own errors (Throttled where it was asked too
        often), Unreachable, NotConfigured, or a plain PortError for an answer that is none."""
        name = _NAMES.get(self._service, self._service)
        where = f"{name} {operation}"
        if self._access.endpoint:
            where += f" at {self._access.endpoint}"
        try:
            client = self._client()
            answer: dict[str, Any] = getattr(client, operation)(**members)
        except exceptions.ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code") or "Unknown")
            kind = Throttled if code in _THROTTLED else Refused
            raise kind(code, str(said.get("Message", "")), where=where) from error
        except _NOT_SET_UP as error:
            hint = "set `profile` or `region` in the target file, or sign in to AWS"
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

    def pages(
        self, operation: str, *, asks: str = "NextToken", tells: str = "NextToken", **members: Any
    ) -> Iterator[dict[str, Any]]:
        """Page after page, as `call`. `asks` and `tells` are what the service calls the place to
        go on from, in a request and in an answer. An answer without an end is a PortError."""
        for _ in range(_MOST_PAGES):
            answer = self.call(operation, **members)
            yield answer
            if not answer.get(tells):
                return
            members[asks] = answer[tells]
        name = _NAMES.get(self._service, self._service)
        raise PortError(f"more than {_MOST_PAGES} pages of answers", where=f"{name} {operation}")

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._access.client(self._service, self._timeout)
            return self._made


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
