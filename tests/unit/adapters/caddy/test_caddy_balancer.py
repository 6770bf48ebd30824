"""Where a Caddy's listeners are bound and lead, and what it can't say."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.caddy import CaddyBalancer, sockets
from golive.kernel.errors import PortError, Unreachable
from golive.ports.balancer import Role
from golive.ports.target import ListenerConfig

SIDES = {"green": "http://10.0.0.1:80", "blue": "http://10.0.0.2:80"}
LISTENERS = ListenerConfig(production="https://127.0.0.1", validation="https://127.0.0.1:9443")


def server(listen: str, *dials: str, weights: list[int] | None = None) -> dict[str, Any]:
    handler: dict[str, Any] = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial} for dial in dials],
    }
    if weights:
        policy = {"policy": "weighted_round_robin", "weights": weights}
        handler["load_balancing"] = {"selection_policy": policy}
    return {"listen": [listen], "routes": [{"handle": [handler]}]}


def configuration(*servers: dict[str, Any]) -> bytes:
    named = {f"srv{number}": one for number, one in enumerate(servers)}
    return json.dumps({"apps": {"http": {"servers": named}}}).encode()


BOTH = ("10.0.0.1:80", "10.0.0.2:80")
ONE_CADDY = configuration(
    server(":443", *BOTH, weights=[3, 1]),
    server("tcp/127.0.0.1:9443", "10.0.0.2:80"),
    server(":80", "10.9.9.9:80"),
)


def balancer(url: str, **changes: Any) -> CaddyBalancer:
    return CaddyBalancer(url, **{"sides": SIDES, "listeners": LISTENERS, **changes})


def test_one_caddy_says_everything_itself(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(body=ONE_CADDY)
    found = {one.role: dict(one.shares) for one in balancer(server.url).listeners()}
    assert found == {
        Role.PRODUCTION: {"green": 75.0, "blue": 25.0},
        Role.VALIDATION: {"blue": 100.0},
    }


@pytest.mark.parametrize(
    ("bound", "public"),
    [(["127.0.0.1", "::1"], False), (["127.0.0.1", "198.51.100.7"], True), (["::"], True)],
    ids=str,
)
def test_where_it_is_bound_is_the_kernels_word(
    server: Any, answer: Any, bound: list[str], public: bool
) -> None:
    """Its own configuration says loopback in all of them."""
    server.respond = lambda _: answer(body=ONE_CADDY)
    (found,) = balancer(server.url, bound=lambda _: bound).exposures()
    assert found.public is public
    assert found.raw["bound"] == bound


def test_a_port_that_nobody_listens_on_is_neither_open_nor_closed(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(body=ONE_CADDY)
    with pytest.raises(PortError, match="nobody listens"):
        balancer(server.url, bound=lambda _: []).exposures()


@pytest.mark.parametrize(
    ("host", "public"), [("10.1.2.3", False), ("[fd00::1]", False), ("8.8.8.8", None)]
)
def test_elsewhere_private_addresses_are_closed_and_public_ones_unknown(
    server: Any, answer: Any, host: str, public: bool | None
) -> None:
    server.respond = lambda _: answer(body=ONE_CADDY)
    listeners = ListenerConfig(production="https://a.invalid", validation=f"https://{host}:9443")
    (found,) = balancer(server.url, listeners=listeners).exposures()
    assert found.public is public


def test_a_name_that_nobody_knows_is_a_port_error(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(body=ONE_CADDY)
    listeners = ListenerConfig(production="https://a.invalid", validation="https://b.invalid:9443")
    with pytest.raises(PortError, match="resolved"):
        balancer(server.url, listeners=listeners).exposures()


@pytest.mark.parametrize("content", [None, "{"])
def test_a_front_without_a_configuration_is_a_port_error(
    server: Any, answer: Any, tmp_path: Path, content: str | None
) -> None:
    server.respond = lambda _: answer(body=ONE_CADDY)
    front = tmp_path / "front.json"
    if content is not None:
        front.write_text(content)
    with pytest.raises(PortError, match="no configuration") as caught:
        balancer(server.url, front=front).listeners()
    assert "caddy_front" in caught.value.hint


def test_an_answer_of_another_shape_leads_nowhere(server: Any, answer: Any) -> None:
    for body in (b"null", b"[]", b'{"apps": {"http": {"servers": [1]}}}'):
        server.respond = lambda _, body=body: answer(body=body)
        assert balancer(server.url).listeners() == []
        assert balancer(server.url).exposures() == []


def test_nobody_there_is_unreachable() -> None:
    for ask in (balancer("http://127.0.0.1:9").listeners, balancer("http://127.0.0.1:9").exposures):
        with pytest.raises(Unreachable):
            ask()


# -- sockets ------------------------------------------------------------------------------------


def test_a_real_socket_is_found_where_it_is_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as real:
        port = real.getsockname()[1]
        assert sockets.bound(port) == ["127.0.0.1"]
        assert sockets.answering(port, ["127.0.0.1", "::1", "127.0.0.1"]) == ["127.0.0.1"]
    assert sockets.bound(port) == []
    assert sockets.answering(port, ["127.0.0.1"]) == []


def test_the_kernels_table_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Words in the machine's own order; only what listens, and on that port."""
    order = sys.byteorder
    loopback = "0100007F" if order == "little" else "7F000001"
    six = "0" * 24 + ("01000000" if order == "little" else "00000001")
    mapped = "0" * 16 + ("FFFF0000" if order == "little" else "0000FFFF") + loopback
    rows = [
        ("00000000:24E3", "0A"),  # 9443, every interface
        (f"{loopback}:24E3", "01"),  # a connection
        (f"{loopback}:0050", "0A"),
        (f"{six}:24E3", "0A"),
        (f"{mapped}:24E3", "0A"),
    ]
    lines = [f" {n}: {local} 00000000:0000 {state} 0 0 0" for n, (local, state) in enumerate(rows)]
    table = tmp_path / "tcp"
    table.write_text("  sl  local_address rem_address st\n" + "\n".join(lines) + "\n")
    gone = tmp_path / "gone"
    assert sockets.bound(9443, (table, gone)) == ["0.0.0.0", "127.0.0.1", "::1"]
