"""One request to the marketplace, and every way in which it can go wrong, told without secrets."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from golive.kernel.errors import BadInput, PortError, Unreachable
from golive.kernel.json import Json, JsonObject
from golive.ports.marketplace import Refused

_KEPT = 2000
"""Characters of a wrong answer that go into the evidence."""
_LARGEST = 20_000_000
_ACCEPTED = "application/json, */*;q=0.5"
"""Exports and tables are no JSON."""
_SECRET_FIELD = re.compile(
    r'("(?:[a-z]*token|password|secret|authorization|cookie)"\s*:\s*)"(?:[^"\\]|\\.)*"?',
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer\s+|eyJ)[\w.~+/=-]{8,}", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """`body` is the parsed JSON, or None where the answer was none."""

    status: int
    body: Json
    text: str
    cookies: Mapping[str, str]
    where: str
    data: bytes = b""
    """The answer as it came, for what is hashed."""

    def object(self) -> JsonObject:
        """The body as an object; PortError, with the answer attached, where it isn't one."""
        if isinstance(self.body, Mapping):
            return self.body
        kind = "HTML" if self.text.lstrip()[:1] == "<" else "no JSON object"
        raise PortError(
            f"the answer is {kind}",
            where=self.where,
            hint="is this the service itself, or a proxy's page? check the target's URL and prefix",
            answer=redacted(self.text),
        )


class Wire:
    """HTTP to one base URL. Each request has a connection of its own, so that nothing stays open
    between steps and a latency includes what a newcomer waits for."""

    def __init__(self, url: str, ca: Path | None, timeout: float) -> None:
        """BadInput when `ca` is no PEM bundle."""
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._tls = _tls(ca)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> Reply:
        """Any status is a reply; no answer is Unreachable."""
        where = f"{method} {self.url}{path}"
        deadline = time.monotonic() + self._timeout
        accepts = {"Accept": _ACCEPTED, **(headers or {})}
        try:
            with (
                httpx.Client(verify=self._tls, timeout=self._timeout, trust_env=False) as client,
                client.stream(method, self.url + path, headers=accepts, json=body) as answer,
            ):
                data = _read(answer, deadline, where)
        except httpx.TimeoutException as error:
            raise Unreachable(
                f"no answer within {self._timeout:g} s", where=where, hint="is the instance up?"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unreachable(
                f"no answer: {str(error) or type(error).__name__}",
                where=where,
                hint="is the instance up, and does `ca` name the authority of its certificate?",
            ) from error
        cookies = {cookie.name: cookie.value or "" for cookie in answer.cookies.jar}
        text = data.decode("utf-8", "replace")
        return Reply(answer.status_code, _json(data), text, cookies, where, data)

    def succeed(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Json = None,
    ) -> Reply:
        """As `send`; any status but 2xx is Refused."""
        reply = self.send(method, path, headers=headers, body=body)
        if 200 <= reply.status < 300:
            return reply
        raise Refused(
            f"answered {reply.status}{_problem(reply.body)}",
            status=reply.status,
            where=reply.where,
            hint=_HINTS.get(reply.status, ""),
            answer=redacted(reply.text),
        )


_HINTS = {
    401: "the rehearsal account's credentials were not accepted: check the target's accounts",
    403: "the rehearsal account lacks the role that this route needs",
    404: "the route is not there: check the target's URL and prefix",
}


def redacted(text: str, *known: str) -> str:
    """The first part of `text` without the values in `known`, and without whatever calls itself a
    token, password or cookie."""
    for secret in known:
        text = text.replace(secret, "[redacted]") if secret else text
    text = _SECRET_FIELD.sub(r'\1"[redacted]"', text)
    return _BEARER.sub("[redacted]", text)[:_KEPT]


def _problem(body: Json) -> str:
    """`: title` of an `application/problem+json` (RFC 9457), where there is one."""
    if isinstance(body, Mapping):
        for name in ("detail", "title", "message", "error"):
            if isinstance(said := body.get(name), str) and said:
                return f": {redacted(said)[:200]}"
    return ""


def _read(answer: httpx.Response, deadline: float, where: str) -> bytes:
    """The whole answer. httpx times each read; `deadline` also ends an answer that drips."""
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > _LARGEST:
            raise PortError("the answer is larger than 20 MB", where=where)
        if time.monotonic() > deadline:
            raise Unreachable("the answer had not ended in time", where=where)
    return bytes(data)


def _json(data: bytes) -> Json:
    try:
        parsed: Json = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return parsed


def _tls(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except OSError as error:  # ssl.SSLError is one
            raise BadInput(
                f"the certificate authority can't be read: {error.strerror or error}",
                where=str(ca),
                hint="it must be a PEM file",
            ) from error
    return context
