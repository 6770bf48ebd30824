"""The attack matrix: what each way of checking notices. `docs/vault.md` shows it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_world import checking
from evidence_world.attacks import RELEASE_ATTACKS, VAULT_ATTACKS, Attack, fifo
from evidence_world.checking import Said
from evidence_world.making import FILES, REHEARSAL, Made, artefacts, is_root
from golive.evidence import dsse
from golive.evidence.ledger import Ledger
from golive.evidence.release import Release
from golive.evidence.verify import State, Verification, verify

pytestmark = [pytest.mark.needs("jq"), pytest.mark.needs("openssl")]

each_release_attack = pytest.mark.parametrize(
    "attack", RELEASE_ATTACKS, ids=[attack.name for attack in RELEASE_ATTACKS]
)


def names(found: Verification) -> str:
    return "\n".join(str(one) for one in found.findings)


def test_all_four_agree_that_an_untouched_release_is_whole(made: Made, tmp_path: Path) -> None:
    release = made.seal.path
    assert checking.sha256sum(release).code == 0
    assert checking.bagit(release).code == 0
    key = made.public(tmp_path)
    for target in (release, made.root):
        found = verify(target, trusted=[made.key.public])
        assert found.state is State.INTACT, names(found)
        assert found.releases[0].trusted
        assert found.releases[0].files == len(FILES)
        said = checking.script(target, tmp_path, key)
        assert (said.code, said.first) == (0, "intact"), said.text
        assert "no trusted key" not in said.text


@each_release_attack
def test_ours_notice_and_name_every_attack(attack: Attack, made: Made, tmp_path: Path) -> None:
    attack.do(made.seal.path)
    key = made.public(tmp_path)
    found = verify(made.seal.path, trusted=[made.key.public])
    assert found.state is State.CHANGED
    assert attack.names in names(found)
    assert names(found).isprintable() or "\x1b" not in names(found)
    said = checking.script(made.seal.path, tmp_path, key)
    assert (said.code, said.first) == (1, "changed"), said.text
    assert attack.names in said.text or (attack.names == "x1b" and "\\u001b" in said.text)
    assert "\x1b" not in said.text


@each_release_attack
def test_ours_notice_it_in_the_vault_too(attack: Attack, made: Made, tmp_path: Path) -> None:
    attack.do(made.seal.path)
    found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.CHANGED
    assert attack.names in names(found)
    said = checking.script(made.root, tmp_path, made.public(tmp_path))
    assert (said.code, said.first) == (1, "changed"), said.text


@each_release_attack
def test_without_a_key_only_a_new_signature_passes(
    attack: Attack, made: Made, tmp_path: Path
) -> None:
    attack.do(made.seal.path)
    expected = State.INTACT if attack.needs_key else State.CHANGED
    found = verify(made.seal.path)
    assert found.state is expected
    assert "who sealed it: no trusted key was given" in found.unchecked
    said = checking.script(made.seal.path, tmp_path)
    assert said.first == expected.value, said.text
    assert "no trusted key was given" in said.text


@each_release_attack
def test_the_other_tools_notice_what_the_matrix_says(attack: Attack, made: Made) -> None:
    attack.do(made.seal.path)
    assert (checking.sha256sum(made.seal.path).code != 0) is attack.sha256sum
    assert (checking.bagit(made.seal.path).code != 0) is attack.bagit


@pytest.fixture
def full(made: Made) -> Made:
    """A vault with two seals, an approval and a decision in its ledger."""
    made.vault.seal(Release(REHEARSAL, artefacts(made.vault, {**FILES, "b": b"b"})), made.key)
    (made.root / "approvals").mkdir()
    (made.root / "approvals/board.pdf").write_bytes(b"%PDF-1.7 as signed")
    Ledger(made.root, made.log_key).append([dsse.sign("text/plain", b"go", made.key)])
    return made


def test_a_full_vault_is_intact(full: Made, tmp_path: Path) -> None:
    found = verify(full.root, trusted=[full.key.public])
    assert found.state is State.INTACT, names(found)
    said = checking.script(full.root, tmp_path, full.public(tmp_path))
    assert (said.code, said.first) == (0, "intact"), said.text


@pytest.mark.parametrize(
    ("attack", "named"),
    [attack[1:] for attack in VAULT_ATTACKS],
    ids=[attack[0] for attack in VAULT_ATTACKS],
)
def test_both_notice_what_is_done_to_a_vault(
    attack: Callable[[Made], None], named: str, full: Made, tmp_path: Path
) -> None:
    attack(full)
    found = verify(full.root, trusted=[full.key.public])
    assert found.state is State.CHANGED
    assert named in names(found)
    said = checking.script(full.root, tmp_path, full.public(tmp_path))
    assert (said.code, said.first) == (1, "changed"), said.text
    assert named in said.text


def without_privileges(*words: object) -> Said:
    """As somebody whom permissions bind, whoever runs the tests."""
    bound = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if is_root() else ()
    done = subprocess.run(
        [*bound, *map(str, words)], capture_output=True, text=True, timeout=60, check=False
    )
    return Said(done.returncode, done.stdout + done.stderr)


@pytest.mark.needs("setpriv")
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("objects", 0o000),
        ("approvals", 0o000),
        ("ledger", 0o400),
        (f"releases/{REHEARSAL}/1/data/golive", 0o400),
    ],
)
def test_what_cannot_be_looked_into_is_not_taken_for_whole(
    name: str, mode: int, full: Made, tmp_path: Path
) -> None:
    key = full.public(tmp_path)
    ours = (sys.executable, "-m", "golive", "verify", "--key", key, full.root)
    (full.root / name).chmod(mode)
    try:
        found = without_privileges(*ours)
        said = without_privileges("sh", checking.SCRIPT, "--key", key, full.root)
    finally:
        (full.root / name).chmod(0o755)
    for one in (found, said):
        assert one.code == 1, one.text
        assert one.first.startswith("changed"), one.text
        assert "Traceback" not in one.text
        assert Path(name).name in one.text


def test_a_fifo_is_never_waited_at(made: Made, tmp_path: Path) -> None:
    fifo(made.seal.path)
    begun = time.monotonic()
    found = verify(made.seal.path)
    assert ("special", "data/golive/playbook.md") in {(one.how, one.path) for one in found.findings}
    said = checking.script(made.seal.path, tmp_path)
    assert said.first == "changed"
    assert time.monotonic() - begun < 30


def test_a_release_without_a_seal_was_never_committed(made: Made, tmp_path: Path) -> None:
    """Unknown to the ledger: incomplete. (Known to it: see `seal deleted`.)"""
    folder = made.root / "releases" / "another" / "1"
    folder.mkdir(parents=True)
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.INTACT
    assert "releases/another/1: incomplete, never sealed" in found.unchecked
    said = checking.script(made.root, tmp_path, made.public(tmp_path))
    assert said.first == "intact", said.text
    assert "releases/another/1: incomplete" in said.text


@pytest.mark.parametrize("inside", ["", "data", "data/golive/deeper"])
def test_a_release_that_was_only_begun_is_told_by_both(
    made: Made, tmp_path: Path, inside: str
) -> None:
    """Its folder and nothing in it: as incomplete as one with a file."""
    (made.root / "releases" / "another" / "1" / inside).mkdir(parents=True)
    found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.INTACT, names(found)
    said = checking.script(made.root, tmp_path, made.public(tmp_path))
    assert said.first == "intact", said.text
    for told in (said.text, "\n".join(found.unchecked)):
        assert told.count("releases/another/1: incomplete, never sealed") == 1


@pytest.mark.parametrize("room", [".staging/1", "objects/incoming"])
def test_what_lies_where_files_are_made_ready_is_told_by_both(
    made: Made, tmp_path: Path, room: str
) -> None:
    """A kill leaves such things, and so can anybody: nobody is told that they were checked."""
    (made.root / room).mkdir(parents=True, exist_ok=True)
    (made.root / room / "something").write_bytes(b"x")
    found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.INTACT, names(found)
    said = checking.script(made.root, tmp_path, made.public(tmp_path))
    assert said.first == "intact", said.text
    told = f"{room.removesuffix('/1')}/: left by something cut short; no claim rests on it"
    assert told in found.unchecked
    assert told in said.text.partition("not checked:")[2]


def test_the_script_verifies_its_own_folder_from_anywhere(made: Made, tmp_path: Path) -> None:
    said = checking._run(["sh", os.path.relpath(made.seal.path / "verify.sh", tmp_path)], tmp_path)
    assert (said.code, said.first) == (0, "intact"), said.text


@pytest.mark.parametrize("arguments", [["/nowhere"], ["--key"], ["--key", "/nowhere"], ["--what"]])
def test_the_script_says_what_it_was_given_wrongly(arguments: list[str], tmp_path: Path) -> None:
    said = checking._run(["sh", str(checking.SCRIPT), *arguments], tmp_path)
    assert said.code == 2
    assert said.text.count("\n") == 1


def test_the_script_takes_nothing_for_a_vault(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = checking.script(tmp_path / "empty", tmp_path)
    assert said.code == 2
    assert said.first.startswith("not a vault")
