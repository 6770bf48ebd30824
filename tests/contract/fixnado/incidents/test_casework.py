"""Incidents over HTTP: states, who did what, updates, ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fixnado.platform.moments import rfc3339
from fixnado_world import Running

NEW = {"severity": "SEV1", "title": "Payouts stand still"}
WORDS = {
    "status": "investigating",
    "impact": "major",
    "headline": "Payouts are delayed",
    "body": "We are looking into it.",
}


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def opened(market: Running, **more: Any) -> dict[str, Any]:
    answer = market.as_("support").post("/v1/incidents", json={**NEW, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(
    market: Running, incident: dict[str, Any], action: str, role: str = "operations", **body: Any
) -> httpx.Response:
    return market.as_(role).post(f"/v1/incidents/{incident['id']}/{action}", json=body)


def _public(market: Running, incident: dict[str, Any]) -> list[dict[str, Any]]:
    found = market.guest.get("/v1/status-updates").json()["updates"]
    return [one for one in found if one["incidentId"] == incident["id"]]


def test_an_incident_from_trigger_to_resolution(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    incident = opened(market, reference="INC-DRYRUN-007", drill=True)
    assert (incident["status"], incident["reference"]) == ("open", "INC-DRYRUN-007")
    clock.forward(minutes=4)
    taken = act(market, incident, "acknowledge", note="On it").raise_for_status().json()
    assert taken["status"] == "acknowledged"
    assert taken["acknowledgedBy"] == market.login("operations").json()["user"]["id"]
    assert taken["acknowledgedAt"] == rfc3339(clock.now)
    clock.forward(minutes=10)
    assert act(market, incident, "mitigate").json()["status"] == "mitigated"
    clock.forward(minutes=16)
    done = act(market, incident, "resolve", note="Fixed").json()
    assert (done["status"], done["resolvedAt"]) == ("resolved", rfc3339(clock.now))
    assert [one["kind"] for one in done["events"]] == [
        "opened",
        "acknowledged",
        "mitigated",
        "resolved",
    ]
    ledger = market.as_("finance").get("/v1/incidents/ledger").json()
    assert ledger["mtta"] == {
        "count": 1,
        "meanSeconds": 240.0,
        "medianSeconds": 240.0,
        "p90Seconds": 240.0,
    }
    assert ledger["mttr"]["meanSeconds"] == 1800.0
    assert ledger["mttm"]["meanSeconds"] == 840.0
    assert ledger["incidents"][0]["secondsToResolve"] == 1800.0
    assert set(ledger["definitions"]) >= {"mtta", "mttr", "reopening", "censored"}


def test_the_ledger_counts_who_was_never_heard_of(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    heard, silent, waiting, robot = (opened(market) for _ in range(4))
    clock.forward(seconds=30)
    act(market, heard, "acknowledge")
    act(market, robot, "acknowledge", automated=True).raise_for_status()
    act(market, silent, "resolve")
    clock.forward(seconds=30)
    act(market, heard, "resolve")
    act(market, heard, "reopen")
    found = market.as_("admin").get("/v1/incidents/ledger").json()
    counts = found["counts"]
    assert counts == {
        "total": 4,
        "acknowledged": 1,
        "unacknowledged": 1,
        "censored": 2,
        "acknowledgedByProgramAlone": 1,
        "mitigated": 0,
        "resolved": 1,
        "unresolved": 3,
        "reopened": 1,
        "escalated": 0,
    }
    assert found["mtta"]["count"] == 1
    assert found["bySeverity"]["SEV1"]["counts"] == counts
    assert {row["id"] for row in found["incidents"]} == {
        one["id"] for one in (heard, silent, waiting, robot)
    }


def test_the_ledger_looks_at_a_period(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    for day in range(3):
        opened(market, triggeredAt=f"2026-02-0{day + 1}T00:00:00Z", drill=day == 0)
    client = market.as_("operations")

    def total(**query: str) -> int:
        found = client.get("/v1/incidents/ledger", params=query).raise_for_status().json()
        count: int = found["counts"]["total"]
        return count

    assert total(since="2026-02-02T00:00:00Z") == 2
    assert total(until="2026-02-02T00:00:00Z") == 1
    assert total(drill="true") == 1
    assert client.get("/v1/incidents/ledger", params={"since": "yesterday"}).status_code == 422


def test_a_trigger_in_the_future_or_before_our_time_is_refused(shared_market: Running) -> None:
    client = shared_market.as_("support")
    later = rfc3339(datetime.now(UTC) + timedelta(minutes=5))
    for wrong in (
        later,
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59Z",
        "2026-03-01T09:00:00",
    ):
        answer = client.post("/v1/incidents", json={**NEW, "triggeredAt": wrong})
        assert answer.status_code == 422, wrong
    ahead = rfc3339(datetime.now(UTC) + timedelta(seconds=2))
    made = opened(shared_market, triggeredAt=ahead)
    assert made["triggeredAt"] <= made["openedAt"]


def test_a_second_acknowledgement_names_the_first(shared_market: Running) -> None:
    incident = opened(shared_market)
    act(shared_market, incident, "acknowledge").raise_for_status()
    again = act(shared_market, incident, "acknowledge", role="admin")
    assert again.status_code == 409
    assert shared_market.login("operations").json()["user"]["id"] in again.json()["detail"]


def test_of_many_who_acknowledge_at_once_one_does(shared_market: Running) -> None:
    incident = opened(shared_market)
    clients = [shared_market.as_(role) for role in ("operations", "support", "admin")] * 3
    with ThreadPoolExecutor(9) as pool:
        url = f"/v1/incidents/{incident['id']}/acknowledge"
        statuses = list(pool.map(lambda client: client.post(url).status_code, clients))
    assert sorted(statuses) == [200] + [409] * 8


@pytest.mark.parametrize(
    ("before", "action"),
    [
        (["resolve"], "acknowledge"),
        (["resolve"], "mitigate"),
        (["resolve"], "resolve"),
        (["resolve"], "escalate"),
        (["mitigate"], "mitigate"),
        ([], "reopen"),
    ],
)
def test_what_makes_no_sense_now_is_refused(
    shared_market: Running, before: list[str], action: str
) -> None:
    incident = opened(shared_market)
    for one in before:
        act(shared_market, incident, one).raise_for_status()
    refused = act(
        shared_market, incident, action, **({"reason": "x"} if action == "escalate" else {})
    )
    assert refused.status_code == 409


def test_the_same_request_twice_opens_one_incident(shared_market: Running) -> None:
    client = shared_market.as_("support")
    headers = {"Idempotency-Key": "drill-1"}
    new = {**NEW, "title": "Asked for twice"}
    first, second = (client.post("/v1/incidents", json=new, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    other = client.post("/v1/incidents", json={**NEW, "title": "Y"}, headers=headers)
    assert other.status_code == 422
    with shared_market.db.engine.connect() as connection:
        query = text("SELECT count(*) FROM incidents WHERE title = :title")
        assert connection.execute(query, {"title": new["title"]}).scalar() == 1


def test_a_reference_is_unique_searchable_and_returned(shared_market: Running) -> None:
    incident = opened(shared_market, reference="INC-DRYRUN-007")
    body = {**NEW, "reference": "INC-DRYRUN-007"}
    again = shared_market.as_("support").post("/v1/incidents", json=body)
    assert again.status_code == 409
    client = shared_market.as_("legal")
    found = client.get("/v1/incidents", params={"reference": "INC-DRYRUN-007"}).json()["incidents"]
    assert [one["id"] for one in found] == [incident["id"]]
    assert opened(shared_market)["reference"].startswith("INC-")
    rows = client.get("/v1/incidents", params={"status": "open", "severity": "SEV1"}).json()
    assert len(rows["incidents"]) >= 2
    assert not client.get("/v1/incidents", params={"severity": "SEV5"}).json()["incidents"]


def test_a_draft_is_never_public_until_somebody_publishes_it(shared_market: Running) -> None:
    incident = opened(shared_market)
    stages = ("investigating", "identified", "monitoring", "resolved")
    drafts = [
        act(shared_market, incident, "updates", role="support", **{**WORDS, "status": stage}).json()
        for stage in stages
    ]
    assert [one["status"] for one in drafts] == list(stages)
    assert not _public(shared_market, incident)
    act(shared_market, incident, f"updates/{drafts[1]['id']}/publish").raise_for_status()
    (public,) = _public(shared_market, incident)
    assert public["status"] == "identified"
    assert public.keys() == {
        "id",
        "incidentId",
        "status",
        "impact",
        "headline",
        "body",
        "publishedAt",
    }
    assert act(shared_market, incident, f"updates/{drafts[1]['id']}/publish").status_code == 409
    listed = (
        shared_market.as_("legal").get(f"/v1/incidents/{incident['id']}/updates").json()["updates"]
    )
    assert [one["publishedAt"] is not None for one in listed] == [False, True, False, False]
    other = opened(shared_market)
    assert act(shared_market, other, f"updates/{drafts[0]['id']}/publish").status_code == 404


def test_the_update_of_a_drill_is_never_published(shared_market: Running) -> None:
    incident = opened(shared_market, drill=True)
    draft = act(shared_market, incident, "updates", **WORDS).json()
    refused = act(shared_market, incident, f"updates/{draft['id']}/publish")
    assert refused.status_code == 409
    assert "drill" in refused.json()["detail"]
    assert not _public(shared_market, incident)


def test_without_a_help_desk_nothing_pretends_that_it_was_told(shared_market: Running) -> None:
    incident = opened(shared_market)
    made = act(shared_market, incident, "escalate", reason="Nobody answers")
    assert made.status_code == 201
    assert made.json()["delivery"] == "not-configured"
    url = f"/v1/incidents/{incident['id']}/escalations"
    (found,) = shared_market.as_("support").get(url).json()["escalations"]
    assert (found["delivery"], found["attempts"], found["outcome"]) == ("not-configured", 0, None)
    with shared_market.db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar() == 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE incident_events SET note = 'x'", "DELETE FROM incident_events"],
)
def test_the_database_itself_keeps_what_happened(shared_market: Running, statement: str) -> None:
    opened(shared_market)
    with (
        pytest.raises(DBAPIError, match="stays as it"),
        shared_market.db.engine.begin() as connection,
    ):
        connection.execute(text(statement))


def test_the_database_itself_keeps_what_was_published(shared_market: Running) -> None:
    incident = opened(shared_market)
    draft = act(shared_market, incident, "updates", **WORDS).json()
    act(shared_market, incident, f"updates/{draft['id']}/publish").raise_for_status()
    with (
        pytest.raises(DBAPIError, match="stays as it"),
        shared_market.db.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE incident_updates SET headline = 'nothing to see'"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"severity": "SEV0", "title": "x"},
        {"severity": "SEV1", "title": ""},
        {"severity": "SEV1", "title": "x" * 201},
        {"severity": "SEV1", "title": "a\x00b"},
        {"severity": "SEV1", "title": "x", "reference": "../1"},
        {"severity": "SEV1", "title": "x", "status": "resolved"},
        {"severity": "SEV1", "title": "x", "reportedBy": "somebody else"},
    ],
)
def test_what_is_no_incident_is_refused(shared_market: Running, body: dict[str, Any]) -> None:
    answer = shared_market.as_("support").post("/v1/incidents", json=body)
    assert answer.status_code == 422, answer.text


def test_an_incident_that_is_not_there(shared_market: Running) -> None:
    nobody = {"id": "00000000-0000-4000-8000-000000000000"}
    for action, body in (("acknowledge", {}), ("escalate", {"reason": "x"}), ("updates", WORDS)):
        assert act(shared_market, nobody, action, **body).status_code == 404
    client = shared_market.as_("support")
    for path in ("", "/updates", "/escalations"):
        assert client.get(f"/v1/incidents/{nobody['id']}{path}").status_code == 404
