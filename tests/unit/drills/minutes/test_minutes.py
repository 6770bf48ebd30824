"""Minutes: begun by the run, completed by people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.adapters.memory.wiki import MemoryWiki
from golive.adapters.memory.world import Fault
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.minutes import Minutes
from golive.kernel.json import Json
from papers_world import HERE, done, record, standing

WRONG = record(outcome=Outcome.FAILED, failed="requests that failed")


def run(
    tmp_path: Path,
    memory: MemoryTarget,
    *,
    wiki: bool = True,
    params: dict[str, Json] | None = None,
) -> DrillRun:
    target = memory.build()
    return run_drill(
        Minutes(),
        params or {},
        target if wiki else replace(target, wiki=None),
        tmp_path,
        standing=standing(WRONG, done(outcome=Outcome.OPEN)),
        item=HERE,
    )


def wiki_of(memory: MemoryTarget) -> MemoryWiki:
    found = memory.build().wiki
    assert isinstance(found, MemoryWiki)
    return found


def test_where_the_day_stands_is_written_down(tmp_path: Path) -> None:
    made = run(tmp_path, MemoryTarget(), wiki=False)
    assert made.record.outcome is Outcome.PASSED
    text = made.files[f"{HERE}/minutes.md"].decode()
    assert text.startswith("# Contingency review, 2024-05-30 (test-run-1)\n")
    assert "| 1 | Cutover | DevOps Lead | 09:00 | 09:20 | 09:21 | failed |" in text
    assert "| 2 | People | QA Lead | 10:00 | 09:20 | 09:20 | human items open |" in text
    assert "blue-green (cutover/1): requests that failed: measured 3" in text
    assert "1. Cutover: began 20 min late" in text
    assert "| It breaks | High | Likely | nearer |  |" in text


def test_nothing_human_is_invented(tmp_path: Path) -> None:
    """Every cell under a heading that is people's is blank."""
    text = run(tmp_path, MemoryTarget(), wiki=False).files[f"{HERE}/minutes.md"].decode()
    assert "| DevOps Lead |  |  |" in text and "| Executive Sponsor |  |  |" in text
    decisions = text.partition("## Decisions")[2].partition("Reference:")[0]
    rows = [one for one in decisions.splitlines() if one.startswith("|")][2:]
    assert rows == ["|  |  |  |"] * 4


def test_the_retrospective_asks_and_does_not_answer(tmp_path: Path) -> None:
    made = run(
        tmp_path, MemoryTarget(), wiki=False, params={"kind": "retrospective", "title": "Look back"}
    )
    text = made.files[f"{HERE}/minutes.md"].decode()
    assert text.startswith("# Look back, ")
    well = text.partition("## What went well")[2].partition("## ")[0]
    assert well.split() == ["-"] * 4
    assert "Everybody was told: QA Lead" in text
    assert "0 live, 1 local, 0 simulated, 0 manual" in text


def test_without_a_wiki_the_log_says_so(tmp_path: Path) -> None:
    made = run(tmp_path, MemoryTarget(), wiki=False)
    assert any("no wiki is configured" in line for line in made.record.steps[1].log)
    assert list(made.files) == [f"{HERE}/minutes.md"]


def test_a_page_is_made_once_and_read_back(tmp_path: Path) -> None:
    memory = MemoryTarget()
    first, second = run(tmp_path, memory), run(tmp_path, memory)
    for made in (first, second):
        assert made.record.outcome is Outcome.PASSED
        assert made.check("page_as_written").verdict is CheckVerdict.PASS
        assert f"{HERE}/minutes-page.json" in made.files
    assert memory.count("page-created") == 1


def test_what_people_have_written_is_left(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run(tmp_path, memory)
    pages = memory.wiki.pages
    (title,) = pages
    pages[title] = replace(
        pages[title], version=2, storage=pages[title].storage + "<p>We wait.</p>"
    )
    again = run(tmp_path, memory)
    assert again.record.outcome is Outcome.PASSED
    assert again.check("page_created").verdict is CheckVerdict.PASS
    assert any("people have begun to complete it" in line for line in again.record.steps[1].log)
    assert "We wait." in pages[title].storage


def test_somebody_elses_page_is_left_alone(tmp_path: Path) -> None:
    memory = MemoryTarget()
    title = "Contingency review, 2024-05-30 (test-run-1)"
    memory.wiki.create(title, "<p>mine</p>")
    made = run(tmp_path, memory)
    assert made.record.outcome is Outcome.FAILED
    assert "is not ours" in made.record.steps[1].error
    assert memory.wiki.pages[title].storage == "<p>mine</p>"


def test_a_wiki_that_rewrites_words_is_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run(tmp_path, memory)
    (title,) = memory.wiki.pages
    page = memory.wiki.pages[title]
    memory.wiki.pages[title] = replace(page, storage=page.storage.replace("DevOps", "Dev0ps"))
    assert run(tmp_path, memory).check("page_as_written").verdict is CheckVerdict.FAIL


def test_a_wiki_that_is_away_could_not_be_measured(tmp_path: Path) -> None:
    made = run(tmp_path, MemoryTarget(faults=[Fault.UNREACHABLE]))
    assert made.check("page_created").verdict is CheckVerdict.INCONCLUSIVE
    assert f"{HERE}/minutes.md" in made.files


@pytest.mark.parametrize("call", ["wiki.create", "wiki.create done", "wiki.find"])
def test_cut_short_at_any_call_it_leaves_one_page(tmp_path: Path, call: str) -> None:
    memory = MemoryTarget()
    left = [1]

    def cut(name: str) -> None:
        if name == call and left:
            left.pop()
            raise ConnectionError("cut")

    memory.world.observers.append(cut)
    run(tmp_path, memory)
    assert not left
    assert run(tmp_path, memory).record.outcome is Outcome.PASSED
    assert len(memory.wiki.pages) == 1


def test_without_a_playbook_nothing_could_be_measured(tmp_path: Path) -> None:
    target = replace(MemoryTarget().build(), wiki=None)
    made = run_drill(Minutes(), {}, target, tmp_path)
    assert made.check("rows_left_out").verdict is CheckVerdict.INCONCLUSIVE
