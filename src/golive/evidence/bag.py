"""The tag files of a release: a BagIt 1.0 bag (RFC 8493) and the statement that seals it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive.evidence.artefact import Artefact
from golive.evidence.release import Release
from golive.evidence.strict import dump, load_canonical
from golive.kernel.json import Json, JsonObject

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
ARTEFACTS = "metadata/artifacts.json"
SEAL_KEY = "metadata/seal-key.pem"
SCRIPT = "verify.sh"
SEAL = "seal.dsse.json"
TIMESTAMP = "seal.tsr"

REQUIRED = ("bagit.txt", "bag-info.txt", MANIFEST, ARTEFACTS)
"""Tag files without which a release proves nothing."""

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "urn:golive:release-seal:v1"


@dataclass(frozen=True)
class Statement:
    """The in-toto statement that the seal signs."""

    tag_manifest: str
    """SHA-256 of `tagmanifest-sha256.txt`, the one subject."""
    rehearsal: str
    number: int
    sealed_at: str
    supersedes: str
    """Digest of the seal before it, or ""."""
    tags: Mapping[str, Json]

    def payload(self) -> bytes:
        """Canonical JSON of the statement."""
        subject: JsonObject = {"name": TAG_MANIFEST, "digest": {"sha256": self.tag_manifest}}
        predicate: JsonObject = {
            "rehearsal": self.rehearsal,
            "seal": self.number,
            "sealedAt": self.sealed_at,
            "supersedes": self.supersedes,
            "tags": self.tags,
        }
        return dump(
            {
                "_type": STATEMENT_TYPE,
                "subject": [subject],
                "predicateType": PREDICATE_TYPE,
                "predicate": predicate,
            }
        )

    @classmethod
    def parse(cls, payload: bytes) -> Statement:
        """ValueError when `payload` is not such a statement."""
        data = load_canonical(payload)
        if data.get("_type") != STATEMENT_TYPE or data.get("predicateType") != PREDICATE_TYPE:
            raise ValueError("not a statement about a release")
        predicate = data.get("predicate")
        if not isinstance(predicate, Mapping):
            raise ValueError("the statement has no predicate")
        number, tags = predicate.get("seal"), predicate.get("tags")
        texts = [predicate.get(name) for name in ("rehearsal", "sealedAt", "supersedes")]
        if not isinstance(number, int) or not isinstance(tags, Mapping):
            raise ValueError("the statement's predicate is incomplete")
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("the statement's predicate is incomplete")
        rehearsal, sealed_at, supersedes = map(str, texts)
        subject = _subject(data.get("subject"))
        return cls(subject, rehearsal, number, sealed_at, supersedes, tags)


def _subject(value: Json) -> str:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        digest = value[0].get("digest")
        if value[0].get("name") == TAG_MANIFEST and isinstance(digest, Mapping):
            found = digest.get("sha256")
            if isinstance(found, str):
                return found
    raise ValueError(f"the statement's subject is not {TAG_MANIFEST}")


def tag_files(
    release: Release, number: int, *, agent: str, key_pem: str, script: bytes
) -> dict[str, bytes]:
    """Every tag file of the bag by name, the tag manifest last."""
    artefacts = sorted(release.artefacts, key=lambda one: one.path)
    files = {
        "bagit.txt": BAGIT,
        "bag-info.txt": _bag_info(release, number, agent),
        MANIFEST: _manifest((one.sha256, f"data/{one.path}") for one in artefacts),
        ARTEFACTS: dump({"version": 1, "artifacts": [one.record() for one in artefacts]}),
        SEAL_KEY: key_pem.encode("ascii"),
        SCRIPT: script,
    }
    digests = ((hashlib.sha256(data).hexdigest(), name) for name, data in sorted(files.items()))
    return {**files, TAG_MANIFEST: _manifest(digests)}


def records_of(data: bytes) -> Sequence[Mapping[str, Any]]:
    """The records in `metadata/artifacts.json`, as they are. ValueError when it isn't such a
    file."""
    document = load_canonical(data)
    records = document.get("artifacts")
    if document.get("version") != 1 or not isinstance(records, list):
        raise ValueError("not an artefact list of version 1")
    if not all(isinstance(record, dict) for record in records):
        raise ValueError("an artefact's record is not an object")
    return records


def artefacts_of(data: bytes) -> Sequence[Artefact]:
    """The artefacts in `metadata/artifacts.json`. ValueError when it isn't such a file."""
    try:
        return [Artefact.from_record(record) for record in records_of(data)]
    except KeyError as error:
        raise ValueError(f"an artefact's record lacks {error}") from None


def payload_oxum(artefacts: Sequence[Artefact]) -> str:
    """RFC 8493 §2.2.2: octets, a dot, files."""
    return f"{sum(one.size for one in artefacts)}.{len(artefacts)}"


def _manifest(entries: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{digest}  {name}\n" for digest, name in entries).encode("utf-8")


def _bag_info(release: Release, number: int, agent: str) -> bytes:
    fields = [
        ("Bag-Software-Agent", agent),
        ("Bagging-Date", release.sealed_at[:10]),
        ("External-Identifier", f"{release.rehearsal}/{number}"),
        ("Payload-Oxum", payload_oxum(release.artefacts)),
        *((_label(name), _one_line(value)) for name, value in sorted(release.tags.items())),
    ]
    return "".join(f"{label}: {value}\n" for label, value in fields).encode("utf-8")


def _label(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name) or ["Tag"]
    return "Golive-" + "-".join(word[:1].upper() + word[1:] for word in words)


def _one_line(value: Json) -> str:
    text = value if isinstance(value, str) else dump(value).decode("utf-8")
    return " ".join(text.split())
