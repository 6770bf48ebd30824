"""The refund drill in front of a good desk, and of desks that fail in one thing each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.standing import Doing, RiskStanding, Standing, Statement
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.refund import Refund
from golive.kernel.errors import PortError
from golive.ports.marketplace import Session
from golive.ports.refunds import LedgerRow, Payout, RefundCase, Settlement
from golive.ports.target import Target
from poor_world.spoilt import Poor, failed, lacking, unknown
from refund_world import told


def carry_out(target: Target, work: Path, **params: Any) -> DrillRun:
    return run_drill(Refund(), params, target, work)


def test_a_good_desk_passes_and_leaves_its_evidence(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory.build(), tmp_path)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert {path.rpartition("/")[2] for path in run.files} == {
        "case-notes.md",
        "ledger-entries.csv",
        "acknowledgement-trail.csv",
        "manual-payouts.html",
        "inspection-report.pdf",
        "case.json",
        "risk-note.json",
    }
    rows = list(csv.DictReader(io.StringIO(run.files["section/1/ledger-entries.csv"].decode())))
    assert sum(int(row["amount_minor"]) for row in rows) == 0
    assert {row["case"] for row in rows} == {"RF-DRYRUN-118", "RF-DRYRUN-118-HAND"}
    refusals = json.loads(run.files["section/1/case.json"])["refusals"]
    assert set(refusals.values()) <= {401, 403, 404, 409}
    assert memory.count("open-refund") == 0 and memory.count("refund-opened") == 2


def test_the_report_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    runs = [carry_out(MemoryTarget().build(), tmp_path, provider_down=False) for _ in range(2)]
    one, other = (run.files["section/1/inspection-report.pdf"] for run in runs)
    assert one == other


def test_without_the_providers_fall_there_is_one_case(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = carry_out(memory.build(), tmp_path, provider_down=False)
    assert run.record.outcome is Outcome.PASSED, told(run)
    assert len(memory.books.refunds.cases) == 1
    assert memory.count("component-toggled") == 0


def test_a_leg_that_is_missing_is_named(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[Fault.LEDGER_UNBALANCED]).build(), tmp_path)
    assert {"ledger_imbalance", "currency_imbalance"} <= failed(run)
    assert "a leg is missing" in run.check("ledger_imbalance").detail
    assert run.files["section/1/ledger-entries.csv"], "evidence comes before the verdict"


def test_a_role_out_of_a_header_is_found(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[Fault.ROLE_FROM_HEADER]).build(), tmp_path)
    assert {"role-in-header-refused", "books-by-header-refused", "untouched"} <= failed(run)


def test_nobody_there(tmp_path: Path) -> None:
    run = carry_out(MemoryTarget(faults=[Fault.UNREACHABLE]).build(), tmp_path)
    assert run.check("order-found").verdict is CheckVerdict.INCONCLUSIVE
    assert run.record.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("orders", "order-found"),
        ("note_inspection", "inspection-noted"),
        ("open_refund", "case-opened"),
        ("refund_file", "report-read"),
        ("take_refund", "case-taken"),
        ("attach_to_refund", "update-recorded"),
        ("decide_refund", "decided"),
        ("settle_refund", "settled"),
        ("return_payout", "return-noted"),
        ("toggle_component", "provider-down"),
        ("pay_by_hand", "paid-by-hand"),
        ("payout_list", "list-printed"),
        ("reconcile_payout", "reconcile-noted"),
        ("manual_payouts", "waiting-read"),
        ("ledger_rows", "ledger-read"),
        ("ledger_accounts", "accounts-read"),
        ("legal_acknowledgements", "acknowledgements-read"),
        ("legal_document", "policy-published"),
    ],
)
def test_what_a_back_end_lacks_is_a_failed_check_with_its_answer(
    call: str, check: str, tmp_path: Path
) -> None:
    run = carry_out(Poor.of(MemoryTarget(), **{call: lacking}), tmp_path)
    assert run.check(check).verdict is CheckVerdict.FAIL
    assert "no such page" in run.check(check).detail
    assert run.record.outcome is Outcome.FAILED
    assert not [one for one in run.record.steps if "itself broke" in one.error]


def test_a_queue_without_the_case(tmp_path: Path) -> None:
    class Forgetful(Poor):
        def refund_queue(self, session: Session, queue: str) -> Sequence[RefundCase]:
            return [] if queue else super().refund_queue(session, queue)

    run = carry_out(Forgetful.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"in-finance-queue", "in-finance-queue-fallback"}


def test_a_report_that_came_back_as_another(tmp_path: Path) -> None:
    class Bent(Poor):
        def refund_file(self, session: Session, case_id: str, attachment_id: str) -> bytes:
            return super().refund_file(session, case_id, attachment_id)[:-1] + b"!"

    run = carry_out(Bent.of(MemoryTarget()), tmp_path, provider_down=False)
    assert failed(run) == {"report-intact"}


class Generous(Poor):
    """It has no idempotency, and pays whenever it is asked."""

    paid = 0

    def settle_refund(self, session: Session, case_id: str, key: str) -> Settlement:
        case = self.refund(session, case_id)
        if case.status != "settled":
            return super().settle_refund(session, case_id, key)
        self.paid += 1
        self._refunds.post(case, "Refund paid", "refunds-payable", "bank", self._clock)
        first = next(iter(self._refunds.payouts.values()))
        return Settlement(case, replace(first, id=f"another-{self.paid}"))


def test_paying_twice_is_found_three_ways(tmp_path: Path) -> None:
    run = carry_out(Generous.of(MemoryTarget()), tmp_path, provider_down=False)
    assert {
        "settlement-repeated",
        "settlement-twice-refused",
        "entries_added_by_repeats",
        "paid_minor",
        "owed_minor",
    } <= failed(run)


def test_a_provider_that_pays_what_was_paid_by_hand(tmp_path: Path) -> None:
    run = carry_out(Generous.of(MemoryTarget()), tmp_path)
    assert {"provider-does-not-pay-too", "paid_minor-fallback"} <= failed(run)


def test_a_provider_that_can_not_be_switched_off(tmp_path: Path) -> None:
    """It pays although it was told to be down: then nothing is left to be paid by hand."""
    target = Poor.of(MemoryTarget(), toggle_component=lambda *_: None)
    run = carry_out(target, tmp_path)
    assert {"falls-to-hand", "paid-by-hand"} <= failed(run)
    assert "reconciled" in unknown(run)


@pytest.mark.parametrize(
    ("page", "check"),
    [
        (b"<table><tr><td>RF-DRYRUN-118-HAND<td>1250000</table>", "list-complete"),
        (b"<table></table>", "list-complete"),
        (
            "<table><tr><td>RF-DRYRUN-118-HAND<td>A user<td>£1.00<tr><td>RF-1<td>Somebody"
            "<td>£12,500.00</table>".encode(),
            "list-complete",
        ),
        (
            b"RF-DRYRUN-118-HAND A user &pound;12,500.00 0b8c3a52-9e2c-4a43-9a39-36a0a4a1a1a1",
            "list-readable",
        ),
        (
            b"<script src='/x.js'></script>RF-DRYRUN-118-HAND A user \xc2\xa312,500.00",
            "list-readable",
        ),
    ],
)
def test_a_list_that_nobody_can_pay_from(page: bytes, check: str, tmp_path: Path) -> None:
    run = carry_out(Poor.of(MemoryTarget(), payout_list=lambda *_: page), tmp_path)
    assert failed(run) == {check}
    assert run.files["section/1/manual-payouts.html"] == page


def test_a_reversal_that_is_not_in_the_books(tmp_path: Path) -> None:
    class Quiet(Poor):
        def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
            return [replace(one, reverses_id="") for one in super().ledger_rows(session, reference)]

    run = carry_out(Quiet.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"reversal-visible"}


def test_books_that_were_rewritten(tmp_path: Path) -> None:
    """The sums are right, but what was posted is no longer what was posted."""

    class Tidy(Poor):
        looked = 0

        def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
            rows = super().ledger_rows(session, reference)
            self.looked += 1
            late = self.looked > 2
            return [replace(one, transaction_id=f"new-{one.transaction_id}") if late else one
                    for one in rows]  # fmt: skip

    run = carry_out(Tidy.of(MemoryTarget()), tmp_path, provider_down=False)
    assert "entries_changed" in failed(run)


def test_amounts_that_are_no_whole_minor_units(tmp_path: Path) -> None:
    class Floating(Poor):
        def ledger_rows(self, session: Session, reference: str) -> Sequence[LedgerRow]:
            rows = super().ledger_rows(session, reference)
            return [replace(one, amount_minor=None) for one in rows]

    run = carry_out(Floating.of(MemoryTarget()), tmp_path)
    assert "unreadable_entries" in failed(run)


def test_an_empty_ledger_is_no_pass(tmp_path: Path) -> None:
    run = carry_out(Poor.of(MemoryTarget(), ledger_rows=lambda *_: []), tmp_path)
    assert {"ledger_imbalance", "paid_minor", "owed_minor", "entries_changed"} <= unknown(run)
    assert run.record.outcome is Outcome.FAILED


@pytest.mark.parametrize("number", [1, 2])
def test_who_delivered_and_has_not_acknowledged(number: int, tmp_path: Path) -> None:
    """Person 1 gave none, person 2 an older one."""
    memory = MemoryTarget()
    orders = memory.books.refunds.orders
    for name, order in list(orders.items()):
        orders[name] = replace(order, provider_id=f"person-{number:03d}")
    run = carry_out(memory.build(), tmp_path)
    assert failed(run) == {"acks_missing"}
    assert run.check("acks_missing").detail.startswith("delivered: ")
    trail = run.files["section/1/acknowledgement-trail.csv"].decode()
    assert "person-" not in trail and "@" not in trail


def test_nobody_concerned_in_the_table_is_no_pass(tmp_path: Path) -> None:
    memory = MemoryTarget()
    orders = memory.books.refunds.orders
    for name, order in list(orders.items()):
        orders[name] = replace(order, provider_id="a-stranger")
    run = carry_out(memory.build(), tmp_path)
    assert unknown(run) == {"acks_missing"}


@pytest.mark.parametrize("table", [b"a,b\r\n1,2\r\n", b"\xff\xfe\x00", b'"open'])
def test_another_table_is_told(table: bytes, tmp_path: Path) -> None:
    run = carry_out(Poor.of(MemoryTarget(), legal_acknowledgements=lambda *_: table), tmp_path)
    assert "acknowledgements-read" in failed(run)
    assert "acks_missing" in unknown(run)


def test_no_order_left_to_refund(tmp_path: Path) -> None:
    memory = MemoryTarget()
    memory.books.refunds.orders.clear()
    run = carry_out(memory.build(), tmp_path)
    assert "place one for that account" in run.check("order-found").detail
    assert run.record.outcome is Outcome.FAILED


def test_one_order_is_enough_for_the_case_alone(tmp_path: Path) -> None:
    memory = MemoryTarget()
    for name in ("order-1", "order-2"):
        del memory.books.refunds.orders[name]
    run = carry_out(memory.build(), tmp_path)
    assert failed(run) == {"order-found-fallback"}
    assert unknown(run) == {"paid-by-hand", "reconciled"}
    assert run.check("settled").verdict is CheckVerdict.PASS


def test_clocks_that_are_not_kept(tmp_path: Path) -> None:
    class Slow(Poor):
        def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
            case = super().take_refund(session, case_id, key)
            return replace(case, opened_at="2024-05-30T08:00:00Z",
                           acknowledge_by="2024-06-02T08:00:00Z",
                           acknowledged_at="2024-05-31T08:30:00Z")  # fmt: skip

        def attach_to_refund(self, *given: Any) -> RefundCase:
            case = super().attach_to_refund(*given)
            notes = (replace(case.notes[-1], at="2024-05-24T09:00:00Z"),)
            # Friday to Thursday over a bank holiday: Tuesday, Wednesday, Thursday
            return replace(case, notes=notes, next_update_due="2024-05-30T16:00:00Z")

    run = carry_out(Slow.of(MemoryTarget()), tmp_path, provider_down=False)
    assert failed(run) == {
        "acknowledgement_promise_hours",
        "acknowledgement_hours",
        "update_working_days",
    }
    assert run.check("acknowledgement_hours").measured == 24.5
    assert run.check("update_working_days").measured == 3
    closed = [date(2024, 5, 29).isoformat()]
    again = carry_out(Slow.of(MemoryTarget()), tmp_path, provider_down=False, holidays=closed)
    assert again.check("update_working_days").measured == 2


def test_a_case_that_does_not_say_when(tmp_path: Path) -> None:
    class Silent(Poor):
        def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
            case = super().take_refund(session, case_id, key)
            return replace(case, acknowledge_by="", acknowledged_at="")

    run = carry_out(Silent.of(MemoryTarget()), tmp_path, provider_down=False)
    assert unknown(run) == {"acknowledgement_promise_hours", "acknowledgement_hours"}


def test_a_clock_that_runs_backwards_is_no_quick_answer(tmp_path: Path) -> None:
    class Early(Poor):
        def take_refund(self, session: Session, case_id: str, key: str) -> RefundCase:
            case = super().take_refund(session, case_id, key)
            return replace(case, acknowledged_at="2001-01-01T00:00:00Z")

        def attach_to_refund(self, *given: Any) -> RefundCase:
            case = super().attach_to_refund(*given)
            return replace(case, next_update_due="2001-01-01T00:00:00Z")

    run = carry_out(Early.of(MemoryTarget()), tmp_path, provider_down=False)
    assert unknown(run) == {"acknowledgement_hours", "update_working_days"}


def test_a_table_of_givers_alone_does_not_excuse_who_is_absent(tmp_path: Path) -> None:
    class Brief(Poor):
        def legal_document(self, slug: str) -> Any:
            found = super().legal_document(slug)
            return replace(found, raw={**found.raw, "audience": ["provider", "user"]})

    run = carry_out(Brief.of(MemoryTarget()), tmp_path, provider_down=False)
    assert "acks_missing" in failed(run)
    assert "bought: not in the table" in run.check("acks_missing").detail


def test_a_bank_that_is_never_shown_the_payout(tmp_path: Path) -> None:
    class Stuck(Poor):
        def reconcile_payout(
            self, session: Session, payout_id: str, bank_reference: str, key: str
        ) -> Payout:
            return self._refunds.payouts[payout_id]

    run = carry_out(Stuck.of(MemoryTarget()), tmp_path)
    assert failed(run) == {"reconciled", "bank-reference", "off-the-list"}


def _standing(*behind: str) -> Standing:
    done = [Doing(name, "refund", "drill", "Finance", 1) for name in behind]
    risk = RiskStanding("risk-1", "No payouts", "High", "Likely", Statement("By hand", done))
    return Standing(risks=[risk])


@pytest.mark.parametrize(("behind", "verdict"), [("section/1", "pass"), ("other/1", "fail")])
def test_the_risk_log_must_name_it(behind: str, verdict: str, tmp_path: Path) -> None:
    params = {"provider_down": False}
    target = MemoryTarget().build()
    run = run_drill(Refund(), params, target, tmp_path, standing=_standing(behind))
    assert run.check("risk-log-names-it").verdict.value == verdict
    note = json.loads(run.files["section/1/risk-note.json"])
    assert [one["id"] for one in note["risks"]] == (["risk-1"] if verdict == "pass" else [])


def test_a_marketplace_without_refunds(tmp_path: Path) -> None:
    class Bare:
        url, fidelity = "https://bare.example", None

        def login(self, role: str = "user") -> Session:
            raise PortError("no")

    market: Any = Bare()
    run = carry_out(replace(MemoryTarget().build(), production=market), tmp_path)
    assert "knows no refunds" in run.record.steps[0].error


def test_words_of_the_service_are_harmless_in_the_notes(tmp_path: Path) -> None:
    class Hostile(Poor):
        def refund(self, session: Session, case_id: str) -> RefundCase:
            case = super().refund(session, case_id)
            note = replace(case.notes[0], text="x | <script>alert(1)</script>\n# A heading")
            return replace(case, notes=(note, *case.notes[1:]))

    run = carry_out(Hostile.of(MemoryTarget()), tmp_path, provider_down=False)
    notes = run.files["section/1/case-notes.md"].decode()
    assert "<script" not in notes
    assert "\n# A heading" not in notes
