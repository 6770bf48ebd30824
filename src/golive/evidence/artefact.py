"""One piece of evidence."""

from __future__ import annotations

from dataclasses import dataclass

from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject


@dataclass(frozen=True)
class Artefact:
    """Bytes that lie in the vault's object store, and what is known of them.

    `path` is relative to `data/` in the release. `sha256` is lower-case hex of the bytes.
    """

    path: str
    sha256: str
    size: int
    media_type: str
    producer: str
    """The step that made it: `cutover/2:abort`; or `person:<id>`."""
    captured_at: str
    """RFC 3339, UTC."""
    fidelity: Fidelity
    control: str = ""
    """The playbook item it is evidence for."""

    def record(self) -> JsonObject:
        """The entry of `metadata/artifacts.json`."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "size": self.size,
            "mediaType": self.media_type,
            "producer": self.producer,
            "capturedAt": self.captured_at,
            "fidelity": self.fidelity.value,
            "control": self.control,
        }

    @classmethod
    def from_record(cls, record: JsonObject) -> Artefact:
        """The inverse of `record`. KeyError, TypeError or ValueError when it isn't one."""
        size = record["size"]
        if not isinstance(size, int):
            raise TypeError("size is not an integer")
        return cls(
            path=str(record["path"]),
            sha256=str(record["sha256"]),
            size=size,
            media_type=str(record["mediaType"]),
            producer=str(record["producer"]),
            captured_at=str(record["capturedAt"]),
            fidelity=Fidelity(str(record["fidelity"])),
            control=str(record["control"]),
        )
