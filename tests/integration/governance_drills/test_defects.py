"""Each business defect that a release may have is found by its drill, and named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixnado_world import Running, Sqlite
from golive.drillkit.records import Outcome
from golive.drillkit.testing import run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.drills.legal import Legal
from golive.ports.target import Target

DEFECTS = {
    "export-no-checksum": (DataGovernanceDrill, "checksum"),
    "export-leaks-other-subject": (DataGovernanceDrill, "foreign_rows"),
    "purge-ignores-dry-run": (DataGovernanceDrill, "purge"),
    "role-from-header": (DataGovernanceDrill, "role-in-header-refused"),
    "legal-metadata-missing": (Legal, "metadata_findings"),
    "ack-wrong-version": (Legal, "wrong_version_acks"),
}


@pytest.fixture(params=sorted(DEFECTS))
def defect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def running(seeded: Sqlite, tmp_path: Path, defect: str) -> Iterator[Running]:
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    instance = Running(seeded.fresh(), runtime, fault=defect)
    yield instance
    instance.close()


def test_it_is_found_and_named(target: Target, defect: str, tmp_path: Path, told: Any) -> None:
    drill, check = DEFECTS[defect]
    run: Any = run_drill(drill(), {}, target, tmp_path)  # type: ignore[arg-type]
    assert run.record.outcome is Outcome.FAILED
    failed = [one.id for one in run.record.checks if one.verdict != "pass"]
    assert any(check in one for one in failed), told(run)
    # each spoils one thing: every byte is still what it was, and the market is still counted
    said = [one.detail for one in run.record.checks]
    assert not any("another digest or size" in one for one in said), told(run)
    assert not any("the market's" in one for one in said), told(run)
