"""A vault handed over from one key to the next, as both verifiers see it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_world import checking
from evidence_world.making import FILES, REHEARSAL, Made, artefacts, make, overwrite
from golive.evidence import trust
from golive.evidence.keys import SigningKey
from golive.evidence.release import Release
from golive.evidence.rotation import rotate, statement
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput
from golive.rehearsal.ledger import check


@pytest.fixture
def single(tmp_path: Path) -> Made:
    """A vault whose sealing key keeps the ledger too, as it is by default."""
    key = SigningKey.generate()
    vault = Vault(tmp_path / "vault")
    seal = vault.seal(Release(REHEARSAL, artefacts(vault), {"verdict": "ready"}), key)
    return Made(vault, key, key, seal)


def seal_again(made: Made, key: SigningKey, **more: bytes) -> None:
    listed = artefacts(made.vault, {**FILES, **{f"{name}.txt": one for name, one in more.items()}})
    made.vault.seal(Release(REHEARSAL, listed), key)


def pem(folder: Path, key: SigningKey) -> Path:
    path = folder / f"{key.key_id[:8]}.pem"
    path.write_text(key.public.pem)
    return path


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_who_trusts_either_key_can_verify_everything(single: Made, tmp_path: Path) -> None:
    new, newest = SigningKey.generate(), SigningKey.generate()
    rotate(single.root, single.key, new)
    seal_again(single, new, later=b"1")
    rotate(single.root, new, newest)
    seal_again(single, newest, latest=b"2")
    for key in (single.key, new, newest):
        found = verify(single.root, trusted=[key.public])
        assert found.state is State.INTACT, found.findings
        assert [one.trusted for one in found.releases] == [True] * 3
        said = checking.script(single.root, tmp_path, pem(tmp_path, key))
        assert said.code == 0, said.text
    assert not list(tmp_path.glob("golive-verify.*"))
    told = check(single.root, [single.key.public])
    assert told.problems == []
    assert len(told.entries) == 3


def test_a_retired_key_seals_nothing_more(single: Made) -> None:
    rotate(single.root, single.key, SigningKey.generate())
    with pytest.raises(BadInput, match="was retired here"):
        seal_again(single, single.key)
    with pytest.raises(BadInput, match="does not seal here"):
        rotate(single.root, single.key, SigningKey.generate())
    with pytest.raises(BadInput, match="is the old one"):
        rotate(single.root, single.key, single.key)


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_what_a_retired_key_seals_all_the_same_is_found(
    single: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody kept the old key and puts a release of theirs beside the others."""
    rotate(single.root, single.key, SigningKey.generate())
    forged = make(tmp_path / "forged")
    vault = Vault(tmp_path / "other")
    listed = artefacts(vault, {"a.txt": b"forged"})
    early = Release(REHEARSAL, listed, sealed_at="2020-01-01T00:00:00.000Z")
    seal = vault.seal(early, single.key)
    place = single.seal.path.parent / "2"
    seal.path.rename(place)
    found = verify(single.root, trusted=[single.key.public])
    assert found.state is State.CHANGED
    assert any("was retired on" in one.detail for one in found.findings), found.findings
    said = checking.script(single.root, tmp_path, pem(tmp_path, single.key))
    assert said.code == 1
    assert "was retired on" in said.text
    assert forged.seal.path.is_dir()


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_a_stranger_cannot_hand_the_vault_over(single: Made, tmp_path: Path) -> None:
    stranger = SigningKey.generate()
    known = trust.load(single.root)
    word = statement(stranger, stranger.public, "2024-05-30T10:00:00.000Z")
    forged = replace(
        known.with_key(trust.TrustedKey(stranger.public, [trust.SEAL_ROLE, trust.LOG_ROLE], "")),
        rotations=[word],
    )
    overwrite(single.root / trust.FILE, forged.envelope(stranger))
    assert verify(single.root).state is State.INTACT, "nobody vouched for a key"
    found = verify(single.root, trusted=[single.key.public])
    assert "trust/roles.json" in {one.path for one in found.findings}
    said = checking.script(single.root, tmp_path, pem(tmp_path, single.key))
    assert said.code == 1
    assert "trust/roles.json" in said.text


def test_a_kept_ledger_key_changes_hands_apart(tmp_path: Path) -> None:
    made = make(tmp_path / "vault")
    new = SigningKey.generate()
    with pytest.raises(BadInput, match="can't say who follows"):
        rotate(made.root, made.log_key, new)
    rotate(made.root, made.log_key, new, signer=made.key)
    vault = Vault(made.root, log_key=new)
    vault.seal(Release(REHEARSAL, artefacts(vault)), made.key)
    assert verify(made.root, trusted=[made.key.public]).state is State.INTACT
    with pytest.raises(BadInput, match="kept with another key"):
        Vault(made.root, log_key=made.log_key).seal(Release(REHEARSAL, artefacts(vault)), made.key)


_DYING = """
import sys
from pathlib import Path
from evidence_world.killing import die_at
from golive.evidence.keys import load_key
from golive.evidence.rotation import rotate
root, old, new = map(Path, sys.argv[1:4])
keys = load_key(old), load_key(new)
count = die_at(root, int(sys.argv[4]))
rotate(root, *keys)
print(count[0])
"""


def test_a_kill_at_any_moment_leaves_one_key_or_the_other(tmp_path: Path) -> None:
    from golive.evidence.keys import load_or_create_key

    old = load_or_create_key(tmp_path / "old.pem")
    load_or_create_key(tmp_path / "new.pem")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for step in range(2, 60, 7):
        root = tmp_path / f"vault-{step}"
        vault = Vault(root)
        vault.seal(Release(REHEARSAL, artefacts(vault)), old)
        words = [str(root), str(tmp_path / "old.pem"), str(tmp_path / "new.pem"), str(step)]
        done = subprocess.run([sys.executable, "-c", _DYING, *words], env=env, timeout=60)
        found = verify(root, trusted=[old.public])
        assert found.state is State.INTACT, (step, found.findings)
        if done.returncode == 0:
            return
        assert done.returncode == -signal.SIGKILL
        again = subprocess.run([sys.executable, "-c", _DYING, *words[:3], "0"], env=env, timeout=60)
        assert again.returncode == 0 or trust.load(root).retired(), step
        assert verify(root, trusted=[old.public]).state is State.INTACT
    raise AssertionError("it never came to its end")
