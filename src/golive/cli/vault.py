"""`golive vault export|import|rotate|copy|timestamp`: what becomes of a vault once it is sealed."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.copies import copied
from golive.cli.options import DEFAULT_STATE, Copy, State
from golive.evidence.durable import explained
from golive.evidence.keys import load_public_key
from golive.evidence.verify.choose import intact_release
from golive.kernel.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Hand over, take in, copy and add to what was sealed.")

VaultFolder = Annotated[Path, typer.Argument(help="A vault, or one release in it.")]
Which = Annotated[
    str, typer.Option("--release", help="Rehearsal, or rehearsal/seal; the newest by default.")
]


@app.command("export")
def export(
    vault: VaultFolder,
    file: Annotated[Path, typer.Argument(help="The .tar to write.", dir_okay=False)],
    release: Which = "",
) -> None:
    """Write one sealed release as one file. The same release gives the same bytes.

    Exit code: 0 written, 1 the vault is not what was sealed, 2 not a vault.
    """
    from golive.evidence.transport import export_release

    folder = intact_release(vault, release)
    if file.resolve().is_relative_to(vault.resolve()):
        raise BadInput(
            "the file would lie in what was sealed, which would then no longer verify",
            where=str(file),
            hint="write it elsewhere",
        )
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.new")
    with explained("the release can't be exported", file):
        try:
            with unfinished.open("xb") as sink:
                export_release(folder, sink)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    typer.echo(f"{folder.parent.name}, seal {folder.name}: {file}")


@app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="An exported release.", exists=True)],
    folder: Annotated[Path, typer.Argument(help="The vault to take it into; made if need be.")],
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A public key (PEM) that you trust to have sealed it."),
    ] = None,
) -> None:
    """Take in an exported release, verified with a key you trust."""
    from golive import bootstrap
    from golive.evidence.transport import import_release

    trusted = [load_public_key(path) for path in key or []]
    if not trusted:
        raise BadInput(
            "taking in a release needs the public key of whoever sealed it",
            hint="--key KEY.pem, from them by another way than the file",
        )
    supplies = bootstrap.Supplies()
    seal = import_release(file, supplies.vault(folder), supplies.signing_key(), trusted=trusted)
    typer.echo(f"{seal.rehearsal}, seal {seal.number}: {seal.digest}")


@app.command("rotate")
def rotate(
    vault: Annotated[Path, typer.Argument(help="The vault.", file_okay=False)],
    to: Annotated[Path, typer.Option("--to", help="The new private key (PEM); made if need be.")],
    old: Annotated[
        Path | None, typer.Option("--from", help="The old one; this machine's by default.")
    ] = None,
    state: State = DEFAULT_STATE,
    copy_to: Copy = "",
) -> None:
    """Hand a vault over to a new sealing key. Whoever trusts the old one can follow it to the new.

    For a planned change: after a theft, tell readers the new key by another way. Where the run
    copied its vault, the ledger and the trust file go there too.
    """
    from golive import bootstrap
    from golive.evidence.keys import load_key, load_or_create_key
    from golive.evidence.rotation import rotate as hand_over

    intact_release(vault)
    own = bootstrap.Supplies().signing_key()
    before = load_key(old) if old else own
    after = load_or_create_key(to)
    with copied(vault, copy_to, state, "handed over"):
        hand_over(vault, before, after, signer=own)
        typer.echo(f"retired {before.key_id}")
        typer.echo(f"now     {after.key_id}")
    typer.echo(f"next: put {to} in place of {old or bootstrap.config_folder() / 'seal-key.pem'}")


@app.command("copy")
def copy(
    vault: Annotated[Path, typer.Argument(help="The vault.", file_okay=False)],
    address: Annotated[str, typer.Argument(help="s3://BUCKET/PREFIX, optionally ?days=N.")],
) -> None:
    """Copy every release and the ledger to a bucket that locks them.

    It won't give them up (Object Lock); a bucket that would not lock is refused. Copying again puts
    only what is new.
    """
    from golive import bootstrap
    from golive.evidence.vault import Vault
    from golive.rehearsal.copying import copy_whole

    with closing(bootstrap.copies(address)) as store:
        store.demand_lock()
        intact_release(vault)
        done = copy_whole(Vault(vault), store)
    for one in done:
        until = one.locked_until.date().isoformat()
        typer.echo(f"{one.rehearsal}, seal {one.number}: {one.where}, locked until {until}")


@app.command("timestamp")
def timestamp(
    vault: VaultFolder,
    tsa: Annotated[str, typer.Option(help="The authority's address (RFC 3161).")],
    tsa_root: Annotated[
        Path | None,
        typer.Option(help="Its certificates (PEM): an answer that they don't hold for isn't kept."),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="The policy that it must stamp under, as a dotted number.")
    ] = "",
    release: Which = "",
    state: State = DEFAULT_STATE,
    copy_to: Copy = "",
) -> None:
    """Have an authority stamp the time of a seal and the ledger.

    Where the run copied its vault, the stamps go there too.

    Exit code: 0 stamped (or stamped before), 1 the authority's answer isn't one, or the vault is
    not what was sealed, or it is stamped and not copied, 2 not a vault.
    """
    from golive import bootstrap
    from golive.evidence.stamps import load_roots
    from golive.rehearsal.docket import vault_root
    from golive.rehearsal.stamping import Demands, stamp

    authority = bootstrap.timestamp_authority(tsa)
    demands = Demands(load_roots(tsa_root) if tsa_root else (), policy)
    folder = intact_release(vault, release)
    root, _ = vault_root(folder)
    if not (root / "ledger").is_dir():
        raise BadInput("a lone release is stamped in its vault", where=str(vault))
    with copied(root, copy_to, state, "stamped"):
        for one in stamp(root, folder, authority, demands):
            before = " (before)" if one.before else ""
            typer.echo(f"{one.stamp.at}  {one.path.relative_to(root)}{before}")
    if tsa_root is None:
        typer.echo("golive: whose signature it is was not checked: give --tsa-root", err=True)
