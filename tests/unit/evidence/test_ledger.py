from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from golive.evidence import dsse, merkle
from golive.evidence.durable import VaultError
from golive.evidence.keys import SigningKey
from golive.evidence.ledger import Ledger, link, split
from golive.kernel.json import JsonObject

LOG, PERSON = SigningKey.generate(), SigningKey.generate()


def said(text: str) -> JsonObject:
    return dsse.sign("text/plain", text.encode(), PERSON)


def test_entries_are_chained_counted_and_signed_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, LOG, origin="fixnado")
    ledger.append([said("a")])
    ledger.append([said("b"), said("c")])
    data = ledger.path.read_bytes()
    lines = data.split(b"\n")[:-1]
    entries = Ledger(tmp_path, LOG).entries()
    assert [entry.seq for entry in entries] == [0, 1, 2]
    assert entries[0].prev == "0" * 64
    assert entries[2].prev == hashlib.sha256(lines[1]).hexdigest()
    assert json.loads(lines[1])["env"]["payloadType"] == "text/plain"
    checkpoint = ledger.checkpoint()
    assert (checkpoint.origin, checkpoint.size, checkpoint.length) == ("fixnado", 3, len(data))
    assert checkpoint.root == merkle.root(lines)
    assert checkpoint.sha256 == hashlib.sha256(data).hexdigest()
    assert sorted(path.name for path in ledger.folder.iterdir()) == [
        ".lock",
        "checkpoint",
        "ledger.jsonl",
    ]


def test_a_new_ledger_is_empty_and_signed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, LOG)
    assert ledger.entries() == ()
    ledger.begin()
    ledger.begin()
    assert ledger.entries() == []
    assert ledger.checkpoint().size == 0


def test_many_who_append_at_once_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(lambda n: Ledger(tmp_path, LOG).append([said(str(n))])[0].seq, range(40))
    assert sorted(done) == list(range(40))
    entries = Ledger(tmp_path, LOG).entries()
    payloads = {dsse.verify(entry.envelope, [PERSON.public]) for entry in entries}
    assert payloads == {str(n).encode() for n in range(40)}


def swap(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def rewrap(lines: list[bytes]) -> list[bytes]:
    """The last line saying something else, its chain intact: what no chain can see."""
    last = json.loads(lines[-1])
    last["env"] = said("z")
    text = json.dumps(last, sort_keys=True, separators=(",", ":"))
    return [*lines[:-1], text.encode()]


@pytest.mark.parametrize(
    "attack",
    [
        swap,
        rewrap,
        lambda lines: lines[:-1],
        lambda lines: lines[1:],
        lambda lines: [],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0].replace(b'"seq":0', b'"seq":1'), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1] + b" "],
    ],
    ids=["swap", "rewrap", "cut", "behead", "empty", "repeat", "renumber", "blank"],
)
def test_a_ledger_changed_from_outside_is_neither_read_nor_written(
    tmp_path: Path, attack: Callable[[list[bytes]], list[bytes]]
) -> None:
    ledger = Ledger(tmp_path, LOG)
    ledger.append([said("a"), said("b"), said("c")])
    lines = list(split(ledger.path.read_bytes()))
    ledger.path.write_bytes(b"".join(line + b"\n" for line in attack(lines)))
    after = ledger.path.read_bytes()
    with pytest.raises(VaultError, match="changed from outside"):
        ledger.entries()
    with pytest.raises(VaultError, match="changed from outside"):
        ledger.append([said("d")])
    assert ledger.path.read_bytes() == after


@pytest.mark.parametrize("lost", ["checkpoint", "ledger.jsonl"])
def test_a_ledger_with_a_part_missing_is_not_begun_again(tmp_path: Path, lost: str) -> None:
    ledger = Ledger(tmp_path, LOG)
    ledger.append([said("a")])
    (ledger.folder / lost).unlink()
    with pytest.raises(VaultError):
        ledger.append([said("b")])


def test_a_checkpoint_of_another_key_does_not_count(tmp_path: Path) -> None:
    Ledger(tmp_path, SigningKey.generate()).append([said("a")])
    with pytest.raises(VaultError, match="checkpoint"):
        Ledger(tmp_path, LOG).entries()


def test_an_append_that_was_cut_short_is_finished_or_undone(tmp_path: Path) -> None:
    """Killed after the line, before the rename: it counts. Cut within the line: it doesn't."""
    ledger = Ledger(tmp_path, LOG)
    ledger.append([said("a")])
    before, old = ledger.path.read_bytes(), (ledger.folder / "checkpoint").read_bytes()
    ledger.append([said("b")])
    after, new = ledger.path.read_bytes(), (ledger.folder / "checkpoint").read_bytes()
    for cut, expected in ((len(after), after), (len(after) - 9, before), (len(before), before)):
        ledger.path.write_bytes(after[:cut])
        (ledger.folder / "checkpoint").write_bytes(old)
        (ledger.folder / "checkpoint.next").write_bytes(new)
        assert len(Ledger(tmp_path, LOG).entries()) == expected.count(b"\n")
        assert ledger.path.read_bytes() == expected
    assert ledger.append([said("c")])[0].seq == 1


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"\xff", b'{"env":1,"prev":"","seq":0}'])
def test_a_line_that_is_no_entry_is_named(line: bytes) -> None:
    with pytest.raises(ValueError, match="line 1"):
        link([line])


def test_a_line_without_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        split(b"{}")
