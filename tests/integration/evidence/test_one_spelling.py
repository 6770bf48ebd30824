"""A signed file has one spelling: whatever decodes to the same bytes, but isn't them, is found."""

from __future__ import annotations

from collections.abc import Iterator
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


@pytest.mark.parametrize(
    "name", ["trust/roles.json", "ledger/checkpoint", "ledger/ledger.jsonl", bag.SEAL]
)
def test_every_other_spelling_is_found_by_both_verifiers(
    sealed: Made, name: str, tmp_path: Path
) -> None:
    path = sealed.seal.path / name if name == bag.SEAL else sealed.root / name
    before, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o644)
    tried = 0
    try:
        for spelling in other_spellings(before):
            tried += 1
            path.write_bytes(spelling)
            found = verify(sealed.root, trusted=[sealed.key.public])
            assert found.state is State.CHANGED, spelling[-40:]
            said = checking.script(sealed.root, tmp_path)
            assert (said.code, said.first) == (1, "changed"), spelling[-40:]
    finally:
        path.write_bytes(before)
        path.chmod(mode)
    assert tried >= 2
    assert verify(sealed.root, trusted=[sealed.key.public]).state is State.INTACT
    assert checking.script(sealed.root, tmp_path).code == 0
