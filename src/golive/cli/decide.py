"""`golive decide`: the verdict again, from the vault alone, with its reasons in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.output import EXIT_CODES
from golive.kernel.text import clean

if TYPE_CHECKING:
    from golive.gates.verdict import Judgement
    from golive.rehearsal.decide import Replay


def decide(
    vault: Annotated[Path, typer.Argument(help="A vault (its newest seal), or one release.")],
    policy: Annotated[
        Path | None, typer.Option(help="Judge by this policy instead of the sealed one.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The verdict's bytes alone: as sealed, byte for byte.")
    ] = False,
) -> None:
    """Reach the verdict again from the vault; say what was decided.

    Each rule in words, with the playbook's line and what would change it. Ends with 0 ready, 1 not
    ready (or not what was sealed), 2 bad input, 3 incomplete.
    """
    from golive.gates.policy import load_policy
    from golive.rehearsal.decide import replay

    found = replay(vault, load_policy(policy) if policy else None)
    if as_json:
        sys.stdout.buffer.write(found.content)
        sys.stdout.flush()
    else:
        print("\n".join(_lines(found)))
        print("\n".join(_decision(vault)))
    if not found.own_policy and not found.same:
        typer.echo(f"golive: {clean(found.told)}", err=True)
    if not found.own_policy and not found.agrees:
        raise typer.Exit(1)
    raise typer.Exit(EXIT_CODES[found.judgement.verdict.value])


def _lines(found: Replay) -> Iterator[str]:
    judgement = found.judgement
    yield clean(judgement.headline)
    basis = judgement.basis
    seal = found.sealed.release.seal
    yield f"  {seal.rehearsal}, seal {seal.number} {seal.digest}"
    yield f"  policy {basis['policy']} {str(basis['policy_digest'])[:16]}…, {basis['engine']}"
    if found.own_policy:
        yield "  by another policy than the one that was sealed"
    elif found.same:
        yield f"  {found.told}"
    yield ""
    for rule in judgement.rules:
        mark = ("✔" if rule.holds else "✘") if rule.asked else "–"
        aside = "" if rule.asked else " (not asked: in practice no person takes part)"
        yield f"  {mark} {clean(rule.rule.words)}{aside}  [{rule.rule.id}]"
        yield from _reasons(judgement, rule.rule.id)
    if judgement.notes:
        yield ""
        yield from (f"  note: {clean(note)}" for note in judgement.notes)
    yield ""


def _reasons(judgement: Judgement, rule: str) -> Iterator[str]:
    for one in (*judgement.reasons, *judgement.waived):
        if one.rule != rule:
            continue
        where = f"{clean(one.place.file)}:{one.place.line}"
        owner = f" · {clean(one.owner)}" if one.owner else ""
        yield f"      {where}{owner}: {clean(one.text)}"
        if one.waived_by:
            yield f"        waived by {clean(one.waived_by)}"
        else:
            yield f"        to change it: {clean(one.change)}"


def _decision(vault: Path) -> Iterator[str]:
    """What people decided; a lone release has no ledger to tell of it."""
    from golive.cli.sign import decision_lines
    from golive.rehearsal.docket import vault_root
    from golive.rehearsal.sign import standing

    root, _ = vault_root(vault)
    if (root / "ledger").is_dir():
        yield from decision_lines(standing(vault))
    else:
        yield "DECISION not told: this release lies outside its vault, and the ledger is there"
