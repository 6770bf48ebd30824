"""`golive status` once a run is sealed: of which seal the verdict is that it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from decision_world import RUN, World
from evidence_world.making import overwrite
from golive.main import app


def ended(world: World, release: Path) -> str:
    """The run's journal tells the verdict of its own seal; its headline."""
    verdict = json.loads((release / "data/golive/verdict.json").read_bytes())
    event = {"event": "verdict", "at": "2024-06-01T09:00:00.000Z", **verdict, "vault": str(release)}
    (world.folder / "state" / RUN / "events.jsonl").write_text(json.dumps(event) + "\n")
    return str(verdict["headline"])


def status(world: World) -> list[str]:
    done = CliRunner().invoke(app, ["status", RUN, "--state", str(world.folder / "state")])
    assert done.exit_code == 0, done.exception
    return done.output.splitlines()


def test_the_verdict_is_that_of_the_newest_seal(world: World) -> None:
    first = ended(world, world.seal())
    assert first in status(world)
    newest = world.add("asha", "dashboards/1").seal.path
    second = json.loads((newest / "data/golive/verdict.json").read_bytes())["headline"]
    told = status(world)
    assert second != first
    assert f"seal 2: {second}" in told
    assert f"  note: seal 1, as the run ended, said: {first}" in told
    assert first not in told
    assert any(line.startswith("vault") and line.endswith(f"{RUN}/2") for line in told)


@pytest.mark.parametrize("paper", ["data/golive/verdict.json", "seal.dsse.json"])
def test_a_newer_seal_that_was_changed_is_not_believed(world: World, paper: str) -> None:
    first = ended(world, world.seal())
    changed = world.add("asha", "dashboards/1").seal.path / paper
    overwrite(changed, changed.read_bytes() + b" ")
    assert first in status(world)
