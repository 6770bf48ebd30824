"""`golive doctor`: everything that would spoil the day, the evening before."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.options import DEFAULT_STATE, State

if TYPE_CHECKING:
    from golive.rehearsal.examine import Sign


def doctor(
    file: Annotated[Path, typer.Argument(help="The playbook (Markdown).")],
    target: Annotated[
        Path | None, typer.Option(help="A target file (TOML); the embedded stage when not given.")
    ] = None,
    people: Annotated[Path | None, typer.Option(help="The roster (people.toml).")] = None,
    vault_root: Annotated[
        Path, typer.Option(help="Where the playbook's vault path starts.", file_okay=False)
    ] = Path(),
    state: State = DEFAULT_STATE,
    as_json: Annotated[bool, typer.Option("--json", help="One finding a line, as JSON.")] = False,
) -> None:
    """Check playbook, people, tools and target before the day. Changes nothing.

    Ends with 0 when nothing fails, 1 when something does, 2 when a file can't be read.
    """
    signs = _show(_examine(file, target, people, vault_root, state), as_json=as_json)
    counts = {grade: sum(sign.grade == grade for sign in signs) for grade in ("ok", "warn", "fail")}
    if not as_json:
        told = ", ".join(f"{count} {grade}" for grade, count in counts.items())
        print(f"\n{told}: {'not fit for the day yet' if counts['fail'] else 'fit for the day'}")
    if counts["fail"]:
        raise typer.Exit(1)


def _examine(
    file: Path, target: Path | None, people: Path | None, vault_root: Path, state: Path
) -> Iterator[Sign]:
    from golive import bootstrap
    from golive.cli.wording import near
    from golive.kernel.errors import BadInput
    from golive.rehearsal import examine
    from golive.rehearsal.examine_target import of_target
    from golive.rehearsal.run import vault_of

    config = None
    if target is not None:
        try:
            config = bootstrap.read_target(target.read_bytes(), str(target))
        except OSError as error:
            raise BadInput(f"it can't be read: {error.strerror}", where=str(target)) from error
    playbook, signs = examine.of_playbook(file, bootstrap.registry(), bootstrap.trust_store())
    yield from signs
    if playbook is not None:
        if people is None and playbook.people:
            people = file.parent / playbook.people
        yield from examine.of_people(playbook, people)
        yield from examine.of_tools(playbook, stage=config is None)
        vault = vault_of(playbook, vault_root, "RUN")
        yield examine.of_folder(Path(near(str(vault))), "vault")
    yield examine.of_folder(state, "state")
    yield examine.of_folder(bootstrap.config_folder(), "keys")
    if config is not None:
        yield from of_target(bootstrap.build_target(config))


def _show(signs: Iterable[Sign], *, as_json: bool) -> list[Sign]:
    """Print each as it comes: a part that doesn't answer takes its time."""
    from golive.rehearsal.wording import clean

    shown = []
    for sign in signs:
        shown.append(sign)
        what, advice = clean(sign.what), clean(sign.advice)
        if as_json:
            print(json.dumps({"grade": sign.grade.value, "what": what, "advice": advice}))
        else:
            print(f"{sign.grade.value:<5} {what}")
            if advice:
                print(f"      → {advice}")
        sys.stdout.flush()
    return shown
