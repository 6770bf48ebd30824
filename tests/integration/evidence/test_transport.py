"""A release as one file: the same bytes every time, and nothing taken in on trust."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence_world.attacks import edit, sign_again
from evidence_world.making import FILES, REHEARSAL, Made, make, tree
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.transport import export_release, import_release
from golive.evidence.vault import Vault
from golive.evidence.verify import State, verify
from golive.kernel.errors import BadInput, GoliveError

OURS = SigningKey.generate()


def exported(made: Made, path: Path) -> Path:
    with path.open("wb") as sink:
        export_release(made.seal.path, sink)
    return path


def test_a_release_travels_whole(made: Made, tmp_path: Path) -> None:
    file = exported(made, tmp_path / "release.tar")
    other = Vault(tmp_path / "other")
    seal = import_release(file, other, OURS, trusted=[made.key.public])
    assert seal.digest == made.seal.digest
    assert tree(seal.path) == tree(made.seal.path)
    found = verify(other.root, trusted=[OURS.public])
    assert found.state is State.INTACT, found.findings
    data = seal.path / "data" / "golive/playbook.md"
    assert data.stat().st_nlink == 2, "the bytes lie in the object store, once"
    again = import_release(file, other, OURS, trusted=[made.key.public])
    assert again == seal
    assert len(verify(other.root).releases) == 1


def test_the_same_release_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    first = exported(made, tmp_path / "1.tar").read_bytes()
    other = Vault(tmp_path / "other")
    seal = import_release(tmp_path / "1.tar", other, OURS, trusted=[made.key.public])
    sink = io.BytesIO()
    export_release(seal.path, sink)
    assert sink.getvalue() == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        members = archive.getmembers()
    assert [one.name for one in members] == sorted(one.name for one in members)
    assert {(one.mtime, one.uid, one.uname) for one in members} == {(0, 0, "")}
    assert len(members) == len(FILES) + 8


def test_what_is_broken_is_not_handed_on(made: Made) -> None:
    edit(made.seal.path)
    with pytest.raises(VaultError, match="not intact"):
        export_release(made.seal.path, io.BytesIO())


def test_a_release_of_an_unknown_key_is_not_taken_in(made: Made, tmp_path: Path) -> None:
    sign_again(made.seal.path)
    file = exported(made, tmp_path / "forged.tar")
    other = Vault(tmp_path / "other")
    with pytest.raises(BadInput, match="not a trusted key"):
        import_release(file, other, OURS, trusted=[made.key.public])
    with pytest.raises(BadInput, match="needs the public key"):
        import_release(file, other, OURS, trusted=[])
    assert not (other.root / "releases").exists()


def test_another_seal_under_the_same_number_is_refused(made: Made, tmp_path: Path) -> None:
    file = exported(made, tmp_path / "release.tar")
    other = make(tmp_path / "other")
    with pytest.raises(BadInput, match="another release is sealed"):
        import_release(file, other.vault, other.key, trusted=[made.key.public])
    assert verify(other.root, trusted=[other.key.public]).state is State.INTACT


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


IN = f"{REHEARSAL}/1"
HOSTILE: dict[str, list[tuple[tarfile.TarInfo, bytes]]] = {
    "climbs": [member("../../outside", b"x")],
    "climbs inside": [member(f"{IN}/data/../../../outside", b"x")],
    "absolute": [member("/tmp/golive-outside", b"x")],
    "link": [member(f"{IN}/data/a", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
    "hard link": [member(f"{IN}/data/a", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
    "device": [member(f"{IN}/data/a", type=tarfile.CHRTYPE, devmajor=1, devminor=5)],
    "fifo": [member(f"{IN}/data/a", type=tarfile.FIFOTYPE)],
    "twice": [member(f"{IN}/bagit.txt", b"a"), member(f"{IN}/bagit.txt", b"b")],
    "file for a folder": [member(f"{IN}/data", b"a"), member(f"{IN}/data/b", b"b")],
    "two releases": [member(f"{IN}/bagit.txt"), member("other/1/bagit.txt")],
    "control characters": [member(f"{IN}/data/a\x1bb", b"x")],
    "empty": [],
    "nothing of a release": [member(f"{IN}/hello.txt", b"x")],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.tar"
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in HOSTILE[name]:
            archive.addfile(info, io.BytesIO(data))
    refused(file, tmp_path)
    assert not Path("/tmp/golive-outside").exists()
    assert not list(tmp_path.rglob("outside"))


def sparse_gnu(info: tarfile.TarInfo) -> bytes:
    """Old GNU: a map in the header itself, here of a hole of a tebibyte."""
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[386:482] = bytes(96)
    head[483:495] = tarfile.itn(1 << 40, 12, tarfile.GNU_FORMAT)  # type: ignore[attr-defined]
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def sparse_pax(info: tarfile.TarInfo) -> bytes:
    """GNU in pax 0.1: the map in a header of its own."""
    info.pax_headers = {
        "GNU.sparse.size": str(1 << 40), "GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,0",
        "GNU.sparse.name": info.name,
    }  # fmt: skip
    info.size = 0
    return info.tobuf(tarfile.PAX_FORMAT)


def typed(kind: bytes, link: str = "", **fields: int) -> Callable[[tarfile.TarInfo], bytes]:
    def spoil(info: tarfile.TarInfo) -> bytes:
        info.type, info.size, info.linkname = kind, 0, link
        for name, value in fields.items():
            setattr(info, name, value)
        return info.tobuf(tarfile.PAX_FORMAT)

    return spoil


SPECIAL: dict[str, Callable[[tarfile.TarInfo], bytes]] = {
    "character device": typed(tarfile.CHRTYPE, devmajor=1, devminor=5),
    "block device": typed(tarfile.BLKTYPE, devmajor=8, devminor=0),
    "fifo": typed(tarfile.FIFOTYPE),
    "folder": typed(tarfile.DIRTYPE),
    "hard link to a file that came before": typed(tarfile.LNKTYPE, f"{IN}/bagit.txt"),
    "hard link outside": typed(tarfile.LNKTYPE, "/etc/hostname"),
    "link to a file that came before": typed(tarfile.SYMTYPE, "bagit.txt"),
    "link outside": typed(tarfile.SYMTYPE, "/etc/hostname"),
    "unknown type": typed(b"Z"),
    "sparse, old": sparse_gnu,
    "sparse, pax": sparse_pax,
}


@pytest.mark.parametrize("place", ["in a file's place", "beside them"])
@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_plain_file_in_a_genuine_release_is_refused_as_such(
    name: str, place: str, made: Made, tmp_path: Path
) -> None:
    """All before it is as it was exported, so that it is what is refused."""
    genuine = exported(made, tmp_path / "release.tar")
    sink = io.BytesIO()
    with tarfile.open(genuine) as archive:
        for one in archive:
            content = archive.extractfile(one)
            assert content is not None
            data = content.read()
            spoilt = one.name == f"{IN}/data/empty.txt"
            if spoilt and place == "beside them":
                extra = tarfile.TarInfo(f"{IN}/data/extra.txt")
                sink.write(SPECIAL[name](extra))
            if spoilt and place != "beside them":
                sink.write(SPECIAL[name](one))
            else:
                sink.write(one.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512))
    file = tmp_path / "hostile.tar"
    file.write_bytes(sink.getvalue() + bytes(1024))
    assert "is not a plain file" in refused(file, tmp_path, made)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def huge_header(data: bytes) -> bytes:
    info = tarfile.TarInfo("header")
    info.type, info.size = tarfile.XHDTYPE, 1 << 40
    return info.tobuf(tarfile.GNU_FORMAT) + data


def huge_file(data: bytes) -> bytes:
    return (
        tarfile.TarInfo(f"{IN}/data/a").tobuf(tarfile.GNU_FORMAT)[:124]
        + b"77777777777\0"
        + (tarfile.TarInfo(f"{IN}/data/a").tobuf(tarfile.GNU_FORMAT)[136:] + data)
    )


@pytest.mark.parametrize(
    "change",
    [cut, huge_header, huge_file, lambda data: b"", lambda data: b"\xff" * 4096,
     lambda data: data[:600] + b"\xff" + data[601:], lambda data: b"\x1f\x8b" + data],
    ids=["cut", "huge header", "huge file", "nothing", "noise", "edited", "compressed"],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_leaves_nothing(
    change: Callable[[bytes], bytes], made: Made, tmp_path: Path
) -> None:
    file = exported(made, tmp_path / "release.tar")
    file.write_bytes(change(file.read_bytes()))
    refused(file, tmp_path, made)


def test_a_missing_file_is_one_clear_message(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere.tar", tmp_path)


def refused(file: Path, folder: Path, made: Made | None = None) -> str:
    """Why."""
    other = Vault(folder / "other")
    key = made.key if made else OURS
    with pytest.raises(GoliveError) as caught:
        import_release(file, other, OURS, trusted=[key.public])
    assert "\x1b" not in str(caught.value)
    assert not (other.root / "releases").exists()
    assert list((other.root / ".staging").iterdir()) == []
    return str(caught.value)
