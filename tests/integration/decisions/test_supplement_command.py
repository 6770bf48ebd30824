"""`golive supplement`: staff data as the run kept it, by its pseudonyms and for its readers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyrage
import pytest
from typer.testing import CliRunner, Result

from decision_world import RUN, World
from decision_world.home import WORDS, at_home
from golive.evidence.pseudonyms import Pseudonyms
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify
from golive.main import app
from golive.rehearsal.docket import open_case
from golive.rehearsal.sign import SignRefused

ROTA = "Name,Email,Shift\nPetra Lindholm,petra@corp.example,{shift}\n"


@pytest.fixture
def reader() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: pyrage.x25519.Identity) -> World:
    """A sealed vault of this user's, in which greta may read originals."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOLIVE_PASSPHRASE", WORDS)
    made = World(tmp_path)
    at_home(made, "asha")
    mark = b'roles = ["Compliance Lead"]\n'
    reads = mark + f'reader_key = "{reader.to_public()}"\n'.encode()
    made.seal(roster=made.roster().replace(mark, reads))
    return made


def added(world: World, name: str, *words: object) -> Result:
    file = world.folder / f"{name}.csv"
    file.write_text(ROTA.format(shift=name))
    return CliRunner().invoke(
        app,
        ["supplement", str(world.root), "dashboards/1", str(file), "--as", "asha", "--comment",
         "the rota", *map(str, words)],
    )  # fmt: skip


def person_in(world: World, name: str) -> str:
    release = Vault(world.root).release(RUN)
    text = release.bytes_of(f"attachments/dashboards/1/{name}.csv").decode()
    return next(csv.DictReader(io.StringIO(text)))["Name"]


def originals(world: World) -> list[dict[str, Any]]:
    paper = Vault(world.root).release(RUN).bytes_of("golive/originals.json")
    found: list[dict[str, Any]] = json.loads(paper)["originals"]
    return found


def test_the_same_person_bears_the_same_pseudonym_and_the_same_readers_may_read(
    world: World, reader: pyrage.x25519.Identity
) -> None:
    state = world.folder / "state"
    for name in ("early", "late"):
        done = added(world, name, "--state", state)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "pseudonyms" not in done.output
    key = (state / RUN / "pseudonyms.key").read_bytes()
    expected = Pseudonyms(key).of("Petra Lindholm")
    assert person_in(world, "early") == person_in(world, "late") == expected
    release = Vault(world.root).release(RUN)
    assert release.seal.number == 3
    for name, told in zip(("early", "late"), originals(world), strict=True):
        assert told["readers"] == ["greta"]
        assert told["pseudonyms"] == Pseudonyms(key).mark
        sealed = release.bytes_of(told["encrypted"])
        assert pyrage.decrypt(sealed, [reader]).decode() == ROTA.format(shift=name)
    for path in world.root.rglob("*"):
        assert not path.is_file() or b"Lindholm" not in path.read_bytes(), path
    assert verify(world.root, trusted=[world.seal_key.public]).state is State.INTACT


def test_on_another_machine_it_says_so_and_the_readers_are_still_the_release_s(
    world: World, reader: pyrage.x25519.Identity
) -> None:
    added(world, "early", "--state", world.folder / "state")
    done = added(world, "late", "--state", world.folder / "nowhere")
    assert "people bear other pseudonyms in this table" in done.output
    assert person_in(world, "early") != person_in(world, "late")
    first, second = originals(world)
    assert first["pseudonyms"] != second["pseudonyms"]
    assert first["readers"] == second["readers"] == ["greta"]
    sealed = Vault(world.root).release(RUN).bytes_of(second["encrypted"])
    assert pyrage.decrypt(sealed, [reader]).decode() == ROTA.format(shift="late")
    file = world.folder / "seen.txt"
    file.write_text("seen")
    plain = CliRunner().invoke(
        app, ["supplement", str(world.root), "dashboards/1", str(file), "--as", "asha",
              "--comment", "no people", "--state", str(world.folder / "nowhere")],
    )  # fmt: skip
    assert "pseudonyms" not in plain.output, "nothing is said where no table names anybody"


def test_nothing_is_added_to_a_vault_that_was_changed(world: World) -> None:
    paper = Vault(world.root).release(RUN).file("cutover-1.txt")
    paper.chmod(0o644)
    paper.write_bytes(b"cut 0ver\n")
    done = added(world, "early", "--state", world.folder / "state")
    assert isinstance(done.exception, SignRefused)
    assert "not what was sealed" in str(done.exception)
    assert Vault(world.root).release(RUN).seal.number == 1


def test_the_sealed_roster_has_the_readers_key_and_no_address(world: World) -> None:
    roster = open_case(world.root, "2030-01-01T00:00:00Z").sealed.roster
    greta = roster.person("greta")
    assert greta is not None
    assert greta.reader_key.startswith("age1")
    assert greta.email == ""
