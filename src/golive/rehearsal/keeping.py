"""Redacts first, then stores: nothing reaches the vault's object store as it came."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from golive.drillkit.context import Content
from golive.evidence.artefact import Artefact
from golive.evidence.objects import ObjectStore, StoredObject
from golive.evidence.personal_data import File, scan
from golive.evidence.pseudonyms import Pseudonyms, pseudonymised
from golive.evidence.readers import MEDIA_TYPE, encrypted
from golive.evidence.redact import Redaction, Redactor
from golive.governance.eyes import needs_eyes
from golive.kernel.errors import BadInput
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.clock import Clock
from golive.rehearsal.brought import Brought

_IN_MEMORY = 1 << 20
_LOOKED_AT_AGAIN = 16 << 20
_MOST_STAFF = 64 << 20
_TABLES = ("text/csv", "text/tab-separated-values")


@dataclass(frozen=True)
class Privacy:
    """How staff data is kept: under pseudonyms, the original for named readers alone."""

    pseudonyms: Pseudonyms
    readers: Mapping[str, str] = field(default_factory=dict)
    """Key (age or ssh-ed25519) by person."""


class Keeper:
    """`drillkit.execute.Keep` for one run. What was redacted is noted in `log`, without the value;
    a step that runs twice notes it twice, and `redactions` tells each once."""

    def __init__(
        self,
        objects: ObjectStore,
        redactor: Redactor,
        log: Path,
        clock: Clock,
        privacy: Privacy | None = None,
        aside: Path | None = None,
    ) -> None:
        """`aside` is where uploads wait that a second person must look at; they go to the vault at
        once where there is none."""
        self._brought = Brought(objects, aside) if aside else None
        self._objects, self._redactor, self._log, self._clock = objects, redactor, log, clock
        self._originals = log.with_name("originals.jsonl")
        self._privacy = privacy
        self._lock = threading.Lock()

    def artefact(
        self, path: str, content: Content, media_type: str, *, producer: str, fidelity: Fidelity
    ) -> Artefact:
        """Redact and store, in constant memory. VaultError when it can't be written."""
        return self._kept(self._objects, path, content, media_type, producer, fidelity)

    def _kept(
        self,
        objects: ObjectStore,
        path: str,
        content: Content,
        media_type: str,
        producer: str,
        fidelity: Fidelity,
    ) -> Artefact:
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytes) and len(content) <= _IN_MEMORY:
            clean, redactions = self._redactor.bytes(content, media_type)
            stored = objects.put(clean)
        else:
            with _opened(content) as source:
                stored, redactions = self._stream(objects, source, media_type)
        self._note(path, redactions)
        at = rfc3339(self._clock.now())
        return Artefact(path, stored.sha256, stored.size, media_type, producer, at, fidelity)

    def upload(self, path: str, file: Path, media_type: str, *, person: str, item: str) -> Artefact:
        """A person's file, redacted like everything else. A table that names people is kept under
        pseudonyms, and its original for named readers alone. What a second person must look at
        first is put aside, not in the vault."""
        content: Content = file
        if self._privacy is not None and media_type in _TABLES:
            content = self._without_staff(path, file, self._privacy)
        brought = self._brought if self._brought and _for_eyes(file) else None
        objects = brought.aside if brought else self._objects
        kept = self._kept(objects, path, content, media_type, f"person:{person}", Fidelity.MANUAL)
        if brought:
            brought.show(kept)
        return replace(kept, control=item)

    def foresee(self, content: bytes, media_type: str) -> tuple[bytes, Sequence[Redaction]]:
        """What `upload` would keep of `content`, and what it would take out beside people's names.
        Keeps nothing. BadInput as `upload`."""
        if self._privacy is not None and media_type in _TABLES:
            try:
                content = pseudonymised(content, self._privacy.pseudonyms) or content
            except ValueError as error:
                raise BadInput(f"the table can't be read: {error}") from None
        clean, log = self._redactor.bytes(content, media_type)
        return clean, [one for one in log if not one.is_note]

    def text(self, text: str) -> str:
        return self._redactor.text(text)

    def redactions(self) -> Sequence[Json]:
        """What was redacted so far: artefact, place, kind, reason."""
        return [one for one in _lines(self._log) if one["kind"] != "unsearched"]

    def unsearched(self) -> Sequence[Json]:
        """What was kept without having been looked into: artefact and reason."""
        return [
            {"artefact": one["artefact"], "why": one["why"]}
            for one in _lines(self._log)
            if one["kind"] == "unsearched"
        ]

    def second_look(self, artefacts: Sequence[Artefact], people: Sequence[str]) -> JsonObject:
        """Whether anybody's address, number or name is in them who doesn't belong to the rehearsal.
        What is large was searched when it was captured, and isn't read again."""
        small = [one for one in artefacts if one.size <= _LOOKED_AT_AGAIN]
        files = [
            File(one.path, one.media_type, partial(self._objects.open, one.sha256)) for one in small
        ]
        found = scan(files, self._redactor.domains, people)
        large = [
            (one.path, "large: searched when it was captured")
            for one in artefacts
            if one.size > _LOOKED_AT_AGAIN
        ]
        return replace(found, not_searched=[*found.not_searched, *large]).to_json()

    def originals(self) -> tuple[Sequence[Json], Sequence[Artefact]]:
        """What is known of each original that was replaced by pseudonyms (its hash and readers),
        and the encrypted ones themselves."""
        told = list(_lines(self._originals))
        kept = [one["encrypted"] for one in told]
        return (
            [{**one, "encrypted": _path_of(one["encrypted"])} for one in told],
            [Artefact.from_record(one) for one in kept if isinstance(one, Mapping)],
        )

    def _stream(
        self, objects: ObjectStore, source: BinaryIO, media_type: str
    ) -> tuple[StoredObject, Sequence[Redaction]]:
        with objects.incoming() as sink:
            redactions = self._redactor.stream(source, sink, media_type)  # type: ignore[arg-type]
            return sink.keep(), redactions

    def _without_staff(self, path: str, file: Path, privacy: Privacy) -> Content:
        """The table under pseudonyms, or the file itself where it names nobody."""
        with file.open("rb") as source:
            table = source.read(_MOST_STAFF + 1)
        if len(table) > _MOST_STAFF:
            raise BadInput(
                f"a table of over {_MOST_STAFF >> 20} MiB can't be kept under pseudonyms",
                where=str(file),
                hint="split it",
            )
        try:
            clean = pseudonymised(table, privacy.pseudonyms)
        except ValueError as error:
            hint = "save it as UTF-8 CSV, so that people's names can be taken out"
            raise BadInput(
                f"the table can't be read: {error}", where=str(file), hint=hint
            ) from None
        if clean is None:
            return file
        self._keep_original(path, table, privacy)
        return clean

    def _keep_original(self, path: str, table: bytes, privacy: Privacy) -> None:
        record: JsonObject | None = None
        if privacy.readers:
            stored = self._objects.put(encrypted(table, privacy.readers))
            record = Artefact(
                path=f"{path}.age",
                sha256=stored.sha256,
                size=stored.size,
                media_type=MEDIA_TYPE,
                producer="golive",
                captured_at=rfc3339(self._clock.now()),
                fidelity=Fidelity.MANUAL,
            ).record()
        told: JsonObject = {
            "artefact": path,
            "sha256": sha256_hex(table),
            "size": len(table),
            "readers": sorted(privacy.readers),
            "encrypted": record,
            "pseudonyms": privacy.pseudonyms.mark,
        }
        with self._lock, self._originals.open("a") as log:
            log.write(json.dumps(told) + "\n")

    def _note(self, path: str, redactions: Sequence[Redaction]) -> None:
        if not redactions:
            return
        lines = [json.dumps({"artefact": path, **one.to_json()}) + "\n" for one in redactions]
        with self._lock, self._log.open("a") as file:
            file.write("".join(lines))


def _for_eyes(file: Path) -> bool:
    with file.open("rb") as source:
        return needs_eyes(source)


def _path_of(record: Json) -> Json:
    return record["path"] if isinstance(record, Mapping) else None


def _lines(log: Path) -> Iterator[JsonObject]:
    """Each line once."""
    try:
        lines = log.read_text().splitlines()
    except FileNotFoundError:
        return
    for line in dict.fromkeys(lines):
        yield json.loads(line)


@contextmanager
def _opened(content: Content) -> Iterator[BinaryIO]:
    if isinstance(content, Path):
        with content.open("rb") as file:
            yield file
    elif isinstance(content, bytes | str):
        yield io.BytesIO(content.encode() if isinstance(content, str) else content)
    else:
        yield content
