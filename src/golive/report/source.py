"""A sealed release as the report reads it. Every byte that is read must be the byte sealed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from golive.drillkit.records import ItemRecord
from golive.evidence import bag, dsse
from golive.evidence.artefact import Artefact
from golive.evidence.names import shown
from golive.evidence.strict import load_object
from golive.evidence.vault import SealedRelease, read_release
from golive.kernel.errors import GoliveError
from golive.kernel.json import Json, JsonObject
from golive.playbook.model import Playbook
from golive.playbook.parse import parse


class NotReportable(GoliveError):
    """The release lacks what a report is made of, or a file of it is not what was sealed."""

    exit_code = 1


@dataclass(frozen=True)
class Source:
    """What the release says, parsed once."""

    sealed: SealedRelease
    key_id: str
    playbook: Playbook
    items: Mapping[str, ItemRecord]
    called_off: str
    verdict: JsonObject
    run: JsonObject
    events: Sequence[JsonObject]
    """The run's journal."""
    redactions: int
    risks: JsonObject | None
    """The sealed register: `rule` and `risks`. None where the run sealed none."""

    @property
    def artefacts(self) -> Sequence[Artefact]:
        return self.sealed.artefacts

    def bytes_of(self, path: str) -> bytes:
        """The artefact's bytes. NotReportable when they are not the sealed ones."""
        return _bytes(self.sealed, path)


def read(folder: Path) -> Source:
    """The release in `folder`. VaultError when it isn't one; NotReportable when it was not sealed
    by a rehearsal, or was changed since."""
    sealed = read_release(folder)
    with _told(folder):
        facts = load_object(_bytes(sealed, "golive/facts.json"))
        verdict = load_object(_bytes(sealed, "golive/verdict.json"))
        return Source(
            sealed=sealed,
            key_id=_key_id(folder),
            playbook=_playbook(sealed),
            items={name: ItemRecord.from_json(_object(one)) for name, one in _pairs(facts)},
            called_off=str(facts["called_off"]),
            verdict={name: verdict[name] for name in _VERDICT},
            run=load_object(_bytes(sealed, "golive/run.json")),
            events=_events(_bytes(sealed, "golive/journal.jsonl")),
            redactions=_redactions(sealed),
            risks=_risks(sealed),
        )


_VERDICT = (
    "verdict", "practice", "headline", "reasons", "machine_items", "machine_ready",
    "open_human_items", "fidelity", "notes",
)  # fmt: skip


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What a file that isn't ours raises, told as one error."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise NotReportable(
            f"the release's own papers can't be read: {error}",
            where=str(folder),
            hint="a report is made of what `golive rehearse` sealed",
        ) from error


def _bytes(sealed: SealedRelease, path: str) -> bytes:
    artefact = next((one for one in sealed.artefacts if one.path == path), None)
    if artefact is None:
        raise NotReportable(
            f"the release holds no {shown(path)}",
            where=str(sealed.seal.path),
            hint="a report is made of what `golive rehearse` sealed",
        )
    try:
        handle = os.open(sealed.file(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            data = file.read(artefact.size + 1)
    except OSError as error:
        raise NotReportable(
            f"{shown(path)} can't be read: {error.strerror}", where=str(sealed.seal.path)
        ) from error
    if hashlib.sha256(data).hexdigest() != artefact.sha256:
        raise NotReportable(
            f"{shown(path)} is not what was sealed",
            where=str(sealed.seal.path),
            hint="`golive verify` tells every change",
        )
    return data


def _key_id(folder: Path) -> str:
    opened = dsse.open_envelope(load_object((folder / bag.SEAL).read_bytes()))
    return opened.signatures[0][0] if opened.signatures else ""


def _playbook(sealed: SealedRelease) -> Playbook:
    name, rehearsal = "golive/playbook.md", sealed.statement.rehearsal
    found = parse(_bytes(sealed, name), name, rehearsal=rehearsal).playbook
    if found is None:
        raise ValueError("the playbook doesn't parse")
    return found


def _pairs(facts: JsonObject) -> Sequence[tuple[str, Json]]:
    return list(_object(facts["items"]).items())


def _events(data: bytes) -> Sequence[JsonObject]:
    return [load_object(line) for line in data.splitlines() if line.strip()]


def _redactions(sealed: SealedRelease) -> int:
    found = load_object(_bytes(sealed, "golive/redactions.json"))["redactions"]
    return len(found) if isinstance(found, list) else 0


def _risks(sealed: SealedRelease) -> JsonObject | None:
    if not any(one.path == "golive/risks.json" for one in sealed.artefacts):
        return None
    found = load_object(_bytes(sealed, "golive/risks.json"))
    return {"rule": found["rule"], "risks": objects(found["risks"])}


def objects(value: Json) -> Sequence[JsonObject]:
    """`value` as a list of objects; TypeError when it is none."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("expected a list of objects")
    return [_object(one) for one in value]


def _object(value: Json) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value
