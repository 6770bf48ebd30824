"""Whether a playbook that runs code of its own may run here: someone has to have said so.

A playbook with `command`, `http` or `sql` blocks is arbitrary code. It runs only once
`golive trust FILE` has recorded its digest; one changed byte is another digest.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import cached_property
from pathlib import Path

from golive.kernel.errors import BadInput
from golive.kernel.ids import sha256_hex
from golive.kernel.times import rfc3339
from golive.playbook.catalogue import Catalogue
from golive.playbook.model import DrillBlock, Playbook

_WRITABLE_BY_OTHERS = 0o022


def needs_trust(playbook: Playbook, catalogue: Catalogue) -> tuple[DrillBlock, ...]:
    """The blocks whose parameters are code; none means that nothing has to be trusted."""
    return tuple(
        item
        for section in playbook.sections.values()
        for item in section.items
        if isinstance(item, DrillBlock)
        and (card := catalogue.card(item.drill)) is not None
        and card.runs_code
    )


def shipped_digests(folder: Path) -> frozenset[str]:
    """SHA-256 of every playbook in `folder`, which came with the program itself."""
    if not folder.is_dir():
        return frozenset()
    return frozenset(sha256_hex(one.read_bytes()) for one in folder.glob("*.md") if one.is_file())


class TrustStore:
    """Digests that somebody on this machine has trusted: `trusted.jsonl` in `folder`."""

    def __init__(self, folder: Path, *, shipped: Path | None = None) -> None:
        self._path = folder / "trusted.jsonl"
        self._shipped = shipped

    @cached_property
    def _shipped_digests(self) -> frozenset[str]:
        return shipped_digests(self._shipped) if self._shipped else frozenset()

    def is_trusted(self, digest: str) -> bool:
        """Whether `digest` is recorded or shipped.

        A line that can't be read trusts nothing. BadInput where others may write the file.
        """
        return digest in self._shipped_digests or digest in self._recorded()

    def record(self, digest: str, file: str, at: datetime) -> None:
        """Trust `digest`, which `file` had at the moment `at`; once is enough."""
        if digest in self._recorded():
            return
        line = json.dumps({"digest": digest, "file": file, "at": rfc3339(at)}) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(self._path, flags, 0o600)
            with open(descriptor, "a", encoding="utf-8") as file_:  # noqa: PTH123
                file_.write(line)
                file_.flush()
                os.fsync(file_.fileno())
        except OSError as error:
            raise BadInput(f"can't be written: {error.strerror}", where=str(self._path)) from error

    def _recorded(self) -> frozenset[str]:
        try:
            mode = self._path.stat().st_mode
            text = self._path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise BadInput(f"can't be read: {error.strerror}", where=str(self._path)) from error
        if mode & _WRITABLE_BY_OTHERS:
            raise BadInput(
                "others may write this file, so it proves nothing",
                where=str(self._path),
                hint=f"look through it, then chmod 600 {self._path}",
            )
        return frozenset(found for line in text.splitlines() if (found := _digest(line)))


def _digest(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    digest = entry.get("digest") if isinstance(entry, dict) else None
    return digest if isinstance(digest, str) else ""
