"""`golive people`: enrolled, listed, revoked, and admitted to a vault that is sealed already."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from decision_world import World
from golive.drillkit.records import CheckVerdict
from golive.evidence.keys import SigningKey
from golive.evidence.rotation import rotate
from golive.evidence.trust import load
from golive.evidence.verify import State, verify
from golive.governance import acts, keyring
from golive.kernel.errors import BadInput
from golive.main import app
from golive.playbook.people import load_roster
from golive.ports.clock import SystemClock
from golive.rehearsal.docket import open_case
from golive.rehearsal.enrolment import revoke
from golive.rehearsal.sign import SignRefused, Wish, sign

ROSTER = """# our people
[[person]]
id = "tom"
name = "Tom Example"
email = "tom@rehearsal.example"
roles = ["DevOps Lead"]

[[person]]
id = "ines"
name = "Ines Example"
email = "ines@rehearsal.example"
roles = ["Product Lead"]
"""
WORDS = "a few words of ours"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOLIVE_PASSPHRASE", WORDS)
    return tmp_path


def golive(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_enrolled_listed_revoked_and_enrolled_anew(home: Path) -> None:
    people = home / "people.toml"
    people.write_text(ROSTER)
    golive("people", "enrol", "tom", "--people", people)
    assert "no key: can't take part yet" in golive("people", "list", "--people", people)
    key = keyring.unlock("tom", keyring.default_keyring(), WORDS)
    pem = (keyring.default_keyring() / "tom.pem").read_bytes()
    assert b"ENCRYPTED" in pem
    said = acts.Statement("r", "a/1", "confirm", "tom", "done", "2024-05-30T08:00:00Z")
    assert acts.read(acts.sign(said, key), load_roster(people), "r")[1].id == "tom"

    golive("people", "revoke", "tom", "--reason", 'lost "at\nsea"', "--people", people)
    told = golive("people", "list", "--people", people)
    assert "revoked on 20" in told
    assert 'Z: lost "at sea"' in told
    with pytest.raises(acts.ActRefused, match="was revoked"):
        acts.read(acts.sign(said, key), load_roster(people), "r")
    with pytest.raises(BadInput, match="has a key already"):
        golive("people", "enrol", "tom", "--people", people)
    (keyring.default_keyring() / "tom.pem").rename(home / "lost.pem")
    golive("people", "enrol", "tom", "--people", people)
    assert load_roster(people).people[0].revoked == ""
    assert load_roster(people).people[0].revoked_because == ""
    assert people.read_text().startswith("# our people\n")
    with pytest.raises(BadInput, match="not on the roster"):
        golive("people", "revoke", "eve", "--reason", "x", "--people", people)


def keep_key(world: World) -> None:
    """This user keeps the vault."""
    file = world.folder / "config" / "golive" / "seal-key.pem"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(
        world.seal_key.raw.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def test_a_waiver_a_risk_and_a_go_in_one_command(home: Path) -> None:
    world = World(home)
    keep_key(world)
    world.keys["ruth"] = keyring.enrol("ruth", keyring.default_keyring(), WORDS)
    world.seal(CheckVerdict.FAIL)
    with pytest.raises(BadInput, match="nothing is said"):
        golive("sign", world.root, "--as", "ruth", "--comment", "x")
    told = golive("sign", world.root, "--as", "ruth", "--decision", "go", "--comment", "go on",
                  "--waive", "checks-passed", "--accept-risk", "risk-1", "--reason", "we bear it",
                  "--until", "2199-12-31")  # fmt: skip
    assert "waiver of checks-passed until 2199-12-31" in told
    words = [one.word for one in open_case(world.root, "2199-01-01T00:00:00Z").docket.words]
    assert [(one.kind, one.comment) for one in words] == [
        ("waiver", "we bear it"),
        ("acceptance", "we bear it"),
        ("decision", "go on"),
    ]
    register = golive("risks", world.root)
    assert "accepted until 2199-12-31T23:59:59.000Z by ruth as Executive Sponsor" in register


def test_those_whom_only_a_vault_knows_are_listed(home: Path) -> None:
    world = World(home)
    keep_key(world)
    world.seal(roster=world.roster(without=["tom"]))
    golive("people", "enrol", "tom", "--vault", world.root)
    none = ("--people", home / "none.toml", "--vault", world.root)
    told = golive("people", "list", *none)
    rows = {one.split()[0]: one for one in told.splitlines()[1:]}
    mark = acts.fingerprint(keyring.unlock("tom", keyring.default_keyring(), WORDS).public)
    assert f"{mark}, enrolled on 20" in rows["tom"]
    assert "DevOps Lead" in rows["tom"]
    assert f"{acts.fingerprint(world.keys['ines'].public)}, on the sealed roster" in rows["ines"]
    golive("people", "revoke", "tom", "--reason", "left us", *none)
    told = golive("people", "list", *none)
    assert "Z: left us" in next(one for one in told.splitlines() if one.startswith("tom"))


def test_a_revocation_leaves_the_way_from_key_to_key(home: Path) -> None:
    """Whoever trusts the first key still finds the way to the last, once somebody is revoked."""
    world = World(home)
    keep_key(world)
    world.seal()
    new = SigningKey.generate()
    rotate(world.root, world.seal_key, new)
    revoke(world.root, "tom", "lost", SystemClock(), new)
    found = verify(world.root, trusted=[world.seal_key.public])
    assert found.state is State.INTACT, found.findings
    assert load(world.root).rotations


def test_admitted_to_a_sealed_vault_and_revoked_in_it(home: Path) -> None:
    world = World(home)
    keep_key(world)
    world.seal(roster=world.roster(without=["tom"]))
    assert "enrolled in" in golive("people", "enrol", "tom", "--vault", world.root)
    key = keyring.unlock("tom", keyring.default_keyring(), WORDS)
    wish = Wish("tom", "looked", "go")
    with pytest.raises(SignRefused, match="this machine's clock says 2024-06-01"):
        sign(world.root, wish, None, key, world.clock, log_key=world.seal_key)
    world.clock.at = datetime.now(UTC)
    sign(world.root, wish, None, key, world.clock, log_key=world.seal_key)
    golive("people", "revoke", "tom", "--reason", "lost", "--vault", world.root,
           "--people", home / "none.toml")  # fmt: skip
    with pytest.raises(SignRefused, match="revoked"):
        sign(world.root, wish, None, key, world.clock, log_key=world.seal_key)
    assert world.standing(at="2199-01-01T00:00:00Z").seats[0].state == "go"
    kinds = golive("ledger", "export", world.root)
    assert '"kind": "enrolled"' in kinds
    assert '"kind": "revoked"' in kinds
    assert verify(world.root, trusted=[world.seal_key.public]).state is State.INTACT
