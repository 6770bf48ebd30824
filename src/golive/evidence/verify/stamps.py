"""Time stamps beside a seal and beside the ledger's checkpoint: what they say, and whose word it
is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from golive.evidence import stamps
from golive.evidence.verify.model import Notes

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


def check_seal_stamp(
    notes: Notes, path: str, stamp: bytes, seal: bytes, roots: Sequence[Certificate]
) -> None:
    """`stamp`, the bytes at `path`, must be of this seal; by whom is known under `roots` alone."""
    try:
        _tell(notes, path, "the seal", stamps.check(stamp, seal, roots), roots)
    except stamps.OtherBytes:
        notes.find(path, "changed", "it is not of this seal")
    except stamps.BadStamp as error:
        notes.find(path, "signature" if roots else "malformed", str(error))


def check_ledger_stamp(
    notes: Notes, stamp: bytes, checkpoint: bytes, roots: Sequence[Certificate]
) -> None:
    """As for a seal; but the ledger grows, and a stamp on an earlier checkpoint is no fault."""
    path = stamps.LEDGER_STAMP
    try:
        _tell(notes, path, "the ledger so far", stamps.check(stamp, checkpoint, roots), roots)
    except stamps.OtherBytes:
        notes.could_not(f"{path}: it is of another checkpoint: the ledger has grown since")
    except stamps.BadStamp as error:
        notes.find(path, "signature" if roots else "malformed", str(error))


def _tell(
    notes: Notes, path: str, what: str, said: stamps.Stamp, roots: Sequence[Certificate]
) -> None:
    if roots:
        notes.checked.append(f"{path}: {what} was there on {said.at}, by the authority you trust")
    else:
        notes.could_not(f"{path}: {what} was there on {said.at}, by whom: no --tsa-root was given")
