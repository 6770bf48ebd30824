"""Approval pages: what their digests can't tell, from the signatures on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from golive.evidence import trust
from golive.evidence.approvals import Signature, look_at_file
from golive.evidence.verify.vault import VaultReading

_MOST = 20
"""Pages that are examined: each takes a process of its own."""


def check_approvals(reading: VaultReading, keys: trust.Trust) -> None:
    """Each page's signatures hold, nothing was added after them but another, and each is by a
    person whom the trust file knows by that key."""
    pages = sorted(
        path
        for path in reading.tree.files
        if path.startswith("approvals/") and path.endswith(".pdf")
    )
    for path in pages[_MOST:]:
        reading.notes.could_not(f"{path}: there are too many approvals to examine all")
    if pages:
        with reading.notes.layer("approvals/: each page's signatures, and what came after them"):
            for path in pages[:_MOST]:
                _check_page(reading, keys, path)


def _check_page(reading: VaultReading, keys: trust.Trust, path: str) -> None:
    found = look_at_file(Path(reading.tree.root) / path)
    if found.unreadable:
        reading.notes.could_not(f"{path}: {found.unreadable}")
    for problem in [*found.problems, *_strangers(found.signatures, keys)]:
        reading.notes.find(path, "signature", problem)


def _strangers(signatures: Sequence[Signature], keys: trust.Trust) -> Sequence[str]:
    found = []
    for one in signatures:
        known = keys.keys.get(one.key_id)
        if one.key_id and (known is None or known.person != one.person):
            found.append(
                f"the trust file knows no key {one.key_id[:16]}… of {one.person}, who signed as "
                f"{one.role}"
            )
    return found
