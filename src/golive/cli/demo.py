"""`golive demo`: readiness and cutover alone, in about fifteen seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.options import DEFAULT_STATE, AsJson, State


def demo(
    fault: Annotated[
        str, typer.Option(help="Spoil the incoming side, to see a return (incoming-slow, …).")
    ] = "",
    state: State = DEFAULT_STATE,
    vault_root: Annotated[Path, typer.Option(file_okay=False)] = Path(),
    as_json: AsJson = False,
) -> None:
    """Rehearse readiness and a cutover on the embedded stage.

    See it work before you bind yours.
    """
    from golive import bootstrap
    from golive.cli.rehearse import rehearse

    rehearse(
        bootstrap.shipped_playbooks() / "demo.md",
        practice=True,
        state=state,
        vault_root=str(vault_root),
        fault=fault,
        as_json=as_json,
    )
