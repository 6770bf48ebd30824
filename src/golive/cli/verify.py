"""`golive verify`: is this vault, or this one release, what was sealed?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from golive.evidence import verify as evidence
from golive.evidence.keys import load_public_key
from golive.evidence.names import shown

_EXIT = {evidence.State.INTACT: 0, evidence.State.CHANGED: 1, evidence.State.NOT_A_VAULT: 2}
_SAYS = {
    evidence.State.INTACT: "intact",
    evidence.State.CHANGED: "changed",
    evidence.State.NOT_A_VAULT: "not a vault",
}


def verify(
    folder: Annotated[Path, typer.Argument(help="A vault, or one release in it.")],
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A public key (PEM) that you trust to seal. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check every layer of a vault: signature, manifests, bytes, ledger. Writes nothing.

    Exit code: 0 intact, 1 changed (each file, and how), 2 not a vault.
    """
    keys = [load_public_key(path) for path in key or []]
    found = evidence.verify(folder, trusted=keys)
    if as_json:
        print(json.dumps({"folder": shown(str(folder)), **found.to_json()}, ensure_ascii=False))
    else:
        print("\n".join(_lines(folder, found)))
    raise typer.Exit(_EXIT[found.state])


def _lines(folder: Path, found: evidence.Verification) -> list[str]:
    lines = [f"{_SAYS[found.state]}: {shown(str(folder))}"]
    lines += [f"  {finding}" for finding in found.findings]
    for release in found.releases:
        if release.digest:
            who = f"key {release.key_id}" if release.key_id else "nobody"
            lines.append(
                f"  seal {release.digest}: {release.rehearsal}, seal {release.number}, "
                f"{release.files} files, {release.size} bytes, signed by {who}"
            )
    lines += [f"  not checked: {shown(text)}" for text in found.unchecked]
    return lines
