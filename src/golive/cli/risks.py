"""`golive risks`: the register as it stands."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from golive.kernel.errors import BadInput


def risks(
    vault: Annotated[Path, typer.Argument(help="A vault (its newest seal), or one release.")],
    form: Annotated[str, typer.Option("--format", help="text, csv or json.")] = "text",
) -> None:
    """The risk register: what was shown of each, and who bears it."""
    from golive import bootstrap
    from golive.governance import risks as register
    from golive.kernel.text import clean
    from golive.kernel.times import rfc3339
    from golive.rehearsal.register import standing_register

    if form not in ("text", "csv", "json"):
        raise BadInput(f"--format {form}", hint="text, csv or json")
    entries = standing_register(vault, rfc3339(bootstrap.Supplies().clock.now()))
    if form == "csv":
        sys.stdout.buffer.write(register.to_csv(entries).encode())
        sys.stdout.flush()
    elif form == "json":
        print(json.dumps(register.to_json(entries), indent=2, ensure_ascii=False))
    else:
        for one in entries:
            print(f"{one.risk.id}  {clean(one.risk.risk)}")
            print(f"  impact {clean(one.risk.impact)}, {one.state.value}: {clean(one.residual)}")
            if one.acceptance:
                said = f"{one.acceptance.person} as {one.acceptance.role}: {one.acceptance.reason}"
                print(f"  accepted until {one.acceptance.until} by {clean(said)}")
