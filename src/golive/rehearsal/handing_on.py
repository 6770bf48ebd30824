"""What is done about a seal once it is there: an authority is asked when that was, and the vault is
copied to where nobody can take it back. Neither can undo the seal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Protocol

from golive.evidence.stamps import load_roots
from golive.evidence.vault import Vault
from golive.kernel.errors import GoliveError, PortError
from golive.kernel.json import JsonObject
from golive.ports.copies import Copies
from golive.ports.timestamps import TimestampAuthority
from golive.rehearsal.copying import NotCopied as NotCopied
from golive.rehearsal.copying import copy_whole
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.stamping import Demands, stamp


class Supplies(Protocol):
    """The part of `run.Supplies` that is needed for it."""

    def vault(self, root: Path) -> Vault: ...

    def copies(self, address: str) -> Copies: ...

    def timestamps(self, url: str) -> TimestampAuthority: ...


def handed_on(
    verdict: JsonObject, folder: RunFolder, settings: RunSettings, supplies: Supplies
) -> JsonObject:
    """The verdict, once the seal was stamped and the vault copied, where that was asked for."""
    return _copied(_stamped(verdict, folder, settings, supplies), settings, supplies)


def _stamped(
    verdict: JsonObject, folder: RunFolder, settings: RunSettings, supplies: Supplies
) -> JsonObject:
    """The verdict, and when the seal was there; or why that can't be told, which harms no seal."""
    if not settings.tsa:
        return verdict
    try:
        demands = Demands(load_roots(folder.tsa_roots) if folder.tsa_roots.exists() else ())
        authority = supplies.timestamps(settings.tsa)
        done = stamp(Path(settings.vault_root), Path(str(verdict["vault"])), authority, demands)
    except GoliveError as error:
        hint = f"`golive resume {settings.rehearsal}` asks again"
        return {**verdict, "timestamp_problem": f"sealed, but not stamped: {error}; {hint}"}
    return {**verdict, "timestamp": done[0].stamp.at}


def _copied(verdict: JsonObject, settings: RunSettings, supplies: Supplies) -> JsonObject:
    """The verdict, once the vault lies whole and locked where it was to be copied.

    NotCopied where it doesn't: the seal stands, and only the copying is to be done again.
    """
    if not settings.vault_copy:
        return verdict
    vault = supplies.vault(Path(settings.vault_root))
    try:
        with closing(supplies.copies(settings.vault_copy)) as copies:
            copy_whole(vault, copies)
    except PortError as error:
        raise NotCopied(
            f"sealed, but not copied: {error.what}",
            where=error.where,
            hint=f"`golive resume {settings.rehearsal}` copies it again; it lies in {vault.root}",
        ) from error
    return {**verdict, "copy": settings.vault_copy}
