"""`golive rehearse`: run a playbook, seal the evidence, say why it is ready or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.options import DEFAULT_STATE, AsJson, State
from golive.cli.output import exit_code, watching
from golive.cli.report import after


def rehearse(
    file: Annotated[Path, typer.Argument(help="The playbook (Markdown).")],
    target: Annotated[
        Path | None,
        typer.Option(help="A target file (TOML); the embedded stage when not given."),
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
            help="Spoil the embedded stage: incoming-5xx, incoming-slow, incoming-crash, "
            "readiness-stale, chatwoot-down, or one of those in docs/stage.md."
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
    """Run the playbook, seal the evidence, say why it is ready or not.

    Ends with 0 ready, 1 not ready, 2 bad input, 3 incomplete, 130 interrupted (and resumable).
    """
    from golive import bootstrap
    from golive.kernel.errors import BadInput
    from golive.rehearsal.prepare import NotFit, Wishes, prepare
    from golive.rehearsal.run import begin

    supplies = bootstrap.Supplies()
    copy = vault_root if bootstrap.is_address(vault_root) else ""
    root = state / "vaults" if copy else Path(vault_root)
    wishes = Wishes(
        file=file,
        state=state,
        vault_root=root,
        target=target,
        people=people,
        clock=clock,
        practice=practice or self_test,
        fault=fault,
        plan=plan,
        plan_by=plan_by,
        policy=policy,
        vault_copy=copy,
        domains=bootstrap.REHEARSAL_DOMAINS,
    )
    try:
        order = prepare(wishes, supplies.registry, bootstrap.trust_store())
    except NotFit as error:
        from golive.playbook.show import show

        for finding in error.findings:
            typer.echo(show(finding, colour=False) + "\n", err=True)
        raise
    if self_test and (target is not None or fault):
        raise BadInput(
            "--self-test breaks things on a stage of its own", hint="leave --target and --fault out"
        )
    if target is not None:
        bootstrap.read_target(order.target, str(target))
    if self_test:
        from golive.cli.self_test import self_test as run_self_test

        raise typer.Exit(run_self_test(order.playbook, file.parent, state, as_json=as_json))
    with watching(as_json) as watcher:
        verdict = begin(order, supplies, [watcher])
    after(verdict, state, as_json=as_json)
    raise typer.Exit(exit_code(verdict))
