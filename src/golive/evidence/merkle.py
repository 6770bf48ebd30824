"""The Merkle tree of RFC 9162 §2.1: one hash that stands for every entry and their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162 §2.1.1: the zero byte keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(entries: Iterable[bytes]) -> str:
    """Root of the tree over `entries`, lower-case hexadecimal. Linear time, logarithmic memory."""
    stack: _Peaks = []
    for entry in entries:
        _grow(stack, entry)
    return _root_of(stack)


def heads(entries: Iterable[bytes]) -> Iterator[str]:
    """The root before the first entry, after it, after the second, and so on: what somebody who
    looked at that moment saw."""
    stack: _Peaks = []
    yield _root_of(stack)
    for entry in entries:
        _grow(stack, entry)
        yield _root_of(stack)


_Peaks = list[tuple[int, bytes]]
"""Height and hash of each whole tree that the entries so far make, the highest first."""


def _grow(stack: _Peaks, entry: bytes) -> None:
    height, top = 0, leaf_hash(entry)
    while stack and stack[-1][0] == height:
        top = _node(stack.pop()[1], top)
        height += 1
    stack.append((height, top))


def _root_of(stack: _Peaks) -> str:
    if not stack:
        return hashlib.sha256(b"").hexdigest()
    top = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        top = _node(left, top)
    return top.hex()


def inclusion(entries: Sequence[bytes], index: int) -> Sequence[str]:
    """The audit path of entry `index` (RFC 9162 §2.1.3.1), nearest the leaf first.
    IndexError when there is no such entry."""
    if not 0 <= index < len(entries):
        raise IndexError(f"no entry {index} among {len(entries)}")
    level = [leaf_hash(entry) for entry in entries]
    path: list[str] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling].hex())
        pairs = range(0, len(level) - 1, 2)
        odd = level[-1:] if len(level) % 2 else []
        level = [_node(level[at], level[at + 1]) for at in pairs] + odd
        index //= 2
    return path


def included(entry: bytes, index: int, size: int, path: Sequence[str], root_hash: str) -> bool:
    """Whether `path` proves that `entry` is number `index` of `size` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf_hash(entry)
    for sibling in path:
        if last == 0:
            return False
        other = bytes.fromhex(sibling)
        if node & 1 or node == last:
            current = _node(other, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = _node(current, other)
        node, last = node >> 1, last >> 1
    return last == 0 and current.hex() == root_hash
