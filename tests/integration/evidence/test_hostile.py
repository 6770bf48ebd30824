"""Vaults made to hurt whoever verifies them: each ends in a finding, soon, and without a trace."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_world import checking
from evidence_world.making import REHEARSAL, Made, make, overwrite
from golive.evidence import bag, dsse
from golive.evidence.keys import SigningKey
from golive.evidence.verify import State, Verification, verify
from golive.kernel.json import canonical

BIG = 1 << 40


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def hole(path: Path, size: int = BIG) -> None:
    """A file of a terabyte that takes no room."""
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(size)


def seal_with_hole(release: Path) -> None:
    hole(release / bag.SEAL)


def manifest_with_hole(release: Path) -> None:
    hole(release / bag.MANIFEST)


def tags_with_hole(release: Path) -> None:
    hole(release / bag.TAG_MANIFEST)


def payload_with_hole(release: Path) -> None:
    hole(release / "data/golive/playbook.md")


def tag_file_with_hole(release: Path) -> None:
    hole(release / "bag-info.txt")


def extra_tag_with_hole(release: Path) -> None:
    hole(release / "metadata/zeros")
    rehash_with(release, "metadata/zeros")


def rehash_with(release: Path, name: str) -> None:
    manifest = release / bag.TAG_MANIFEST
    overwrite(manifest, manifest.read_bytes() + b"0" * 64 + f"  {name}\n".encode())


def listed_hole(release: Path) -> None:
    """A terabyte of nothing, properly listed with its length: only the disk can tell."""
    hole(release / "data/golive/playbook.md")
    path = release / bag.ARTEFACTS
    listed = json.loads(path.read_bytes())
    for record in listed["artifacts"]:
        if record["path"] == "golive/playbook.md":
            record["size"] = 2**50
    hole(release / "data/golive/playbook.md", 2**43)
    text = path.read_bytes().replace(b'"size":11', b'"size":8796093022208')
    overwrite(path, text)


def gigantic_manifest(release: Path) -> None:
    lines = (f"{number:064x}  data/{number}\n" for number in range(60_000))
    overwrite(release / bag.MANIFEST, "".join(lines).encode())


def garbage_manifest(release: Path) -> None:
    overwrite(release / bag.MANIFEST, b"\n" * 300_000)


def one_line_manifest(release: Path) -> None:
    overwrite(release / bag.MANIFEST, b"x" * 20_000_000)


def broken_utf8(release: Path) -> None:
    overwrite(release / bag.MANIFEST, b"\xff\xfe\n")


def deep_json(release: Path) -> None:
    overwrite(release / bag.ARTEFACTS, b'{"artifacts":' + b"[" * 2_000_000)


def deep_seal(release: Path) -> None:
    overwrite(release / bag.SEAL, b"[" * 1_000_000)


def wrong_types(release: Path) -> None:
    overwrite(release / bag.ARTEFACTS, canonical({"version": 1, "artifacts": [1, None, "x"]}))


def no_records(release: Path) -> None:
    overwrite(release / bag.ARTEFACTS, canonical({"version": 1, "artifacts": {}}))


def statement_of_nonsense(release: Path) -> None:
    envelope = dsse.sign(bag.PAYLOAD_TYPE, b'{"predicate":1}', SigningKey.generate())
    overwrite(release / bag.SEAL, canonical(envelope))


def many_signatures(release: Path) -> None:
    envelope = json.loads((release / bag.SEAL).read_bytes())
    envelope["signatures"] *= 100_000
    overwrite(release / bag.SEAL, canonical(envelope))


def folders_for_files(release: Path) -> None:
    for name in (bag.SEAL, bag.MANIFEST, bag.TAG_MANIFEST):
        (release / name).unlink()
        (release / name).mkdir()


def links_in_a_circle(release: Path) -> None:
    (release / "data/loop").symlink_to(release / "data", target_is_directory=True)
    (release / "data/self").symlink_to("self")


def link_to_a_device(release: Path) -> None:
    (release / "data/zero").symlink_to("/dev/zero")


def fifo_for_the_seal(release: Path) -> None:
    (release / bag.SEAL).unlink()
    os.mkfifo(release / bag.SEAL)


def deep_folders(release: Path) -> None:
    here = Path.cwd()
    os.chdir(release / "data")
    try:
        for _ in range(600):
            Path("deeper").mkdir()
            os.chdir("deeper")
    finally:
        os.chdir(here)


ALL: tuple[Callable[[Path], None], ...] = (
    seal_with_hole,
    manifest_with_hole,
    tags_with_hole,
    payload_with_hole,
    tag_file_with_hole,
    extra_tag_with_hole,
    listed_hole,
    gigantic_manifest,
    garbage_manifest,
    one_line_manifest,
    broken_utf8,
    deep_json,
    deep_seal,
    wrong_types,
    no_records,
    statement_of_nonsense,
    many_signatures,
    folders_for_files,
    links_in_a_circle,
    link_to_a_device,
    fifo_for_the_seal,
    deep_folders,
)


def names(found: Verification) -> list[str]:
    return [str(one) for one in found.findings]


@pytest.mark.parametrize("attack", ALL, ids=[attack.__name__ for attack in ALL])
def test_a_hostile_release_ends_in_a_finding(attack: Callable[[Path], None], made: Made) -> None:
    attack(made.seal.path)
    for target in (made.seal.path, made.root):
        with within(20):
            found = verify(target, trusted=[made.key.public])
        assert found.state is State.CHANGED
        assert found.findings
        json.dumps(found.to_json()).encode()


@pytest.mark.parametrize(
    "name", ["ledger/ledger.jsonl", "ledger/checkpoint", "trust/roles.json", "approvals/x.pdf"]
)
@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}", b"\xff" * 100, b"[" * 100_000, b'{"env":{},"prev":"","seq":0}\n' * 1000],
    ids=["empty", "line", "object", "bytes", "deep", "entries"],
)
def test_hostile_records_end_in_a_finding(made: Made, name: str, content: bytes) -> None:
    path = made.root / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with within(20):
        found = verify(made.root, trusted=[made.key.public])
    assert found.state is State.CHANGED
    assert any(name.split("/")[0] in line for line in names(found)), names(found)


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
@pytest.mark.parametrize(
    "attack",
    [seal_with_hole, manifest_with_hole, payload_with_hole, tag_file_with_hole, listed_hole,
     fifo_for_the_seal, links_in_a_circle, link_to_a_device, broken_utf8, deep_json,
     garbage_manifest, gigantic_manifest, wrong_types, statement_of_nonsense, folders_for_files],
    ids=lambda attack: attack.__name__,
)  # fmt: skip
def test_the_script_holds_out_as_well(
    attack: Callable[[Path], None], made: Made, tmp_path: Path
) -> None:
    attack(made.seal.path)
    said = checking.script(made.seal.path, tmp_path)
    assert (said.code, said.first) == (1, "changed"), said.text


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_the_script_reads_no_hollow_file_of_a_vault(made: Made, tmp_path: Path) -> None:
    """One that a release lists, one that none does, and a ledger."""
    listed = next(path for path in made.root.glob("objects/sha256/*/*") if path.is_file())
    before = listed.read_bytes()
    hole(listed)
    said = checking.script(made.root, tmp_path)
    assert (said.code, said.first) == (1, "changed"), said.text
    assert f"objects/sha256/{listed.parent.name}/{listed.name} is not as long" in said.text
    listed.unlink()
    listed.write_bytes(before)

    stray = made.root / "objects/sha256/00" / ("0" * 62)
    stray.parent.mkdir(exist_ok=True)
    hole(stray)
    said = checking.script(made.root, tmp_path)
    assert f"objects/sha256/00/{stray.name}: not read: beyond 1 GiB" in said.text, said.text
    assert "changed" not in said.first
    stray.unlink()

    hole(made.root / "ledger/checkpoint")
    said = checking.script(made.root, tmp_path)
    assert (said.code, said.first) == (1, "changed"), said.text


@pytest.fixture(scope="module")
def release_bytes(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("fuzzed") / "v", {"a.txt": b"a", "b/c.txt": b"c" * 100})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_any_byte_changed_anywhere_is_found(release_bytes: Made, data: st.DataObject) -> None:
    """Flip, cut or add one byte of any file: changed, in the release and in its vault."""
    root = release_bytes.root
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.stat().st_size)
    path = data.draw(st.sampled_from(files))
    before, mode = path.read_bytes(), path.stat().st_mode
    at = data.draw(st.integers(0, len(before) - 1))
    new = data.draw(
        st.sampled_from(
            [
                before[:at]
                + bytes([before[at] ^ (1 << data.draw(st.integers(0, 7)))])
                + before[at + 1 :],
                before[:at] + before[at + 1 :],
                before[:at] + b" " + before[at:],
            ]
        )
    )
    path.chmod(0o644)
    path.write_bytes(new)  # in place: through every hard link
    try:
        found = verify(root, trusted=[release_bytes.key.public])
        assert found.state is State.CHANGED, path
    finally:
        path.write_bytes(before)
        path.chmod(mode)
    assert verify(root, trusted=[release_bytes.key.public]).state is State.INTACT


def test_a_vault_without_a_seal_is_no_vault(tmp_path: Path) -> None:
    for name in ("", "objects", "releases"):
        folder = tmp_path / f"with-{name or 'nothing'}"
        (folder / name).mkdir(parents=True)
        assert verify(folder).state is State.NOT_A_VAULT
    assert verify(tmp_path / "nowhere").state is State.NOT_A_VAULT
    (tmp_path / "file").write_text("x")
    assert verify(tmp_path / "file").state is State.NOT_A_VAULT
    (tmp_path / "with-nothing" / "holiday.jpg").write_bytes(b"x")
    assert verify(tmp_path / "with-nothing").state is State.NOT_A_VAULT


def test_nothing_is_written_while_verifying(made: Made) -> None:
    def state() -> list[tuple[str, int, int]]:
        paths = [made.root, *sorted(made.root.rglob("*"))]
        return [(str(one), one.stat().st_mtime_ns, one.stat().st_ino) for one in paths]

    before = state()
    verify(made.root)
    verify(made.seal.path)
    assert state() == before


def test_a_floods_findings_are_counted_not_kept(made: Made) -> None:
    folder = made.seal.path / "data" / "flood"
    folder.mkdir()
    for number in range(21_000):
        (folder / str(number)).touch()
    found = verify(made.seal.path)
    assert found.state is State.CHANGED
    assert len(found.findings) <= 20_001
    assert "more findings" in str(found.findings[-1])


def test_a_vault_reached_by_a_link_is_verified(made: Made, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(made.root, target_is_directory=True)
    assert verify(tmp_path / "shortcut").state is State.INTACT
    assert f"releases/{REHEARSAL}/1" in {one.path for one in verify(tmp_path / "shortcut").releases}
