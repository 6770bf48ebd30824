"""What must hold of a vault before people's words in it are weighed: nothing in it was taken away.

A folder removed would make what it held unsaid: an earlier seal takes the no-go over it along, and
the newest brings signatures back that it had made stale. The ledger remembers both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from golive.evidence import bag, dsse
from golive.evidence.ledger import Entry
from golive.evidence.strict import load_canonical
from golive.evidence.vault import SEALED_TYPE
from golive.kernel.ids import is_rehearsal_id

_MOST = 16 << 20


def missing_seal(root: Path, entries: Sequence[Entry]) -> str:
    """The first sealing among `entries` whose release isn't in the vault at `root` with the very
    seal that the ledger notes, as `<rehearsal>/<number>`; or "". ValueError for an entry that is
    none."""
    for entry in entries:
        opened = dsse.open_envelope(entry.envelope)
        if opened.payload_type != SEALED_TYPE:
            continue
        noted = load_canonical(opened.payload)
        rehearsal, number = str(noted.get("rehearsal")), noted.get("seal")
        if not is_rehearsal_id(rehearsal) or not isinstance(number, int):
            raise ValueError(f"line {entry.seq + 1}: not the note of a seal")
        path = root / "releases" / rehearsal / str(number) / bag.SEAL
        if _digest(path) != noted.get("digest"):
            return f"{rehearsal}/{number}"
    return ""


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(_MOST)).hexdigest()
    except OSError:
        return ""
