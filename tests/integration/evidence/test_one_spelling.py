"""A signed file has one spelling: whatever decodes to the same bytes, but isn't them, is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evidence_world import checking
from evidence_world.making import Made, make
from golive.evidence import bag
from golive.evidence.verify import State, verify

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def other_spellings(before: bytes) -> Iterator[bytes]:
    """The same content to a lenient reader: bits that base64 throws away, a newline less or
    more."""
    at = before.find(b'="')
    while at >= 0:
        last = at - 1 if before[at - 1 : at] != b"=" else at - 2
        spare = _ALPHABET[_ALPHABET.index(before[last]) ^ 1]
        yield before[:last] + bytes([spare]) + before[last + 1 :]
        at = before.find(b'="', at + 1)
    yield before + b"\n"
    if before.endswith(b"\n"):
        yield before[:-1]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("spelled") / "v", {"a.txt": b"a"})


SIGNED = ("trust/roles.json", "ledger/checkpoint", "ledger/ledger.jsonl", bag.SEAL)
TOLD = {
    "trust/roles.json": "trust/roles.json is not validly signed|trust/roles.json is not one line",
    "ledger/checkpoint": "is not what a signed checkpoint covers",
    bag.SEAL: "seal.dsse.json is not validly signed|seal.dsse.json is not canonical",
}
"""What `verify.sh` says of each, where it is that file; of the others it says none of this."""


@contextmanager
def written(sealed: Made, **spelled: bytes) -> Iterator[None]:
    """These files with other bytes, for a while."""
    paths = {name: sealed.seal.path / name if name == bag.SEAL else sealed.root / name
             for name in spelled}  # fmt: skip
    before = {name: path.read_bytes() for name, path in paths.items()}
    for name, path in paths.items():
        path.chmod(0o644)
        path.write_bytes(spelled[name])
    yield
    for name, path in paths.items():
        path.write_bytes(before[name])


def spellings(sealed: Made, name: str) -> list[bytes]:
    path = sealed.seal.path / name if name == bag.SEAL else sealed.root / name
    found = list(other_spellings(path.read_bytes()))
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("name", SIGNED)
def test_ours_finds_every_other_spelling(sealed: Made, name: str) -> None:
    for spelling in spellings(sealed, name):
        with written(sealed, **{name: spelling}):
            found = verify(sealed.root, trusted=[sealed.key.public])
            assert found.state is State.CHANGED, spelling[-40:]
    assert verify(sealed.root, trusted=[sealed.key.public]).state is State.INTACT


def named(text: str) -> set[str]:
    return {name for name, told in TOLD.items() if any(one in text for one in told.split("|"))}


def test_the_script_finds_every_other_spelling(sealed: Made, tmp_path: Path) -> None:
    """It takes seconds, so each run meets one spelling of each file at once, and must name them
    all; that it names none that is as it was is shown by the first."""
    each = {name: spellings(sealed, name) for name in TOLD}
    with written(sealed, **{"trust/roles.json": each["trust/roles.json"][0]}):
        assert named(checking.script(sealed.root, tmp_path).text) == {"trust/roles.json"}
    for turn in range(max(map(len, each.values()))):
        spelled = {name: some[turn] for name, some in each.items() if turn < len(some)}
        with written(sealed, **spelled):
            said = checking.script(sealed.root, tmp_path)
        assert (said.code, said.first) == (1, "changed")
        assert named(said.text) == spelled.keys(), said.text
    with written(sealed, **{"ledger/ledger.jsonl": spellings(sealed, "ledger/ledger.jsonl")[0]}):
        said = checking.script(sealed.root, tmp_path)
        assert named(said.text) == {"ledger/checkpoint"}, "it covers every byte of the ledger"
    assert checking.script(sealed.root, tmp_path).code == 0
