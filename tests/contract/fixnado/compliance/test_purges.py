"""Purges: a plan that changes nothing, then exactly the plan, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from fixnado.compliance.privacy import EXPORT_RETENTION, REQUEST_RETENTION
from fixnado.identity.privacy import SESSION_RETENTION
from fixnado_world import Running, email
from fixnado_world.accounts import PASSWORD

PURGES = "/v1/compliance/purges"
REQUESTS = "/v1/compliance/data-requests"
TABLES = (
    *("users", "sessions", "orders", "rentals", "conversations", "messages"),
    *("data_requests", "data_request_audit", "exports", "export_chunks"),
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _state(market: Running, *but: str) -> dict[str, list[Any]]:
    """Every row of every table, so that nothing can change unseen."""
    with market.db.engine.connect() as connection:
        return {
            table: sorted(map(repr, connection.execute(text(f"SELECT * FROM {table}"))))
            for table in TABLES
            if table not in but
        }


def _plan(market: Running, **more: Any) -> dict[str, Any]:
    answer = market.as_("compliance").post(PURGES, json={"dryRun": True, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _execute(market: Running, plan: dict[str, Any], **body: Any) -> Any:
    return market.as_("compliance").post(f"{PURGES}/{plan['id']}/execute", json=body)


def _request(market: Running, kind: str) -> dict[str, Any]:
    officer = market.as_("compliance")
    body = {"requestType": kind, "subjectEmail": email("user")}
    request: dict[str, Any] = officer.post(REQUESTS, json=body).raise_for_status().json()
    officer.post(f"{REQUESTS}/{request['id']}/verify").raise_for_status()
    return request


def test_a_plan_changes_nothing(market: Running) -> None:
    request = _request(market, "erasure")
    before = _state(market, "data_request_audit")
    plan = _plan(market, requestId=request["id"])
    assert plan["dryRun"] is True
    assert plan["totalRows"] == sum(row["rows"] for row in plan["rows"]) > 0
    assert {row["dataset"] for row in plan["rows"]} >= {"user", "messages"}
    assert {row["dataset"] for row in plan["retained"]} >= {"orders", "rentals"}
    assert all(row["reason"] for row in plan["rows"] + plan["retained"])
    assert _state(market, "data_request_audit") == before


def test_a_purge_without_a_plan_is_refused(market: Running) -> None:
    officer = market.as_("compliance")
    before = _state(market)
    answer = officer.post(PURGES, json={"dryRun": False})
    assert answer.status_code == 422
    assert "plan" in answer.json()["detail"]
    assert _state(market) == before


def _clear(market: Running) -> None:
    """What is too old in a new market: requests that were answered long ago."""
    plan = _plan(market)
    assert [(row["dataset"], row["rows"]) for row in plan["rows"]] == [("data-requests", 5)]
    _execute(market, plan).raise_for_status()


def test_nothing_is_old_in_a_market_that_was_purged(market: Running) -> None:
    _clear(market)
    plan = _plan(market)
    assert plan["totalRows"] == 0
    done = _execute(market, plan).raise_for_status().json()
    assert done["dryRun"] is False
    assert done["outcomes"] == []


def test_what_is_too_old_goes_and_nothing_else(start, tmp_path: Path) -> None:
    clock = Clock()
    market = start(clock=clock, exports=str(tmp_path / "shelf"))
    _clear(market)
    old = _request(market, "access")
    officer = market.as_("compliance")
    officer.post(f"{REQUESTS}/{old['id']}/export").raise_for_status()
    files = list((tmp_path / "shelf").rglob("*.ndjson"))
    assert files
    clock.now += EXPORT_RETENTION + timedelta(hours=13)
    market.sign_out()
    new = _request(market, "access")
    market.as_("compliance").post(f"{REQUESTS}/{new['id']}/export").raise_for_status()
    plan = _plan(market)
    assert [(row["dataset"], row["rows"]) for row in plan["rows"]] == [("exports", 1)]
    before = _state(market, "exports", "export_chunks")
    done = _execute(market, plan, planSha256=plan["sha256"]).raise_for_status().json()
    assert done["outcomes"] == [
        {
            "dataset": "exports",
            "totalBefore": 2,
            "targeted": 1,
            "deleted": 1,
            "anonymised": 0,
            "totalAfter": 1,
        }
    ]
    assert _state(market, "exports", "export_chunks") == before
    assert not any(path.exists() for path in files)
    assert list((tmp_path / "shelf").rglob("*.ndjson"))
    assert _plan(market)["totalRows"] == 0


def test_requests_and_sessions_go_in_their_turn(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    _clear(market)
    request = _request(market, "access")
    market.as_("compliance").post(f"{REQUESTS}/{request['id']}/export").raise_for_status()
    clock.now += SESSION_RETENTION + timedelta(days=1)
    market.sign_out()
    assert {row["dataset"] for row in _plan(market)["rows"]} == {"exports", "sessions"}
    clock.now += REQUEST_RETENTION
    market.sign_out()
    plan = _plan(market)
    assert {row["dataset"] for row in plan["rows"]} == {"data-requests", "exports", "sessions"}
    _execute(market, plan).raise_for_status()
    assert _state(market)["data_requests"] == []
    assert _state(market)["data_request_audit"] == []


def test_an_erasure_empties_the_person_and_leaves_everybody_else(market: Running) -> None:
    request = _request(market, "erasure")
    me = request["userId"]
    with market.db.engine.connect() as connection:
        others = connection.execute(
            text("SELECT id, body FROM messages WHERE author_id <> :me ORDER BY id"), {"me": me}
        ).all()
    before = _state(market)
    plan = _plan(market, requestId=request["reference"])
    done = _execute(market, plan).raise_for_status().json()
    assert done["requestId"] == request["id"]
    for outcome in done["outcomes"]:
        assert outcome["targeted"] == outcome["deleted"] + outcome["anonymised"]
        assert outcome["totalAfter"] == outcome["totalBefore"] - outcome["deleted"]
    after = _state(market)
    for table in ("orders", "rentals", "conversations"):
        assert after[table] == before[table]
    assert len(after["users"]) == len(before["users"])
    assert len(set(after["users"]) ^ set(before["users"])) == 2
    with market.db.engine.connect() as connection:
        left = connection.execute(
            text("SELECT id, body FROM messages WHERE author_id <> :me ORDER BY id"), {"me": me}
        ).all()
        words = connection.execute(
            text("SELECT DISTINCT body FROM messages WHERE author_id = :me"), {"me": me}
        ).scalars()
        assert list(words) == ["[erased]"]
    assert left == others
    login = market.guest.post("/v1/auth/login", json={"email": email("user"), "password": PASSWORD})
    assert login.status_code == 401
    seen = market.as_("compliance").get(f"{REQUESTS}/{request['id']}").json()
    assert seen["status"] == "completed"
    receipt = market.as_("compliance").get(f"{PURGES}/{plan['id']}")
    assert email("user") not in receipt.text
    assert me not in receipt.text
    assert receipt.json()["totalRows"] == plan["totalRows"]


def test_a_plan_that_no_longer_fits_is_refused_whole(market: Running) -> None:
    request = _request(market, "erasure")
    plan = _plan(market, requestId=request["id"])
    talk = market.as_("user").get("/v1/conversations").json()["conversations"][0]["id"]
    said = market.as_("user").post(f"/v1/conversations/{talk}/messages", json={"body": "Wait"})
    assert said.status_code == 201
    before = _state(market)
    refused = _execute(market, plan)
    assert refused.status_code == 409
    assert "nothing was purged" in refused.json()["detail"]
    assert _state(market) == before


def test_a_plan_is_executed_once_as_looked_at_and_before_it_expires(start) -> None:
    clock = Clock()
    market = start(clock=clock)
    plan = _plan(market)
    assert _execute(market, plan, planSha256="0" * 64).status_code == 409
    assert _execute(market, plan).status_code == 200
    assert _execute(market, plan).status_code == 409
    late = _plan(market)
    clock.now += timedelta(hours=25)
    market.sign_out()
    assert _execute(market, late).status_code == 409
    assert market.as_("compliance").get(f"{PURGES}/none").status_code == 404


def test_only_compliance_purges(market: Running) -> None:
    plan = _plan(market)
    for role in ("user", "operations", "support", "admin", "finance"):
        assert market.as_(role).post(PURGES, json={"dryRun": True}).status_code == 403
        assert market.as_(role).post(f"{PURGES}/{plan['id']}/execute").status_code == 403


def test_an_access_request_is_no_ground_to_purge(market: Running) -> None:
    request = _request(market, "access")
    answer = market.as_("compliance").post(
        PURGES, json={"dryRun": True, "requestId": request["id"]}
    )
    assert answer.status_code == 409
