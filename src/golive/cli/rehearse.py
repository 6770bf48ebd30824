"""`golive rehearse`: run a playbook, seal the evidence, say why it is ready or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.options import DEFAULT_STATE, AsJson, State
from golive.cli.output import exit_code, tell_stamp, watching
from golive.cli.report import after
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject

if TYPE_CHECKING:
    from golive.rehearsal.run import Order


def rehearse(
    file: Annotated[Path, typer.Argument(help="The playbook (Markdown).")],
    target: Annotated[
        list[Path] | None,
        typer.Option(
            help="A target file (TOML), or `stage`; those that the playbook names, or the embedded "
            "stage, when not given. Twice: both in turn, the second beside the first."
        ),
    ] = None,
    people: Annotated[Path | None, typer.Option(help="The roster (people.toml).")] = None,
    clock: Annotated[
        str, typer.Option(help="`now`: back to back. `schedule`: wait for each row's time.")
    ] = "now",
    practice: Annotated[
        bool, typer.Option("--practice", help="No people: human items stay open and are counted.")
    ] = False,
    vault_root: Annotated[
        str,
        typer.Option(
            help="Where the playbook's vault path starts: a folder, or s3://BUCKET/PREFIX, to "
            "which the sealed vault is copied under Object Lock."
        ),
    ] = ".",
    state: State = DEFAULT_STATE,
    fault: Annotated[
        str,
        typer.Option(
            help="Spoil the embedded stage: incoming-5xx, ledger-unbalanced, … "
            "docs/stage.md lists them all, and what each of them does."
        ),
    ] = "",
    plan: Annotated[
        Path | None,
        typer.Option(
            help="A Terraform plan that was made elsewhere, as JSON.", dir_okay=False, exists=True
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="What to judge by (TOML or YAML); Golive's default when not given."),
    ] = None,
    tsa: Annotated[
        str,
        typer.Option(
            help="A time stamp authority's address (RFC 3161), to say when the seal was there."
        ),
    ] = "",
    tsa_root: Annotated[
        Path | None,
        typer.Option(help="Its certificates (PEM): an answer that they don't hold for isn't kept."),
    ] = None,
    plan_by: Annotated[
        str, typer.Option(help="Who made it, by id on the roster: they can't approve it.")
    ] = "",
    self_test: Annotated[
        bool,
        typer.Option(
            "--self-test",
            help="Rehearse nothing: break each step in turn, on a stage of its own, and say "
            "whether everything comes back.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the playbook, seal the evidence, say why ready or not.

    Ends with 0 ready, 1 not ready, 2 bad input, 3 incomplete, 130 interrupted (and resumable).
    """
    from golive import bootstrap
    from golive.rehearsal.prepare import NotFit, Wishes, prepare
    from golive.rehearsal.run import begin

    supplies = bootstrap.Supplies()
    copy = vault_root if bootstrap.is_address(vault_root) else ""
    root = state / "vaults" if copy else Path(vault_root)

    def order_for(one: Path | None) -> Order:
        wishes = Wishes(
            file=file,
            state=state,
            vault_root=root,
            target=one,
            people=people,
            clock=clock,
            practice=practice or self_test,
            fault=fault,
            faults=bootstrap.stage_faults(),
            plan=plan,
            plan_by=plan_by,
            policy=policy,
            vault_copy=copy,
            tsa=tsa,
            tsa_root=tsa_root,
            domains=bootstrap.REHEARSAL_DOMAINS,
        )
        found = prepare(wishes, supplies.registry, bootstrap.trust_store())
        if one is not None:
            bootstrap.read_target(found.target, str(one))
        return found

    try:
        # every target is read before the first of them is touched
        orders = [order_for(one) for one in _targets(target, file, order_for)]
    except NotFit as error:
        from golive.playbook.show import show

        for finding in error.findings:
            typer.echo(show(finding, colour=False) + "\n", err=True)
        raise
    if self_test:
        if target or fault:
            raise BadInput(
                "--self-test breaks things on a stage of its own",
                hint="leave --target and --fault out",
            )
        from golive.cli.self_test import self_test as run_self_test

        raise typer.Exit(run_self_test(orders[0].playbook, file.parent, state, as_json=as_json))
    verdicts: list[JsonObject] = []
    for order in orders:
        with watching(as_json) as watcher:
            verdict = begin(order, supplies, [watcher])
        tell_stamp(verdict, as_json=as_json)
        after(verdict, state, as_json=as_json, beside=verdicts[-1] if verdicts else None)
        verdicts.append(verdict)
    raise typer.Exit(max((exit_code(one) for one in verdicts), key=_GRAVITY.index))


_GRAVITY = (0, 3, 1)
"""Exit codes, the gravest last: ready, incomplete, not ready."""


def _targets(
    given: list[Path] | None, file: Path, order_for: Callable[[Path | None], Order]
) -> Sequence[Path | None]:
    """The command line's targets, else the playbook's own; None stands for the embedded stage."""
    named = given or [file.parent / one for one in order_for(None).playbook.targets]
    if len(set(named)) != len(named):
        raise BadInput("one target is named twice", hint="name each of them once")
    return [None if one.name == _STAGE else one for one in named] or [None]


_STAGE = "stage"
"""What the embedded stage is called among targets."""
