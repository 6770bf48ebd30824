"""What a playbook says of failures, order and time, done as docs/playbook-format.md says."""

from __future__ import annotations

from golive.rehearsal.board import fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order, run_to_end

HEAD = """---
golive: 1
release: "2.0"
date: 2024-05-30
vault: vault
---
# A launch

## Timeline
| Time | Activity | Owner |
| --- | --- | --- |
| 09:00–09:30 | [First](#first) | QA Lead |
| 09:30–10:00 | [Second](#second) | DevOps Lead |

"""


RESCUE = 'on_failure: {run: "#rescue"}'


def drill(*, fails: bool = False, more: str = "") -> str:
    limit = "expect: {p95_ms: {at_most: -1}}\n" if fails else ""
    body = f"drill: synthetic\nwith: {{checks: [login], rounds: 1}}\n{limit}{more}"
    return f"```yaml golive\n{body.rstrip()}\n```\n"


def outcomes(supplies: MemorySupplies, source: str) -> dict[str, str]:
    """Each item's state on the board after a practice run."""
    run_to_end(HEAD + source, supplies)
    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert {name for row in board.rows.values() for name in row.items} == set(board.items)
    return {name: item.state for name, item in board.items.items()}


def starts(supplies: MemorySupplies, item: str) -> int:
    events = read_events(RunFolder.find(supplies.folder / "state", None).events)
    return sum(one.get("item") == item and one.get("state") == "started"
               and one["event"] == "item" for one in events)  # fmt: skip


def test_a_failure_brings_its_section_up_on_the_board(supplies: MemorySupplies) -> None:
    first = f"## First\n{drill(fails=True, more=RESCUE)}"
    source = f"{first}## Second\n{drill()}## Rescue\n{drill()}- [ ] The room knows\n"
    found = outcomes(supplies, source)
    assert found == {
        "first/1": "failed", "second/1": "passed", "rescue/1": "passed", "rescue/2": "open",
    }  # fmt: skip


def test_what_no_failure_brings_up_is_not_run(supplies: MemorySupplies) -> None:
    first = f"## First\n{drill(more=RESCUE)}"
    assert outcomes(supplies, f"{first}## Second\n{drill()}## Rescue\n{drill()}") == {
        "first/1": "passed", "second/1": "passed",
    }  # fmt: skip


def test_what_a_failure_has_brought_up_runs_once(supplies: MemorySupplies) -> None:
    first = f"## First\n{drill(fails=True, more=RESCUE.replace('rescue', 'second'))}"
    assert outcomes(supplies, f"{first}## Second\n{drill()}") == {
        "first/1": "failed", "second/1": "passed",
    }  # fmt: skip
    assert starts(supplies, "second/1") == 1


def test_stop_begins_nothing_more_and_says_why(supplies: MemorySupplies) -> None:
    source = f"## First\n{drill(fails=True, more='on_failure: stop')}{drill()}## Second\n{drill()}"
    assert outcomes(supplies, source) == {
        "first/1": "failed", "first/2": "pending", "second/1": "pending",
    }  # fmt: skip
    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert any("the playbook says to stop" in text for _, text in board.log)


def test_after_waits_for_what_must_have_passed(supplies: MemorySupplies) -> None:
    first = f"## First\n{drill(fails=True)}- [ ] Somebody nods\n"
    second = (
        drill(more="after: [first/1]") + drill(more="after: [second/1]")
        + drill(more='after: ["first/2"]')
    )  # fmt: skip
    assert outcomes(supplies, f"{first}## Second\n{second}") == {
        "first/1": "failed", "first/2": "open", "second/1": "skipped", "second/2": "skipped",
        "second/3": "passed",
    }  # fmt: skip
    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert board.items["second/1"].note == "not begun: first/1 had to pass first"
    assert "first/1 had to pass first" in str(board.verdict["reasons"])


def test_an_approval_that_nobody_gives_in_time_is_expired(supplies: MemorySupplies) -> None:
    more = "approve: {by: [DevOps Lead], persons: 1, within: 1s}\non_failure: continue"
    source = f"{HEAD}## First\n{drill(more=more)}## Second\n{drill()}"
    verdict = begin(order(source, supplies.folder, practice=False), supplies)
    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert {name: one.state for name, one in board.items.items()} == {
        "first/1": "expired", "second/1": "passed",
    }  # fmt: skip
    assert verdict["verdict"] == "incomplete"
