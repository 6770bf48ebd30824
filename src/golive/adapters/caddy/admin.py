"""A Caddy's configuration as it is now, and how its proxy handlers share requests out."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from golive.kernel.bounded import bounded
from golive.kernel.doors import SCHEME, reachable
from golive.kernel.errors import PortError, Unreachable

_ATTEMPTS = 5
_PAUSE = 0.02
_LARGEST = 50_000_000


class Admin:
    """`GET {url}/config/`. `unix://` and a path is an admin API on a Unix socket."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url, self._timeout = url.rstrip("/"), timeout
        self._tls = ssl.create_default_context()
        """Once: httpx would read every authority again at each call, for 40 ms of work."""

    def configuration(self) -> Any:
        where = f"{self.url}/config/"
        status, data = self._get(where)
        try:
            if status == 200:
                return json.loads(data)
        except (ValueError, RecursionError):
            pass
        raise PortError(
            f"answered {status}, and no configuration",
            where=where,
            answer=data[:500].decode(errors="replace"),
        )

    def _get(self, where: str) -> tuple[int, bytes]:
        """Caddy replaces its admin server at every change, and cuts off who is connected to the
        old one: ask again before calling it unreachable."""
        last: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return self._once(where)
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                last = error
                time.sleep(_PAUSE)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                last = error
                break
        raise Unreachable(
            f"no answer: {str(last) or type(last).__name__}",
            where=where,
            hint="is Caddy up, and its admin API there?",
        ) from last

    def _once(self, where: str) -> tuple[int, bytes]:
        if not self.url.startswith(SCHEME):
            return self._read(httpx.HTTPTransport(verify=self._tls), where, where)
        with reachable(Path(self.url.removeprefix(SCHEME))) as address:
            way = httpx.HTTPTransport(uds=address, verify=self._tls)
            return self._read(way, "http://127.0.0.1/config/", where)

    def _read(self, way: httpx.HTTPTransport, url: str, where: str) -> tuple[int, bytes]:
        with (
            httpx.Client(transport=way, timeout=self._timeout, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            deadline = time.monotonic() + self._timeout
            return answer.status_code, bounded(answer.iter_bytes(), _LARGEST, deadline, where)


def handlers(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every reverse proxy in a configuration, however deep."""
    if isinstance(node, Mapping):
        if node.get("handler") == "reverse_proxy":
            yield node
        for value in node.values():
            yield from handlers(value)
    elif isinstance(node, list):
        for value in node:
            yield from handlers(value)


def servers(configuration: Any) -> Iterator[Mapping[str, Any]]:
    """Its HTTP servers, each with what it listens on."""
    node = configuration
    for name in ("apps", "http", "servers"):
        node = node.get(name) if isinstance(node, Mapping) else None
    for one in node.values() if isinstance(node, Mapping) else ():
        if isinstance(one, Mapping):
            yield one


def dials(handler: Mapping[str, Any]) -> Sequence[str]:
    """Where a proxy handler sends requests to, as `host:port`."""
    return [str(one.get("dial", "")) for one in handler.get("upstreams") or ()]


def shares(handler: Mapping[str, Any], where: str) -> Sequence[float]:
    """One for each upstream, in percent: equal where the handler names no weights, as Caddy has
    it. PortError where its weights fit no upstreams."""
    count = len(dials(handler))
    balancing = handler.get("load_balancing") or {}
    policy = balancing.get("selection_policy") or {}
    parts = [1.0] * count
    if policy.get("policy") == "weighted_round_robin":
        parts = [float(weight) for weight in policy.get("weights") or ()]
        if len(parts) != count or sum(parts) <= 0:
            raise PortError(f"weights that fit no upstreams: {parts}", where=where)
    return [100.0 * part / sum(parts) for part in parts]


def dial(url: str) -> str:
    """`host:port` of `url`, as an upstream is written."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}"
