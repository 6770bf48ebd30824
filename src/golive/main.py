"""The command line: every command by name, and one way to end for each kind of error."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from golive import __version__
from golive.cli import (
    act,
    check,
    decide,
    demo,
    diff,
    doctor,
    ledger,
    people,
    rehearse,
    report,
    risks,
    run,
    schema,
    sign,
    stage,
    supplement,
    trust,
    vault,
    verify,
)
from golive.console import command as console
from golive.kernel.errors import GoliveError
from golive.kernel.text import clean_lines

app = typer.Typer(
    name="golive",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Your go-live runbook, executed. Abort half-way, prove it came back, hand the auditor a "
    "vault.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"golive {__version__}")
        raise typer.Exit


@app.callback()
def _golive(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Rehearses a product launch and proves the result."""


_COMMANDS = (
    ("Rehearse", "rehearse", rehearse.rehearse),
    ("Rehearse", "demo", demo.demo),
    ("Rehearse", "status", run.status),
    ("Rehearse", "resume", run.resume),
    ("Rehearse", "abort", run.abort),
    ("Take part", "confirm", act.confirm),
    ("Take part", "attach", act.attach),
    ("Take part", "vouch", act.vouch),
    ("Take part", "approve", act.approve),
    ("Take part", "refuse", act.refuse),
    ("Take part", "retry", act.retry),
    ("Take part", "skip", act.skip),
    ("Take part", "serve", console.serve),
    ("Prepare", "invite", console.invite),
    ("Prepare", "check", check.check),
    ("Prepare", "doctor", doctor.doctor),
    ("Prepare", "schema", schema.schema),
    ("Prepare", "trust", trust.trust),
    ("Decide", "decide", decide.decide),
    ("Decide", "sign", sign.sign),
    ("Decide", "supplement", supplement.supplement),
    ("Decide", "risks", risks.risks),
    ("Audit", "verify", verify.verify),
    ("Audit", "report", report.report),
    ("Audit", "diff", diff.diff),
)
for _panel, _name, _function in _COMMANDS:
    app.command(_name, rich_help_panel=_panel)(_function)
app.add_typer(stage.app, name="stage", rich_help_panel="Prepare")
app.add_typer(ledger.app, name="ledger", rich_help_panel="Audit")
app.add_typer(people.app, name="people", rich_help_panel="Prepare")
app.add_typer(vault.app, name="vault", rich_help_panel="Audit")


def main() -> None:
    """Run the command line; ends the process."""
    try:
        app()
    except GoliveError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"golive: {clean_lines(error)}", markup=False
        )
        _leave(error.exit_code)
    except KeyboardInterrupt:
        _leave(130)
    except BrokenPipeError:
        # The reader went away (`golive … | head`): nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(1)


def _leave(code: int) -> None:
    """End at once: a run that was interrupted leaves parked threads behind, which must not be
    waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
