"""Is a vault older than what somebody kept of it? What no signature inside can show: an older
ledger put back together with its genuine checkpoint is a valid vault, and only somebody who
remembers can tell."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from golive.evidence import dsse
from golive.evidence.ledger import Checkpoint
from golive.evidence.strict import load_line
from golive.evidence.verify.model import Finding, Notes
from golive.evidence.verify.tree import Tree, read_small
from golive.kernel.errors import BadInput

_LEDGER = "ledger/ledger.jsonl"
_LIMIT = 1 << 30
_CHECKPOINT_LIMIT = 16 << 20


def behind(root: Path, kept: Path) -> Sequence[Finding]:
    """What the vault at `root` lacks of what was `kept` earlier: a copy of it, or its file
    `ledger/checkpoint` alone; none when its own ledger begins with that one. BadInput where a file
    is no checkpoint: whose it is, whoever kept it knows."""
    notes = Notes()
    if kept.is_file():
        _compare(root, _checkpoint(kept), notes)
        return notes.all_findings()
    own, known = _ledger(root, notes), _ledger(kept, notes)
    if own is not None and known is not None and not own.startswith(known):
        _tell(notes, own, known.count(b"\n"), older=known.startswith(own))
    return notes.all_findings()


def _compare(root: Path, kept: Checkpoint, notes: Notes) -> None:
    own = _ledger(root, notes)
    if own is None:
        return
    if len(own) < kept.length or hashlib.sha256(own[: kept.length]).hexdigest() != kept.sha256:
        _tell(notes, own, kept.size, older=len(own) < kept.length)


def _tell(notes: Notes, own: bytes, earlier: int, *, older: bool) -> None:
    if older:
        lines = own.count(b"\n")
        detail = f"{lines} entries, and the copy knows {earlier}: an older state was put back"
    else:
        detail = f"tells another story than the {earlier} entries of the copy"
    notes.find(_LEDGER, "ledger", detail)


def _checkpoint(kept: Path) -> Checkpoint:
    try:
        data = read_small(Tree(os.fspath(kept.parent), {}), kept.name, _CHECKPOINT_LIMIT)
        return Checkpoint.parse(dsse.open_envelope(load_line(data)).payload)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"not a checkpoint that was kept: {error}",
            where=str(kept),
            hint="keep a vault's ledger/checkpoint, or a copy of the vault",
        ) from error


def _ledger(root: Path, notes: Notes) -> bytes | None:
    try:
        return read_small(Tree(os.fspath(root), {}), _LEDGER, _LIMIT)
    except (OSError, ValueError) as error:
        notes.find(_LEDGER, "unreadable", f"{error}; nothing to compare")
    return None
