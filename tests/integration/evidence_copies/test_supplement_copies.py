"""What is added or said after the seal reaches the bucket to which the run was copied."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import stamp_world
from decision_world import RUN, World
from decision_world.home import WORDS, at_home
from evidence_world.making import make
from golive.evidence.keys import SigningKey
from golive.evidence.rotation import rotate
from golive.kernel.errors import PortError
from golive.main import app
from golive.rehearsal.copying import NotCopied

_NUMBERS = count()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GOLIVE_PASSPHRASE", WORDS)
    made = World(tmp_path)
    at_home(made, "asha")
    made.seal()
    return made


@pytest.fixture
def bucket(store, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    yield store.bucket(f"supplements-{next(_NUMBERS)}", lock=True)


def golive(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def added(world: World, text: str, *words: object) -> Result:
    file = world.folder / "seen.txt"
    file.write_text(text)
    return golive("supplement", world.root, "dashboards/1", file, "--as", "asha", "--comment",
                  "seen", "--state", world.folder / "state", *words)  # fmt: skip


def test_it_is_pushed_where_the_run_was_copied(world: World, bucket: str) -> None:
    address = f"s3://{bucket}/team?days=2"
    settings = world.folder / "state" / RUN / "run.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "vault_copy": address}))
    done = added(world, "first\n")
    assert f"copied {address}" in done.output, done.exception
    there = json.loads(golive("verify", address, "--json").output)
    assert there["state"] == "intact"
    assert [one["seal"] for one in there["releases"]] == [1, 2]
    assert "not older than the copy" in golive("verify", world.root, "--against", address).output


def test_a_bucket_that_would_not_lock_is_refused_before_anything_is_sealed(  # type: ignore[no-untyped-def]
    world: World, store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    open_one = store.bucket(f"supplements-open-{next(_NUMBERS)}", lock=False)
    done = added(world, "first\n", "--copy", f"s3://{open_one}")
    assert isinstance(done.exception, PortError)
    assert "would not lock" in str(done.exception)
    assert [one.name for one in (world.root / "releases" / RUN).iterdir()] == ["1"]


def signed(world: World, *words: object) -> Result:
    return golive("sign", world.root, "--as", "greta", "--decision", "go", "--comment", "looked",
                  "--state", world.folder / "state", *words)  # fmt: skip


def test_what_is_said_over_the_seal_is_pushed_there_too(world: World, bucket: str) -> None:
    at_home(world, "greta")
    world = World(world.folder / "signed", keys=world.keys, seal_key=world.seal_key)
    world.seal()
    address = f"s3://{bucket}/team?days=2"
    golive("vault", "copy", world.root, address)
    settings = world.folder / "state" / RUN / "run.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "vault_copy": address}))
    done = signed(world)
    assert f"copied {address}" in done.output, done.exception
    there = json.loads(golive("verify", address, "--json").output)
    assert there["state"] == "intact"
    assert any("approvals" in line for line in there["checked"]), there
    assert "not older than the copy" in golive("verify", world.root, "--against", address).output


def test_a_word_is_not_said_where_the_bucket_would_not_lock_it(  # type: ignore[no-untyped-def]
    world: World, store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.endpoint)
    open_one = store.bucket(f"words-open-{next(_NUMBERS)}", lock=False)
    before = (world.root / "ledger" / "ledger.jsonl").read_bytes()
    at_home(world, "greta")
    done = signed(world, "--copy", f"s3://{open_one}")
    assert isinstance(done.exception, PortError)
    assert "would not lock" in str(done.exception)
    assert (world.root / "ledger" / "ledger.jsonl").read_bytes() == before


def copied_run(world: World, bucket: str) -> str:
    """The world's run was copied to the bucket, as its folder says."""
    address = f"s3://{bucket}/team?days=2"
    golive("vault", "copy", world.root, address)
    settings = world.folder / "state" / RUN / "run.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "vault_copy": address}))
    return address


def in_step(world: World, address: str) -> None:
    """The copy is whole, and knows all that the vault knows."""
    there = json.loads(golive("verify", address, "--json").output)
    assert there["state"] == "intact", there
    assert "not older than the copy" in golive("verify", world.root, "--against", address).output
    assert "not older than the copy" in golive("verify", address, "--against", world.root).output


def test_keys_and_stamps_that_come_later_are_pushed_too(
    world: World, bucket: str, tmp_path: Path
) -> None:
    address = copied_run(world, bucket)
    state = ("--state", world.folder / "state")
    done = golive("people", "revoke", "asha", "--reason", "left", "--vault", world.root,
                  "--people", tmp_path / "none.toml", *state)  # fmt: skip
    assert f"copied {address}" in done.output, done.exception
    in_step(world, address)
    authority = stamp_world.authority(tmp_path / "stamps")
    with stamp_world.serving(authority.stamp) as url:
        done = golive("vault", "timestamp", world.root, "--tsa", url, "--tsa-root",
                      authority.root, *state)  # fmt: skip
    assert f"copied {address}" in done.output, done.exception
    said = golive("verify", address, "--tsa-root", authority.root).output
    assert said.count("by the authority you trust") == 2, said
    done = golive("vault", "rotate", world.root, "--to", tmp_path / "new.pem", *state)
    assert f"copied {address}" in done.output, done.exception
    in_step(world, address)


def test_a_sealing_key_handed_over_without_a_word_in_the_ledger_is_copied(
    tmp_path: Path, bucket: str
) -> None:
    """The checkpoint stays what it was then: a copy of that very ledger is not in the way."""
    made = make(tmp_path / "v")
    address = f"s3://{bucket}/apart?days=2"
    assert golive("vault", "copy", made.root, address).exit_code == 0
    rotate(made.root, made.key, SigningKey.generate())
    again = golive("vault", "copy", made.root, address)
    assert again.exit_code == 0, again.exception
    key = made.public(tmp_path)
    assert "not older than the copy" in golive(
        "verify", made.root, "--against", address, "--key", key
    ).output  # fmt: skip


def test_a_bucket_that_is_away_keeps_nobodys_key_alive(
    world: World, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copied_run(world, bucket)
    state, none = world.folder / "state", tmp_path / "none.toml"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listened at
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{taken.getsockname()[1]}")
        done = golive("people", "revoke", "asha", "--reason", "left", "--vault", world.root,
                      "--people", none, "--state", state)  # fmt: skip
    assert isinstance(done.exception, NotCopied), done.output
    assert "asha: 1 key revoked" in done.output
    told = golive("people", "list", "--vault", world.root, "--people", none)
    assert "Z: left" in told.output
