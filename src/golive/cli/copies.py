"""What a command says over a vault reaches the place to which its run was copied, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def copied(
    vault: Path, copy: str, state: Path, done: str, *, urgent: bool = False, quiet: bool = False
) -> Iterator[None]:
    """What is done inside to the vault that `vault` is or lies in is pushed to `copy`, or (where
    that is "") to where its run in `state` was copied; nothing where there was none. Errors as of
    `copied_after`, which says what `done` and `urgent` are."""
    from golive import bootstrap
    from golive.evidence.vault import Vault
    from golive.rehearsal.copying import copied_after, copied_to
    from golive.rehearsal.docket import vault_root

    whole = Vault(vault_root(vault)[0])
    address = copy or copied_to(whole, state)
    with copied_after(whole, address, bootstrap.Supplies().copies, done, urgent=urgent):
        yield
    if address and not quiet:
        print(f"copied {address}")
