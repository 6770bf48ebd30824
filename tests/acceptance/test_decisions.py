"""Four people decide from processes of their own, change their minds, and see what went stale."""

from __future__ import annotations

import json
import shutil
from typing import Any

from cryptography.hazmat.primitives import serialization

from decision_world import World
from golive.governance import keyring
from harness.command_line import Golive

WORDS = "a few words of ours"
DECIDERS = ("tom", "greta", "ines", "ruth")


def settled(golive: Golive) -> World:
    """A sealed vault that this user keeps, and whose people have their keys on this machine."""
    golive.env["GOLIVE_PASSPHRASE"] = WORDS
    config = golive.folder / "config" / "golive"
    world = World(golive.folder)
    for person in (*DECIDERS, "asha"):
        world.keys[person] = keyring.enrol(person, config / "keys", WORDS)
    file = config / "seal-key.pem"
    file.touch(mode=0o600)
    file.write_bytes(
        world.seal_key.raw.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    world.seal()
    return world


def said(golive: Golive, person: str, *what: str) -> dict[str, Any]:
    done = golive.run(
        "sign", "vault", "--as", person, "--comment", f"{person} has looked", "--json", *what
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_from_four_signatures_to_a_new_seal(golive: Golive) -> None:
    world = settled(golive)
    running = [
        golive.start("sign", "vault", "--as", person, "--decision", "go", "--comment", "looked")
        for person in DECIDERS
    ]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    (sheet,) = (world.root / "approvals").iterdir()
    assert sheet.read_bytes().count(b"/ByteRange") == len(DECIDERS)
    told = golive.run("decide", "vault")
    assert told.returncode == 0, told.stderr
    assert "DECISION GO on a practice run: all 4 seats say go" in told.stdout
    assert "replayed to the same" in told.stdout

    assert said(golive, "greta", "--decision", "no-go")["decision"]["decision"] == "no-go"
    waive = ("--waive", "Compliance Lead", "--until", "2199-12-31")
    refused = golive.run("sign", "vault", "--as", "tom", "--reason", "never mind", *waive)
    assert refused.returncode == 2
    assert "only the Executive Sponsor may waive" in refused.stderr
    assert said(golive, "ruth", *waive)["decision"]["decision"] == "go"

    (golive.folder / "seen.txt").write_text("it is there\n")
    added = golive.run("supplement", "vault", "dashboards/1", "seen.txt", "--as", "asha",
                       "--comment", "seen after all")  # fmt: skip
    assert added.returncode == 0, added.stderr
    # The sponsor waived the no-go over the seal before; over this one it stands.
    assert "DECISION NO-GO" in added.stdout
    checked = golive.run("verify", "vault")
    assert checked.returncode == 0, checked.stdout
    stale = [line for line in checked.stdout.splitlines() if "stale: sign again" in line]
    assert [line.split()[1] for line in stale] == ["Product", "Executive"]


def test_a_verdict_replayed_elsewhere_is_the_same_to_the_byte(golive: Golive) -> None:
    world = settled(golive)
    (release,) = (world.root / "releases").glob("*/*")
    sealed = (release / "data/golive/verdict.json").read_text()
    first = golive.run("decide", "vault", "--json")
    shutil.copytree(release, golive.folder / "elsewhere" / "copy of it")
    second = golive.run("decide", "elsewhere/copy of it", "--json")
    assert first.stdout == second.stdout == sealed
    assert (first.returncode, second.returncode) == (0, 0)
