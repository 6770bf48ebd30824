"""What a Caddy in front of both sides does now, read from its admin API."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity

_ATTEMPTS = 5
_PAUSE = 0.02


class CaddyTraffic:
    """`golive.ports.deployer.Traffic` over `GET {admin}/config/`.

    `sides` maps a side to the URL of its instance: the balancer is the one proxy handler whose
    upstreams are all of them. Equal shares where it names no weights, as Caddy gives them.
    """

    def __init__(
        self,
        admin: str,
        *,
        sides: Mapping[str, str],
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 5.0,
    ) -> None:
        self.fidelity = fidelity
        self._admin = admin.rstrip("/")
        self._dials = {_dial(url): side for side, url in sides.items()}
        self._timeout = timeout
        self._tls = ssl.create_default_context()
        """Once: httpx would read every authority again at each call, for 40 ms of work."""

    def weights(self) -> Mapping[str, float]:
        """PortError where no proxy handler has exactly these sides behind it."""
        for handler in _handlers(self._configuration()):
            dials = [str(one.get("dial", "")) for one in handler.get("upstreams") or ()]
            if sorted(dials) == sorted(self._dials):
                shares = self._shares(handler, len(dials))
                total = sum(shares)
                return {
                    self._dials[dial]: 100.0 * share / total
                    for dial, share in zip(dials, shares, strict=True)
                }
        known = ", ".join(sorted(self._dials))
        raise PortError(
            f"no proxy with {known} behind it",
            where=self._admin,
            hint="`traffic.caddy_admin` must be the Caddy that both sides' URLs are upstreams of",
        )

    def _shares(self, handler: Mapping[str, Any], count: int) -> list[float]:
        balancing = handler.get("load_balancing") or {}
        policy = balancing.get("selection_policy") or {}
        if policy.get("policy") != "weighted_round_robin":
            return [1.0] * count
        shares = [float(weight) for weight in policy.get("weights") or ()]
        if len(shares) != count or sum(shares) <= 0:
            raise PortError(f"weights that fit no upstreams: {shares}", where=self._admin)
        return shares

    def _configuration(self) -> Any:
        where = f"{self._admin}/config/"
        answer = self._get(where)
        try:
            if answer.status_code == 200:
                return answer.json()
        except ValueError:
            pass
        raise PortError(
            f"answered {answer.status_code}, and no configuration",
            where=where,
            answer=answer.text[:500],
        )

    def _get(self, where: str) -> httpx.Response:
        """Caddy replaces its admin server at every change, and cuts off who is connected to the
        old one: ask again before calling it unreachable."""
        last: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return httpx.get(where, timeout=self._timeout, trust_env=False, verify=self._tls)
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                last = error
                time.sleep(_PAUSE)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                last = error
                break
        raise Unreachable(
            f"no answer: {str(last) or type(last).__name__}",
            where=where,
            hint="is Caddy up, and its admin API there?",
        ) from last


def _handlers(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every reverse proxy in a configuration, however deep."""
    if isinstance(node, Mapping):
        if node.get("handler") == "reverse_proxy":
            yield node
        for value in node.values():
            yield from _handlers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _handlers(value)


def _dial(url: str) -> str:
    """`host:port` of `url`, as an upstream is written."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}"
