"""A process that signs once, and may die at the n-th change it makes to the vault.

    python -m decision_world.signing VAULT KEY LOG_KEY PERSON SAY [STEP]

Prints the ledger entry when the signature is acknowledged, then the number of changes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from evidence_world.killing import die_at
from golive.evidence.keys import load_or_create_key
from golive.governance.decision import Decision
from golive.ports.clock import SystemClock
from golive.rehearsal.sign import Wish, sign


class Sheet:
    """An approval sheet as far as the vault is concerned: bytes that grow with each signature."""

    def make(self, release: Path, decided: Decision | None = None) -> bytes:
        told = decided.call if decided else "open"
        return f"approval of {release.name}: {told}\n".encode()

    def sign(self, pdf: bytes, *, role: str, person: str, **_: object) -> bytes:
        return pdf + f"{person} as {role}\n".encode()


def main(root: str, key: str, log_key: str, person: str, say: str, step: str = "0") -> None:
    signing, log = load_or_create_key(Path(key)), load_or_create_key(Path(log_key))
    count = die_at(Path(root), int(step))
    wish = Wish(person, "looked", say)
    done = sign(Path(root), wish, None, signing, SystemClock(), log_key=log, paper=Sheet())
    print("acknowledged", done.seq, flush=True)
    print("steps", count[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
