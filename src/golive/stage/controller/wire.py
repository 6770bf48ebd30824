"""The wire: `POST /`, `X-Amz-Target: <service>.<Operation>`, JSON 1.0 or 1.1. A plain ASGI app.

CodeDeploy whole, and what a cutover asks of its neighbours: CloudWatch's alarms and ECS's services.

Every request is signed with the stage's own key, as AWS's are with an account's: the loopback,
where the service listens, is everybody's on the machine. A browser's page can't reach it: whatever
carries an Origin or another Host is refused.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name
from botocore.model import OperationModel

from golive.stage.controller import shapes
from golive.stage.controller.errors import ApiError
from golive.stage.signature import Key, Request, Unproven, prove

log = logging.getLogger("golive.stage.controller")

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = Mapping[str, str]
Route = Callable[[], Any]

JSON_1_1 = "application/x-amz-json-1.1"
_JSON = re.compile(r"application/x-amz-json-1\.[01]")
LARGEST = 1_000_000
_DRAINED = 64_000_000
"""Bytes of a body that is too large which are still read, so that its sender hears the answer."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class _Known:
    """An operation that is answered here."""

    model: OperationModel
    method: Callable[[Mapping[str, Any]], Any]


class Wire:
    """`services` maps botocore's name of a service to objects whose methods bear operations' names
    in snake case. `stage` are this stage's own routes, `GET /stage` and the like. `key` signs
    whatever is answered."""

    def __init__(
        self, services: Mapping[str, Sequence[object]], stage: Mapping[str, Route], key: Key
    ) -> None:
        self._stage, self._key = stage, key
        self._known: dict[str, _Known] = {}
        for service, holders in services.items():
            model = shapes.service(service)
            for name in model.operation_names:
                for holder in holders:
                    method = getattr(holder, xform_name(name), None)
                    if method is not None:
                        target = f"{model.metadata['targetPrefix']}.{name}"
                        self._known[target] = _Known(model.operation_model(name), method)

    @property
    def operations(self) -> list[str]:
        """`CodeDeploy_20141006.GetDeployment` and the like."""
        return sorted(self._known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        pairs = scope["headers"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
        status = 200
        try:
            answer = await self._answer(scope, headers, receive)
        except ApiError as error:
            status, answer = error.status, {"__type": error.code, "message": error.message}
        except Exception:
            log.exception("%s", headers.get("x-amz-target", scope["path"]))
            status, answer = 500, {"__type": "InternalFailure", "message": "see the log"}
        await _send(send, status, answer)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Any:
        body = await _body(receive)
        _refuse_strangers(headers)
        self._demand_proof(scope, headers, body)
        own = self._stage.get(f"{scope['method']} {scope['path']}")
        if own is not None:
            if scope["method"] == "POST" and headers.get("content-type") != "application/json":
                raise ApiError("AccessDeniedException", "the content type must be application/json")
            return await _settled(own())
        operation = self._operation(scope, headers)
        if not _JSON.fullmatch(headers.get("content-type", "").split(";")[0].strip()):
            raise ApiError("SerializationException", f"the content type must be {JSON_1_1}")
        members = shapes.read(operation.model, _json(body))
        return await _settled(operation.method(members))

    def _demand_proof(self, scope: Scope, headers: Headers, body: bytes) -> None:
        if scope["query_string"]:
            raise ApiError("UnknownOperationException", "nothing here is asked by a query")
        try:
            prove(Request(scope["method"], scope["path"], headers, body), self._key, _now())
        except Unproven as error:
            raise ApiError(error.code, error.message) from error

    def _operation(self, scope: Scope, headers: Headers) -> _Known:
        found = self._known.get(headers.get("x-amz-target", ""))
        if scope["method"] != "POST" or scope["path"] != "/" or found is None:
            raise ApiError("UnknownOperationException", "this service has no such operation")
        return found


def _now() -> datetime:
    return datetime.now(UTC)


async def _settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def _body(receive: Receive) -> bytes:
    """The whole body, or 413 once a large one has come to its end."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= LARGEST:
            parts.append(part)
        if not message.get("more_body") or size > _DRAINED:
            break
    if size > LARGEST:
        what = f"the request is larger than {LARGEST} bytes"
        raise ApiError("RequestEntityTooLargeException", what, status=413)
    return b"".join(parts)


def _refuse_strangers(headers: Headers) -> None:
    host = headers.get("host", "").rsplit(":", 1)[0]
    if "origin" in headers or host not in _LOOPBACK:
        raise ApiError("AccessDeniedException", "this service answers programs on its own machine")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", "the request is not JSON") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def _send(send: Send, status: int, answer: Any) -> None:
    content = json.dumps(answer).encode()
    headers = [
        (b"content-type", JSON_1_1.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"x-amzn-requestid", str(uuid.uuid4()).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
