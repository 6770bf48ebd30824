"""Replays a verdict from the vault alone, and explains it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from golive.evidence import bag
from golive.evidence import verify as evidence
from golive.evidence.vault import Vault, read_release
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
