"""`golive supplement`: evidence that comes after the seal."""

from __future__ import annotations

import mimetypes
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.act import Comment, Item, Person, passphrase
from golive.cli.options import DEFAULT_STATE, Copy, Evidence, State
from golive.cli.sign import VaultFolder, decision_lines


def supplement(
    vault: VaultFolder,
    item: Item,
    person: Person,
    comment: Comment,
    files: Annotated[list[Path] | None, Evidence] = None,
    vouched_by: Annotated[
        str,
        typer.Option(
            help="Somebody else, who has looked at files that only eyes can judge and says with "
            "their own key that they hold no personal data."
        ),
    ] = "",
    state: State = DEFAULT_STATE,
    copy: Copy = "",
) -> None:
    """Add evidence after the seal: it is judged and sealed anew.

    The seal before stays. Signatures over evidence that has changed become stale. Ends as
    `rehearse` does.
    """
    from golive import bootstrap
    from golive.bootstrap.later import later_desk
    from golive.cli.output import EXIT_CODES
    from golive.evidence.vault import Vault
    from golive.governance.keyring import default_keyring, unlock
    from golive.rehearsal.copying import copied_after
    from golive.rehearsal.docket import vault_root
    from golive.rehearsal.sign import standing
    from golive.rehearsal.supplement import Addition
    from golive.rehearsal.supplement import supplement as add

    key = unlock(person, default_keyring(), passphrase(person))
    second = vouched_by and unlock(vouched_by, default_keyring(), passphrase(vouched_by))
    supplies = bootstrap.Supplies()
    kinds = [(one, mimetypes.guess_type(one.name)[0] or "application/octet-stream")
             for one in files or ()]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        desk = later_desk(supplies, vault, state, Path(scratch) / "redactions.jsonl")
        address = copy or desk.copied_to
        with copied_after(Vault(vault_root(vault)[0]), address, supplies.copies):
            done = add(
                vault, Addition(person, item, comment, kinds, vouched_by), key, desk.keeper,
                supplies.clock, seal_key=supplies.signing_key(), voucher_key=second or None,
            )  # fmt: skip
            print(done.judgement.headline)
            print(f"seal {done.seal.number} {done.seal.path}")
            for kept in done.files:
                print(f"  {kept.sha256}  {kept.path}")
            print("\n".join(decision_lines(standing(vault))))
            if desk.strange and desk.keeper.originals()[0]:
                typer.echo(f"golive: {desk.strange}", err=True)
        if address:
            print(f"copied {address}")
    raise typer.Exit(EXIT_CODES[done.judgement.verdict.value])
