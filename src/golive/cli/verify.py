"""`golive verify`: is this vault, or this one release, what was sealed?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.sign import said_of
from golive.evidence import verify as evidence
from golive.evidence.keys import load_public_key
from golive.evidence.names import shown
from golive.evidence.personal_data import Scan
from golive.evidence.stamps import load_roots
from golive.kernel.json import JsonObject

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
    tsa_root: Annotated[
        Path | None,
        typer.Option(help="Certificates (PEM) of a time stamp authority that you trust."),
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            help="A copy of the vault (s3://… or a folder), or the ledger/checkpoint that you "
            "kept: is its ledger older than that?"
        ),
    ] = "",
    personal_data: Annotated[
        bool,
        typer.Option("--personal-data", help="Also look for people who aren't the rehearsal's."),
    ] = False,
    domain: Annotated[
        list[str] | None,
        typer.Option("--domain", help="Where its people have addresses. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check every layer of a vault, from signature to bytes. Writes nothing.

    Exit code: 0 intact, 1 changed (each file, and how) or somebody's data found, 2 not a vault.
    """
    keys = [load_public_key(path) for path in key or []]
    authorities = load_roots(tsa_root) if tsa_root else ()
    with _there(folder) as root:
        found = evidence.verify(root, trusted=keys, authorities=authorities)
        if against:
            with _there(against) as copy:
                found = _compared(found, root, copy, against)
        people = _people(root, found, domain) if personal_data and _is_whole(found) else None
        decided = said_of(root) if _is_whole(found) and not as_json else ()
    if as_json:
        told: JsonObject = {"personalData": people.to_json()} if people else {}
        print(json.dumps({"folder": shown(folder), **found.to_json(), **told}, ensure_ascii=False))
    else:
        print(
            "\n".join(
                [*_lines(folder, found), *(_people_lines(people) if people else ()), *decided]
            )
        )
    raise typer.Exit(_EXIT[found.state] or (1 if people and people.found else 0))


def _is_whole(found: evidence.Verification) -> bool:
    return found.state is evidence.State.INTACT


def _people(root: Path, found: evidence.Verification, domains: list[str] | None) -> Scan:
    from golive import bootstrap
    from golive.evidence.verify.people import people_in

    return people_in(root, found, domains or bootstrap.REHEARSAL_DOMAINS)


def _people_lines(people: Scan) -> list[str]:
    where = ", ".join(people.domains)
    lines = [f"  personal data outside {where}: {len(people.found) or 'none found'}"]
    lines += [f"    {one.kind}: {shown(one.path)}:{one.line}: {one.why}" for one in people.found]
    lines.append(
        f"    searched {people.searched} files for addresses, numbers, cards and "
        f"{people.names_known} given and family names"
    )
    lines += [f"    not searched: {shown(path)}: {shown(why)}" for path, why in people.not_searched]
    return lines


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
                f"  seal {release.digest}: {shown(release.rehearsal)}, seal {release.number}, "
                f"{release.files} files, {release.size} bytes, signed by {who}"
            )
    lines += [f"  checked: {shown(text)}" for text in found.checked]
    lines += [f"  not checked: {shown(text)}" for text in found.unchecked]
    return lines
