"""The legal drill in front of good pages, and of pages that are wrong in one thing each."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import Outcome
from golive.drillkit.sampling import select
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.legal import Legal
from golive.playbook.model import Limit
from golive.ports.legal_pages import LegalDocument
from golive.ports.marketplace import Session
from golive.ports.target import Target
from poor_world.spoilt import Poor, failed, lacking, unknown


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(Legal(), params, target, work)


def rows(run: DrillRun, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run.files[f"section/1/{name}"].decode())))


def test_good_pages_pass_and_leave_their_evidence(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path)
    assert (failed(run), unknown(run)) == (set(), set())
    assert run.record.outcome is Outcome.PASSED
    names = {path.rpartition("/")[2] for path in run.files}
    assert names == {
        "documents.json",
        "policy-audit.csv",
        "sample-commitment.json",
        "acknowledgements.csv",
        "acknowledgement-sample.json",
        "not-acknowledged.csv",
    }


def test_the_sample_is_the_one_that_was_committed_to(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, seed="2024-05-30")
    committed = json.loads(run.files["section/1/sample-commitment.json"])
    assert (committed["seed"], committed["population"], committed["sample"]) == (
        "2024-05-30",
        120,
        50,
    )
    ids = [f"person-{number:03d}" for number in range(120)]
    drawn = select("2024-05-30", ids, 50)
    lacking = [one for one in drawn if int(one[-3:]) % 15 == 1 or int(one[-3:]) % 10 == 2]
    sample = json.loads(run.files["section/1/acknowledgement-sample.json"])
    assert sample["deviations"] == len(lacking)
    assert sample["method"] == "hypergeometric"
    assert f"{len(lacking)} of 50 drawn deviate, out of 120" in sample["words"]
    commit = next(step for step in run.record.steps if step.name == "population")
    assert any(one.path.endswith("sample-commitment.json") for one in commit.artefacts)


def test_everybody_when_there_are_few(tmp_path: Path) -> None:
    memory = MemoryTarget()
    memory.books.legal.people = 20
    run = carry_out(memory.build(), tmp_path)
    sample = json.loads(run.files["section/1/acknowledgement-sample.json"])
    assert sample["method"] == "census"
    assert len(sample["drawn"]) == 20


def test_people_are_under_pseudonyms(tmp_path: Path) -> None:
    memory = MemoryTarget()
    first = carry_out(memory.build(), tmp_path)
    for path, content in first.files.items():
        assert b"person-" not in content, path
        assert b"Person " not in content, path
    outstanding = {row["person"] for row in rows(first, "not-acknowledged.csv")}
    assert outstanding < {row["person"] for row in rows(first, "acknowledgements.csv")}
    second = carry_out(memory.build(), tmp_path)
    assert outstanding.isdisjoint(row["person"] for row in rows(second, "not-acknowledged.csv"))


@pytest.mark.parametrize(
    ("fault", "found", "told"),
    [
        (Fault.LEGAL_METADATA_MISSING, "metadata_findings", "refund-policy: governance is empty"),
        (Fault.ACK_WRONG_VERSION, "wrong_version_acks", "refund-policy 1.0"),
    ],
)
def test_each_fault_is_found_and_named(fault: Fault, found: str, told: str, tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[fault]).build(), tmp_path)
    assert failed(run) == {found}
    assert told in run.check(found).detail


def test_deviations_are_judged_where_the_playbook_limits_them(tmp_path: Path) -> None:
    target = MemoryTarget().build()
    run = run_drill(
        Legal(), {"seed": "s"}, target, tmp_path, expect={"deviations": Limit(equals=0)}
    )
    assert failed(run) == {"deviations"}


def test_nobody_owes_anything(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, documents=["about-fixnado"])
    assert "sample_size" in unknown(run)
    assert run.record.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("legal_document", "published-refund-policy"),
        ("legal_versions", "desk-refund-policy"),
        ("legal_content", "desk-refund-policy"),
        ("legal_audit", "audit-exported"),
        ("legal_acknowledgements", "acknowledgements-exported"),
    ],
)
def test_what_a_back_end_lacks_is_a_failed_check_with_its_answer(
    call: str, check: str, tmp_path: Path
) -> None:
    run = carry_out(Poor.of(MemoryTarget(), **{call: lacking}), tmp_path)
    assert "no such page" in run.check(check).detail
    assert [step.error for step in run.record.steps] == ["", "", ""]
    assert run.record.outcome is Outcome.FAILED


def test_a_page_that_says_something_else(tmp_path: Path) -> None:
    class Other(Poor):
        def legal_document(self, slug: str) -> LegalDocument:
            found = super().legal_document(slug)
            return replace(found, content=found.content + "And more.\n")

    run = carry_out(Other.of(MemoryTarget()), tmp_path)
    assert {"hash-refund-policy", "same-refund-policy"} <= failed(run)


@pytest.mark.parametrize(
    "table",
    [
        b"<h1>refund-policy, community-guidelines, about-fixnado, fixnado-faq 2.0</h1>",
        b"at,policy,version\n2024-05-20,refund-policy,1.0\n2024-05-21,refund-policy-old,2.0\n",
        b"",
    ],
)
def test_an_audit_that_does_not_have_what_is_published(table: bytes, tmp_path: Path) -> None:
    run = carry_out(Poor.of(MemoryTarget(), legal_audit=lambda *_: table), tmp_path)
    assert failed(run) == {"audit-complete"}
    assert "refund-policy 2.0" in run.check("audit-complete").measured
    assert run.files["section/1/policy-audit.csv"] == table


def test_a_table_of_givers_alone_is_found(tmp_path: Path) -> None:
    """The rehearsal's provider owes both policies; a list of those who gave would hide it."""
    target = MemoryTarget().build()
    account = target.config.accounts["user"].model_copy(update={"email": "nobody@x.example"})
    config = target.config.model_copy(update={"accounts": {"provider": account}})
    run = carry_out(replace(target, config=config), tmp_path)
    assert failed(run) == {"acknowledgements-whole"}
    found = run.check("acknowledgements-whole").measured
    assert found == ["provider: refund-policy", "provider: community-guidelines"]


def test_a_table_of_something_else(tmp_path: Path) -> None:
    class Other(Poor):
        def legal_acknowledgements(self, session: Session) -> bytes:
            return b"name,colour\nA,blue\n"

    run = carry_out(Other.of(MemoryTarget()), tmp_path)
    assert "no column person_id" in run.check("acknowledgements-read").detail
    assert "sample_size" in unknown(run)


def moodle(folder: Path, *, leave_out: int = -1, day: datetime | None = None) -> dict[str, Any]:
    """An English completion report, which agrees with the memory target's own records."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["", "Email address", "Refunds", "", "Community", ""])
    when = (day or datetime.now(UTC) - timedelta(days=5)).strftime("%d/%m/%y, %H:%M")
    for number in range(120):
        email = f"person-{number:03d}@rehearsal.fixnado.example"
        lacks = number % 15 == 1 or number % 10 == 2 or number == leave_out
        cells = ["Not completed", ""] if lacks else ["Completed", when]
        writer.writerow([f"Person {number}", email, *cells, *cells])
    (folder / "lms.csv").write_text(out.getvalue(), "utf-8")
    return {
        "kind": "moodle",
        "file": "lms.csv",
        "locale": "en",
        "zone": "Europe/London",
        "email": 2,
        "policies": {"refund-policy": 3, "community-guidelines": 5},
    }


def test_a_learning_system_that_agrees(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, lms=moodle(tmp_path))
    assert (failed(run), unknown(run)) == (set(), set())
    assert rows(run, "lms-reconciliation.csv") == []


def test_a_learning_system_that_does_not(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, lms=moodle(tmp_path, leave_out=5))
    assert failed(run) == {"lms_differences"}
    found = rows(run, "lms-reconciliation.csv")
    assert [row["difference"] for row in found] == ["not with the learning system"] * 2
    assert "person-" not in run.files["section/1/lms-reconciliation.csv"].decode()


def test_no_export_is_not_measured(tmp_path: Path) -> None:
    lms = {**moodle(tmp_path), "file": "absent.csv"}
    run = carry_out(MemoryTarget().build(), tmp_path, lms=lms)
    assert unknown(run) == {"lms-there"}
