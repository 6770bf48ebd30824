"""The legal drill over the real documents and their desk."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixnado.seed import learning
from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.legal import Legal
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.learning import LearningConfig, Moodle
from golive.ports.target import Target


def test_what_is_published_and_who_acknowledged_it(
    target: Target, running: Any, tmp_path: Path, told: Callable[[Any], str]
) -> None:
    run = run_drill(Legal(), {"sample": 10}, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    documents = json.loads(run.files["section/1/documents.json"])["documents"]
    served = running.guest.get("/v1/legal/refund-policy").json()
    assert documents["refund-policy"]["contentSha256"] == served["contentSha256"]
    desk = running.as_("legal")
    assert run.files["section/1/policy-audit.csv"] == desk.get("/v1/admin/legal/audit.csv").content
    table = desk.get("/v1/admin/legal/acknowledgements.csv").content
    commitment = json.loads(run.files["section/1/sample-commitment.json"])
    assert commitment["tableSha256"] == hashlib.sha256(table).hexdigest()
    assert commitment["population"] > 10
    lines = table.decode().splitlines()[1:]
    people = {one.split(",")[0] for one in lines} | {one.split(",")[1] for one in lines}
    kept = b"".join(run.files.values()).decode()
    audit = run.files["section/1/policy-audit.csv"].decode()
    assert not [one for one in people if one in kept.replace(audit, "")]


def test_a_draft_changes_nothing_and_a_user_sees_no_desk(target: Target, running: Any) -> None:
    market: Any = target.production
    before = market.legal_document("refund-policy")
    desk = running.as_("legal")
    desk.post(
        "/v1/admin/legal/refund-policy/versions", json={"summary": "Another owner", "owner": "X"}
    ).raise_for_status()
    assert market.legal_document("refund-policy") == before
    versions = market.legal_versions(market.login("legal"), "refund-policy")
    assert [one.current for one in versions].count(True) == 1
    with pytest.raises(PortError, match="403"):
        market.legal_acknowledgements(market.login("user"))
    with pytest.raises(PortError, match="404"):
        market.legal_document("no-such-policy")


def with_learning(target: Target, running: Any, path: Path) -> Target:
    assert learning.write(running.db, path) > 10
    export = Moodle(
        kind="moodle",
        file=path,
        locale="en",
        zone="Europe/London",
        email=2,
        policies={"refund-policy": 3, "community-guidelines": 5},
    )
    config = target.config.model_copy(
        update={"learning": LearningConfig(export=export, fidelity=Fidelity.SIMULATED)}
    )
    return replace(target, config=config)


def test_the_learning_system_of_the_target_agrees(
    target: Target, running: Any, tmp_path: Path, told: Callable[[Any], str]
) -> None:
    report = tmp_path / "completions.csv"
    run = run_drill(Legal(), {"lms": "target"}, with_learning(target, running, report), tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    kept = run.files["section/1/lms-completions.csv"].decode()
    assert kept.count("refund-policy") == report.read_text().count(",Completed,") - kept.count(
        "community-guidelines"
    )
    assert "@" not in kept


def test_a_learner_whom_the_service_does_not_know_as_done(
    target: Target, running: Any, tmp_path: Path
) -> None:
    report = tmp_path / "completions.csv"
    there = with_learning(target, running, report)
    report.write_text(report.read_text().replace("Completed,", "Not completed,", 1))
    run = run_drill(Legal(), {"lms": "target"}, there, tmp_path)
    failed = {one.id for one in run.record.checks if one.verdict != "pass"}
    assert failed == {"lms_differences"}
    assert run.check("lms_differences").measured == 1


def test_a_target_without_a_learning_system(target: Target, tmp_path: Path) -> None:
    run = run_drill(Legal(), {"lms": "target"}, target, tmp_path)
    check = run.check("lms-there")
    assert check.verdict == "inconclusive"
    assert "learning system" in check.detail
