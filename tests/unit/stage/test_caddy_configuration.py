"""What the two halves of the proxy are told."""

from __future__ import annotations

import json
import subprocess
from math import gcd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.stage import caddy
from golive.stage.addresses import PREFERRED
from golive.stage.balancer import AT_REST, Traffic, kept
from golive.stage.settings import SIDES

PORTS = {name: 10_000 + number for number, name in enumerate(PREFERRED)}


@given(share=st.integers(0, 100))
def test_weights_survive_being_written_as_turns(share: int) -> None:
    weights = {"green": 100.0 - share, "blue": float(share)}
    parts = caddy.turns(weights)
    assert gcd(*parts) == 1
    assert caddy.percentages(parts) == pytest.approx(weights)


def test_a_tenth_is_one_turn_in_ten() -> None:
    assert caddy.turns({"green": 90.0, "blue": 10.0}) == [9, 1]
    assert caddy.turns({"green": 100.0}) == [1, 0]


@pytest.mark.parametrize("half", ["listener", "balancer"])
def test_caddy_itself_finds_nothing_wrong_with_it(tmp_path: Path, half: str) -> None:
    configuration = (
        caddy.listener(PORTS, tmp_path)
        if half == "listener"
        else caddy.balancer(PORTS, tmp_path, AT_REST.weights, AT_REST.validation)
    )
    file = tmp_path / "caddy.json"
    file.write_text(json.dumps(configuration))
    done = subprocess.run(
        [str(caddy.binary()), "validate", "--config", str(file)],
        env={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


def test_everything_listens_on_the_loopback_and_reaches_nothing_else(tmp_path: Path) -> None:
    both = [
        caddy.listener(PORTS, tmp_path),
        caddy.balancer(PORTS, tmp_path, AT_REST.weights, AT_REST.validation),
    ]
    text = json.dumps(both)
    listens = [word for word in text.replace('"', " ").split() if ":" in word and "1" in word]
    addresses = [word for word in listens if word.rsplit(":", 1)[-1].isdigit()]
    assert addresses
    assert all(word.startswith("127.0.0.1:") for word in addresses)
    assert {word for word in text.replace('"', " ").split() if word.startswith("unix/")} == {
        "unix/admin.sock|0600",
        "unix/production.sock",
        "unix/validation.sock",
    }
    assert '"install_trust": false' in text
    assert '"disable_ocsp_stapling": true' in text
    assert "acme" not in text


def test_validation_has_one_side_and_production_both(tmp_path: Path) -> None:
    text = json.dumps(caddy.balancer(PORTS, tmp_path, AT_REST.weights, "blue"))
    assert text.count(f"127.0.0.1:{PORTS['blue']}") == 2
    assert text.count(f"127.0.0.1:{PORTS['green']}") == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"weights": {}}',
        '{"weights": {"green": 0, "blue": 0}, "validation": "blue"}',
    ],
)
def test_weights_that_can_not_be_read_are_the_beginnings(tmp_path: Path, content: str) -> None:
    file = tmp_path / "traffic.json"
    assert kept(file) == AT_REST
    file.write_text(content)
    assert kept(file) == AT_REST


def test_the_primary_is_whoever_has_most() -> None:
    assert Traffic({"green": 40.0, "blue": 60.0}, "blue").primary == "blue"
    assert Traffic({"green": 50.0, "blue": 50.0}, "blue").primary == "green"
    assert SIDES == ("green", "blue")


def test_an_instance_is_told_by_the_listener_who_asks_and_how(tmp_path: Path) -> None:
    """Cookies are marked for TLS by it, and attempts to sign in are counted by it."""
    balancer = caddy.balancer(PORTS, tmp_path, AT_REST.weights, AT_REST.validation)
    servers = json.loads(json.dumps(balancer))["apps"]["http"]["servers"]
    assert {one["trusted_proxies_unix"] for one in servers.values()} == {True}
    assert "trusted_proxies" not in json.dumps(caddy.listener(PORTS, tmp_path))
