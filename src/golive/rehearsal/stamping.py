"""Asking a time stamp authority about what is sealed. Nothing here can undo a seal: an authority
that is down, or lies, leaves the vault as it was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.evidence import bag, stamps
from golive.evidence.durable import VaultError, explained, sync_folder, write_durably
from golive.evidence.locks import exclusively
from golive.kernel.errors import PortError
from golive.ports.timestamps import TimestampAuthority

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True)
class Demands:
    """What an answer must fulfil before it is kept."""

    roots: Sequence[Certificate] = ()
    """By whom it must be signed; not checked where none is given."""
    policy: str = ""
    """The policy that it must be made under, or ""."""


@dataclass(frozen=True)
class Stamped:
    """One stamp that lies in the vault."""

    path: Path
    stamp: stamps.Stamp
    before: bool
    """Whether it lay there already."""


def stamp(
    root: Path, release: Path, authority: TimestampAuthority, demands: Demands
) -> Sequence[Stamped]:
    """Have the seal of `release` and the ledger of the vault at `root` stamped. A stamp on these
    very bytes that is there already stays: an earlier moment proves more. PortError when the
    authority doesn't answer as it must; VaultError when the vault can't be written."""
    with explained("the stamp can't be kept", root):
        return [
            _one(root, release / bag.SEAL, release / stamps.SEAL_STAMP, authority, demands),
            _one(root, root / "ledger/checkpoint", root / stamps.LEDGER_STAMP, authority, demands),
        ]


def _one(
    root: Path, of: Path, place: Path, authority: TimestampAuthority, demands: Demands
) -> Stamped:
    data = of.read_bytes()
    with suppress(FileNotFoundError, stamps.BadStamp):
        return Stamped(place, stamps.check(place.read_bytes(), data, demands.roots), True)
    asked = stamps.question(data)
    answer = authority.answer(asked.der)
    try:
        found = stamps.accept(answer, asked, demands.roots, demands.policy)
    except stamps.BadStamp as error:
        raise PortError(
            f"what the authority answered is not kept: {error}",
            hint="its root certificate is given by --tsa-root",
        ) from error
    with exclusively(root / ".lock"):
        if of.read_bytes() != data:
            raise VaultError(
                "something was added while the authority was asked",
                where=str(of),
                hint="stamp it again",
            )
        # Staged where a kill leaves nothing that a verifier would find beside the seal.
        staged = root / ".staging" / place.name
        staged.parent.mkdir(exist_ok=True)
        write_durably(staged, answer)
        staged.replace(place)
        sync_folder(place.parent)
    return Stamped(place, found, False)
