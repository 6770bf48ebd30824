"""The gate never says READY where something failed, is missing or was not measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive.drillkit.records import (
    Act,
    Check,
    CheckVerdict,
    ItemRecord,
    Outcome,
    StepRecord,
)
from golive.evidence.artefact import Artefact
from golive.gates.verdict import Facts, Verdict, judge
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Playbook
from golive.playbook.parse import parse

SOURCE = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
---
# A launch

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Readiness](#readiness) | DevOps Lead | `out/readiness.json` |
| 10:00 | Lunch | All | |

## Readiness
```yaml golive
drill: readiness
save: {snapshot: out/readiness.json}
approve: {by: [QA Lead], persons: 1, within: 5m}
```

## Sign-off
- **Executive Sponsor**: decides.
"""

NOW = "2024-05-30T08:00:00.000Z"


def playbook() -> Playbook:
    found = parse(SOURCE.encode(), "launch.md").playbook
    assert found is not None
    return found


def check(verdict: CheckVerdict = CheckVerdict.PASS) -> Check:
    return Check("readiness_seconds", "the file follows", {"at_most": 5.0}, 0.2, verdict, "s")


def artefact(path: str = "out/readiness.json") -> Artefact:
    return Artefact(path, "0" * 64, 1, "application/json", "x", NOW, Fidelity.LOCAL)


def drill(*checks: Check, outcome: Outcome = Outcome.PASSED, error: str = "") -> ItemRecord:
    step = StepRecord("toggle", outcome, NOW, NOW, None, checks, (artefact(),), (), error)
    return ItemRecord("readiness/1", outcome, NOW, NOW, steps=(step,))


def facts(record: ItemRecord | None, *, practice: bool = True, **more: object) -> Facts:
    items = {record.item: record} if record else {}
    files = tuple(record.evidence) if record else ()
    return replace(Facts(practice, items, files), **more)  # type: ignore[arg-type]


def test_a_passed_drill_is_ready_in_practice_and_counts_what_is_open() -> None:
    verdict = judge(playbook(), facts(drill(check())))
    assert verdict.verdict is Verdict.READY
    # the lunch row, the approval and the sponsor's signature
    assert verdict.open_human_items == 3
    assert verdict.headline.startswith("READY (practice: 3 human items open) · 1 of 1 machine")
    assert "1 local" in verdict.headline


@pytest.mark.parametrize(
    ("record", "expected", "words"),
    [
        (drill(check(CheckVerdict.FAIL)), Verdict.NOT_READY, "measured 0.2 s, expected at most 5"),
        (drill(check(CheckVerdict.INCONCLUSIVE)), Verdict.INCOMPLETE, "could not be measured"),
        (drill(), Verdict.INCOMPLETE, "checked nothing"),
        (drill(check(), error="no answer", outcome=Outcome.FAILED), Verdict.NOT_READY, "no answer"),
        (drill(check(), error="cut", outcome=Outcome.ABORTED), Verdict.INCOMPLETE, "cut"),
        (None, Verdict.INCOMPLETE, "was not run"),
    ],
)
def test_each_lack_is_a_reason_with_its_line(
    record: ItemRecord | None, expected: Verdict, words: str
) -> None:
    verdict = judge(playbook(), facts(record))
    assert verdict.verdict is expected
    reason = next(one for one in verdict.reasons if words in one.text)
    assert str(reason.place) == "launch.md:16:1"
    assert reason.owner == "DevOps Lead"
    assert reason.change


def test_a_missing_file_is_incomplete() -> None:
    record = drill(check())
    verdict = judge(playbook(), replace(facts(record), artefacts=()))
    assert verdict.verdict is Verdict.INCOMPLETE
    assert "out/readiness.json is not in the vault" in verdict.reasons[0].text


def test_attended_open_items_and_missing_approvals_are_reasons() -> None:
    verdict = judge(playbook(), facts(drill(check()), practice=False))
    assert verdict.verdict is Verdict.INCOMPLETE
    texts = [reason.text for reason in verdict.reasons]
    assert any("not approved" in text for text in texts)
    assert any("not done" in text for text in texts)


def test_a_refusal_is_not_ready_and_names_who_and_why() -> None:
    act = Act("refuse", "asha", "QA Lead", "the diff is not ours", NOW)
    record = replace(drill(check()), outcome=Outcome.REFUSED, acts=(act,))
    verdict = judge(playbook(), facts(record, practice=False))
    assert verdict.verdict is Verdict.NOT_READY
    assert any("refused by asha: the diff is not ours" in one.text for one in verdict.reasons)


def test_calling_off_is_incomplete() -> None:
    verdict = judge(playbook(), facts(drill(check()), called_off="tom: the office burns"))
    assert verdict.verdict is Verdict.INCOMPLETE
    assert "tom: the office burns" in verdict.reasons[0].text


def test_loosened_limits_and_later_attempts_are_said() -> None:
    loosened = replace(check(), loosened_from=1.0)
    verdict = judge(playbook(), facts(replace(drill(loosened), attempt=2)))
    assert verdict.verdict is Verdict.READY
    assert any("loosens readiness_seconds from 1 to at most 5" in note for note in verdict.notes)
    assert any("passed on attempt 2" in note for note in verdict.notes)


def test_a_playbook_without_drills_shows_nothing() -> None:
    found = parse(b"# Day\n\n## Timeline\n| Time | Activity | Owner |\n| --- | --- | --- |\n"
                  b"| 09:00 | Talk | All |\n", "day.md").playbook  # fmt: skip
    assert found is not None
    assert judge(found, Facts(True, {}, ())).verdict is Verdict.INCOMPLETE


@given(st.lists(st.sampled_from(CheckVerdict), max_size=6), st.booleans())
def test_ready_only_when_every_check_passed(verdicts: list[CheckVerdict], practice: bool) -> None:
    record = drill(*(check(one) for one in verdicts))
    verdict = judge(playbook(), facts(record, practice=practice))
    if verdict.verdict is Verdict.READY:
        assert verdicts
        assert set(verdicts) == {CheckVerdict.PASS}
