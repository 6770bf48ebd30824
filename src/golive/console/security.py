"""What every request passes first, and every answer carries.

A request names this console as its host; one that changes something comes from a page of ours
(`Origin`), and isn't longer than it may be. The size is judged by `Content-Length` before a byte
is read, and counted while bytes arrive, whatever was announced.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from golive.console.settings import ConsoleSettings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
INERT = "default-src 'none'; img-src 'self'; sandbox; frame-ancestors 'none'"
"""For what people have uploaded: no script, no form, no origin of its own."""

_HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: with it browsers send `Origin: null` on our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_SAFE = ("GET", "HEAD")


Tell = Callable[[int, str], str]
"""A page of ours that says so, for a status and its reason."""


class TooLong(Exception):
    """More bytes arrived than this address takes."""


class Guard:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, settings: ConsoleSettings, tell: Tell) -> None:
        self._app, self._settings, self._tell = app, settings, tell
        extra = {"strict-transport-security": "max-age=31536000"} if settings.secure else {}
        self._headers = [
            (name.encode(), value.encode()) for name, value in {**_HEADERS, **extra}.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        answer = self._dressed(send)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _say(answer, refusal[0], self._tell(*refusal))
            return
        await self._app(scope, _counted(receive, self._limit(str(scope["path"]))), answer)

    def _refusal(self, scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return 421, f"This console is at {self._settings.origin}."
        if scope["method"] in _SAFE:
            return None
        if scope["method"] != "POST":
            return 405, "Pages are asked for, and forms are sent; nothing else is taken."
        if not self._from_here(headers):
            return 403, "The form was not sent from a page of this console."
        announced = headers.get(b"content-length")
        limit = self._limit(str(scope["path"]))
        if announced is not None and (not announced.isdigit() or int(announced) > limit):
            return 413, f"At most {limit:,} bytes are taken here."
        return None

    def _is_ours(self, host: bytes) -> bool:
        return hmac.compare_digest(host.lower(), self._settings.authority.encode())

    def _from_here(self, headers: Mapping[bytes, bytes]) -> bool:
        origin = headers.get(b"origin", b"").lower()
        return hmac.compare_digest(origin, self._settings.origin.encode())

    def _limit(self, path: str) -> int:
        settings = self._settings
        return settings.upload_limit if path.endswith("/uploads") else settings.form_limit

    def _dressed(self, send: Send) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in self._headers if pair[0] not in given),
                ]
            await send(message)

        return answer


def _counted(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLong
        return message

    return count


async def _say(send: Send, status: int, text: str) -> None:
    """A refusal that was decided without reading the body: the connection ends with it."""
    body = text.encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
