"""`golive ledger`: check it, prove one entry of it, hand it over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from golive.kernel.errors import BadInput
from golive.kernel.text import clean, clean_lines

app = typer.Typer(
    no_args_is_help=True, help="What was sealed and said, in order, signed and countable."
)

VaultFolder = Annotated[Path, typer.Argument(help="A vault, or one release in it.")]
Key = Annotated[
    list[Path] | None,
    typer.Option("--key", help="A public key (PEM) that you trust to keep it. May be repeated."),
]


@app.command()
def verify(
    vault: VaultFolder,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check chain, signed Merkle root and each entry's signature. Writes nothing.

    Ends with 0 it holds, 1 it doesn't (and how), 2 there is none.
    """
    from golive.evidence.durable import VaultError
    from golive.evidence.keys import load_public_key
    from golive.rehearsal.ledger import check

    _demand_folder(vault)
    try:
        found = check(vault, [load_public_key(path) for path in key or []])
    except VaultError as error:
        typer.echo(f"golive: {clean_lines(error)}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps(found.to_json()))
    else:
        many = len(found.entries)
        state = "changed" if found.problems else "intact"
        print(f"{state}: {many} entr{'y' if many == 1 else 'ies'}")
        print(f"  root   {found.checkpoint.root}\n  sha256 {found.checkpoint.sha256}")
        for problem in found.problems:
            print(f"  {clean(problem)}")
        if not key:
            print("  not checked: who keeps it: no trusted key was given")
    raise typer.Exit(1 if found.problems else 0)


@app.command()
def prove(
    vault: VaultFolder,
    seq: Annotated[int, typer.Argument(help="The entry, from 0, as `golive sign` told it.")],
) -> None:
    """Print a proof (JSON) that an entry is in the ledger.

    It is checked without the vault: `golive ledger check`.
    """
    from golive.rehearsal.ledger import prove as prove_entry

    _demand_folder(vault)
    print(json.dumps(prove_entry(vault, seq), indent=2))


@app.command()
def check(
    proof: Annotated[Path, typer.Argument(help="What `golive ledger prove` printed.", exists=True)],
    key: Annotated[
        Path | None, typer.Option("--key", help="The log's public key (PEM), got by another way.")
    ] = None,
) -> None:
    """Check a proof. Ends with 0 it holds, 2 it doesn't (and why)."""
    from golive.evidence.keys import load_public_key
    from golive.rehearsal.ledger import check_proof, rows

    entry = check_proof(proof.read_bytes(), load_public_key(key) if key else None)
    (row,) = rows([entry])
    print(f"proven: entry {entry.seq} is in the ledger")
    for name in ("kind", "at", "person", "role", "decision", "about", "comment", "seal_digest"):
        if row[name] != "":
            print(f"  {name:<12} {json.dumps(row[name], ensure_ascii=False)}")
    if key is None:
        print("  not checked: whose ledger it is: no trusted key was given")


@app.command()
def export(
    vault: VaultFolder,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
) -> None:
    """Check the ledger, then print every entry, one flat record each."""
    from golive.rehearsal import ledger

    _demand_folder(vault)
    writers = {"jsonl": ledger.to_jsonl, "csv": ledger.to_csv}
    if form not in writers:
        raise BadInput(f"--format {form}", hint="jsonl or csv")
    found = ledger.check(vault)
    if found.problems:
        raise BadInput(f"the ledger doesn't hold: {found.problems[0]}", where=str(vault))
    sys.stdout.buffer.write(writers[form](found.entries).encode())
    sys.stdout.flush()


def _demand_folder(vault: Path) -> None:
    if not vault.exists():
        raise BadInput("there is no such folder", where=str(vault))
    if not vault.is_dir():
        raise BadInput(
            "a ledger is checked in its vault, and this is no folder",
            where=str(vault),
            hint="name the vault; a proof of one entry is checked by `golive ledger check FILE`, "
            "an exported release by `golive vault import FILE VAULT --key KEY.pem`",
        )
