"""Ports are chosen free and kept."""

from __future__ import annotations

import socket

import pytest

from golive.kernel.errors import GoliveError
from golive.stage import addresses
from stage_world.ports import free_ports

NAMES = tuple(addresses.PREFERRED)


def test_kept_ports_come_first() -> None:
    wanted = free_ports(NAMES)
    assert addresses.choose(wanted, insist=False) == wanted


def test_a_taken_port_is_replaced_and_the_others_stay() -> None:
    wanted = dict(free_ports(NAMES))
    with socket.create_server(("127.0.0.1", wanted["green"])):
        chosen = addresses.choose(wanted, insist=False)
    assert chosen["green"] != wanted["green"]
    assert {name: chosen[name] for name in NAMES if name != "green"} == {
        name: wanted[name] for name in NAMES if name != "green"
    }
    assert len(set(chosen.values())) == len(NAMES)


def test_insisting_takes_the_preferred_ones_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    preferred = free_ports(tuple(addresses.PREFERRED))
    monkeypatch.setattr(addresses, "PREFERRED", preferred)
    chosen = addresses.choose({"green": 1}, insist=True)
    assert {name: chosen[name] for name in preferred} == preferred
    with (
        socket.create_server(("127.0.0.1", preferred["validation"])),
        pytest.raises(GoliveError, match="insists on it for validation"),
    ):
        addresses.choose({}, insist=True)


def test_who_lost_a_race_takes_other_ports_than_the_preferred() -> None:
    chosen = addresses.choose({}, insist=False, prefer=False)
    assert not set(chosen.values()) & set(addresses.PREFERRED.values())
    assert len(set(chosen.values())) == len(chosen)
