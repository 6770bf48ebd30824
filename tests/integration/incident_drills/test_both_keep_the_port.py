"""The memory target and the real service keep the same port: one suite, both back ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from golive.adapters.memory import MemoryTarget
from golive.kernel.times import parse_rfc3339
from golive.ports.incidents import Escalation, Incident, Incidents, Words
from golive.ports.marketplace import Refused


@pytest.fixture(params=["memory", "service"])
def market(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTarget().build().production
    return request.getfixturevalue("world")().target.production


def opened(market: Incidents, reference: str = "INC-1") -> Incident:
    return market.open_incident(
        market.login("support"),
        reference=reference,
        severity="SEV1",
        title="It broke",
        description="for practice",
        key=f"key-{reference}",
    )


def status(ask: Callable[[], object]) -> int:
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value.status


def test_a_whole_life(market: Any) -> None:
    assert isinstance(market, Incidents)
    session = market.login("support")
    assert market.find_incident(session, "INC-1") is None
    made = opened(market)
    assert (made.reference, made.severity, made.status, made.drill) == (
        "INC-1",
        "SEV1",
        "open",
        True,
    )
    assert opened(market).id == made.id, "the same key again"
    found = market.find_incident(session, "INC-1")
    assert found is not None
    assert found.id == made.id
    program = market.acknowledge_incident(
        session, made.id, automated=True, note="by a program", key="a1"
    )
    assert (program.status, program.acknowledged_at) == ("acknowledged", "")
    person = market.acknowledge_incident(session, made.id, automated=False, note="", key="a2")
    assert person.acknowledged_at
    assert person.acknowledged_by == session.user_id
    assert (
        status(
            lambda: market.acknowledge_incident(
                session, made.id, automated=False, note="", key="a3"
            )
        )
        == 409
    )
    assert market.mitigate_incident(session, made.id, "", "m").mitigated_at
    assert market.resolve_incident(session, made.id, "", "r").resolved_at
    assert status(lambda: market.resolve_incident(session, made.id, "", "r2")) == 409
    events = market.incident(session, made.id).events
    assert events is not None
    kinds = [(one.kind, one.automated) for one in events]
    assert kinds == [
        ("opened", False),
        ("acknowledged", True),
        ("acknowledged", False),
        ("mitigated", False),
        ("resolved", False),
    ]


def test_what_is_drafted_is_not_public(market: Any) -> None:
    session, made = market.login("support"), opened(market)
    words = Words("investigating", "major", "We look into it", "Soon more.")
    draft = market.draft_update(session, made.id, words, "d")
    assert market.draft_update(session, made.id, words, "d").id == draft.id
    (kept,) = market.updates(session, made.id)
    assert (kept.words, kept.published_at) == (words, "")
    assert market.public_updates() == []


def test_an_escalation_arrives(market: Any) -> None:
    session, made = market.login("support"), opened(market)
    called = market.escalate_incident(session, made.id, "please", "e")
    assert market.escalate_incident(session, made.id, "please", "e").id == called.id

    def last() -> Escalation:
        (one,) = market.escalations(session, made.id)
        return one

    deadline = time.monotonic() + 30
    while (now := last()).delivery == "pending" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert now.delivery == "delivered"
    assert now.outcome is not None
    assert (now.outcome.team, now.outcome.priority) == (1, "urgent")
    assert list(now.outcome.labels) == ["incident", "sev1", "drill"]
    assert parse_rfc3339(now.escalated_at) <= parse_rfc3339(now.delivered_at)


def test_the_ledger_counts_what_there_is(market: Any) -> None:
    session, made = market.login("support"), opened(market)
    other = opened(market, "INC-2")
    market.acknowledge_incident(session, made.id, automated=False, note="", key="a")
    market.resolve_incident(session, other.id, "", "r")
    since = parse_rfc3339(made.triggered_at) - timedelta(days=1)
    said = market.incident_ledger(session, since=since, limit=10)
    counts = said["counts"]
    wanted = {"total": 2, "acknowledged": 1, "unacknowledged": 1, "censored": 0, "resolved": 1}
    assert {name: counts[name] for name in wanted} == wanted
    assert said["mtta"]["count"] == said["mttr"]["count"] == 1
    assert {one["id"] for one in said["incidents"]} == {made.id, other.id}


def test_who_may_not_is_refused(market: Any) -> None:
    made, customer, clerk = opened(market), market.login("user"), market.login("finance")
    assert status(lambda: market.incident(customer, made.id)) == 403
    assert status(lambda: market.resolve_incident(clerk, made.id, "", "r")) == 403
    assert status(lambda: market.escalate_incident(clerk, made.id, "x", "e")) == 403
    assert status(lambda: market.incident(clerk, "no-such-incident")) == 404
    nobody = replace(customer, user_id="", authorisation={})
    assert status(lambda: market.incident(nobody, made.id)) == 401
