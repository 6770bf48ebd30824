"""`golive check`: is the playbook fit to run, and where is it not?"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def check(
    file: Annotated[Path, typer.Argument(help="The playbook (Markdown).")],
    as_json: Annotated[bool, typer.Option("--json", help="One finding a line, as JSON.")] = False,
) -> None:
    """Say all that is wrong with a playbook. Exits 0 without errors, 1 with, 2 unreadable."""
    from golive.bootstrap import REHEARSAL_DOMAINS, registry
    from golive.playbook import show
    from golive.playbook.inspect import inspect
    from golive.playbook.model import Level
    from golive.rehearsal.sealable import unsealable

    report = inspect(file, registry())
    if report.playbook is not None:
        also = unsealable(report.playbook, REHEARSAL_DOMAINS)
        report = replace(report, findings=(*report.findings, *also))
    failed = any(one.level is Level.ERROR for one in report.findings)
    if as_json:
        for one in report.findings:
            print(json.dumps(show.as_json(one), ensure_ascii=False))
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        for one in report.findings:
            print(show.show(one, colour=colour), end="\n\n")
        print(f"{file}: {report.summary()}")
    if failed:
        raise typer.Exit(1)
