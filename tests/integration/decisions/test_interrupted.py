"""Many sign at once, or die while signing: nothing acknowledged is lost, nothing half said."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from decision_world import PEOPLE, World
from golive.evidence.keys import SigningKey
from golive.evidence.verify import State, verify
from golive.governance.decision import Call
from golive.rehearsal.sign import standing

AT = "2199-01-01T00:00:00.000Z"


def save(key: SigningKey, path: Path) -> None:
    pem = key.raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)


@pytest.fixture
def sealed(world: World) -> World:
    world.seal()
    for name in PEOPLE:
        save(world.keys[name], world.folder / f"{name}.pem")
    save(world.seal_key, world.folder / "log.pem")
    return world


def start(folder: Path, person: str, say: str = "go", step: int = 0) -> subprocess.Popen[str]:
    words = [folder / "vault", folder / f"{person}.pem", folder / "log.pem", person, say, step]
    return subprocess.Popen(
        [sys.executable, "-m", "decision_world.signing", *map(str, words)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_at_once_lose_nothing(sealed: World) -> None:
    people = ["tom", "greta", "ines", "ruth"] * 2
    running = [start(sealed.folder, person) for person in people]
    seqs = []
    for process in running:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        seqs.append(int(out.split()[1]))
    assert sorted(seqs) == list(range(1, 9))
    found = verify(sealed.root, trusted=[sealed.seal_key.public])
    assert found.state is State.INTACT, found.findings
    decided = standing(sealed.root, at=AT)
    assert decided.call is Call.GO
    assert [len(seat.signatures) for seat in decided.seats] == [1, 1, 1, 1]
    (sheet,) = (sealed.root / "approvals").iterdir()
    assert len(sheet.read_text().splitlines()) == 9


def test_killed_while_signing(sealed: World) -> None:
    """A few moments here; every one in the endurance run."""
    steps = count(sealed)
    kill_at(sealed, (2, steps // 2, steps - 2))


@pytest.mark.endurance
def test_killed_at_every_moment_of_signing(sealed: World) -> None:
    kill_at(sealed, range(1, count(sealed) + 1))


def count(sealed: World) -> int:
    copy = fresh(sealed, "trial")
    out, errors = start(copy, "tom").communicate(timeout=60)
    assert "acknowledged" in out, errors
    return int(out.split()[-1])


def fresh(sealed: World, name: str) -> Path:
    copy = sealed.folder.parent / f"{sealed.folder.name}-{name}"
    shutil.copytree(sealed.folder, copy)
    return copy


def kill_at(sealed: World, moments: Iterable[int]) -> None:
    outcomes = set()
    for step in moments:
        copy = fresh(sealed, f"killed-{step}")
        process = start(copy, "tom", "no-go", step)
        out, errors = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, errors
        found = verify(copy / "vault", trusted=[sealed.seal_key.public])
        assert found.state is State.INTACT, (step, [str(one) for one in found.findings])
        before = standing(copy / "vault", at=AT).seats[0].state
        assert before in ("open", "no-go"), step
        if "acknowledged" in out:
            assert before == "no-go", step
        outcomes.add(before)
        # somebody else signs on, and what was said stays said
        out, errors = start(copy, "ines").communicate(timeout=60)
        assert "acknowledged" in out, errors
        found = verify(copy / "vault", trusted=[sealed.seal_key.public])
        assert found.state is State.INTACT, (step, [str(one) for one in found.findings])
        seats = {one.seat.role: one.state for one in standing(copy / "vault", at=AT).seats}
        assert (seats["DevOps Lead"], seats["Product Lead"]) == (before, "go"), step
        shutil.rmtree(copy)
    assert outcomes == {"open", "no-go"}
