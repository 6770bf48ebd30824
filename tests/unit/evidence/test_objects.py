from __future__ import annotations

import hashlib
import io
import os
import stat
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golive.evidence import nameless
from golive.evidence.durable import VaultError
from golive.evidence.objects import ObjectStore, StoredObject

MIB = 1 << 20


class Trickle(io.RawIOBase):
    """A source that hands out `size` zero bytes in small pieces, as a pipe does."""

    def __init__(self, size: int, piece: int) -> None:
        self._left, self._piece = size, piece

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        count = min(self._left, self._piece, size)
        self._left -= count
        return bytes(count)


class Broken(io.RawIOBase):
    """A source that fails half-way."""

    def __init__(self) -> None:
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        self._given += 1
        if self._given > 3:
            raise OSError(5, "the cable was pulled")
        return bytes(size)


def expected(data: bytes) -> StoredObject:
    return StoredObject(hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_bytes_text_path_and_stream_are_stored_alike(tmp_path: Path, size: int) -> None:
    data = (b"golive%" * (size // 7 + 1))[:size]
    source = tmp_path / "source"
    source.write_bytes(data)
    for number, content in enumerate((data, data.decode(), source, io.BytesIO(data))):
        store = ObjectStore(tmp_path / str(number))
        stored = store.put(content)
        assert stored == expected(data)
        with store.open(stored.sha256) as file:
            assert file.read() == data
        path = store.path(stored.sha256)
        assert stat.S_IMODE(path.stat().st_mode) & 0o333 == 0
        assert (
            path
            == tmp_path / str(number) / "objects/sha256" / stored.sha256[:2] / (stored.sha256[2:])
        )


def test_the_same_bytes_lie_there_once(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    first = store.put(b"x")
    inode = store.path(first.sha256).stat().st_ino
    assert ObjectStore(tmp_path).put(io.BytesIO(b"x")) == first
    assert store.path(first.sha256).stat().st_ino == inode
    assert leftovers(tmp_path) == []


def test_a_pipe_that_trickles_is_read_to_its_end(tmp_path: Path) -> None:
    stored = ObjectStore(tmp_path).put(Trickle(3 * MIB, 999))  # type: ignore[arg-type]
    assert stored == expected(bytes(3 * MIB))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=64), max_size=6))
def test_what_goes_in_comes_out(tmp_path: Path, contents: list[bytes]) -> None:
    store = ObjectStore(tmp_path)
    for content in contents:
        with store.open(store.put(content).sha256) as file:
            assert file.read() == content


def test_many_writers_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    contents = [str(number % 20).encode() * 5000 for number in range(400)]
    stores = [ObjectStore(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda pair: stores[pair[0] % 4].put(pair[1]), enumerate(contents)))
    assert found == [expected(content) for content in contents]
    assert leftovers(tmp_path) == []


def test_memory_stays_flat_while_an_artefact_grows(tmp_path: Path) -> None:
    """Peak of Python's own allocations, MiB, for 4 and for 64 MiB of content."""
    peaks = []
    for size in (4 * MIB, 64 * MIB):
        source = Trickle(size, MIB)
        tracemalloc.start()
        try:
            ObjectStore(tmp_path).put(source)  # type: ignore[arg-type]
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 16 * MIB
    assert peaks[1] < peaks[0] + 6 * MIB


def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="evidence can't be written"):
        ObjectStore(tmp_path).put(Broken())  # type: ignore[arg-type]
    assert leftovers(tmp_path) == []


def test_a_missing_source_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="No such file") as caught:
        ObjectStore(tmp_path).put(tmp_path / "nowhere.log")
    assert "nowhere.log" in caught.value.where


def test_an_object_that_a_power_cut_emptied_is_written_anew(tmp_path: Path) -> None:
    stored = ObjectStore(tmp_path).put(b"evidence")
    path = ObjectStore(tmp_path).path(stored.sha256)
    path.unlink()
    path.write_bytes(b"")
    ObjectStore(tmp_path).put(b"evidence")
    assert path.read_bytes() == b"evidence"


@pytest.mark.parametrize("damage", [b"", b"evidencX", b"evidence and more"])
def test_a_damaged_object_is_not_sealed(tmp_path: Path, damage: bytes) -> None:
    stored = ObjectStore(tmp_path).put(b"evidence")
    store = ObjectStore(tmp_path)
    assert Path(store.ensure(stored.sha256, stored.size)).read_bytes() == b"evidence"
    path = store.path(stored.sha256)
    path.unlink()
    path.write_bytes(damage)
    with pytest.raises(VaultError):
        ObjectStore(tmp_path).ensure(stored.sha256, stored.size)


def test_a_link_in_an_objects_place_is_not_sealed(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    stored = store.put(b"evidence")
    path = store.path(stored.sha256)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VaultError):
        ObjectStore(tmp_path).ensure(stored.sha256, stored.size)


@pytest.mark.parametrize("name", ["", "x" * 64, "../" * 21 + "a", "AB" * 32, "ab" * 31])
def test_only_a_digest_names_an_object(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        ObjectStore(tmp_path).path(name)


def test_a_missing_object_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="can't be read"):
        ObjectStore(tmp_path).open("ab" * 32)


@pytest.fixture
def no_nameless_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system without O_TMPFILE."""
    monkeypatch.setattr(nameless, "_HAS_PROC", False)


def test_without_nameless_files_it_is_the_same(tmp_path: Path, no_nameless_files: None) -> None:
    for size in (10, 3 * MIB):
        store = ObjectStore(tmp_path)
        assert store.put(bytes(size)) == store.put(io.BytesIO(bytes(size))) == expected(bytes(size))
    with pytest.raises(VaultError):
        ObjectStore(tmp_path).put(Broken())  # type: ignore[arg-type]
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("has_proc", [True, False])
def test_without_hard_links_it_is_the_same(
    tmp_path: Path, has_proc: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(nameless, "_HAS_PROC", has_proc)
    monkeypatch.setattr(os, "link", no_links)
    for size in (10, 3 * MIB):
        for _ in range(2):
            store = ObjectStore(tmp_path)
            stored = store.put(io.BytesIO(bytes(size)))
            assert stored == expected(bytes(size))
            with store.open(stored.sha256) as file:
                assert file.read() == bytes(size)
    assert leftovers(tmp_path) == []


def leftovers(root: Path) -> list[str]:
    incoming = root / "objects" / "incoming"
    return [one.name for one in incoming.iterdir()] if incoming.exists() else []
