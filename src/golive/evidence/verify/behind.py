"""Is a vault older than a copy of it? What no signature inside can show: an older ledger put back
together with its genuine checkpoint is a valid vault, and only somebody who remembers can tell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from golive.evidence.verify.model import Finding, Notes
from golive.evidence.verify.tree import Tree, read_small

_LEDGER = "ledger/ledger.jsonl"
_LIMIT = 1 << 30


def behind(root: Path, copy: Path) -> Sequence[Finding]:
    """What the vault at `root` lacks of the ledger in `copy`, which was taken earlier; none when
    its own ledger begins with that one."""
    notes = Notes()
    own, known = _ledger(root, notes), _ledger(copy, notes)
    if own is not None and known is not None and not own.startswith(known):
        lines, earlier = own.count(b"\n"), known.count(b"\n")
        if known.startswith(own):
            detail = f"{lines} entries, and the copy knows {earlier}: an older state was put back"
        else:
            detail = f"tells another story than the {earlier} entries of the copy"
        notes.find(_LEDGER, "ledger", detail)
    return notes.all_findings()


def _ledger(root: Path, notes: Notes) -> bytes | None:
    try:
        return read_small(Tree(os.fspath(root), {}), _LEDGER, _LIMIT)
    except (OSError, ValueError) as error:
        notes.find(_LEDGER, "unreadable", f"{error}; nothing to compare")
    return None
