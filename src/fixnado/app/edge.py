"""The outermost layer of every request: names the instance, limits bodies, counts, misbehaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fixnado.app.faults import Fault
from fixnado.platform import problems
from fixnado.platform.errors import FixnadoError, TooLarge, WrongMediaType
from fixnado.platform.settings import BODY_LIMIT_BYTES
from fixnado.readiness.metrics import Metrics

BODY_WITHIN_S: Final = 30.0
"""How long a body may take to arrive: a megabyte at 35 kB/s. Who drips holds nothing for longer."""


class Edge:
    """Plain ASGI, because it sees every request and must cost next to nothing. `prepared` is what
    the application answers to a GET of those paths, made beforehand: thousands of them a second
    measure the way here, and not a framework."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        instance: str,
        version: str,
        metrics: Metrics,
        prepared: Mapping[str, bytes],
        fault: Fault,
        body_within_s: float = BODY_WITHIN_S,
    ) -> None:
        self._app = app
        self._prepared = {path: _Prepared(path, body) for path, body in prepared.items()}
        self._metrics = metrics
        self._fault = fault
        self.body_within_s = body_within_s
        self._stamp = [
            (b"x-fixnado-instance", instance.encode()),
            (b"x-fixnado-version", version.encode()),
            (b"x-content-type-options", b"nosniff"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *self._stamp]
            await send(message)

        try:
            await self._answer(scope, receive, stamped)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.observe(_method(scope), route, status, time.perf_counter() - began)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if _check_headers(scope):
                receive = _timely(receive, self.body_within_s)
            if await self._fault.strikes(scope["path"]):
                problem = problems.body(500, "Something went wrong", "a fault that was asked for")
                await problems.answer(problem)(scope, receive, send)
                return
        except FixnadoError as error:
            await _refuse(scope, receive, send, error)
            return
        prepared = self._prepared.get(scope["path"]) if scope["method"] == "GET" else None
        await (prepared or self._app)(scope, receive, send)


class _Prepared:
    """One answer, as JSON."""

    def __init__(self, path: str, body: bytes) -> None:
        self.path = path
        length = (b"content-length", str(len(body)).encode())
        headers = [length, (b"content-type", b"application/json")]
        self._start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
        self._body: Message = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        scope["route"] = self
        await send(dict(self._start))
        await send(self._body)


def _timely(receive: Receive, within_s: float) -> Receive:
    """`receive` with one deadline for the whole body: 408 after that, and the connection closed.

    It counts until the body is whole; who waits for a disconnection later may wait.
    """
    until = asyncio.get_running_loop().time() + within_s
    whole = False

    async def timely() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            words = f"the body did not arrive within {within_s:g} seconds"
            raise HTTPException(408, words, headers={"Connection": "close"}) from error
        whole = not message.get("more_body", False)
        return message

    return timely


def _check_headers(scope: Scope) -> bool:
    """Whether a body comes. Refuse by the headers alone, before a byte of it is read.

    A body that declares no length is counted by the framework as it comes.
    """
    headers: dict[bytes, bytes] = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > BODY_LIMIT_BYTES:
        raise TooLarge(f"a body may have {BODY_LIMIT_BYTES} bytes at most")
    has_body = length not in (b"0", b"") or b"transfer-encoding" in headers
    media_type = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if has_body and media_type != b"application/json":
        raise WrongMediaType("the body must be application/json")
    return has_body


async def _refuse(scope: Scope, receive: Receive, send: Send, error: FixnadoError) -> None:
    problem = problems.body(error.status, error.title, error.detail, path=scope["path"])
    headers = {**error.headers, "Connection": "close"}
    await problems.answer(problem, headers)(scope, receive, send)


def _method(scope: Scope) -> str:
    """A method is a label of the metrics, so an invented one must not make a new series."""
    method: str = scope["method"]
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return method if method in known else "OTHER"
