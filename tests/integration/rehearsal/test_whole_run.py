"""From a Markdown document to a sealed verdict, with the outside in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from golive.evidence.verify import verify
from golive.kernel.errors import BadInput
from golive.rehearsal.board import fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from harness.memory_run import MemorySupplies, run_to_end, take_up


def test_a_healthy_launch_is_ready_and_its_vault_verifies(
    supplies: MemorySupplies, playbook: str
) -> None:
    verdict = run_to_end(playbook, supplies)
    assert verdict["verdict"] == "ready", verdict["reasons"]
    assert verdict["open_human_items"] == 1
    release = Path(str(verdict["vault"]))
    assert not verify(release).findings
    assert (release / "data/out/readiness.json").is_file()
    assert (release / "data/out/lifecycle.json").is_file()
    sealed = json.loads((release / "data/golive/verdict.json").read_bytes())
    assert sealed["verdict"] == "ready"
    assert (release / "data/golive/playbook.md").read_text() == playbook


def test_the_journal_folds_into_a_board(supplies: MemorySupplies, playbook: str) -> None:
    run_to_end(playbook, supplies)
    folder = RunFolder.find(supplies.folder / "state", None)
    board = fold(read_events(folder.events))
    assert board.state == "sealed"
    assert [row.state for row in board.rows.values()] == ["open", "passed", "passed"]
    assert all(row.plan_start for row in board.rows.values())
    readiness = board.items["readiness/2"]
    assert readiness.state == "passed"
    assert readiness.checks
    assert readiness.artefacts


def test_a_finished_run_answers_with_its_verdict_again(
    supplies: MemorySupplies, playbook: str
) -> None:
    verdict = run_to_end(playbook, supplies)
    effects = len(supplies.memory.effects)
    assert take_up(supplies) == verdict
    assert len(supplies.memory.effects) == effects


def test_a_vault_kept_with_another_key_is_refused_before_the_day_begins(
    supplies: MemorySupplies, playbook: str
) -> None:
    run_to_end(playbook, supplies)
    (supplies.folder / "seal-key.pem").unlink()
    with pytest.raises(BadInput, match="kept with another key"):
        run_to_end(playbook, supplies)
    assert len(list((supplies.folder / "state").iterdir())) == 1
