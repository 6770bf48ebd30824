"""Weights as the proxy has them, and answers that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive.adapters.caddy import CaddyTraffic
from golive.kernel.errors import PortError, Unreachable

SIDES = {"green": "http://127.0.0.1:9001", "blue": "http://10.0.0.2"}


def proxy(weights: list[int] | None, dials: tuple[str, ...]) -> dict[str, Any]:
    handler: dict[str, Any] = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": dial} for dial in dials],
    }
    if weights is not None:
        policy = {"policy": "weighted_round_robin", "weights": weights}
        handler["load_balancing"] = {"selection_policy": policy}
    return handler


def configuration(*handlers: dict[str, Any]) -> bytes:
    """The handlers under a subroute, as a Caddyfile puts them."""
    routes = [{"handle": [{"handler": "subroute", "routes": [{"handle": list(handlers)}]}]}]
    return json.dumps({"apps": {"http": {"servers": {"srv0": {"routes": routes}}}}}).encode()


BOTH = ("10.0.0.2:80", "127.0.0.1:9001")


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1, 9], {"blue": 10.0, "green": 90.0}),
        ([0, 1], {"blue": 0.0, "green": 100.0}),
        (None, {"blue": 50.0, "green": 50.0}),
    ],
)
def test_the_handler_with_both_sides_is_the_balancer(
    server: Any, answer: Any, weights: list[int] | None, expected: dict[str, float]
) -> None:
    other = proxy(None, ("127.0.0.1:9001",))
    server.respond = lambda _: answer(body=configuration(other, proxy(weights, BOTH)))
    assert CaddyTraffic(server.url, sides=SIDES).weights() == expected


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"null",
        b"[]",
        configuration(proxy([1], ("127.0.0.1:9001",))),
        configuration(proxy([1], BOTH)),
        configuration(proxy([0, 0], BOTH)),
    ],
    ids=["html", "null", "list", "one-side", "short-weights", "no-weight"],
)
def test_an_answer_that_tells_no_weights_is_a_port_error(
    server: Any, answer: Any, body: bytes
) -> None:
    server.respond = lambda _: answer(body=body)
    with pytest.raises(PortError):
        CaddyTraffic(server.url, sides=SIDES).weights()


def test_a_refusal_is_a_port_error(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(status=403, body=b"no")
    with pytest.raises(PortError, match="403"):
        CaddyTraffic(server.url, sides=SIDES).weights()


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no answer"):
        CaddyTraffic("http://127.0.0.1:9", sides=SIDES).weights()
