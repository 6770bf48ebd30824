"""The register is sealed with the run, and never over a file that somebody else put there."""

from __future__ import annotations

import json
from pathlib import Path

import report_world as world
from golive.evidence.verify import State, verify
from golive.report import render


def test_a_run_seals_its_register_twice_as_table_and_for_machines(tmp_path: Path) -> None:
    release = world.whole(tmp_path)
    table = (release / "data/risk-log.csv").read_bytes().decode()
    sealed = json.loads((release / "data/golive/risks.json").read_bytes())
    assert table.count("\r\n") == 1 + len(sealed["risks"]) == 4
    assert [one["state"] for one in sealed["risks"]] == [
        "mitigation failed", "not exercised", "not exercised",
    ]  # fmt: skip
    assert verify(release.parents[2]).state is State.INTACT


def test_a_risk_log_that_a_drill_kept_stays(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    record = made.drill(world.check(), artefacts=[made.keep("risk-log.csv", "theirs")])
    release = made.seal(record)
    assert (release / "data/risk-log.csv").read_text() == "theirs"
    assert (release / "data/golive/risks.json").exists()


def test_a_playbook_without_risks_seals_none_and_the_report_says_so(tmp_path: Path) -> None:
    source = world.PLAYBOOK.split("## Risks")[0]
    release = world.World(tmp_path, source=source).seal()
    assert not (release / "data/risk-log.csv").exists()
    assert not (release / "data/golive/risks.json").exists()
    assert "The playbook names no risk." in render(release).decode()
