"""What keeps evidence that is added after the seal, as like the run itself as this machine can."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.evidence.pseudonyms import Pseudonyms
from golive.evidence.redact import Redactor
from golive.evidence.vault import Vault
from golive.kernel.errors import BadInput
from golive.rehearsal.docket import ROSTER, newest, read_roster, sealed_bytes, vault_root
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.keeping import Keeper, Privacy

if TYPE_CHECKING:
    from golive.bootstrap.supplies import Supplies


@dataclass(frozen=True)
class LaterDesk:
    keeper: Keeper
    copied_to: str
    """Where the run's vault is copied to, or ""."""
    strange: str
    """What is otherwise than in the run, for who adds a table that names people; or ""."""


def later_desk(supplies: Supplies, folder: Path, state: Path, log: Path) -> LaterDesk:
    """For evidence that is added to the newest seal in `folder`, with redactions noted in `log`; as
    the run itself would keep it, where its folder lies in `state`. BadInput where nothing is
    sealed."""
    root, named = vault_root(folder)
    vault = Vault(root)
    release = vault.release(named or newest(vault))
    roster = read_roster(sealed_bytes(release, ROSTER))
    readers: Mapping[str, str] = {one.id: one.reader_key for one in roster.people if one.reader_key}
    run = _run(state, release.seal.rehearsal)
    known: Sequence[str] = ()
    pseudonyms, copied_to, strange = Pseudonyms(secrets.token_bytes(32)), "", _STRANGE
    if run is not None:
        known = supplies.secrets_known_to(run)
        pseudonyms = Pseudonyms(run.secret("pseudonyms"))
        copied_to, strange = run.settings().vault_copy, ""
        readers = readers or _readers(supplies, run)
    keeper = Keeper(
        vault.objects,
        Redactor(secrets=known, domains=supplies.domains),
        log,
        supplies.clock,
        Privacy(pseudonyms, readers),
    )
    return LaterDesk(keeper, copied_to, strange)


_STRANGE = (
    "people bear other pseudonyms in this table than in those sealed before: the run's folder, "
    "which has their key, is not here (--state names where runs are kept)"
)


def _run(state: Path, rehearsal: str) -> RunFolder | None:
    try:
        return RunFolder.find(state, rehearsal)
    except BadInput:
        return None


def _readers(supplies: Supplies, run: RunFolder) -> Mapping[str, str]:
    """Of a release whose sealed roster names no reader's key: an older Golive left it out."""
    return {one.id: one.reader_key for one in supplies.roster(run).people if one.reader_key}
