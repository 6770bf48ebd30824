"""What is sealed, and what a seal is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from golive.evidence.artefact import Artefact
from golive.evidence.names import clashes, problem, shown
from golive.kernel.errors import BadInput
from golive.kernel.ids import is_rehearsal_id
from golive.kernel.json import Json


@dataclass(frozen=True)
class Release:
    """Everything one seal covers. The artefacts' bytes lie in the vault's object store."""

    rehearsal: str
    artefacts: Sequence[Artefact]
    tags: Mapping[str, Json] = field(default_factory=dict)
    """What else the seal says: playbook digest, verdict, version of Golive, …"""
    sealed_at: str = ""
    """RFC 3339, UTC; the moment of sealing when empty."""

    def checked(self) -> Release:
        """This, or BadInput when a name in it may not be sealed."""
        if not is_rehearsal_id(self.rehearsal):
            raise BadInput(f"{self.rehearsal!r} can't name a rehearsal")
        if not self.artefacts:
            raise BadInput(
                "there is no evidence to seal",
                where=self.rehearsal,
                hint="a release holds at least the playbook that was rehearsed",
            )
        for artefact in self.artefacts:
            wrong = problem(artefact.path)
            if wrong:
                raise BadInput(
                    f"an artefact can't be sealed under this name: it {wrong}",
                    where=shown(artefact.path),
                    hint="rename it by `save` in the playbook",
                )
        for first, second in clashes(artefact.path for artefact in self.artefacts):
            raise BadInput(
                f"two artefacts can't lie side by side: {first!r} and {second!r}",
                where=second,
                hint="give one of them another name by `save` in the playbook",
            )
        return self


@dataclass(frozen=True)
class Seal:
    """A sealed release."""

    rehearsal: str
    number: int
    """1 for the first; a later one supersedes the earlier."""
    digest: str
    """SHA-256 of `seal.dsse.json`: what people's signatures name."""
    path: Path
    """The release's folder."""
