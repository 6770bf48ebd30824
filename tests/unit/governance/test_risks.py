"""The register repeats what the team said and what was tried; it estimates nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_world as world
from golive.drillkit.records import CheckVerdict, ItemRecord, Outcome
from golive.governance.risks import RULE, Entry, State, defused, register, to_csv, to_json
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Playbook


def _two_items() -> Playbook:
    source = world.PLAYBOOK.replace(
        "[Bring it back](#cutover) |", "[Bring it back](#cutover), [tell them](#people) |"
    )
    return world.playbook(source)


def _records(cutover: Outcome | None, people: Outcome | None) -> dict[str, ItemRecord]:
    found = {"cutover/1": cutover, "people/1": people}
    return {
        name: ItemRecord(name, outcome, world.NOW, world.NOW)
        for name, outcome in found.items()
        if outcome is not None
    }


@pytest.mark.parametrize(
    ("cutover", "people", "state", "residual"),
    [
        (Outcome.PASSED, Outcome.PASSED, State.EXERCISED, "lower than stated"),
        (Outcome.PASSED, Outcome.OPEN, State.PARTLY, "as stated, not all of it was tried"),
        (Outcome.PASSED, None, State.PARTLY, "people/1 not run"),
        (Outcome.FAILED, Outcome.PASSED, State.FAILED, "higher than stated until it is mended"),
        (Outcome.PASSED, Outcome.REFUSED, State.FAILED, "people/1 refused"),
        (Outcome.ABORTED, None, State.FAILED, "cutover/1 aborted"),
        (Outcome.SKIPPED, Outcome.OPEN, State.NOT_EXERCISED, "as stated, nothing was tried"),
        (None, None, State.NOT_EXERCISED, "cutover/1 not run, people/1 not run"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_risk(
    cutover: Outcome | None, people: Outcome | None, state: State, residual: str
) -> None:
    entry = register(_two_items(), _records(cutover, people))[0]
    assert entry.state is state
    assert residual in entry.residual


def test_a_mitigation_that_links_to_nothing_is_never_exercised() -> None:
    entry = register(world.playbook(), _records(Outcome.PASSED, Outcome.PASSED))[2]
    assert entry.state is State.NOT_EXERCISED
    assert "links to nothing that can be run" in entry.residual


def test_evidence_from_a_stand_in_is_said(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    kept = [made.keep("a.json", "{}", Fidelity.SIMULATED), made.keep("b.json", "{}")]
    record = made.drill(world.check(), artefacts=kept)
    entry = register(world.playbook(), {record.item: record})[0]
    assert entry.residual.endswith("1 of the evidence came from a stand-in")
    assert entry.to_json()["exercised"] == [
        {"item": "cutover/1", "title": "blue-green", "outcome": "passed", "evidence": 2,
         "simulated": 1, "checks": 1, "unmet": []}
    ]  # fmt: skip


def test_what_was_measured_and_what_was_not_met_stands_in_the_log(tmp_path: Path) -> None:
    made = world.World(tmp_path)
    met, missed = world.check(), world.check(id="ledger_imbalance", verdict=CheckVerdict.FAIL)
    record = made.drill(met, missed, outcome=Outcome.FAILED)
    entry = register(world.playbook(), {record.item: record})[0]
    assert entry.residual == (
        "higher than stated until it is mended: cutover/1 failed (ledger_imbalance)"
    )
    assert _rows([entry])[1][6] == "cutover/1 failed (blue-green, 1 of 2 checks)"


def _rows(entries: list[Entry]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(entries), newline="")))


def test_the_table_says_what_the_register_says() -> None:
    entries = list(register(world.playbook(), _records(Outcome.PASSED, Outcome.OPEN)))
    header, *rows = _rows(entries)
    assert header[:5] == ["id", "risk", "likelihood", "impact", "mitigation"]
    assert [row[5] for row in rows] == [one.state.value for one in entries]
    assert rows[0][6] == "cutover/1 passed"
    assert to_json(entries)["rule"] == RULE


def test_a_cell_of_the_playbook_runs_nothing_in_a_spreadsheet() -> None:
    source = world.PLAYBOOK.replace("| It breaks |", '| =HYPERLINK("http://x","y") |')
    _, first, *_ = _rows(list(register(world.playbook(source), {})))
    assert first[1] == '\'=HYPERLINK("http://x","y")'


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    found = defused(text)
    assert not found.startswith(("=", "+", "-", "@", "|", "\t", "\r"))
    assert "\n" not in found
    assert found.replace("'", "").split() == text.replace("\0", "").replace("'", "").split()
