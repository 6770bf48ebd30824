"""Filing, verifying and deciding data requests over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fixnado_world import Running, email

BASE = "/v1/compliance/data-requests"
FIELDS = {
    *("id", "status", "auditLog", "userId", "subjectEmail", "requestType", "requestedAt"),
    *("dueAt", "regionId", "metadata", "processedAt", "payloadLocation", "reference"),
}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def file(market: Running, role: str = "user", **more: Any) -> httpx.Response:
    body = {"requestType": "access", "subjectEmail": email("user"), **more}
    return market.as_(role).post(BASE, json=body)


def filed(market: Running, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = file(market, **more).raise_for_status().json()
    return found


def test_a_person_files_for_themselves_and_the_law_sets_the_date(start) -> None:
    market = start(clock=Clock())
    answer = file(market, reference="GDPR-DRYRUN-042", justification="Who has my number?")
    assert answer.status_code == 201
    found = answer.json()
    assert found.keys() >= FIELDS
    assert found["reference"] == "GDPR-DRYRUN-042"
    assert found["status"] == "received"
    assert found["regionId"] == "GB"
    assert found["dueAt"] == "2024-07-01T22:59:59.000Z"
    assert found["metadata"] == {"channel": "api", "justification": "Who has my number?"}
    assert [entry["action"] for entry in found["auditLog"]] == ["received"]
    by_reference = market.as_("user").get(f"{BASE}/GDPR-DRYRUN-042")
    assert by_reference.json() == found


def test_a_reference_is_taken_once(market: Running) -> None:
    assert file(market, reference="GDPR-1").status_code == 201
    assert file(market, reference="GDPR-1").status_code == 409


def test_the_same_key_files_once(market: Running) -> None:
    body = {"requestType": "access", "subjectEmail": email("user")}
    headers = {"Idempotency-Key": "rehearsal-1/file"}
    first = market.as_("user").post(BASE, json=body, headers=headers)
    again = market.as_("user").post(BASE, json=body, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    query = {"subjectEmail": email("user")}
    listed = market.as_("compliance").get(BASE, params=query).json()["requests"]
    assert len(listed) == 1
    other = {**body, "requestType": "erasure"}
    refused = market.as_("user").post(BASE, json=other, headers=headers)
    assert refused.status_code == 422


def test_nobody_files_about_somebody_else_but_those_who_may(market: Running) -> None:
    for role in ("user", "provider", "finance", "operations", "legal"):
        refused = file(market, role, subjectEmail=email("serviceman"))
        assert refused.status_code == 403, role
        unknown = file(market, role, subjectEmail="nobody@rehearsal.fixnado.example")
        assert unknown.json()["detail"] == refused.json()["detail"]
    for role in ("support", "compliance", "admin"):
        assert file(market, role, channel="letter").status_code == 201


def test_requests_of_others_do_not_exist(market: Running) -> None:
    request = filed(market)
    for role in ("serviceman", "provider", "finance", "operations"):
        client = market.as_(role)
        assert client.get(f"{BASE}/{request['id']}").status_code == 404
        assert client.get(BASE).json()["requests"] == []
    assert market.as_("user").get(BASE).json()["requests"][0]["id"] == request["id"]
    for path in ("verify", "status", "export"):
        refused = market.as_("user").post(f"{BASE}/{request['id']}/{path}", json={})
        assert refused.status_code == 403


def test_filters_find_what_they_say(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    first = filed(market, reference="A-1")
    clock.now += timedelta(days=2)
    market.sign_out()
    second = filed(market, reference="B-2", requestType="erasure", regionCode="US-CA")
    officer = market.as_("compliance")

    def found(**params: str) -> list[str]:
        answer = officer.get(BASE, params=params).raise_for_status()
        named = [one["reference"] for one in answer.json()["requests"]]
        # the market has some that were answered years ago
        return [one for one in named if not one.startswith("DR-2017-")]

    assert found() == ["B-2", "A-1"]
    assert found(limit="1") == ["B-2"]
    assert found(requestType="access") == ["A-1"]
    assert found(regionCode="US-CA") == ["B-2"]
    assert found(status="completed") == []
    assert found(reference="A-1") == ["A-1"]
    assert found(submittedAfter="2024-05-31T00:00:00Z") == ["B-2"]
    assert found(submittedBefore="2024-05-31T00:00:00Z") == ["A-1"]
    assert found(subjectEmail=email("user")) == ["B-2", "A-1"]
    assert found(subjectEmail=email("finance")) == []
    assert officer.get(BASE, params={"limit": 201}).status_code == 422
    assert officer.get(BASE, params={"submittedAfter": "2024-05-31T00:00:00"}).status_code == 422
    assert second["dueAt"] == "2024-07-17T06:59:59.000Z"
    assert first["dueAt"] == "2024-07-01T22:59:59.000Z"


def test_a_document_restarts_the_clock_where_the_law_says_so(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    british, californian = filed(market), filed(market, regionCode="US-CA")
    clock.now += timedelta(days=7)
    market.sign_out()
    officer = market.as_("compliance")

    def verify(request: dict[str, Any]) -> dict[str, Any]:
        body = {"method": "document", "note": "Passport seen"}
        answer = officer.post(f"{BASE}/{request['id']}/verify", json=body)
        seen: dict[str, Any] = answer.raise_for_status().json()
        assert seen["status"] == "in_progress"
        return seen

    assert verify(british)["dueAt"] == "2024-07-08T22:59:59.000Z"
    assert verify(californian)["dueAt"] == californian["dueAt"]
    assert officer.post(f"{BASE}/{british['id']}/verify").status_code == 409


def test_duplicates_are_found_only_once_the_person_is_verified(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    first = filed(market)
    clock.now += timedelta(minutes=5)
    second = filed(market)
    assert second["duplicateOf"] is None
    seen = market.as_("compliance").post(f"{BASE}/{second['id']}/verify").json()
    assert seen["duplicateOf"] == first["id"]
    assert [entry["action"] for entry in seen["auditLog"]] == ["received", "verified", "duplicate"]


def test_a_refusal_has_a_ground_and_a_closed_request_stays_closed(market: Running) -> None:
    request = filed(market)
    officer, path = market.as_("compliance"), f"{BASE}/{request['id']}/status"
    assert officer.post(path, json={"status": "rejected"}).status_code == 422
    unverified = officer.post(path, json={"status": "in_progress", "note": "x"})
    assert unverified.status_code == 409
    body = {"status": "rejected", "note": "Not them", "denialReason": "suspected_fraud"}
    refused = officer.post(path, json=body).raise_for_status().json()
    assert refused["denialReason"] == "suspected_fraud"
    assert refused["processedAt"]
    assert refused["auditLog"][-1]["note"] == "Not them"
    again = officer.post(path, json={"status": "in_progress", "note": "x"})
    assert again.status_code == 409


def test_an_extension_is_lawful_or_refused(start) -> None:
    market = start(clock=Clock())
    request = filed(market)
    officer, path = market.as_("compliance"), f"{BASE}/{request['id']}/status"

    def extend(due: str) -> httpx.Response:
        return officer.post(path, json={"status": "received", "note": "Complex", "dueAt": due})

    assert extend("2024-10-01T00:00:00Z").status_code == 422
    assert extend("2024-06-01T00:00:00Z").status_code == 422
    moved = extend("2024-08-15T12:00:00Z").raise_for_status().json()
    assert moved["dueAt"] == "2024-08-15T12:00:00.000Z"
    assert moved["auditLog"][-1]["action"] == "extended"
    nothing = officer.post(path, json={"status": "received", "note": "x"})
    assert nothing.status_code == 409


def test_metrics_have_exactly_these_fields(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    filed(market)
    clock.now += timedelta(days=29)
    market.sign_out()
    filed(market)
    found = market.as_("compliance").get(f"{BASE}/metrics").raise_for_status().json()
    assert found.keys() == {
        *("totalRequests", "statusBreakdown", "overdueCount", "dueSoonCount"),
        *("completionRate", "averageCompletionMinutes", "medianCompletionMinutes"),
        *("percentile95CompletionMinutes", "windowDays", "slaTargetDays"),
        *("dueSoonWindowDays", "oldestPending"),
    }
    assert found["statusBreakdown"] == {
        "received": 2,
        "in_progress": 0,
        "completed": 0,
        "rejected": 0,
    }
    assert found["dueSoonCount"] == 1
    assert found["averageCompletionMinutes"] is None
    assert market.as_("user").get(f"{BASE}/metrics").status_code == 403


def test_the_trail_can_not_be_rewritten(market: Running) -> None:
    filed(market)
    with (
        pytest.raises(DBAPIError, match="append only"),
        market.db.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE data_request_audit SET note = 'nothing happened'"))
