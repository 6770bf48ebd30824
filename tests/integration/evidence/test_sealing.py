from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import bagit
import pytest

from evidence_world.making import FILES, REHEARSAL, Made, artefacts, is_root, make, tree
from golive.evidence import dsse
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.release import Release
from golive.evidence.vault import Vault, read_release
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput


def test_a_release_is_laid_out_as_a_bag_with_a_seal(made: Made) -> None:
    release = made.seal.path
    assert release == made.root / "releases" / REHEARSAL / "1"
    assert set(tree(release)) == {
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "metadata/artifacts.json",
        "metadata/seal-key.pem",
        "tagmanifest-sha256.txt",
        "seal.dsse.json",
        "verify.sh",
        *(f"data/{path}" for path in FILES),
    }
    for path, content in FILES.items():
        file = release / "data" / path
        assert file.read_bytes() == content
        stored = made.vault.objects.path(hashlib.sha256(content).hexdigest())
        assert file.stat().st_ino == stored.stat().st_ino
    assert "Payload-Oxum: " in (release / "bag-info.txt").read_text()
    assert "Golive-Verdict: ready\n" in (release / "bag-info.txt").read_text()
    assert bagit.Bag(str(release)).is_valid()


def test_the_seal_is_an_in_toto_statement_over_the_tag_manifest(made: Made) -> None:
    sealed = (made.seal.path / "seal.dsse.json").read_bytes()
    assert made.seal.digest == hashlib.sha256(sealed).hexdigest()
    statement = json.loads(dsse.verify(json.loads(sealed), [made.key.public]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    digest = hashlib.sha256((made.seal.path / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert statement["subject"] == [
        {"name": "tagmanifest-sha256.txt", "digest": {"sha256": digest}}
    ]
    assert statement["predicate"]["tags"] == {"verdict": "ready"}


def test_a_later_seal_supersedes_and_never_overwrites(made: Made) -> None:
    before = tree(made.seal.path)
    more = artefacts(made.vault, {**FILES, "late.txt": b"found later\n"})
    second = made.vault.seal(Release(REHEARSAL, more), made.key)
    assert second.number == 2
    assert tree(made.seal.path) == before
    sealed = read_release(second.path)
    assert sealed.statement.supersedes == made.seal.digest
    assert made.vault.release(REHEARSAL).seal == second
    assert made.vault.release(REHEARSAL, 1).seal == made.seal
    assert verify(made.root, trusted=[made.key.public]).state is State.INTACT


def test_a_sealed_release_is_read_back(made: Made) -> None:
    sealed = made.vault.release(REHEARSAL)
    assert {one.path for one in sealed.artefacts} == set(FILES)
    assert sealed.file("golive/playbook.md").read_bytes() == FILES["golive/playbook.md"]
    with pytest.raises(KeyError):
        sealed.file("../../ledger/ledger.jsonl")
    with pytest.raises(BadInput, match="nothing is sealed"):
        made.vault.release("another")
    with pytest.raises(BadInput, match="nothing is sealed"):
        made.vault.release(REHEARSAL, 9)
    assert made.vault.rehearsals() == [REHEARSAL]
    assert Vault(made.root / "none").rehearsals() == []


@pytest.mark.parametrize(
    "paths",
    [
        ["../outside"],
        ["/etc/passwd"],
        ["a%2e"],
        ["a\nb"],
        ["A.txt", "a.txt"],
        ["a", "a/b"],
        ["a", "a"],
    ],
)
def test_a_name_that_may_not_be_sealed_stops_the_sealing(made: Made, paths: list[str]) -> None:
    before = tree(made.root)
    one = artefacts(made.vault)[0]
    release = Release("other", [replace(one, path=path) for path in paths])
    with pytest.raises(BadInput):
        made.vault.seal(release, made.key)
    assert tree(made.root) == before


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "UPPER", "x" * 200])
def test_a_rehearsal_has_a_name_that_can_be_a_folders(made: Made, name: str) -> None:
    with pytest.raises(BadInput, match="can't name a rehearsal"):
        made.vault.seal(Release(name, artefacts(made.vault)), made.key)


def test_nothing_is_sealed_without_evidence(made: Made) -> None:
    with pytest.raises(BadInput, match="no evidence"):
        made.vault.seal(Release("other", []), made.key)


def test_evidence_that_was_lost_since_stops_the_sealing(made: Made) -> None:
    listed = artefacts(made.vault)
    made.vault.objects.path(listed[0].sha256).unlink()
    with pytest.raises(VaultError):
        made.vault.seal(Release("other", listed), made.key)
    assert not (made.root / "releases" / "other").exists()
    assert list((made.root / ".staging").iterdir()) == []


def test_where_links_cannot_be_made_the_bytes_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system without hard links."""

    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    made = make(tmp_path / "v")
    file = made.seal.path / "data" / "golive/playbook.md"
    assert file.stat().st_nlink == 1
    assert file.stat().st_mode & 0o222 == 0
    assert verify(made.root, trusted=[made.key.public]).state is State.INTACT


def test_several_rehearsals_share_a_vault(made: Made) -> None:
    made.vault.seal(Release("another", artefacts(made.vault)), made.key)
    assert made.vault.rehearsals() == [REHEARSAL, "another"]
    found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.INTACT
    assert [(one.rehearsal, one.number) for one in found.releases] == [
        (REHEARSAL, 1),
        ("another", 1),
    ]


def test_a_second_sealing_key_is_enrolled_and_told_apart(made: Made) -> None:
    other = SigningKey.generate()
    made.vault.seal(Release("another", artefacts(made.vault)), other)
    assert verify(made.root).state is State.INTACT
    assert verify(made.root, trusted=[made.key.public, other.public]).state is State.INTACT
    alone = verify(made.root, trusted=[made.key.public])
    assert alone.state is State.CHANGED
    assert ("trust/roles.json", "signature") in {(one.path, one.how) for one in alone.findings}


def test_a_folder_that_may_not_be_written_is_one_clear_message(tmp_path: Path) -> None:
    root = Path("/sys/kernel/golive") if is_root() else tmp_path / "v"
    if not is_root():
        root.mkdir(mode=0o500)
    with pytest.raises(VaultError, match=r"permission denied|read-only") as caught:
        make(root)
    assert caught.value.hint


def test_a_file_in_the_vaults_place_is_one_clear_message(tmp_path: Path) -> None:
    root = tmp_path / "v"
    root.write_text("not a folder")
    with pytest.raises(VaultError) as caught:
        make(root)
    assert str(root) in caught.value.where
