"""Tricks beside the matrix: on names, numbers, terminals, ledgers, keys, and on who is looking."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evidence_world import checking
from evidence_world.attacks import rehash
from evidence_world.making import FILES, REHEARSAL, Made, artefacts, make, overwrite, tree
from golive.evidence import bag, dsse, trust
from golive.evidence.approvals import look_at_file
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger
from golive.evidence.release import Release
from golive.evidence.rotation import rotate
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault, read_release
from golive.evidence.verify import State, behind, verify
from golive.kernel.errors import BadInput
from golive.kernel.json import canonical
from golive.main import app

pytestmark = [pytest.mark.needs("jq"), pytest.mark.needs("openssl")]


def reseal(release: Path, key: SigningKey, **predicate: object) -> None:
    """The chain redone from the lists to a signature by `key`, as another tool might."""
    rehash(release, "tagmanifest-sha256.txt")
    opened = dsse.open_envelope(load_object((release / bag.SEAL).read_bytes()))
    statement = json.loads(opened.payload)
    digest = hashlib.sha256((release / bag.TAG_MANIFEST).read_bytes()).hexdigest()
    statement["subject"][0]["digest"]["sha256"] = digest
    statement["predicate"] |= predicate
    overwrite(release / bag.SEAL, canonical(dsse.sign(bag.PAYLOAD_TYPE, canonical(statement), key)))


def add(release: Path, *names: str) -> None:
    """Files with these names, in every list."""
    listed = json.loads((release / bag.ARTEFACTS).read_bytes())
    for name in names:
        place = release / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")
        listed["artifacts"].append({**listed["artifacts"][0], "path": name, "size": 1,
                                    "sha256": hashlib.sha256(b"x").hexdigest()})  # fmt: skip
    records = sorted(listed["artifacts"], key=lambda one: one["path"])
    overwrite(release / bag.ARTEFACTS, canonical({**listed, "artifacts": records}))
    lines = "".join(f"{one['sha256']}  data/{one['path']}\n" for one in records)
    overwrite(release / bag.MANIFEST, lines.encode())
    info = (release / "bag-info.txt").read_text()
    total = sum(one["size"] for one in records)
    info = "".join(
        f"Payload-Oxum: {total}.{len(records)}\n" if line.startswith("Payload-Oxum") else line
        for line in info.splitlines(keepends=True)
    )
    overwrite(release / "bag-info.txt", info.encode())


def both(target: Path, scratch: Path, made: Made) -> tuple[str, str]:
    """What the two say with the real key; they agree."""
    found = verify(target, trusted=[made.key.public])
    said = checking.script(target, scratch, made.public(scratch))
    assert found.state.value == said.first, (found.findings, said.text)
    return "\n".join(map(str, found.findings)) + "\n".join(found.unchecked), said.text


def test_the_helper_makes_what_is_intact(made: Made, tmp_path: Path) -> None:
    add(made.seal.path, "one more.txt", "zwei/übung.txt")
    reseal(made.seal.path, made.key)
    for said in both(made.seal.path, tmp_path, made):
        assert "name" not in said


@pytest.mark.parametrize(
    "names",
    [("A.txt", "a.txt"), ("dir/x", "DIR/y/x", "dir/X"), ("x\u202etxt.exe",), ("zero\u200bwidth",),
     ("100%",)],
    ids=["case", "case of folders", "turned round", "invisible", "percent"],
)  # fmt: skip
def test_names_that_are_read_as_others_are_found_though_validly_signed(
    made: Made, tmp_path: Path, names: tuple[str, ...]
) -> None:
    add(made.seal.path, *names)
    reseal(made.seal.path, made.key)
    for said in both(made.seal.path, tmp_path, made):
        assert "name" in said
        assert "\u202e" not in said


@pytest.mark.parametrize(
    "number",
    ["1e400", "9" * 5000, "9007199254740993", "-1", "1.0", "true", "-0"],
    ids=["infinite", "5000 digits", "2^53+1", "negative", "fraction", "truth", "minus nothing"],
)
def test_numbers_that_are_none_end_in_a_finding(made: Made, tmp_path: Path, number: str) -> None:
    path = made.seal.path / bag.ARTEFACTS
    before = path.read_bytes()
    overwrite(path, before.replace(b'"size":20', f'"size":{number}'.encode()))
    assert path.read_bytes() != before
    reseal(made.seal.path, made.key)
    found = verify(made.seal.path, trusted=[made.key.public])
    assert found.state is State.CHANGED
    json.dumps(found.to_json())


_ESCAPE = "\x1b[2J\x1b[Hintact: everything\u202e\x07"


def escaped_path(made: Made) -> None:
    manifest = made.seal.path / bag.MANIFEST
    line = f"{'0' * 64}  data/{_ESCAPE}\n"
    overwrite(manifest, manifest.read_bytes() + line.encode())


def escaped_rehearsal(made: Made) -> None:
    reseal(made.seal.path, made.key, rehearsal=_ESCAPE, sealedAt=_ESCAPE)


def escaped_folder(made: Made) -> None:
    folder = made.root / "releases" / _ESCAPE / "1"
    folder.mkdir(parents=True)
    (folder / "bagit.txt").write_text("x")


def escaped_approval(made: Made) -> None:
    (made.root / "approvals").mkdir()
    (made.root / f"approvals/{_ESCAPE}.pdf").write_bytes(b"%PDF")


@pytest.mark.parametrize(
    "attack", [escaped_path, escaped_rehearsal, escaped_folder, escaped_approval]
)
def test_nothing_in_a_vault_steers_the_terminal_of_who_verifies_it(
    attack: Callable[[Made], None], made: Made, tmp_path: Path
) -> None:
    attack(made)
    ours = CliRunner().invoke(app, ["verify", str(made.root)])
    said = checking.script(made.root, tmp_path)
    for text in (ours.output, said.text, json.dumps(verify(made.root).to_json())):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert ours.exit_code == said.code


def test_a_key_s_name_is_no_program(made: Made, tmp_path: Path) -> None:
    """Key ids in a trust file or a checkpoint reach jq as values, never as a part of a filter."""
    for name in ("trust/roles.json", "ledger/checkpoint"):
        path = made.root / name
        envelope = json.loads(path.read_bytes())
        envelope["signatures"][0]["keyid"] = '"]|(range(1e18)|empty)#'
        overwrite(path, canonical(envelope) + b"\n")
    begun = time.monotonic()
    assert checking.script(made.root, tmp_path).first == "changed"
    assert time.monotonic() - begun < 30


# -- ledgers ---------------------------------------------------------------------------------------


def take_ledger(made: Made, other: Made) -> None:
    """The ledger of another vault of the same keeper, genuine to the last byte."""
    for name in ("ledger", "approvals"):
        shutil.rmtree(made.root / name, ignore_errors=True)
        if (other.root / name).exists():
            shutil.copytree(other.root / name, made.root / name)


def sealed_again(made: Made) -> None:
    made.vault.seal(Release(REHEARSAL, artefacts(made.vault, {**FILES, "b": b"b"})), made.key)


def test_an_empty_ledger_of_the_same_keeper_takes_no_decision_away(
    made: Made, tmp_path: Path
) -> None:
    sealed_again(made)
    Ledger(made.root, made.log_key).append([dsse.sign("text/plain", b"no-go", made.key)])
    empty = Vault(tmp_path / "empty", log_key=made.log_key)
    Ledger(empty.root, made.log_key).begin()
    take_ledger(made, Made(empty, made.key, made.log_key, made.seal))
    for said in both(made.root, tmp_path, made):
        assert "sealed again since" in said


def test_a_checkpoint_that_somebody_kept_finds_the_whole_vault_put_back(
    made: Made, tmp_path: Path
) -> None:
    """Nothing inside tells: the older vault is intact."""
    older = tmp_path / "older"
    shutil.copytree(made.root, older)
    Ledger(made.root, made.log_key).append([dsse.sign("text/plain", b"no-go", made.key)])
    kept = tmp_path / "kept"
    shutil.copy(made.root / "ledger/checkpoint", kept)
    sealed_again(made)
    assert behind(made.root, kept) == [], "it has grown since, from what was kept"
    assert verify(older, trusted=[made.key.public]).state is State.INTACT
    (found,) = behind(older, kept)
    assert "an older state was put back" in found.detail
    # And where it went another way since: a go in the no-go's place.
    Ledger(older, made.log_key).append([dsse.sign("text/plain", b"go!!!", made.key)])
    (found,) = behind(older, kept)
    assert "another story" in found.detail
    told = CliRunner().invoke(app, ["verify", str(older), "--against", str(kept)])
    assert told.exit_code == 1
    assert "another story" in told.output


@pytest.mark.parametrize("data", [b"", b"{}\n", b"\xff", b'{"payload":1}\n'])
def test_what_is_no_checkpoint_is_told_as_that(made: Made, tmp_path: Path, data: bytes) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(data)
    with pytest.raises(BadInput, match="not a checkpoint"):
        behind(made.root, kept)


def test_an_older_ledger_is_found_once_the_keeper_has_sealed_again(
    made: Made, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(made.root / "ledger", old)
    sealed_again(made)
    sealed_again(made)
    shutil.rmtree(made.root / "ledger")
    shutil.copytree(old, made.root / "ledger")
    for said in both(made.root, tmp_path, made):
        assert "sealed again since" in said


def test_one_seal_that_was_interrupted_before_its_entry_is_no_finding(
    made: Made, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(made.root / "ledger", old)
    sealed_again(made)
    shutil.rmtree(made.root / "ledger")
    shutil.copytree(old, made.root / "ledger")
    for said in both(made.root, tmp_path, made):
        assert "interrupted just after sealing" in said
    sealed_again(made)
    for said in both(made.root, tmp_path, made):
        assert "interrupted" not in said


def test_two_ledgers_spliced_are_found(made: Made, tmp_path: Path) -> None:
    other = make(tmp_path / "other")
    path = made.root / "ledger/ledger.jsonl"
    overwrite(path, path.read_bytes() + (other.root / "ledger/ledger.jsonl").read_bytes())
    assert "ledger" in both(made.root, tmp_path, made)[1]
    shutil.copy(other.root / "ledger/checkpoint", made.root / "ledger/checkpoint.next")
    assert "ledger" in both(made.root, tmp_path, made)[1]


# -- keys ------------------------------------------------------------------------------------------


def plant_trust(made: Made, keep: SigningKey, roles: Sequence[str] = (trust.LOG_ROLE,)) -> None:
    """A stranger's own list, validly signed by the stranger: they may seal, and `keep` holds
    `roles`."""
    stranger = SigningKey.generate()
    at = "2024-05-30T08:00:00.000Z"
    forged = trust.Trust().with_key(trust.TrustedKey(stranger.public, [trust.SEAL_ROLE], at))
    forged = forged.with_key(trust.TrustedKey(keep.public, roles, at))
    forged.save(made.root, stranger)


def test_a_stranger_s_list_of_keys_is_never_given_our_signature(tmp_path: Path) -> None:
    key = SigningKey.generate()
    vault = Vault(tmp_path / "v")
    seal = vault.seal(Release(REHEARSAL, artefacts(vault)), key)
    made = Made(vault, key, key, seal)
    plant_trust(made, key)
    before = tree(made.root / "trust")
    with pytest.raises(VaultError, match="not signed by us"):
        vault.seal(Release("another", artefacts(vault)), key)
    assert tree(made.root / "trust") == before
    plant_trust(made, key, [trust.SEAL_ROLE, trust.LOG_ROLE])
    before = tree(made.root / "trust")
    with pytest.raises(VaultError, match="not signed by us"):
        vault.seal(Release("another", artefacts(vault)), key)
    with pytest.raises(VaultError, match="not signed by us"):
        rotate(made.root, key, SigningKey.generate())
    assert tree(made.root / "trust") == before
    assert vault.rehearsals() == [REHEARSAL]
    for said in both(made.root, tmp_path, made):
        assert "trust/roles.json" in said


def test_who_seals_with_a_ledger_key_of_others_signs_no_stranger_s_list_either(
    made: Made,
) -> None:
    second = SigningKey.generate()
    made.vault.seal(Release("another", artefacts(made.vault)), second)
    assert verify(made.root, trusted=[second.public]).state is State.INTACT
    plant_trust(made, made.log_key)
    before = tree(made.root / "trust")
    for key in (made.key, second, SigningKey.generate()):
        with pytest.raises(VaultError, match="not signed by us"):
            made.vault.seal(Release("third", artefacts(made.vault)), key)
    assert tree(made.root / "trust") == before


def test_a_release_taken_in_and_cut_short_is_noted_when_it_is_taken_in_again(
    made: Made, tmp_path: Path
) -> None:
    mine = Vault(tmp_path / "mine")
    key = SigningKey.generate()
    mine.seal(Release("own", artefacts(mine)), key)
    old = tmp_path / "old"
    for turn in range(2):
        with mine.staging() as staged:
            shutil.copytree(made.seal.path, staged, dirs_exist_ok=True)
            if not turn:
                shutil.copytree(mine.root / "ledger", old)
            assert mine.adopt(staged, made.key.public, key).digest == made.seal.digest
        if not turn:
            shutil.rmtree(mine.root / "ledger")
            shutil.copytree(old, mine.root / "ledger")
    found = verify(mine.root, trusted=[key.public, made.key.public])
    assert found.state is State.INTACT
    assert not [line for line in found.unchecked if "ledger" in line]


# -- who is looking --------------------------------------------------------------------------------


def test_a_list_swapped_after_it_was_verified_is_not_read(made: Made) -> None:
    assert verify(made.seal.path).state is State.INTACT
    path = made.seal.path / bag.ARTEFACTS
    overwrite(path, path.read_bytes().replace(b'"path":"empty.txt"', b'"path":"empte.txt"'))
    with pytest.raises(VaultError, match="not the one that was signed"):
        read_release(made.seal.path)


def test_no_module_in_a_vault_is_run_by_who_stands_in_it(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = made.root / "approvals/board.pdf"
    page.parent.mkdir()
    page.write_bytes(b"%PDF-1.7")
    (made.root / "golive").mkdir()
    for name in ("json.py", "io.py", "resource.py", "golive/__init__.py"):
        (made.root / name).write_text("open('ran', 'w').close()\n")
    monkeypatch.chdir(made.root)
    assert look_at_file(page).unreadable
    assert not Path("ran").exists()


def test_a_staging_room_that_is_a_link_leads_nothing_out(made: Made, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    shutil.rmtree(made.root / ".staging", ignore_errors=True)
    (made.root / ".staging").symlink_to(outside, target_is_directory=True)
    sealed_again(made)
    assert [one.name for one in outside.iterdir()] == ["precious"]
    assert verify(made.root).state is State.INTACT


@pytest.mark.parametrize("name", ["void", "objects/void", "approvals/void", "trust/void/deeper"])
def test_an_empty_folder_that_no_sealing_made_is_found(
    made: Made, tmp_path: Path, name: str
) -> None:
    (made.root / name).mkdir(parents=True)
    for said in both(made.root, tmp_path, made):
        assert name in said


@pytest.mark.parametrize(
    "name", ["approvals", "objects/incoming", "objects/sha256/00", "releases/next", ".staging/1"]
)
def test_a_room_that_a_kill_left_open_is_no_finding(made: Made, tmp_path: Path, name: str) -> None:
    (made.root / name).mkdir(parents=True, exist_ok=True)
    assert verify(made.root, trusted=[made.key.public]).state is State.INTACT
    both(made.root, tmp_path, made)


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint.next"])
def test_a_checkpoint_that_nobody_signed_beside_one_that_holds_is_found(
    made: Made, tmp_path: Path, name: str
) -> None:
    ledger = made.root / "ledger"
    shutil.copy(ledger / "checkpoint", ledger / "checkpoint.next")
    both(made.root, tmp_path, made)
    assert verify(made.root, trusted=[made.key.public]).state is State.INTACT
    overwrite(ledger / name, b"junk\n")
    for said in both(made.root, tmp_path, made):
        assert f"ledger/{name}" in said
