"""What a document says, and where it says it."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest

from golive.drillkit.drill import Registry
from golive.playbook.lint import lint
from golive.playbook.model import (
    Approval,
    DrillBlock,
    HumanKind,
    HumanTask,
    Level,
    Limit,
    Moment,
    OnFailure,
    Playbook,
)
from golive.playbook.parse import Parsed, parse


def book_of(text: str, **options: str) -> Playbook:
    playbook = parse(text.encode(), "doc.md", **options).playbook
    assert playbook is not None
    return playbook


def test_a_foreign_document_is_eight_manual_rows_with_suggestions(
    launch: Parsed, catalogue: Registry
) -> None:
    book = launch.playbook
    assert book is not None
    assert [one.start for one in book.activities][:2] == [
        Moment(timedelta(hours=8)),
        Moment(timedelta(hours=8, minutes=30)),
    ]
    assert [one.owner for one in book.activities][3] == "All"
    assert all(
        isinstance(item, HumanTask) and item.section == "" and item.by == row.owner
        for row in book.activities
        for item in row.items
    )
    assert len(book.items()) == 8
    notes = [one for one in lint(book, catalogue) if one.code == "manual-row"]
    assert len(notes) == 8 and all(one.suggestion for one in notes)
    assert "`readiness` (it says “readiness”, “snapshot”)" in notes[0].message
    assert "`blue-green`" in notes[1].message
    assert not [one for one in launch.findings if one.level is Level.ERROR]


def test_a_foreign_document_keeps_its_claims(launch: Parsed) -> None:
    book = launch.playbook
    assert book is not None
    assert book.title == "Harbour Ferries 2.0: dress rehearsal"
    assert len(book.objectives) == 2
    assert [claim.checked for claim in book.evidence] == [True, True]
    assert book.evidence[0].text == "Build run and approval notes."
    assert [(one.id, one.impact) for one in book.risks] == [
        ("risk-1", "High"),
        ("risk-2", "Medium"),
        ("risk-3", "Medium"),
    ]
    assert [one.role for one in book.signoffs] == [
        "Privacy Lead",
        "Platform Lead",
        "Test Lead",
        "Director",
    ]
    assert book.signoffs[0].claim.text == "the data request."
    assert book.vault == "vault/2025-06-12-rehearsal"
    assert (book.release, book.day, book.timezone) == ("", None, "UTC")


def test_artefacts_are_files_references_and_phrases(launch: Parsed) -> None:
    book = launch.playbook
    assert book is not None
    rows = book.activities
    assert [file.path for file in rows[0].files] == ["launch/2025-06-12/readiness.json"]
    assert rows[0].files[0].place.line == 12
    assert rows[1].phrases == ("Build run #77", "swap log")
    assert rows[4].references == ("PDR-DRY-7",)
    assert rows[4].phrases == ("checksum",)


def test_front_matter_is_yaml_1_2(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    assert book.release == "2.00", "a number that names a release keeps its noughts"
    assert book.day == date(2025, 6, 12)
    assert book.vault == "vault/2025-06-12-rehearsal"
    assert book.people == "crew.toml"
    block = book.sections["risks-snapshot"].items[0]
    assert isinstance(block, DrillBlock)
    assert block.params == {"component": "booking", "at": "10:45", "flag": "on"}


def test_rows_run_what_they_link_to_once(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    ids = [[item.id for item in row.items] for row in book.activities]
    assert ids == [
        ["welcome/1", "welcome/2", "risks-snapshot/1"],
        ["plan/1", "papers/1"],
        ["row-3/1"],
        ["row-4/1"],
    ]
    assert book.activities[0].links == ("welcome", "risks-snapshot")
    assert [one.code for one in bound.findings] == ["already-run"]


def test_columns_of_number_and_phase_are_kept(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    assert (book.activities[0].number, book.activities[0].phase) == ("1", "Morning")


def test_a_task_belongs_to_the_row_unless_it_says_otherwise(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    here, rota = book.sections["welcome"].items
    papers = book.sections["papers"].items[0]
    assert isinstance(here, HumanTask) and isinstance(rota, HumanTask)
    assert isinstance(papers, HumanTask)
    assert (here.by, here.kind) == ("Launch Manager", HumanKind.CONFIRM)
    assert (rota.by, rota.kind, rota.files) == ("Test Lead", HumanKind.UPLOAD, ("rota/2.00.csv",))
    assert rota.text == "The rota is on file"
    assert (papers.by, papers.kind) == ("Counsel", HumanKind.SIGN)


def test_a_row_without_steps_uploads_its_files(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    (step,) = book.activities[3].items
    assert isinstance(step, HumanTask)
    assert (step.id, step.kind, step.files) == ("row-4/1", HumanKind.UPLOAD, ("closing.pdf",))


def test_a_block_says_everything_that_it_can(bound: Parsed) -> None:
    book = bound.playbook
    assert book is not None
    swap, back = book.sections["plan"].items[0], book.sections["way-back"].items[0]
    assert isinstance(swap, DrillBlock) and isinstance(back, DrillBlock)
    assert swap.expect == {
        "failed_requests": Limit(equals=0),
        "rollback_seconds": Limit(at_most=5),
    }
    assert swap.approve == Approval(("Platform Lead", "Test Lead"), 2, timedelta(minutes=20))
    assert (swap.on_failure, swap.run_on_failure) == (OnFailure.RUN, "way-back")
    assert (back.on_failure, back.after) == (OnFailure.STOP, ("plan/1",))
    assert swap.places["expect.rollback_seconds"].line == 41
    assert swap.place.line == 37


def test_the_digest_is_of_the_bytes() -> None:
    data = b"# A\r\n- [ ] b\r\n"
    book = parse(data, "a.md").playbook
    assert book is not None
    assert book.digest == hashlib.sha256(data).hexdigest()
    assert book.source == data


def test_rehearsal_expands_once_it_is_known() -> None:
    text = "## Timeline\n|Time|Activity|Artefacts|\n|-|-|-|\n|09:00|a|`x/{rehearsal}.json`|\n"
    assert book_of(text).activities[0].files[0].path == "x/{rehearsal}.json"
    known = book_of(text, rehearsal="1.00-2024-05-30-abc")
    assert known.activities[0].files[0].path == "x/1.00-2024-05-30-abc.json"


def test_parameters_expand_but_other_braces_stay() -> None:
    text = (
        "---\ngolive: 1\nrelease: 3\n---\n# A\n```yaml golive\ndrill: command\n"
        "with: {argv: ['{release}', '{{.Names}}', '{other}']}\n```\n"
    )
    (block,) = book_of(text).items()
    assert isinstance(block, DrillBlock)
    assert block.params["argv"] == ["3", "{{.Names}}", "{other}"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_change_nothing(bound: Parsed, end: str, mark: str) -> None:
    assert bound.playbook is not None
    text = mark + bound.playbook.source.decode().replace("\n", end)
    other = parse(text.encode(), "bound.md")
    assert other.playbook is not None
    assert other.playbook.activities == bound.playbook.activities
    assert other.playbook.sections == bound.playbook.sections
    assert other.findings == bound.findings


def test_numbered_steps_become_activities_in_order() -> None:
    book = book_of(
        "# Runbook\n\n1. Freeze **deploys**\n2. Switch `ci/prod`\n   - a detail\n"
        "3. Tell people\n\n## Evidence checklist\n- [x] a log\n\n## After\n- [ ] Watch (by: Ops)\n"
    )
    assert [row.title for row in book.activities] == [
        "Freeze deploys",
        "Switch ci/prod",
        "Tell people",
        "Watch",
    ]
    assert [item.id for item in book.items()] == ["row-1/1", "row-2/1", "row-3/1", "after/1"]
    assert book.activities[3].owner == "Ops"
    assert book.evidence[0].checked


def test_sections_with_drills_are_activities_where_there_is_no_timeline() -> None:
    book = book_of("# A\n## B\n```yaml golive\ndrill: x\n```\n- [ ] c\n## D\n- [ ] e\n")
    assert [(row.title, [one.id for one in row.items]) for row in book.activities] == [
        ("B", ["b/1", "b/2"]),
        ("e", ["d/1"]),
    ]


def test_a_timeline_in_several_tables_has_their_headings_as_phases() -> None:
    head = "| When | Task | Who |\n|---|---|---|\n"
    book = book_of(
        f"# R\n## Run sheet\n### Before\n{head}| 08:00 | a | x |\n"
        f"### After\n{head}| 09:00 | b | y |\n## Last time\n{head}| 08:00 | old | z |\n"
    )
    assert [(row.title, row.phase, row.owner) for row in book.activities] == [
        ("a", "Before", "x"),
        ("b", "After", "y"),
    ]


def test_columns_are_found_by_meaning() -> None:
    book = book_of(
        "# R\n| Ref | Start time | End time | Step | Task owner | Evidence / output |\n"
        "|-|-|-|-|-|-|\n| A1 | 9:00 am | 9:30 am | go | Ops | `a.log` |\n"
    )
    (row,) = book.activities
    assert (row.number, row.title, row.owner) == ("A1", "go", "Ops")
    assert row.start == Moment(timedelta(hours=9))
    assert row.end == Moment(timedelta(hours=9, minutes=30))
    assert [file.path for file in row.files] == ["a.log"]


def test_a_duration_column_ends_a_row() -> None:
    book = book_of("# R\n|Time|Activity|Duration|\n|-|-|-|\n|T-60m|a|1h30m|\n")
    assert book.activities[0].end == Moment(timedelta(minutes=30), relative=True)


def test_a_linked_checklist_is_made_of_steps() -> None:
    text = "# A\n## Timeline\n|Time|Activity|\n|-|-|\n|09:00|{}|\n## Evidence\n- [ ] a log\n- b\n"
    linked = book_of(text.format("[look](#evidence)"))
    assert [item.id for item in linked.items()] == ["evidence/1"]
    assert [claim.text for claim in linked.evidence] == ["b"]
    alone = book_of(text.format("look"))
    assert [item.id for item in alone.items()] == ["row-1/1"]
    assert [claim.text for claim in alone.evidence] == ["a log", "b"]


def test_sign_off_may_be_a_table() -> None:
    book = book_of("# A\n## Approvals\n|Role|Signs|\n|-|-|\n|Boss|the [swap](#a)|\n")
    assert [(one.role, one.claim.text, one.claim.links) for one in book.signoffs] == [
        ("Boss", "the swap", ("a",))
    ]


def test_pipes_in_cells_may_be_escaped() -> None:
    book = book_of("# A\n|Time|Activity|Owner|\n|-|-|-|\n|09:00|`a \\| b`|Ops|\n")
    assert (book.activities[0].title, book.activities[0].owner) == ("a | b", "Ops")


def test_tables_in_quotes_and_lists_are_read_at_their_place() -> None:
    book = book_of("# A\n> |Time|Activity|\n> |-|-|\n> |09:00|quoted|\n")
    assert book.activities[0].title == "quoted"
    assert (book.activities[0].place.line, book.activities[0].place.column) == (4, 10)


def test_blocks_in_lists_have_their_true_columns() -> None:
    parsed = parse(b"# A\n1. first\n\n   ```yaml golive\n   drill: x\n   wit: {}\n   ```\n", "a.md")
    (finding,) = [one for one in parsed.findings if one.code == "unknown-key"]
    assert (finding.place.line, finding.place.column) == (6, 4)
    assert finding.suggestion == "did you mean `with`?"


def test_a_saved_name_may_hold_the_items_own() -> None:
    (block,) = book_of("# A\n```yaml golive\ndrill: x\nsave: {log: 'l/{item}.txt'}\n```\n").items()
    assert isinstance(block, DrillBlock)
    assert block.save == {"log": "l/a/1.txt"}


def test_tasks_of_a_rescue_belong_to_the_row_that_failed() -> None:
    book = book_of(
        "# R\n|Time|Activity|Owner|\n|-|-|-|\n|09:00|[go](#go)|Ops|\n"
        "## Go\n```yaml golive\ndrill: x\non_failure: {run: '#back'}\n```\n## Back\n- [ ] call\n"
    )
    (task,) = book.sections["back"].items
    assert isinstance(task, HumanTask) and task.by == "Ops"
    assert [item.id for item in book.items()] == ["go/1"]
