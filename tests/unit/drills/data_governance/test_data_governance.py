"""The data-governance drill in front of a good desk, and of desks that fail in one thing each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.data_governance import DataGovernanceDrill
from golive.kernel.errors import PortError
from golive.kernel.json import JsonObject
from golive.ports.data_governance import DataRequest, Manifest, PurgePlan
from golive.ports.marketplace import Session
from golive.ports.target import Target
from poor_world.spoilt import Poor, failed, lacking, unknown

GOOD = {"purge": ["subject"]}


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(DataGovernanceDrill(), {**GOOD, **params}, target, work)


def test_a_good_desk_passes_and_leaves_its_evidence(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory.build(), tmp_path, oversize=True, chunk_bytes=512)
    assert (failed(run), unknown(run)) == (set(), set())
    assert run.record.outcome is Outcome.PASSED
    names = {path.rpartition("/")[2] for path in run.files}
    assert names == {
        "export.json",
        "export.ndjson",
        "export.sha256",
        "export-manifest.json",
        "purge.log",
        "case.json",
        "privacy-office-notice.txt",
    }
    export = json.loads(run.files["section/1/export.json"])
    assert {name: len(rows) for name, rows in export.items()} == {
        "user": 1,
        "conversations": 3,
        "rentals": 5,
        "orders": 9,
    }
    sums = run.files["section/1/export.sha256"].decode().splitlines()
    assert len(sums) == 8
    whole = hashlib.sha256(run.files["section/1/export.ndjson"]).hexdigest()
    assert sums[-1] == f"{whole}  export.ndjson", "an auditor can check it against the vault's copy"
    assert "would delete 9 of orders" in run.files["section/1/purge.log"].decode()
    case = json.loads(run.files["section/1/case.json"])
    assert case["due"]["byOurReckoning"] == case["due"]["byTheService"]


def test_the_erasure_is_withdrawn_and_nothing_is_gone(tmp_path: Path) -> None:
    memory = MemoryTarget()
    carry_out(memory.build(), tmp_path)
    assert sorted(one.status for one in memory.books.requests.values()) == ["completed", "rejected"]
    assert len(memory.books.of("user")["orders"]) == 9


def test_again_it_finds_what_it_did(tmp_path: Path) -> None:
    """A second run (or a step that a kill cut short) files, verifies and exports nothing twice."""
    memory = MemoryTarget()
    for _ in range(2):
        run = carry_out(memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED
    assert memory.count("data-request-exported") == 1
    assert memory.count("data-request-filed") == 2


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (Fault.EXPORT_NO_CHECKSUM, {"checksum_failures"}),
        (Fault.EXPORT_LEAKS_OTHER_SUBJECT, {"foreign_rows", "complete-orders"}),
        (Fault.PURGE_IGNORES_DRY_RUN, {"purge_losses"}),
        (Fault.ROLE_FROM_HEADER, {"role-in-header-refused"}),
    ],
)
def test_each_fault_is_found_and_named(fault: Fault, found: set[str], tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[fault]).build(), tmp_path)
    assert failed(run) == found
    assert run.record.outcome is Outcome.FAILED
    assert run.files["section/1/export.json"], "evidence comes before the verdict"


def test_without_digests_tampering_can_not_be_told(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[Fault.EXPORT_NO_CHECKSUM]).build(), tmp_path)
    assert unknown(run) == {"tampering-noticed"}
    assert "no digest of the whole" in run.check("checksum_failures").detail


def test_nothing_to_purge_is_no_pass(tmp_path: Path) -> None:
    memory = MemoryTarget()
    memory.books.of("retired").clear()
    run = carry_out(memory.build(), tmp_path, purge=["expired"])
    assert {"purge_rows", "purge_losses"} <= unknown(run)


def test_one_plan_without_rows_is_no_pass_beside_another(tmp_path: Path) -> None:
    memory = MemoryTarget()
    memory.books.of("retired").clear()
    run = carry_out(memory.build(), tmp_path, purge=["expired", "subject"])
    assert unknown(run) == {"purge_rows"}
    assert run.check("purge_rows").detail == "nothing is planned to go (expired)"


def test_a_dry_run_beside_which_nothing_could_be_counted_is_no_pass(tmp_path: Path) -> None:
    spoilt = {"holdings": lambda *_: {}, "commerce_snapshot": lacking}
    run = carry_out(Poor.of(MemoryTarget(), **spoilt), tmp_path)
    assert "purge_losses" in unknown(run)


def test_others_in_the_place_of_what_was_purged_are_found(tmp_path: Path) -> None:
    class Swapping(Poor):
        def plan_purge(self, *rest: Any) -> PurgePlan:
            plan = super().plan_purge(*rest)
            rows = self._books.of("user")["orders"]
            rows[0] = {"id": "user-orders-new"}
            return plan

    run = carry_out(Swapping.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"purge_losses"}
    assert "1 of those before are gone" in run.check("purge_losses").detail


def test_a_row_that_came_twice_hides_none_that_is_missing(tmp_path: Path) -> None:
    class Stuttering(Poor):
        def make_export(self, session: Session, request_id: str, key: str) -> Manifest:
            rows = self._books.of("user")["orders"]
            whole = list(rows)
            rows[3] = rows[4]
            try:
                return super().make_export(session, request_id, key)
            finally:
                rows[:] = whole

    run = carry_out(Stuttering.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"rows_missing"}
    assert run.check("rows_missing").detail == "orders: 1"


def test_an_export_that_fits_as_it_is_shows_nothing_of_a_large_one(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget().build(), tmp_path, oversize=True)
    assert unknown(run) == {"largest_chunk_bytes"}
    assert "fits into one" in run.check("largest_chunk_bytes").detail


def test_nobody_there(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[Fault.UNREACHABLE]).build(), tmp_path)
    assert run.check("request-filed").verdict is CheckVerdict.INCONCLUSIVE
    assert run.record.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("verify_request", "request-verified"),
        ("make_export", "export-made"),
        ("chunk", "export-fetched"),
        ("plan_purge", "purge-planned-subject"),
        ("file_request", "request-filed"),
    ],
)
def test_what_a_back_end_lacks_is_a_failed_check_with_its_answer(
    call: str, check: str, tmp_path: Path
) -> None:
    run = carry_out(Poor.of(MemoryTarget(), **{call: lacking}), tmp_path)
    assert "no such page" in run.check(check).detail
    assert run.check(check).verdict is CheckVerdict.FAIL
    assert run.record.outcome is Outcome.FAILED


def test_a_flipped_byte_on_the_way_is_found(tmp_path: Path) -> None:
    class Bent(Poor):
        def chunk(self, session: Session, request_id: str, index: int) -> bytes:
            data = bytearray(super().chunk(session, request_id, index))
            if index == 2:
                data[5] ^= 1
            return bytes(data)

    run = carry_out(Bent.of(MemoryTarget()), tmp_path)
    assert "checksum_failures" in failed(run)
    assert run.check("checksum_failures").measured == 2


def test_an_export_in_one_piece_and_as_one_object(tmp_path: Path) -> None:
    """No chunks, no digests, an object by dataset: what another back end may give."""
    memory = MemoryTarget()
    rows: JsonObject = dict(memory.books.of("user"))
    manifest = Manifest(dict.fromkeys(rows), (), None, None, "", "", {})
    target = Poor.of(
        memory, make_export=lambda *_: manifest, payload=lambda *_: json.dumps(rows).encode()
    )
    run = carry_out(target, tmp_path)
    assert run.check("complete-orders").verdict is CheckVerdict.PASS
    assert run.check("foreign_rows").measured == 0
    assert "checksum_failures" in failed(run)


def test_rows_that_are_somebody_elses(tmp_path: Path) -> None:
    memory = MemoryTarget()
    kept = memory.books.of("user")
    kept["user"] = [{"id": "user-1", "email": "User@rehearsal.fixnado.example"}]
    kept["messages"] = [
        {"id": "m1", "author": "another participant", "body": None},
        {"id": "m2", "author": "another participant", "body": "my own words"},
        {"id": "m3", "authorEmail": "finance@rehearsal.fixnado.example"},
        {"id": "m4", "userId": "somebody-else"},
        {"id": "m5", "parties": [{"contact": {"email": "finance@rehearsal.fixnado.example"}}]},
    ]
    run = carry_out(memory.build(), tmp_path)
    assert run.check("foreign_rows").measured == 4
    assert "words" in run.check("foreign_rows").detail


def test_a_due_date_of_another_law(tmp_path: Path) -> None:
    class Late(Poor):
        def data_request(self, session: Session, request_id: str) -> DataRequest:
            return replace(super().data_request(session, request_id), region="GB")

    run = carry_out(Late.of(MemoryTarget()), tmp_path)
    assert "due-date" in failed(run)


def test_a_case_that_is_open_to_others(tmp_path: Path) -> None:
    class Open(Poor):
        def data_request(self, session: Session, request_id: str) -> DataRequest:
            return super().data_request(super().login("compliance"), request_id)

    run = carry_out(Open.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"others-case-closed", "nobody-refused"}


def test_a_plan_that_does_not_say_that_it_is_dry(tmp_path: Path) -> None:
    plan = PurgePlan("", None, None, "", {})
    run = carry_out(Poor.of(MemoryTarget(), plan_purge=lambda *_: plan), tmp_path)
    assert {"purge-dry-subject", "purge_rows"} <= unknown(run)
    assert "purge-reasons-subject" in failed(run)


def test_a_marketplace_without_a_desk(tmp_path: Path) -> None:
    class Bare:
        url, fidelity = "https://bare.example", None

        def login(self, role: str = "user") -> Session:
            raise PortError("no")

    target = MemoryTarget().build()
    market: Any = Bare()
    run = carry_out(replace(target, production=market), tmp_path)
    assert "no data-governance desk" in run.record.steps[0].error
