"""Sign-off: what everybody answers for, on a page that nobody has signed."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.drillkit.approval_apart import page_of
from golive.drillkit.approval_fields import fields_of, with_fields
from golive.drillkit.approval_sheet import Line, Listing, Role, Sheet, boxes, typeset
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.sign_off import SignOff
from golive.evidence.approvals import examine, signatures
from golive.kernel.errors import BadInput
from papers_world import PLAYBOOK, done, record, standing

PAGE, SCOPES = "section/1/go-live-approval.pdf", "section/1/sign-off-scopes.json"


def run(tmp_path: Path, *records: object, source: str = PLAYBOOK) -> DrillRun:
    day = standing(*records, source=source)  # type: ignore[arg-type]
    return run_drill(SignOff(), {}, MemoryTarget().build(), tmp_path, standing=day)


def test_each_role_finds_its_evidence(tmp_path: Path) -> None:
    made = run(tmp_path, record(approved=True), done(outcome=Outcome.OPEN))
    assert made.record.outcome is Outcome.PASSED
    devops, sponsor = json.loads(made.files[SCOPES])
    assert (devops["role"], devops["state"], devops["signature"]) == ("DevOps Lead", "open", "open")
    assert devops["missing"] == ["out/none.json"]
    assert [one["path"] for one in devops["evidence"]] == ["cutover/1-log.json"]
    # Who links to nothing decides on the whole day.
    assert {one["id"] for one in sponsor["items"]} >= {"cutover/1", "people/1"}
    assert sponsor["open"] == ["Everybody was told: QA Lead"]


def test_nobody_signs(tmp_path: Path) -> None:
    pdf = run(tmp_path, record()).files[PAGE]
    assert fields_of(pdf) == {"DevOps Lead": False, "Executive Sponsor": False}
    assert signatures(pdf) == [] and examine(pdf) == []


def test_the_same_day_gives_the_same_page(tmp_path: Path) -> None:
    first, second = (run(tmp_path, record(), done()).files[PAGE] for _ in range(2))
    assert first == second
    assert first != run(tmp_path, record(failed="it is slow"), done()).files[PAGE]


def test_a_page_made_apart_is_the_page() -> None:
    """The child gets every word of the sheet."""
    words = Listing([Line("open", "something", "open", "a note")], "nothing")
    sheet = Sheet(
        "A day", "a kicker", Line("Ready", "all of it", "good"), words, words, words, words, words,
        "1 live", [("Seal", "ab" * 32)], [Role("DevOps Lead", "the cutover")], "a foot",
        datetime(2024, 5, 30, 17, tzinfo=UTC), ("golive-seal:1",),
    )  # fmt: skip
    assert page_of(sheet).pdf == with_fields(typeset(sheet), boxes(sheet.roles))


def test_more_roles_than_a_page_holds_is_told() -> None:
    roles = [Role(f"Role {number}", "") for number in range(25)]
    none = Listing([], "none")
    sheet = Sheet(
        "A day", "", Line("Ready", ""), none, none, none, none, none, "", [], roles, "",
        datetime(2024, 5, 30, 17, tzinfo=UTC),
    )  # fmt: skip
    with pytest.raises(BadInput, match="the approval page holds 24"):
        page_of(sheet)


def test_a_scope_with_nothing_behind_it_is_found(tmp_path: Path) -> None:
    made = run(tmp_path)
    assert made.check("scopes_without_evidence").measured == 2
    assert made.check("scopes_without_evidence").verdict is CheckVerdict.FAIL
    assert PAGE in made.files, "the page is left all the same"


def test_what_failed_is_said(tmp_path: Path) -> None:
    made = run(tmp_path, record(outcome=Outcome.FAILED, failed="it is slow"))
    assert json.loads(made.files[SCOPES])[0]["state"] == "not met"


def test_a_role_twice_has_one_field(tmp_path: Path) -> None:
    source = PLAYBOOK + "- **DevOps Lead**: and the [people](#people).\n"
    made = run(tmp_path, record(), source=source)
    assert list(fields_of(made.files[PAGE])) == ["DevOps Lead", "Executive Sponsor"]


def test_without_a_sign_off_nothing_could_be_measured(tmp_path: Path) -> None:
    made = run(tmp_path, record(), source=PLAYBOOK.partition("## Sign-off")[0])
    assert made.check("scopes_without_evidence").verdict is CheckVerdict.INCONCLUSIVE
    assert PAGE in made.files


@pytest.mark.needs("pdftotext")
def test_an_open_approval_says_what_whoever_holds_the_role_does(tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(run(tmp_path, record()).files[PAGE])
    said = subprocess.run(["pdftotext", page, "-"], capture_output=True, text=True, check=True)
    assert "QA Lead approves blue-green" in " ".join(said.stdout.split())
