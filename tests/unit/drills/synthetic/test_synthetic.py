"""The synthetic drill in front of answers that are wrong, slow or none."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.synthetic import Synthetic
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.json import JsonObject
from golive.ports.marketplace import Marketplace, Session
from golive.ports.target import Target

ENTRY = {"id": "1"}
SNAPSHOT = {"orders": {}, "rentals": {}, "revenue": {}, "escrow": {}, "alerts": []}


class Market:
    """A marketplace of which a test decides the answers."""

    def __init__(self, inner: Marketplace) -> None:
        self.inner, self.fidelity, self.url = inner, inner.fidelity, inner.url
        self.hub: Callable[[], Any] = lambda: {"entries": [ENTRY], "warnings": []}
        self.snapshot: Callable[[], Any] = lambda: SNAPSHOT
        self.logins = 0

    def health(self) -> Any:
        return self.inner.health()

    def login(self, role: str = "user") -> Session:
        self.logins += 1
        return self.inner.login(role)

    def timeline_hub(self, session: Session) -> JsonObject:
        found: JsonObject = self.hub()
        return found

    def commerce_snapshot(self, session: Session, persona: str) -> JsonObject:
        found: JsonObject = self.snapshot()
        return found

    def toggle_component(self, session: Session, component: str, status: str) -> None:
        self.inner.toggle_component(session, component, status)


@pytest.fixture
def target() -> Target:
    return MemoryTarget().build()


@pytest.fixture
def market(target: Target) -> Market:
    assert target.production is not None
    return Market(target.production)


def carry_out(target: Target, market: Market, work: Path, **params: Any) -> DrillRun:
    return run_drill(Synthetic(), {"rounds": 5, **params}, replace(target, production=market), work)


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def results(run: DrillRun) -> Any:
    return json.loads(run.files["section/1/synthetic-results.json"])


def test_good_answers_pass(target: Target, market: Market, tmp_path: Path) -> None:
    run = carry_out(target, market, tmp_path)
    assert run.record.outcome is Outcome.PASSED
    assert market.logins == 5
    figures = results(run)["checks"]["login"]
    assert (figures["attempts"], figures["failures"]) == (5, 0)
    assert figures["p50Ms"] <= figures["p95Ms"] <= figures["maxMs"]


def test_only_what_is_asked_for(target: Target, market: Market, tmp_path: Path) -> None:
    run = carry_out(target, market, tmp_path, checks=["commerce-snapshot"])
    assert set(results(run)["checks"]) == {"commerce-snapshot"}
    assert run.record.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"entries": []}, "empty"),
        ({}, "no list of entries"),
        ({"entries": "many"}, "no list of entries"),
    ],
)
def test_a_hub_that_says_nothing(
    target: Target, market: Market, tmp_path: Path, answer: Any, reason: str
) -> None:
    market.hub = lambda: answer
    run = carry_out(target, market, tmp_path)
    assert {"timeline-hub-succeeds", "synthetic_failures", "timeline_warnings"} == failed(run)
    assert reason in results(run)["checks"]["timeline-hub"]["reasons"][0]


def test_warnings_are_found_in_a_good_answer(
    target: Target, market: Market, tmp_path: Path
) -> None:
    warnings = [{"message": "bookings could not be read"}, "rentals are late"]
    market.hub = lambda: {"entries": [ENTRY], "warnings": warnings}
    run = carry_out(target, market, tmp_path)
    assert failed(run) == {"timeline_warnings"}
    assert run.check("timeline_warnings").measured == 2
    assert "bookings could not be read" in run.check("timeline_warnings").detail


def test_parts_that_the_snapshot_lacks(target: Target, market: Market, tmp_path: Path) -> None:
    market.snapshot = lambda: {**SNAPSHOT, "escrow": None}
    run = carry_out(target, market, tmp_path)
    assert failed(run) == {"commerce-snapshot-succeeds", "synthetic_failures"}
    assert "escrow" in run.check("commerce-snapshot-succeeds").detail


def test_one_failure_among_many_shows(target: Target, market: Market, tmp_path: Path) -> None:
    calls = iter(range(1000))

    def sometimes() -> Any:
        if next(calls) == 3:
            raise PortError("answered 500", where="hub")
        return {"entries": [ENTRY], "warnings": []}

    market.hub = sometimes
    run = carry_out(target, market, tmp_path)
    assert run.check("synthetic_failures").measured == 1
    assert run.check("timeline-hub-succeeds").measured == 4


def test_slow_answers(target: Target, market: Market, tmp_path: Path) -> None:
    def slow() -> Any:
        threading.Event().wait(0.03)
        return SNAPSHOT

    market.snapshot = slow
    run = carry_out(target, market, tmp_path, p95_ms=20)
    assert failed(run) == {"p95_ms"}


def test_nobody_there_is_no_quick_success(tmp_path: Path) -> None:
    target = MemoryTarget(faults=[Fault.UNREACHABLE]).build()
    run = run_drill(Synthetic(), {"rounds": 3}, target, tmp_path)
    assert run.check("synthetic_failures").measured == 9
    assert run.check("p95_ms").verdict is CheckVerdict.INCONCLUSIVE
    assert "signing in failed" in run.check("timeline-hub-succeeds").detail
    assert run.files


def test_a_launch_that_fails_now_and_then(tmp_path: Path) -> None:
    target = MemoryTarget(faults=[Fault.INCOMING_5XX]).build()
    run = run_drill(Synthetic(), {"rounds": 5, "through": "incoming"}, target, tmp_path)
    assert run.record.outcome is Outcome.FAILED
    run = run_drill(Synthetic(), {"rounds": 5, "through": "old"}, target, tmp_path)
    assert run.record.outcome is Outcome.PASSED


def test_called_off_it_keeps_what_it_has(target: Target, market: Market, tmp_path: Path) -> None:
    stop = threading.Event()

    def then_stop() -> Any:
        stop.set()
        return SNAPSHOT

    market.snapshot = then_stop
    run = run_drill(
        Synthetic(), {}, replace(target, production=market), tmp_path, stop=stop, called_off=True
    )
    assert run.record.outcome is Outcome.ABORTED
    assert results(run)["checks"]["commerce-snapshot"]["attempts"] == 1


def test_a_way_in_that_is_not_there(target: Target, tmp_path: Path) -> None:
    run = run_drill(
        Synthetic(), {"through": "validation"}, replace(target, validation=None), tmp_path
    )
    assert "no validation listener" in run.record.steps[0].error


def test_an_unreachable_login_only(target: Target, market: Market, tmp_path: Path) -> None:
    class Shut(Market):
        def login(self, role: str = "user") -> Session:
            raise Unreachable("no answer", where="login")

    run = carry_out(target, Shut(market.inner), tmp_path, checks=["login"])
    assert failed(run) == {"login-succeeds", "synthetic_failures", "p95_ms"}


def test_a_data_request_is_filed_once_and_withdrawn(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run = run_drill(
        Synthetic(), {"checks": ["login", "data-request"], "rounds": 4}, memory.build(), tmp_path
    )
    assert run.record.outcome is Outcome.PASSED
    assert results(run)["checks"]["data-request"]["attempts"] == 4
    (request,) = memory.books.requests.values()
    assert (request.kind, request.status) == ("access", "rejected")


def test_a_desk_that_files_twice_is_found(tmp_path: Path) -> None:
    memory = MemoryTarget()
    answers = memory.books.answers

    class Forgetful(dict[str, str]):
        """Remembers no idempotency key."""

        def __setitem__(self, key: str, value: str) -> None:
            for request in memory.books.requests.values():
                memory.books.requests[request.id] = replace(request, reference="")

    memory.books.answers = Forgetful(answers)
    run = run_drill(
        Synthetic(), {"checks": ["data-request"], "rounds": 4}, memory.build(), tmp_path
    )
    assert "data-request-succeeds" in failed(run)
    reasons = results(run)["checks"]["data-request"]["reasons"]
    assert any("filed" in reason or "409" in reason for reason in reasons)


def test_a_market_without_a_desk(target: Target, market: Market, tmp_path: Path) -> None:
    run = carry_out(target, market, tmp_path, checks=["login", "data-request"])
    assert failed(run) >= {"data-request-succeeds", "data-request-withdrawn"}
    assert "no data-governance desk" in run.check("data-request-succeeds").detail
