from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.evidence import merkle

ENTRIES = st.lists(st.binary(max_size=8), max_size=40)

# The test vectors of Certificate Transparency's reference implementation (google/certificate-
# transparency, cpp/merkletree/merkle_tree_test.cc).
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == ROOTS[size]


@given(ENTRIES)
def test_every_entry_is_provably_included(entries: list[bytes]) -> None:
    root = merkle.root(entries)
    for index, entry in enumerate(entries):
        path = merkle.inclusion(entries, index)
        assert merkle.included(entry, index, len(entries), path, root)


@given(ENTRIES.filter(len), st.data())
def test_no_other_entry_place_or_path_is(entries: list[bytes], data: st.DataObject) -> None:
    root = merkle.root(entries)
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    path = list(merkle.inclusion(entries, index))
    assert not merkle.included(entries[index] + b"x", index, size, path, root)
    assert not merkle.included(entries[index], size, size, path, root)
    assert not merkle.included(entries[index], index, size, [*path, "00" * 32], root)
    if path:
        assert not merkle.included(entries[index], index, size, path[:-1], root)


def test_a_node_cannot_pass_for_an_entry() -> None:
    left, right = (merkle.leaf_hash(one) for one in (b"a", b"b"))
    assert merkle.root([left + right]) != merkle.root([b"a", b"b"])
    assert merkle.root([]) == hashlib.sha256(b"").hexdigest()


def test_there_is_no_entry_outside() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion([b"a"], 1)
