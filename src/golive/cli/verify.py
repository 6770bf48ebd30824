"""`golive verify`: is this vault, or this one release, what was sealed?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
    folder: Annotated[
        str, typer.Argument(help="A vault, one release in it, or copies at s3://BUCKET/PREFIX.")
    ],
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="A public key (PEM) that you trust to seal. May be repeated."),
    ] = None,
    against: Annotated[
        str, typer.Option(help="Copies of the vault (s3://…): is its ledger older than theirs?")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check every layer of a vault: signature, manifests, bytes, ledger. Writes nothing.

    Exit code: 0 intact, 1 changed (each file, and how), 2 not a vault.
    """
    keys = [load_public_key(path) for path in key or []]
    with _there(folder) as root:
        found = evidence.verify(root, trusted=keys)
        if against:
            with _there(against) as copy:
                found = _compared(found, root, copy, against)
    if as_json:
        print(json.dumps({"folder": shown(folder), **found.to_json()}, ensure_ascii=False))
    else:
        print("\n".join(_lines(folder, found)))
    raise typer.Exit(_EXIT[found.state])


@contextmanager
def _there(place: str) -> Iterator[Path]:
    """The folder itself, or what was fetched from an address."""
    if "://" not in place:
        yield Path(place)
        return
    from golive import bootstrap

    with bootstrap.fetched(place) as root:
        yield root


def _compared(
    found: evidence.Verification, root: Path, copy: Path, address: str
) -> evidence.Verification:
    """`found`, and what a copy knows that the vault at `root` doesn't."""
    findings = evidence.behind(root, copy)
    if not findings:
        told = f"ledger: not older than the copy at {address.split('?')[0]}"
        return replace(found, checked=[*found.checked, told])
    return replace(
        found, state=evidence.State.CHANGED, findings=sorted({*found.findings, *findings})
    )


def _lines(folder: str, found: evidence.Verification) -> list[str]:
    lines = [f"{_SAYS[found.state]}: {shown(folder)}"]
    lines += [f"  {finding}" for finding in found.findings]
    for release in found.releases:
        if release.digest:
            who = f"key {release.key_id}" if release.key_id else "nobody"
            lines.append(
                f"  seal {release.digest}: {release.rehearsal}, seal {release.number}, "
                f"{release.files} files, {release.size} bytes, signed by {who}"
            )
    lines += [f"  checked: {shown(text)}" for text in found.checked]
    lines += [f"  not checked: {shown(text)}" for text in found.unchecked]
    return lines
