"""What a verification says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from golive.evidence.names import shown
from golive.kernel.json import JsonObject


class State(StrEnum):
    INTACT = "intact"
    CHANGED = "changed"
    NOT_A_VAULT = "not-a-vault"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it was sealed. `path` is relative to the folder verified."""

    path: str
    how: str
    """`changed`, `missing`, `extra`, `link`, `special`, `name`, `unreadable`, `malformed`,
    `signature`, `ledger` or `renamed`."""
    detail: str = ""

    def __str__(self) -> str:
        text = f"{self.how}: {shown(self.path)}"
        return f"{text}: {shown(self.detail)}" if self.detail else text

    def to_json(self) -> JsonObject:
        return {"path": shown(self.path), "how": self.how, "detail": shown(self.detail)}


@dataclass(frozen=True)
class ReleaseCheck:
    """What was read of one release."""

    path: str
    rehearsal: str
    number: int
    digest: str
    """SHA-256 of the seal, or "" where there is none."""
    key_id: str
    """Of the key whose signature is valid, or ""."""
    trusted: bool
    """Whether the caller vouched for that key, directly or by the trust file."""
    sealed_at: str
    files: int
    size: int
    """Bytes of payload that were read and match."""

    def to_json(self) -> JsonObject:
        return {
            "path": shown(self.path),
            "rehearsal": shown(self.rehearsal),
            "seal": self.number,
            "digest": self.digest,
            "key": self.key_id,
            "trusted": self.trusted,
            "sealedAt": shown(self.sealed_at),
            "files": self.files,
            "bytes": self.size,
        }


@dataclass(frozen=True)
class Verification:
    """`findings` are changes. `checked` names each layer in which none was found, `unchecked` what
    could not be told: not a pass, not a change."""

    state: State
    findings: Sequence[Finding] = ()
    unchecked: Sequence[str] = ()
    releases: Sequence[ReleaseCheck] = ()
    checked: Sequence[str] = ()

    def to_json(self) -> JsonObject:
        return {
            "state": self.state.value,
            "findings": [finding.to_json() for finding in self.findings],
            "checked": [shown(text) for text in self.checked],
            "unchecked": [shown(text) for text in self.unchecked],
            "releases": [release.to_json() for release in self.releases],
        }


@dataclass
class Notes:
    """Findings as they come. At most `LIMIT` are kept, so that a hostile vault can't flood us."""

    findings: list[Finding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    dropped: int = 0

    LIMIT = 20_000

    def find(self, path: str, how: str, detail: str = "") -> None:
        if len(self.findings) < self.LIMIT:
            self.findings.append(Finding(path, how, detail))
        else:
            self.dropped += 1

    @contextmanager
    def layer(self, what: str) -> Iterator[None]:
        """`what` is checked once this is left without a new finding."""
        before = len(self.findings) + self.dropped
        yield
        if len(self.findings) + self.dropped == before:
            self.checked.append(what)

    def could_not(self, what: str) -> None:
        if what not in self.unchecked:
            self.unchecked.append(what)

    def all_findings(self) -> Sequence[Finding]:
        found = sorted(set(self.findings))
        if self.dropped:
            found.append(Finding(".", "changed", f"and {self.dropped} more findings"))
        return found
