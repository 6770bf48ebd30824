"""A process that seals, and dies at the n-th thing it does to the file system.

Python tells an audit hook of every open, link, rename, … before it happens, so that the code under
test needs no seam for it. Run as `python -m evidence_world.killing ROOT KEY LOG_KEY STEP`; prints
the number of steps where it came to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from evidence_world.making import FILES, REHEARSAL, artefacts
from golive.evidence.keys import load_or_create_key
from golive.evidence.release import Release
from golive.evidence.vault import Vault

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_DIRECTORY
"""A folder is opened to be synced."""

_EVENTS = frozenset({"os.link", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"})


def die_at(root: Path, step: int) -> list[int]:
    """SIGKILL ourselves just before the `step`-th change below `root`; returns the counter."""
    count = [0]
    below = str(root)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            flags = arguments[2]
            if not isinstance(flags, int) or not flags & _WRITING:
                return
        elif event not in _EVENTS:
            return
        if not str(arguments[0]).startswith(below):
            return
        count[0] += 1
        if count[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return count


def main(root: Path, key: Path, log_key: Path, step: int) -> None:
    vault = Vault(root, log_key=load_or_create_key(log_key))
    signing = load_or_create_key(key)
    count = die_at(root, step)
    files = {**FILES, "new.txt": b"new evidence\n", "big.bin": bytes(3_000_000)}
    vault.seal(Release(REHEARSAL, artefacts(vault, files), {"verdict": "ready"}), signing)
    print(count[0])


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]), int(sys.argv[4]))
