"""Plain HTTP by httpx."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from golive.kernel.errors import BadInput, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.http import HttpAnswer


class HttpxClient:
    """`golive.ports.http.Http`. Every request has its own connection: nothing stays open between
    steps, and a latency includes what a newcomer would wait for."""

    def __init__(self, ca: Path | None, fidelity: Fidelity) -> None:
        """`ca` is a PEM bundle trusted besides the system's own; BadInput when it isn't one."""
        self.fidelity = fidelity
        self._tls = _tls(ca)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
        limit: int = 10_000_000,
    ) -> HttpAnswer:
        began = time.monotonic()
        where = f"{method} {_without_secrets(url)}"
        try:
            with (
                httpx.Client(verify=self._tls, timeout=timeout, trust_env=False) as client,
                client.stream(method, url, headers=dict(headers), content=body) as answer,
            ):
                data = _read(answer, limit, began + timeout, where)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeEncodeError) as error:
            raise PortError(f"this can't be requested: {error}", where=where) from error
        except httpx.TimeoutException as error:
            raise _too_slow(where, timeout) from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise Unreachable(f"no answer: {why}", where=where) from error
        except ValueError as error:
            raise PortError(f"this can't be sent: {error}", where=where) from error
        plain = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status_code, plain, data, time.monotonic() - began)


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


def _read(answer: httpx.Response, limit: int, deadline: float, where: str) -> bytes:
    """At most `limit` bytes. httpx times each read; `deadline` also ends an answer that drips."""
    kept = bytearray()
    for chunk in answer.iter_bytes():
        kept += chunk
        if len(kept) >= limit:
            break
        if time.monotonic() > deadline:
            raise Unreachable("the answer had not ended in time", where=where)
    return bytes(kept[:limit])


def _too_slow(where: str, timeout: float) -> Unreachable:
    return Unreachable(f"no answer within {timeout:g} s", where=where)


def _without_secrets(url: str) -> str:
    """`url` without user information, query and fragment: each may carry a credential."""
    bare = url.split("#", 1)[0].split("?", 1)[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"
