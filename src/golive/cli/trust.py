"""`golive trust`: let a playbook's own commands run on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def trust(file: Annotated[Path, typer.Argument(help="The playbook you have read.")]) -> None:
    """Record that you have read a playbook that runs its own code.

    Any change asks again.
    """
    from golive.bootstrap import registry, trust_store
    from golive.kernel.errors import BadInput
    from golive.kernel.text import clean
    from golive.playbook.load import load
    from golive.playbook.trust import needs_trust

    playbook = load(file).playbook
    if playbook is None:
        raise BadInput("it doesn't parse", where=str(file), hint=f"golive check {file}")
    blocks = needs_trust(playbook, registry())
    store = trust_store()
    if not blocks:
        print(f"{file}: runs no code of its own; nothing to trust")
        return
    if store.is_trusted(playbook.digest):
        print(f"{file}: already trusted ({playbook.digest[:12]}…)")
        return
    store.record(playbook.digest, str(file.resolve()), datetime.now(UTC))
    for block in blocks:
        print(clean(f"{block.place}: {block.drill}"))
    count = "1 block runs" if len(blocks) == 1 else f"{len(blocks)} blocks run"
    print(f"{file}: trusted, {count} code ({playbook.digest[:12]}…)")
