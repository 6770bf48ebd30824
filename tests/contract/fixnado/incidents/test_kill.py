"""Real processes, killed in the middle of a delivery. What was promised arrives, and once."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from fixnado.platform.database import Database
from fixnado_world import email
from fixnado_world.accounts import PASSWORD
from helpdesk_world import DeskProcess

Desks = Callable[..., DeskProcess]
Until = Callable[..., None]


class Process:
    """`python -m fixnado serve` with a help desk."""

    def __init__(self, folder: Path, url: str, desk: DeskProcess, instance: str) -> None:
        secret = folder / "secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(32))
        self.popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "fixnado", "serve", "--database", url, "--port", "0"),
                *("--instance", instance, "--runtime", str(folder / instance)),
                *("--secret-file", str(secret), *desk.arguments()),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.popen.stdout
        self.url = self.popen.stdout.readline().rpartition(" ")[2].strip()

    def login(self) -> httpx.Client:
        body = {"email": email("support"), "password": PASSWORD, "clientType": "mobile"}
        answer = httpx.post(f"{self.url}/v1/auth/login", json=body).raise_for_status()
        token = answer.json()["tokens"]["accessToken"]
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )

    def kill(self) -> None:
        """Also when it is dead already."""
        self.popen.kill()
        self.popen.wait(10)
        assert self.popen.stdout
        self.popen.stdout.close()


@pytest.fixture
def serve(url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def begin(desk: DeskProcess, instance: str) -> Process:
        running.append(Process(tmp_path, url, desk, instance))
        return running[-1]

    yield begin
    for one in running:
        one.kill()


def _escalate(client: httpx.Client) -> str:
    new = {"severity": "SEV1", "title": "Payouts stand still"}
    made: str = client.post("/v1/incidents", json=new).raise_for_status().json()["id"]
    url = f"/v1/incidents/{made}/escalate"
    client.post(url, json={"reason": "Nobody answers"}).raise_for_status()
    return made


def _parcels(url: str) -> list[dict[str, Any]]:
    database = Database(url)
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM outbox ORDER BY number")).mappings()
        found = [dict(row) for row in rows]
    database.close()
    return found


def _lapse(url: str) -> None:
    """Let the dead instance's lease be over, instead of waiting for it."""
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET claimed_until = posted_at"))
    database.close()


@pytest.mark.parametrize(
    ("kind", "reached"),
    [
        ("sqlite", "conversations"),
        ("postgres", "messages"),
        pytest.param("sqlite", "messages", marks=pytest.mark.endurance),
        pytest.param("postgres", "conversations", marks=pytest.mark.endurance),
    ],
    indirect=["kind"],
)
def test_killed_after_the_help_desk_did_it_and_before_it_was_noted(
    serve, desk: Desks, until: Until, url: str, reached: str
) -> None:
    there = desk("--slow", "0.7")
    first = serve(there, "blue")
    with first.login() as client:
        _escalate(client)
        # the stand-in has done it and is still about to say so
        until(lambda: there.found()["counts"][reached] == 1)
        first.kill()
    (parcel,) = _parcels(url)
    assert parcel["settled_at"] is None
    assert parcel["claim"] is not None
    there.stop()
    back = desk(port=there.port)
    _lapse(url)
    serve(back, "green")
    until(lambda: _parcels(url)[0]["settled_at"] is not None)
    assert back.found()["counts"] == {"contacts": 1, "conversations": 1, "messages": 1}
    assert _parcels(url)[0]["attempts"] == 2


@pytest.mark.endurance
def test_the_lease_of_a_dead_instance_lapses_by_itself(
    serve, desk: Desks, until: Until, url: str
) -> None:
    there = desk("--slow", "0.5")
    first, second = serve(there, "blue"), serve(there, "green")
    with first.login() as client:
        _escalate(client)
    until(lambda: _parcels(url)[0]["claim"] is not None)
    first.kill()
    second.kill()
    began = time.monotonic()
    serve(there, "third")
    until(lambda: _parcels(url)[0]["settled_at"] is not None, 40)
    assert time.monotonic() - began < 35
    assert there.found()["counts"] == {"contacts": 1, "conversations": 1, "messages": 1}


@pytest.mark.endurance
def test_killed_again_and_again_it_arrives_once(serve, desk: Desks, until: Until, url: str) -> None:
    there = desk("--slow", "0.15")
    first = serve(there, "first")
    with first.login() as client:
        for _ in range(3):
            _escalate(client)
    for turn in range(8):
        attempts = sum(one["attempts"] for one in _parcels(url))
        calls = sum(there.found()["counts"].values())
        until(
            lambda attempts=attempts, calls=calls: (
                sum(one["attempts"] for one in _parcels(url)) > attempts
                or sum(there.found()["counts"].values()) > calls
                or all(one["settled_at"] for one in _parcels(url))
            )
        )
        first.kill()
        _lapse(url)
        first = serve(there, f"turn-{turn}")
    until(lambda: all(one["settled_at"] for one in _parcels(url)))
    found = there.found()
    assert found["counts"] == {"contacts": 3, "conversations": 3, "messages": 3}
    assert found["doubles"] == {"conversations": [], "notes": []}


def test_a_clean_stop_in_mid_delivery_is_quick(serve, desk: Desks, until: Until, url: str) -> None:
    there = desk("--slow", "3")
    process = serve(there, "blue")
    with process.login() as client:
        _escalate(client)
    until(lambda: _parcels(url)[0]["claim"] is not None)
    began = time.monotonic()
    process.popen.terminate()
    assert process.popen.wait(5) == 0
    assert time.monotonic() - began < 3, "it waited for the help desk"
