"""Exports: complete, that person's alone, and every byte accounted for."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fixnado.app.data_map import personal_data
from fixnado.compliance.model import exports as model
from fixnado.platform.errors import StartRefused
from fixnado.platform.personal_data import Subject
from fixnado_world import Running, email

BASE = "/v1/compliance/data-requests"


def _verified(market: Running, role: str = "user", kind: str = "access") -> dict[str, Any]:
    body = {"requestType": kind, "subjectEmail": email(role)}
    request = market.as_("compliance").post(BASE, json=body).raise_for_status().json()
    seen = market.as_("compliance").post(f"{BASE}/{request['id']}/verify").raise_for_status()
    found: dict[str, Any] = seen.json()
    return found


def _exported(market: Running, role: str = "user") -> dict[str, Any]:
    request = _verified(market, role)
    answer = market.as_("compliance").post(f"{BASE}/{request['id']}/export")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _rows(market: Running, exported: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    payload = market.as_("compliance").get(exported["export"]["href"]).raise_for_status().content
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in payload.splitlines():
        record = json.loads(line)
        found[record["dataset"]].append(record["row"])
    return found


def test_every_chunk_and_the_whole_are_what_their_digests_say(market: Running) -> None:
    exported = _exported(market)
    manifest = exported["export"]
    client = market.as_("compliance")
    whole = hashlib.sha256()
    total = 0
    chunks = [chunk for dataset in manifest["datasets"] for chunk in dataset["chunks"]]
    assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        content = client.get(chunk["href"]).raise_for_status().content
        assert hashlib.sha256(content).hexdigest() == chunk["sha256"]
        assert (len(content), content.count(b"\n")) == (chunk["bytes"], chunk["rows"])
        whole.update(content)
        total += len(content)
    assert whole.hexdigest() == manifest["sha256"]
    assert total == manifest["bytes"]
    payload = client.get(manifest["href"])
    assert hashlib.sha256(payload.content).hexdigest() == manifest["sha256"]
    assert payload.headers["content-type"] == "application/x-ndjson"
    assert exported["status"] == "completed"
    assert exported["payloadLocation"] == manifest["location"]
    assert exported["auditLog"][-1]["action"] == "exported"


def test_it_is_complete_against_counts_of_its_own(market: Running) -> None:
    exported = _exported(market)
    me = exported["userId"]
    found = _rows(market, exported)
    queries = {
        "orders": "SELECT count(*) FROM orders WHERE buyer_id = :me OR provider_id = :me",
        "rentals": "SELECT count(*) FROM rentals WHERE renter_id = :me OR owner_id = :me",
        "conversations": "SELECT count(*) FROM conversation_participants WHERE user_id = :me",
        "messages": (
            "SELECT count(*) FROM messages m JOIN conversation_participants p "
            "ON p.conversation_id = m.conversation_id WHERE p.user_id = :me"
        ),
        "user": "SELECT count(*) FROM users WHERE id = :me",
        "sessions": "SELECT count(*) FROM sessions WHERE user_id = :me",
    }
    with market.db.engine.connect() as connection:
        counts = {
            name: connection.execute(text(query), {"me": me}).scalar()
            for name, query in queries.items()
        }
    for name, count in counts.items():
        assert len(found[name]) == count, name
        assert name == "sessions" or count > 0
    assert found["user"][0]["email"] == email("user")


def test_it_is_that_persons_alone(market: Running) -> None:
    exported = _exported(market)
    me = exported["userId"]
    content = market.as_("compliance").get(exported["export"]["href"]).text
    with market.db.engine.connect() as connection:
        others = connection.execute(
            text("SELECT id, email, name, phone FROM users WHERE id <> :me"), {"me": me}
        ).all()
        words = connection.execute(
            text("SELECT DISTINCT body FROM messages WHERE author_id = :me"), {"me": me}
        ).scalars()
        own = set(words)
    for user_id, address, name, phone in others:
        assert user_id not in content
        assert address not in content
        assert f'"{name}"' not in content
        assert not phone or phone not in content
    for message in _rows(market, exported)["messages"]:
        if message["author"] == "subject":
            assert message["body"] in own
        else:
            assert message["body"] is None
            assert "Art. 15(4)" in message["withheld"]


def test_sources_count_what_they_give(market: Running) -> None:
    _exported(market)
    with market.db.snapshot() as unit:
        query = text("SELECT id FROM users WHERE email = :email")
        me = unit.connection.execute(query, {"email": email("user")}).scalar_one()
        subject = Subject(me, email("user"))
        for source in personal_data():
            assert len(list(source.rows(unit, subject))) == source.count(unit, subject)
            assert source.total(unit) >= source.count(unit, subject)


def test_the_subject_may_fetch_it_and_nobody_else(market: Running) -> None:
    exported = _exported(market)
    filled = [one for one in exported["export"]["datasets"] if one["chunks"]]
    for link in (
        f"{BASE}/{exported['id']}/export",
        exported["export"]["href"],
        filled[-1]["chunks"][0]["href"],
    ):
        assert market.as_("user").get(link).status_code == 200
        assert market.as_("provider").get(link).status_code == 404
        assert market.as_("operations").get(link).status_code == 404
        assert market.guest.get(link).status_code == 401
    missing = f"{BASE}/{exported['id']}/export/chunks/999"
    assert market.as_("compliance").get(missing).status_code == 404


def test_what_can_not_be_exported(market: Running) -> None:
    officer = market.as_("compliance")

    def export(request: dict[str, Any]) -> int:
        return officer.post(f"{BASE}/{request['id']}/export").status_code

    body = {"requestType": "access", "subjectEmail": email("user")}
    assert export(officer.post(BASE, json=body).json()) == 409  # not verified
    assert export(_verified(market, kind="erasure")) == 409
    stranger = {"requestType": "access", "subjectEmail": "nobody@rehearsal.fixnado.example"}
    request = officer.post(BASE, json=stranger).raise_for_status().json()
    officer.post(f"{BASE}/{request['id']}/verify").raise_for_status()
    assert export(request) == 404
    assert export({"id": "none"}) == 404
    done = _exported(market)
    assert export(done) == 409


def test_the_same_key_exports_once(market: Running) -> None:
    request = _verified(market)
    officer = market.as_("compliance")
    headers = {"Idempotency-Key": "export-1"}
    first = officer.post(f"{BASE}/{request['id']}/export", headers=headers).raise_for_status()
    again = officer.post(f"{BASE}/{request['id']}/export", headers=headers)
    assert again.json() == first.json()
    with market.db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM exports")).scalar() == 1


def test_large_datasets_come_in_many_chunks(
    market: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixnado.compliance.service.exporting.CHUNK_ROWS", 3)
    exported = _exported(market)
    by_dataset = {one["name"]: one for one in exported["export"]["datasets"]}
    orders = by_dataset["orders"]
    assert len(orders["chunks"]) == -(-orders["rows"] // 3) > 1
    assert all(chunk["rows"] <= 3 for chunk in orders["chunks"])
    rows = _rows(market, exported)
    assert Counter({name: len(found) for name, found in rows.items()}) == Counter(
        {name: one["rows"] for name, one in by_dataset.items() if one["rows"]}
    )
    assert model.CHUNK_ROWS == 2_000


def test_a_chunk_ends_with_the_row_that_reaches_its_bytes(start) -> None:
    market = start(export_chunk_bytes=700)
    exported = _exported(market)
    messages = next(one for one in exported["export"]["datasets"] if one["name"] == "messages")
    assert len(messages["chunks"]) > 2
    assert all(700 <= one["bytes"] < 1_400 for one in messages["chunks"][:-1])
    with pytest.raises(StartRefused, match="--export-chunk"):
        start(export_chunk_bytes=0)


def test_a_shelf_that_refuses_leaves_the_request_open(start, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    market = start(exports=str(blocked))
    request = _verified(market)
    answer = market.as_("compliance").post(f"{BASE}/{request['id']}/export")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    seen = market.as_("compliance").get(f"{BASE}/{request['id']}").json()
    assert seen["status"] == "in_progress"


def test_exports_are_for_nobody_else_on_this_machine(start, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    market = start(exports=str(shelf))
    _exported(market)
    files = [path for path in shelf.rglob("*") if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert shelf.stat().st_mode & 0o077 == 0
