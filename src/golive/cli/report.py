"""`golive report`: one page on a sealed release, for people to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.wording import near
from golive.evidence import verify as evidence
from golive.evidence.names import shown
from golive.kernel.errors import BadInput, GoliveError
from golive.kernel.json import JsonObject
from golive.kernel.text import clean_lines
from golive.rehearsal.wording import clean

_SHOWN = 20


def report(
    vault: Annotated[Path, typer.Argument(help="A vault (its newest release), or one release.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the page is written.", dir_okay=False)
    ] = Path("report.html"),
    beside: Annotated[
        Path | None, typer.Option(help="Another vault or release, to set this one beside.")
    ] = None,
    trend: Annotated[
        Path | None,
        typer.Option(
            help="A folder of vaults: every rehearsal in them, over time; those before it in its "
            "own vault when not given.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Write the report on a sealed release: one HTML file.

    It is made from sealed vaults alone.

    Exit code: 0 written, 1 the vault is not what was sealed (and how), 2 not a vault.
    """
    from golive import bootstrap

    release = _release(vault)
    if output.resolve().is_relative_to(vault.resolve()):
        raise BadInput(
            "the report would lie in what was sealed, which would then no longer verify",
            where=str(output),
            hint="write it elsewhere with --output",
        )
    _write(output, bootstrap.report(release, _release(beside) if beside else None, trend))
    typer.echo(f"report  {output}")


def after(
    verdict: JsonObject, state: Path, *, as_json: bool, beside: JsonObject | None = None
) -> None:
    """Leave the report of a run that has just been sealed in the run's own folder, and name it;
    `beside` is the verdict of the same playbook's run on another target.

    The verdict stands whether or not the page can be written: a failure is told and passed over.
    """
    from golive import bootstrap

    release = Path(str(verdict["vault"]))
    page = state / release.parent.name / "report.html"
    try:
        other = Path(str(beside["vault"])) if beside is not None else None
        _write(page, bootstrap.report(release, other))
    except GoliveError as error:
        typer.echo(f"golive: the report was not written: {clean_lines(error)}", err=True)
        return
    if not as_json:
        typer.echo(f"report {near(str(page))}")


def _release(folder: Path) -> Path:
    """The release to tell of. Exit 1 with what was changed; BadInput where it is no vault."""
    found = evidence.verify(folder)
    if found.state is evidence.State.NOT_A_VAULT:
        why = "; ".join(map(shown, found.unchecked))
        raise BadInput(f"not a vault: {why}", where=str(folder), hint="`golive status` names one")
    if found.state is evidence.State.CHANGED:
        typer.echo(
            f"golive: {clean(folder)} is not what was sealed, so there is no report", err=True
        )
        for finding in found.findings[:_SHOWN]:
            typer.echo(f"  {finding}", err=True)
        more = len(found.findings) - _SHOWN
        if more > 0:
            typer.echo(f"  and {more} more: `golive verify` tells them all", err=True)
        raise typer.Exit(1)
    newest = max(
        (one for one in found.releases if one.digest),
        key=lambda one: (one.sealed_at, one.number),
        default=None,
    )
    if newest is None:
        raise BadInput("nothing has been sealed in it", where=str(folder))
    return folder if newest.path == "." else folder / newest.path


def _write(path: Path, page: bytes) -> None:
    """Whole or not at all. GoliveError where it can't be written."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(page)
        temporary.replace(path)
    except OSError as error:
        raise GoliveError(
            f"the report can't be written: {error.strerror}",
            where=str(path),
            hint="name another file with --output",
        ) from error
