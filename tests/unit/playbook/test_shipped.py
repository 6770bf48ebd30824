"""The playbooks that come with Golive: sound, complete, and with people to take part."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive.bootstrap import registry
from golive.playbook.inspect import inspect
from golive.playbook.model import DrillBlock, Level, Playbook
from golive.playbook.people import load_roster
from golive.playbook.schedule import plan
from golive.playbook.trust import TrustStore, needs_trust

FOLDER = Path(__file__).parents[3] / "playbooks"
DAY = "2024-05-30"


@pytest.fixture(scope="module")
def fixnado() -> Playbook:
    playbook = inspect(FOLDER / "fixnado-v1.00.md", registry()).playbook
    assert playbook is not None
    return playbook


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.md")), ids=lambda one: one.name)
def test_no_errors_and_no_warnings(file: Path) -> None:
    found = inspect(file, registry()).findings
    assert [str(one) for one in found if one.level is not Level.NOTE] == []


def test_they_are_trusted_as_they_are(fixnado: Playbook, tmp_path: Path) -> None:
    assert needs_trust(fixnado, registry()), "its smoke pack is a command"
    assert TrustStore(tmp_path, shipped=FOLDER).is_trusted(fixnado.digest)


def test_the_day_has_its_eight_rows(fixnado: Playbook) -> None:
    rows = [(f"{slot.start:%H:%M}", slot.activity.owner) for slot in plan(fixnado)]
    assert rows == [
        ("09:00", "Programme Manager"),
        ("09:30", "DevOps Lead"),
        ("10:45", "QA Lead"),
        ("12:00", "All"),
        ("13:00", "Compliance Lead"),
        ("14:30", "Finance Ops Manager"),
        ("16:00", "Legal Counsel"),
        ("17:00", "Executive Sponsor"),
    ]
    assert fixnado.timezone == "Europe/London" and fixnado.release == "1.00"
    assert fixnado.vault == f"release_vault/{DAY}-go-live-rehearsal"


def test_its_artefacts_are_named(fixnado: Playbook) -> None:
    files = [file.path for row in fixnado.activities for file in row.files]
    assert files == [
        f"go-live/{DAY}/readiness-snapshot.json",
        f"ci/{DAY}T10-45-smoke-report.html",
    ]
    references = [one for row in fixnado.activities for one in row.references]
    assert references == ["#2481", "GDPR-DRYRUN-042", "RF-DRYRUN-118"]


def test_its_drills_run_in_order(fixnado: Playbook) -> None:
    drills = [
        [item.drill for item in row.items if isinstance(item, DrillBlock)]
        for row in fixnado.activities
    ]
    assert drills[:3] == [
        ["readiness"],
        ["terraform-plan", "blue-green"],
        ["smoke", "synthetic", "dashboards"],
    ]
    machine = [all(isinstance(one, DrillBlock) for one in row.items) for row in fixnado.activities]
    assert machine == [False, True, *[False] * 6]


def test_its_claims_rest_on_sections(fixnado: Playbook) -> None:
    assert len(fixnado.evidence) == 7 and all(one.links for one in fixnado.evidence)
    assert len(fixnado.objectives) == 4 and all(one.links for one in fixnado.objectives)
    assert [risk.impact for risk in fixnado.risks] == ["High", "Medium", "Medium"]
    assert all(risk.likelihood and risk.mitigation.links for risk in fixnado.risks)
    assert [one.role for one in fixnado.signoffs] == [
        "Compliance Lead",
        "DevOps Lead",
        "Product Engineering Lead",
        "Executive Sponsor",
    ]


def test_the_roster_has_everybody(fixnado: Playbook) -> None:
    roster = load_roster(FOLDER / "people.toml")
    asked = {row.owner for row in fixnado.activities} | {one.role for one in fixnado.signoffs}
    assert all(roster.holders(role) for role in asked)
    assert all(one.email.endswith("@rehearsal.fixnado.example") for one in roster.people)
    assert not any(one.key for one in roster.people)


def test_the_demo_is_readiness_and_cutover() -> None:
    demo = inspect(FOLDER / "demo.md", registry()).playbook
    assert demo is not None
    drills = [item.drill for item in demo.items() if isinstance(item, DrillBlock)]
    assert drills == ["readiness", "blue-green"]
    assert len(demo.items()) == 2
