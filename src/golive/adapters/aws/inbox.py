"""Where a rehearsal learns that a lifecycle hook waits for its answer.

CodeDeploy hands a hook's ids to a function and shows them to nobody else. In AWS the function that
the target names passes them on to an SQS queue; the embedded stage lists them at an address.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError

from golive.adapters.aws.access import Access
from golive.adapters.aws.client import Client
from golive.kernel.errors import PortError, Unreachable
from golive.ports.target import DeployerConfig

_HIDDEN = 5
"""Seconds for which a message that was read is not read again; it stays until it is answered, so
that a rehearsal which is killed in between finds it."""
_MOST = 10


class Inbox(Protocol):
    def execution(self, deployment: str, event: str) -> str | None:
        """The id of the execution that waits; None where none does yet."""
        ...

    def over(self, execution: str) -> None:
        """It was answered."""
        ...


def inbox_of(config: DeployerConfig, access: Access, timeout: float) -> Inbox | None:
    """The one that `config` names; None where it names none."""
    if config.hook_list:
        return _Listed(config.hook_list, _asker(config, access), timeout)
    return _Queue(config.hook_queue, access, timeout) if config.hook_queue else None


def _asker(config: DeployerConfig, access: Access) -> Access | None:
    """Who the list is asked by: a signature is for the endpoint alone."""
    own = config.endpoint and _origin(config.endpoint) == _origin(config.hook_list)
    return access if own else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


class _Listed:
    """An address that answers `{"hooks": [{"DeploymentId", "LifecycleEventHookExecutionId",
    "event"}]}`."""

    def __init__(self, url: str, access: Access | None, timeout: float) -> None:
        self._url, self._access, self._timeout = url, access, timeout
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Nowhere())

    def execution(self, deployment: str, event: str) -> str | None:
        try:
            proven = self._access.sign(self._url) if self._access else {}
            asked = urllib.request.Request(self._url, headers=dict(proven))  # noqa: S310
            with self._direct.open(asked, timeout=self._timeout) as answer:
                hooks: Any = json.load(answer)["hooks"]
        except (BotoCoreError, urllib.error.HTTPError, ValueError, KeyError, TypeError) as error:
            raise PortError(f"no list of hooks: {error}", where=self._url) from error
        except OSError as error:
            raise Unreachable(str(error), where=self._url) from error
        return _fitting(hooks, deployment, event)

    def over(self, execution: str) -> None:
        """It lists only what waits."""


class _Nowhere(urllib.request.HTTPRedirectHandler):
    """A signature goes where the target file says, and not on from there."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class _Queue:
    """Messages of the same members as the list's entries; `event` may be left out where a
    deployment has one hook."""

    def __init__(self, url: str, access: Access, timeout: float) -> None:
        self._sqs, self._url = Client(access, timeout, "sqs"), url
        self._seen: dict[str, Any] = {}
        """Execution id to its message's body and receipt."""

    def execution(self, deployment: str, event: str) -> str | None:
        found = self._sqs.call(
            "receive_message",
            QueueUrl=self._url,
            MaxNumberOfMessages=_MOST,
            VisibilityTimeout=_HIDDEN,
        )
        for message in found.get("Messages", []):
            try:
                body: Any = json.loads(message["Body"])
                self._seen[str(body["LifecycleEventHookExecutionId"])] = (body, message)
            except (ValueError, KeyError, TypeError) as error:
                what = "a message in the hooks' queue is none"
                raise PortError(what, where=self._url, answer=str(message)[:300]) from error
        return _fitting([body for body, _ in self._seen.values()], deployment, event)

    def over(self, execution: str) -> None:
        _, message = self._seen.pop(execution, (None, None))
        if message is not None:
            receipt = message["ReceiptHandle"]
            self._sqs.call("delete_message", QueueUrl=self._url, ReceiptHandle=receipt)


def _fitting(hooks: Any, deployment: str, event: str) -> str | None:
    for one in hooks if isinstance(hooks, list) else []:
        if not isinstance(one, dict) or one.get("DeploymentId") != deployment:
            continue
        if one.get("event", event) == event:
            return str(one.get("LifecycleEventHookExecutionId", "")) or None
    return None
