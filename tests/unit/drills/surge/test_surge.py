"""The surge drill: answers at hand, hours, people in every hour, a question that finds its team."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.surge import SurgeDrill
from golive.ports.helpdesk import Answer

HOURS = {"hours": {"from": "07:00", "to": "22:00"}}
NAMES = ("Amira Haddad", "Jonas Weiss")


def carry_out(memory: MemoryTarget, work: Path, **params: Any) -> DrillRun:
    return run_drill(SurgeDrill(), params, memory.build(), work)


def verdicts(run: DrillRun, verdict: CheckVerdict) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is verdict}


def failed(run: DrillRun) -> set[str]:
    return verdicts(run, CheckVerdict.FAIL)


def unknown(run: DrillRun) -> set[str]:
    return verdicts(run, CheckVerdict.INCONCLUSIVE)


def rota(work: Path, *lines: str, header: str = "start,end,person") -> None:
    (work / "rota.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")


def week(days: range = range(30, 32)) -> list[str]:
    """Two people a day, from 07:00 to 22:00 with an hour together."""
    return [
        line
        for day in days
        for line in (
            f"2024-05-{day}T07:00,2024-05-{day}T15:00,{NAMES[0]}",
            f"2024-05-{day}T14:00,2024-05-{day}T22:00,{NAMES[1]}",
        )
    ]


def test_a_prepared_desk_passes(tmp_path: Path) -> None:
    rota(tmp_path, *week())
    memory = MemoryTarget()
    run = carry_out(memory, tmp_path, **HOURS, rota={"file": "rota.csv"}, days=2, trial={"team": 1})
    assert (failed(run), unknown(run)) == (set(), set())
    assert run.record.outcome is Outcome.PASSED
    coverage = json.loads(run.files["section/1/coverage.json"])
    assert (coverage["hours"], coverage["gaps"], coverage["people"]) == (30, [], 2)
    original = (tmp_path / "rota.csv").read_bytes()
    assert coverage["originalSha256"] == hashlib.sha256(original).hexdigest()
    (conversation,) = memory.books.incidents.helpdesk.conversations.values()
    assert (conversation.status, conversation.team) == ("resolved", 1)


def test_nobodys_name_is_in_the_vault(tmp_path: Path) -> None:
    """Not even where a line is mixed up and can't be read."""
    rota(tmp_path, *week(), f"{NAMES[0]},2024-05-30T07:00,2024-05-30T08:00", f",,{NAMES[1]}")
    run = carry_out(MemoryTarget(), tmp_path, **HOURS, rota={"file": "rota.csv"}, days=2)
    assert failed(run) == {"rota_unread"}
    everything = b"".join(run.files.values()).decode() + repr(run.record)
    for name in NAMES:
        for part in name.split():
            assert part not in everything
    lines = run.files["section/1/rota.csv"].decode().splitlines()
    assert len({line.rpartition(",")[2] for line in lines[1:]}) == 2


def test_gaps_are_named_in_local_time(tmp_path: Path) -> None:
    lines = week()
    del lines[1]
    rota(tmp_path, *lines)
    run = carry_out(MemoryTarget(), tmp_path, **HOURS, rota={"file": "rota.csv"}, days=2)
    assert failed(run) == {"hours_uncovered"}
    check = run.check("hours_uncovered")
    assert check.measured == 7
    assert check.detail == "2024-05-30T15:00+01:00 to 2024-05-30T22:00+01:00: 0"


def test_one_person_twice_is_one(tmp_path: Path) -> None:
    same = f"2024-05-30T07:00,2024-05-30T22:00,{NAMES[0]}"
    rota(tmp_path, same, same)
    run = carry_out(MemoryTarget(), tmp_path, **HOURS, rota={"file": "rota.csv"}, days=1, agents=2)
    assert run.check("hours_uncovered").measured == 15


@pytest.mark.parametrize("content", [b"", b"start,end,person\n", b"\xff\xfe\x00", b'a,"b\nc'])
def test_an_empty_or_broken_rota_is_no_pass(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rota.csv").write_bytes(content)
    run = carry_out(MemoryTarget(), tmp_path, rota={"file": "rota.csv"})
    assert "hours_uncovered" in unknown(run)
    assert run.record.outcome is Outcome.FAILED


def test_a_rota_that_is_not_there(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(), tmp_path, rota={"file": "rota.csv"})
    assert failed(run) == {"rota-there"}


def test_answers_that_lack_or_say_nothing(tmp_path: Path) -> None:
    memory = MemoryTarget()
    books = memory.books.incidents.helpdesk
    books.answers[:] = [one for one in books.answers if one.name != "sign-in"]
    books.answers[0] = replace(books.answers[0], content="  ok  ")
    run = carry_out(memory, tmp_path)
    assert failed(run) == {"answers_missing", "answers_empty"}
    assert run.check("answers_missing").detail == "sign-in"
    assert run.check("answers_empty").detail == "refund-how"
    books.answers.clear()
    run = carry_out(memory, tmp_path)
    assert unknown(run) == {"answers_empty"}, "none there: none looked at"


def test_a_macro_answers_too(tmp_path: Path) -> None:
    memory = MemoryTarget()
    silent = Answer("Escalate", "macro", "", 1)
    memory.books.incidents.helpdesk.answers.append(silent)
    assert carry_out(memory, tmp_path, answers=["Known outage"]).record.outcome is Outcome.PASSED
    assert failed(carry_out(memory, tmp_path, answers=["Escalate"])) == {"answers_empty"}


def test_hours_that_are_too_short_are_named_by_day(tmp_path: Path) -> None:
    memory = MemoryTarget()
    books = memory.books.incidents.helpdesk
    assert books.hours is not None
    days = {**books.hours.days, 5: (time(10), time(20))}
    del days[6]
    books.hours = replace(books.hours, days=days)
    run = carry_out(memory, tmp_path, **HOURS)
    assert failed(run) == {"minutes_closed"}
    assert run.check("minutes_closed").detail == "Saturday: 300, Sunday: 900"
    books.hours = replace(books.hours, zone="America/New_York", days={})
    assert failed(carry_out(memory, tmp_path, **HOURS)) == {"hours-zone", "minutes_closed"}
    books.hours = None
    assert failed(carry_out(memory, tmp_path, **HOURS)) == {"hours-read"}


def test_open_all_day_is_open_to_midnight(tmp_path: Path) -> None:
    memory = MemoryTarget()
    books = memory.books.incidents.helpdesk
    assert books.hours is not None
    whole = dict.fromkeys(range(7), (time(0), time(23, 59)))
    books.hours = replace(books.hours, days=whole)
    run = carry_out(memory, tmp_path, hours={"from": "00:00", "to": "23:59"})
    assert run.record.outcome is Outcome.PASSED


def test_a_team_that_is_not_there(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory, tmp_path, trial={"team": 7})
    assert failed(run) == {"trial-routed"}
    (conversation,) = memory.books.incidents.helpdesk.conversations.values()
    assert conversation.status == "resolved", "closed again all the same"


def test_a_desk_that_is_away_and_none_at_all(tmp_path: Path) -> None:
    run = carry_out(
        MemoryTarget(faults=[Fault.CHATWOOT_GONE]), tmp_path, **HOURS, trial={"team": 1}
    )
    assert failed(run) == {"answers-read", "hours-read", "trial-routed", "trial-ended"}
    target = replace(MemoryTarget().build(), helpdesk=None)
    run = run_drill(SurgeDrill(), HOURS, target, tmp_path)
    assert unknown(run) == {"answers-read", "hours-read"}
    assert "add [helpdesk]" in run.check("answers-read").detail


@pytest.mark.parametrize(
    "params",
    [
        {"hours": {"from": "22:00", "to": "07:00"}},
        {"hours": {"from": "07:00+02:00", "to": "22:00"}},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"answers": []},
        {"rota": {"file": "x.csv", "start": 0}},
        {"trial": {"team": 0}},
        {"days": 0},
    ],
)
def test_parameters_that_make_no_sense(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SurgeDrill().parse(params)
