"""The data-governance drill over the real desk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.ports.target import Target

SUBJECT = {"purge": ["subject"]}


def test_a_request_from_filing_to_the_last_byte(
    target: Target, running: Any, tmp_path: Path, told: Callable[[Any], str]
) -> None:
    large = {"oversize": True, "chunk_bytes": 4096}
    run = run_drill(DataGovernanceDrill(), large, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert run.check("largest_chunk_bytes").measured <= 4096
    export = json.loads(run.files["section/1/export.json"])
    assert {"user", "conversations", "rentals", "orders"} <= export.keys()
    officer = running.as_("compliance")
    case = officer.get("/v1/compliance/data-requests/GDPR-DRYRUN-042").json()
    assert case["status"] == "completed"
    payload = officer.get(f"/v1/compliance/data-requests/{case['id']}/export/payload").content
    whole = run.files["section/1/export.sha256"].decode().splitlines()[-1]
    assert whole.split()[0] == hashlib.sha256(payload).hexdigest()
    found = officer.get("/v1/compliance/data-requests").json()["requests"]
    assert {one["status"] for one in found} == {"completed", "rejected"}
    log = run.files["section/1/purge.log"].decode()
    assert "subject: would anonymise 1 of user" in log
    assert "expired: would delete 5 of data-requests" in log


def test_a_second_rehearsal_finds_the_case(
    target: Target, running: Any, tmp_path: Path, told: Callable[[Any], str]
) -> None:
    for number in (1, 2):
        work = tmp_path / str(number)
        work.mkdir()
        run = run_drill(DataGovernanceDrill(), SUBJECT, target, work, rehearsal=f"run-{number}")
        assert run.record.outcome is Outcome.PASSED, told(run)
    officer = running.as_("compliance")
    case = officer.get("/v1/compliance/data-requests/GDPR-DRYRUN-042").json()
    assert [one["action"] for one in case["auditLog"]].count("exported") == 1
