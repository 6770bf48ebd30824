"""Redacts first, then stores: nothing reaches the vault's object store as it came."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from golive.drillkit.context import Content
from golive.evidence.artefact import Artefact
from golive.evidence.objects import ObjectStore
from golive.evidence.redact import Redaction, Redactor
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.ports.clock import Clock


class Keeper:
    """`drillkit.execute.Keep` for one run. What was redacted is noted in `log`, without the value;
    a step that runs twice notes it twice, and `redactions` tells each once."""

    def __init__(self, objects: ObjectStore, redactor: Redactor, log: Path, clock: Clock) -> None:
        self._objects, self._redactor, self._log, self._clock = objects, redactor, log, clock
        self._lock = threading.Lock()

    def artefact(
        self, path: str, content: Content, media_type: str, *, producer: str, fidelity: Fidelity
    ) -> Artefact:
        """Redact and store. VaultError when it can't be written."""
        data = _bytes(content)
        clean, redactions = self._redactor.bytes(data, media_type)
        self._note(path, redactions)
        stored = self._objects.put(clean)
        at = rfc3339(self._clock.now())
        return Artefact(path, stored.sha256, stored.size, media_type, producer, at, fidelity)

    def upload(self, path: str, file: Path, media_type: str, *, person: str, item: str) -> Artefact:
        """A person's file. Redacted like everything else."""
        artefact = self.artefact(
            path, file, media_type, producer=f"person:{person}", fidelity=Fidelity.MANUAL
        )
        return replace(artefact, control=item)

    def foresee(self, content: bytes, media_type: str) -> tuple[bytes, Sequence[Redaction]]:
        """What `upload` would keep of `content`, and what it would take out. Keeps nothing."""
        return self._redactor.bytes(content, media_type)

    def text(self, text: str) -> str:
        return self._redactor.text(text)

    def redactions(self) -> Sequence[Json]:
        """What was redacted so far: artefact, place, kind, reason."""
        try:
            lines = self._log.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in dict.fromkeys(lines)]

    def _note(self, path: str, redactions: Sequence[Redaction]) -> None:
        if not redactions:
            return
        lines = [json.dumps({"artefact": path, **one.to_json()}) + "\n" for one in redactions]
        with self._lock, self._log.open("a") as file:
            file.write("".join(lines))


def _bytes(content: Content) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, Path):
        return content.read_bytes()
    return content if isinstance(content, bytes) else content.read()
