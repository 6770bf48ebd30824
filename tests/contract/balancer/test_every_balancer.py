"""What a `Balancer` and the `Traffic` beside it keep to, whatever shares the requests out."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from aws_world import ANYBODY, OFFICE, Shop
from golive.adapters.caddy import CaddyBalancer, CaddyTraffic
from golive.adapters.memory import MemoryTarget
from golive.kernel.doors import SCHEME, DoorConnection
from golive.kernel.fidelity import Fidelity
from golive.ports.balancer import Balancer, Role
from golive.ports.deployer import Traffic
from golive.ports.target import ListenerConfig
from golive.stage import caddy
from golive.stage.layout import write_json
from stage_world import bench
from stage_world.ports import free_ports


@dataclass
class Place:
    """A balancer with green in production and blue on the validation listener."""

    balancer: Balancer
    traffic: Traffic
    shift: Callable[[Mapping[str, int]], None]
    stray: Callable[[], None]
    """Another listener leads to blue."""
    open: Callable[[], None]
    """The world reaches the validation listener."""


def memory(_: Path, __: ExitStack) -> Place:
    world = MemoryTarget()
    target = world.build()
    assert target.balancer is not None and target.traffic is not None
    place = Place(
        target.balancer,
        target.traffic,
        lambda weights: world.world.move({side: float(one) for side, one in weights.items()}),
        lambda: setattr(place, "balancer", MemoryTarget(strays=True).balancer),
        lambda: setattr(place, "balancer", MemoryTarget(exposed=True).balancer),
    )
    return place


def stage(folder: Path, stack: ExitStack) -> Place:
    """The balancer's half is a real Caddy; of the listener's half its configuration is there, and a
    socket on each of its ports."""
    proxy = stack.enter_context(bench.proxy(folder))
    outer: dict[str, Any] = dict(free_ports(("production", "validation")))
    ports = {**proxy.ports, **outer}
    for port in outer.values():
        stack.enter_context(socket.create_server(("127.0.0.1", port)))
    front = folder / "listener.json"
    write_json(front, caddy.listener(ports, folder / "store"))
    admin = f"{SCHEME}{folder / 'admin.sock'}"
    sides = {side: f"http://127.0.0.1:{ports[side]}" for side in ("green", "blue")}
    listeners = ListenerConfig(
        production=f"https://127.0.0.1:{ports['production']}",
        validation=f"https://127.0.0.1:{ports['validation']}",
    )

    def made(**more: Any) -> CaddyBalancer:
        return CaddyBalancer(
            admin, sides=sides, listeners=listeners, front=front, fidelity=Fidelity.LOCAL, **more
        )

    def stray() -> None:
        (port,) = free_ports(("stray",)).values()
        handler = {"handler": "reverse_proxy", "upstreams": caddy.upstreams([ports["blue"]])}
        server = {"listen": [f"127.0.0.1:{port}"], "routes": [{"handle": [handler]}]}
        connection = DoorConnection(folder / "admin.sock", timeout=10)
        told = {"Content-Type": "application/json"}
        connection.request("PUT", "/config/apps/http/servers/stray", json.dumps(server), told)
        assert connection.getresponse().status == 200
        connection.close()

    place = Place(
        made(),
        CaddyTraffic(admin, sides=sides),
        lambda weights: proxy.balancer.shift({side: float(one) for side, one in weights.items()}),
        stray,
        lambda: setattr(place, "balancer", made(bound=lambda _: ["0.0.0.0"])),
    )
    return place


def aws(_: Path, stack: ExitStack) -> Place:
    stack.enter_context(mock_aws())
    shop = Shop()
    shop.allow(IpRanges=[OFFICE])
    port = shop.port()
    return Place(
        port,
        port,
        lambda weights: shop.shift(**weights),
        lambda: shop.reached_at(80, blue=1),
        lambda: shop.allow(IpRanges=[ANYBODY]),
    )


KINDS = (memory, stage, aws)


@pytest.fixture(params=KINDS, ids=[one.__name__ for one in KINDS])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    make: Callable[[Path, ExitStack], Place] = request.param
    with ExitStack() as stack:
        yield make(tmp_path, stack)


def shares(place: Place) -> dict[str, Mapping[str, float]]:
    return {one.role.value: dict(one.shares) for one in place.balancer.listeners()}


def test_listeners_say_where_they_send_as_the_traffic_does(place: Place) -> None:
    assert shares(place) == {"production": {"green": 100.0}, "validation": {"blue": 100.0}}
    assert place.traffic.weights() == {"green": 100.0, "blue": 0.0}
    place.shift({"green": 75, "blue": 25})
    assert shares(place)["production"] == {"green": 75.0, "blue": 25.0}
    assert place.traffic.weights() == {"green": 75.0, "blue": 25.0}
    assert all(one.port and one.name for one in place.balancer.listeners())


def test_another_listener_that_leads_to_the_incoming_side_is_seen(place: Place) -> None:
    place.stray()
    (found,) = [one for one in place.balancer.listeners() if one.role is Role.OTHER]
    assert found.shares == {"blue": 100.0}


def test_a_closed_validation_listener_turns_open(place: Place) -> None:
    (closed,) = place.balancer.exposures()
    assert (closed.public, bool(closed.why)) == (False, True)
    place.open()
    (opened,) = place.balancer.exposures()
    assert opened.public is True
    assert opened.why != closed.why
    json.dumps(opened.raw)


def test_targets_are_counted_by_side(place: Place) -> None:
    assert set(place.balancer.targets()) in ({"green", "blue"}, set())
