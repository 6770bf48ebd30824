"""`golive rehearse --self-test`: a failure at each step, and whether the day survives it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from golive.playbook.model import Playbook
    from golive.ports.target import Environment
    from golive.rehearsal.self_test import Result

MINUTE = 0.2
"""Seconds that stand for one of AWS's minutes on the self-test's stage."""
RESULT = "self-test.json"


def self_test(playbook: Playbook, folder: Path, state: Path, *, as_json: bool) -> int:
    """0 where the day survived every failure, 1 otherwise. Uses a stage of its own."""
    from golive import bootstrap
    from golive.rehearsal.self_test import Ending, SelfTest, cases

    registry = bootstrap.registry()
    wanted = cases(playbook, registry)
    began, results = time.monotonic(), []
    if not as_json:
        typer.echo(f"{len(wanted)} failures, one at a time, on a stage of their own")
    with tempfile.TemporaryDirectory(prefix="golive-self-test-") as temporary:
        numbers = count(1)

        def stage() -> Environment:
            """A new one, with all its data."""
            place = Path(temporary) / f"stage-{next(numbers)}"
            return bootstrap.stage_environment(place, MINUTE)

        test = SelfTest(playbook, folder, registry, stage, Path(temporary) / "work")
        for number, result in enumerate(test.run(wanted), start=1):
            results.append(result)
            _show(number, len(wanted), result, as_json=as_json)
    seconds = time.monotonic() - began
    survived = all(one.ending is Ending.SURVIVED for one in results)
    _save(state, results, seconds, survived=survived)
    if not as_json:
        typer.echo(_summary(results, seconds, state))
    return 0 if survived and results else 1


def _show(number: int, total: int, result: Result, *, as_json: bool) -> None:
    case = result.case
    if as_json:
        typer.echo(json.dumps(result.to_json(), ensure_ascii=False))
        return
    where = f"{case.item} {case.drill}, {case.step}"
    line = f"{number:>3}/{total}  {where:<58} {case.failure:<6} {result.ending:<12}"
    typer.echo(f"{line}{result.seconds:>5.1f} s")
    for one in result.differs if result.ending.value == "lost" else ():
        typer.echo(f"         not as before: {one}")
    if result.note:
        typer.echo(f"         {result.note}")


def _summary(results: Sequence[Result], seconds: float, state: Path) -> str:
    counts = {
        ending: sum(one.ending.value == ending for one in results)
        for ending in ("survived", "lost", "not reached")
    }
    told = ", ".join(f"{count} {ending}" for ending, count in counts.items() if count)
    return f"\n{told or 'nothing to try'}, in {seconds:.0f} s; {state / RESULT} has it all"


def _save(state: Path, results: Sequence[Result], seconds: float, *, survived: bool) -> None:
    document = {
        "survived": survived,
        "seconds": round(seconds, 1),
        "minuteSeconds": MINUTE,
        "cases": [one.to_json() for one in results],
    }
    state.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (state / RESULT).write_text(text, encoding="utf-8")
