"""Replays a verdict from the vault alone, and explains it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from golive import __version__
from golive.evidence import bag
from golive.evidence import verify as evidence
from golive.evidence.strict import load_object
from golive.evidence.vault import Vault, read_release
from golive.gates.compare import apart
from golive.gates.policy import Policy
from golive.gates.verdict import Judgement
from golive.gates.verdict import decide as judge
from golive.rehearsal.docket import NotAsSealed, Sealed, newest, read_sealed, vault_root
from golive.rehearsal.judging import verdict_bytes


@dataclass(frozen=True)
class Replay:
    """A verdict reached again. `content` is its bytes."""

    sealed: Sealed
    judgement: Judgement
    content: bytes
    own_policy: bool
    """Whether another policy than the sealed one was asked for."""

    @property
    def same(self) -> bool:
        """Whether it is, to the byte, the verdict that was sealed."""
        return self.content == self.sealed.verdict

    @property
    def agrees(self) -> bool:
        """Whether it is the verdict that was sealed: to the byte, or, where another engine or
        another Golive reached it, in everything that it decides."""
        return self.same or (self._made_by != self._sealed_by and not self._apart)

    @property
    def told(self) -> str:
        """In one line, how it compares with the one that was sealed."""
        if self.same:
            return f"replayed to the same {len(self.content)} bytes that were sealed"
        if self._made_by == self._sealed_by:
            return "the verdict that was sealed is another one"
        makers = f"sealed by {_names(self._sealed_by)}, replayed by {_names(self._made_by)}"
        if not self._apart:
            return f"the same decision in every rule and reason, in other bytes: {makers}"
        more = f", and {len(self._apart) - 1} more" if len(self._apart) > 1 else ""
        return f"another decision than the one sealed ({self._apart[0]}{more}): {makers}"

    @cached_property
    def _apart(self) -> tuple[str, ...]:
        return tuple(apart(load_object(self.sealed.verdict), load_object(self.content)))

    @property
    def _made_by(self) -> tuple[str, str]:
        return (__version__, str(self.judgement.basis.get("engine", "")))

    @cached_property
    def _sealed_by(self) -> tuple[str, str]:
        basis = load_object(self.sealed.verdict).get("basis")
        engine = basis.get("engine", "") if isinstance(basis, dict) else ""
        return (str(self.sealed.release.statement.tags.get("goliveVersion", "")), str(engine))


def _names(made_by: tuple[str, str]) -> str:
    return f"Golive {made_by[0] or 'of an unknown version'} with {made_by[1] or 'no engine'}"


def replay(folder: Path, policy: Policy | None = None) -> Replay:
    """The verdict on the newest seal of the vault, or on the one release, in `folder`; by the
    sealed policy, or by `policy`. BadInput where it can't be replayed; NotAsSealed where a byte of
    the vault is another than was sealed."""
    _demand_intact(folder)
    sealed = read_sealed_in(folder)
    judgement = judge(sealed.facts, policy or sealed.policy)
    return Replay(sealed, judgement, verdict_bytes(judgement), policy is not None)


def _demand_intact(folder: Path) -> None:
    found = evidence.verify(folder)
    if found.state is evidence.State.CHANGED:
        raise NotAsSealed(
            f"this is not what was sealed: {found.findings[0]}",
            where=str(folder),
            hint="`golive verify` tells all of it",
        )


def read_sealed_in(folder: Path) -> Sealed:
    """The newest seal of the vault in `folder`, or the release that `folder` is."""
    if (folder / bag.SEAL).is_file():
        return read_sealed(read_release(folder))
    root, named = vault_root(folder)
    vault = Vault(root)
    return read_sealed(vault.release(named or newest(vault)))
