"""`golive.ports.balancer.Balancer` over a Caddy, or over two that stand one behind the other."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from golive.adapters.caddy import sockets
from golive.adapters.caddy.admin import Admin, dial, dials, handlers, servers, shares
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.ports.balancer import Exposure, Listener, Role
from golive.ports.target import ListenerConfig

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class CaddyBalancer:
    """Where it sends comes from the admin API of the Caddy with the weights. `front` is the
    configuration of another one before it, which holds the clients' connections. `listeners` says
    which ports are whose; `sides` as in `CaddyTraffic`; `bound` tells a port's addresses on this
    machine."""

    def __init__(
        self,
        admin: str,
        *,
        sides: Mapping[str, str],
        listeners: ListenerConfig,
        front: Path | None = None,
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 5.0,
        bound: Callable[[int], Sequence[str]] = sockets.bound,
    ) -> None:
        self.fidelity = fidelity
        self._admin = Admin(admin, timeout)
        self._dials = {dial(url): side for side, url in sides.items()}
        self._listeners, self._front, self._bound = listeners, front, bound

    def listeners(self) -> Sequence[Listener]:
        """What the front hands on is counted once, as the front's."""
        reached = _reached(self._admin.configuration(), self._sides)
        if self._front is not None:
            inner = {_port(where): found for where, found in reached.items()}
            front = self._read(self._front)
            handed = {_port(one) for handler in handlers(front) for one in dials(handler)}
            before = _reached(
                front, lambda one: _highest(inner.get(_port(to), {}) for to in dials(one))
            )
            own = {where: found for where, found in reached.items() if _port(where) not in handed}
            reached = {**own, **before}
        return [
            Listener(name=where, port=int(_port(where)), role=self._role(where), shares=found)
            for where, found in reached.items()
            if found
        ]

    def exposures(self) -> Sequence[Exposure]:
        """Of a listener on this machine, the kernel says where it is bound."""
        return [self._exposure(one.name) for one in self.listeners() if one.role is Role.VALIDATION]

    def targets(self) -> Mapping[str, Mapping[str, int]]:
        """A Caddy that is not told to check them watches nobody's health."""
        return {}

    # -- small parts ----------------------------------------------------------------------------

    def _sides(self, handler: Mapping[str, Any]) -> Mapping[str, float]:
        found: dict[str, float] = {}
        behind = dials(handler)
        if not set(behind) & set(self._dials):
            return {}
        for one, share in zip(behind, shares(handler, self._admin.url), strict=True):
            if one in self._dials and share > 0:
                side = self._dials[one]
                found[side] = found.get(side, 0.0) + share
        return found

    def _read(self, file: Path) -> Any:
        try:
            return json.loads(file.read_bytes())
        except (OSError, ValueError) as error:
            raise PortError(
                f"no configuration of a Caddy: {error}",
                where=str(file),
                hint="correct `traffic.caddy_front` in the target file",
            ) from error

    def _role(self, where: str) -> Role:
        named = {dial(self._listeners.production).rpartition(":")[2]: Role.PRODUCTION}
        if self._listeners.validation:
            named[dial(self._listeners.validation).rpartition(":")[2]] = Role.VALIDATION
        return named.get(_port(where), Role.OTHER)

    def _exposure(self, where: str) -> Exposure:
        host = urlsplit(self._listeners.validation or "").hostname or ""
        raw: JsonObject = {"configured": where, "validation": self._listeners.validation}
        if host in _LOOPBACK:
            addresses = self._bound(int(_port(where)))
            if not addresses:
                raise PortError("nobody listens there on this machine", where=where)
            outside = [one for one in addresses if not ip_address(one).is_loopback]
            why = f"bound to {', '.join(addresses)} of this machine"
            return Exposure(where, bool(outside), why, {**raw, "bound": list(addresses)})
        addresses = _resolved(host)
        private = all(not ip_address(one).is_global for one in addresses)
        why = f"{host} is {', '.join(addresses)}: " + (
            "private addresses" if private else "whether a firewall closes it, Caddy can't tell"
        )
        return Exposure(where, False if private else None, why, {**raw, "names": list(addresses)})


def _reached(
    configuration: Any, leads: Callable[[Mapping[str, Any]], Mapping[str, float]]
) -> dict[str, Mapping[str, float]]:
    """Each address that a server listens on → the sides that it leads to, by what `leads` says of
    a proxy handler."""
    reached: dict[str, Mapping[str, float]] = {}
    for server in servers(configuration):
        found = _highest(leads(handler) for handler in handlers(server.get("routes")))
        reached |= dict.fromkeys(map(str, server.get("listen") or ()), found)
    return reached


def _highest(ways: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    most: dict[str, float] = {}
    for one in ways:
        for side, share in one.items():
            most[side] = max(share, most.get(side, 0.0))
    return most


def _port(where: str) -> str:
    """Of `tcp/127.0.0.1:9443`, `:9443` or `127.0.0.1:9443`."""
    return where.rpartition(":")[2]


def _resolved(host: str) -> Sequence[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:  # a name
        pass
    try:
        known = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PortError(f"the listener's name can't be resolved: {error}", where=host) from error
    return sorted({str(one[4][0]).partition("%")[0] for one in known})
