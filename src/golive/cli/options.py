"""Options that several commands share, each with one name and one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.kernel.errors import BadInput

State = Annotated[Path, typer.Option("--state", help="Where runs are kept.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON event a line.")]
Copy = Annotated[
    str,
    typer.Option(
        "--copy", help="Where the vault is copied to (s3://…); where the run copied it if not."
    ),
]
Run = Annotated[str | None, typer.Argument(help="The run's name; the newest one by default.")]

DEFAULT_STATE = Path("state")


def plain(files: list[Path] | None) -> list[Path] | None:
    """What is brought as evidence has an end: BadInput for a folder, a pipe or a device."""
    for one in files or ():
        if not one.is_file():
            raise BadInput(
                "not a plain file", where=str(one), hint="save what it gives, and bring that"
            )
    return files


Evidence = typer.Argument(help="Files to keep as evidence.", exists=True, callback=plain)
