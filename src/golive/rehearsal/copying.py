"""A second copy of the whole vault, where nobody can take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from golive.evidence.vault import Vault
from golive.kernel.errors import BadInput, GoliveError, PortError
from golive.ports.copies import Copied, Copies
from golive.rehearsal.docket import newest
from golive.rehearsal.folder import RunFolder


class NotCopied(GoliveError):
    """It is done here, and not where it was to be copied."""

    exit_code = 1


def copy_whole(vault: Vault, copies: Copies) -> Sequence[Copied]:
    """Copy every sealed release, then ledger, trust file and approvals as they are now. Copying
    again puts only what is new. PortError when something isn't copied and locked."""
    done = [copies.push(seal.path) for seal in vault.seals()]
    copies.push_records(vault.root)
    return done


def copied_to(vault: Vault, state: Path) -> str:
    """Where the run of the vault's newest seal was copied to, if its folder lies in `state`; or
    ""."""
    try:
        return RunFolder.find(state, newest(vault)).settings().vault_copy
    except BadInput:
        return ""


@contextmanager
def copied_after(
    vault: Vault,
    address: str,
    copies: Callable[[str], Copies],
    done: str = "sealed",
    *,
    urgent: bool = False,
) -> Iterator[None]:
    """What is sealed or said inside lies at `address` too, once this is left; nothing where that
    is "". `done` says in a word what was done. What is `urgent` waits for no bucket: it is done
    whether or not it can be copied.

    PortError before anything is done when the place would not lock it; NotCopied when it is done
    and could not be copied: it stands, and only the copying is to be done again.
    """
    if not address:
        yield
        return
    with ExitStack() as held:
        if not urgent:
            store = held.enter_context(closing(copies(address)))
            store.demand_lock()
        yield
        try:
            if urgent:
                store = held.enter_context(closing(copies(address)))
            copy_whole(vault, store)
        except PortError as error:
            raise NotCopied(
                f"{done}, but not copied: {error.what}",
                where=error.where,
                hint=f"`golive vault copy {vault.root} {address}` copies it again",
            ) from error
