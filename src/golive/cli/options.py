"""Options that several commands share, each with one name and one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

State = Annotated[Path, typer.Option("--state", help="Where runs are kept.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON event a line.")]
Run = Annotated[str | None, typer.Argument(help="The run's name; the newest one by default.")]

DEFAULT_STATE = Path("state")
