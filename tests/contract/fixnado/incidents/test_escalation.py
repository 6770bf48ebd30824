"""Escalations to the help desk over real HTTP: once in effect, whatever is broken on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from fixnado.platform.settings import HelpDesk
from fixnado_world import Running
from helpdesk_world import DeskProcess

Start = Callable[..., Running]
Desks = Callable[..., DeskProcess]
Until = Callable[..., None]


def incident(market: Running, **more: Any) -> str:
    body = {"severity": "SEV1", "title": "Payouts stand still", **more}
    answer = market.as_("support").post("/v1/incidents", json=body)
    found: str = answer.raise_for_status().json()["id"]
    return found


def escalate(market: Running, incident_id: str, reason: str = "Nobody answers") -> dict[str, Any]:
    url = f"/v1/incidents/{incident_id}/escalate"
    answer = market.as_("support").post(url, json={"reason": reason})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def escalations(market: Running, incident_id: str) -> list[dict[str, Any]]:
    url = f"/v1/incidents/{incident_id}/escalations"
    found: list[dict[str, Any]] = market.as_("support").get(url).json()["escalations"]
    return found


def arrived(market: Running, incident_id: str) -> Callable[[], bool]:
    return lambda: all(one["delivery"] == "delivered" for one in escalations(market, incident_id))


def hurry(market: Running) -> None:
    """Let the wait between two attempts be over."""
    with market.db.engine.begin() as connection:
        free = "WHERE claim IS NULL AND settled_at IS NULL"
        connection.execute(text(f"UPDATE outbox SET due_at = posted_at {free}"))


def test_the_help_desk_gets_everything(start: Start, desk: Desks, until: Until) -> None:
    there = desk()
    market = start(help_desk=there.settings())
    incident_id = incident(market, drill=True, reference="INC-DRYRUN-007")
    made = escalate(market, incident_id, "The bank doesn't answer")
    assert made["delivery"] in ("pending", "delivered")
    until(arrived(market, incident_id))
    (conversation,) = there.conversations()
    assert conversation["custom_attributes"] == {"fixnado_incident": incident_id}
    assert conversation["priority"] == "urgent"
    assert conversation["labels"] == ["incident", "sev1", "drill"]
    assert conversation["meta"]["team"]["id"] == 1
    (note,) = there.notes(conversation["id"])
    assert "The bank doesn't answer" in note
    assert "INC-DRYRUN-007" in note
    assert "This is a drill." in note
    (found,) = escalations(market, incident_id)
    assert found["attempts"] == 1
    assert found["lastError"] is None
    assert found["outcome"]["conversationId"] == conversation["id"]
    assert found["outcome"]["priority"] == "urgent"


def test_a_second_escalation_joins_the_conversation_and_keeps_labels_of_people(
    start: Start, desk: Desks, until: Until
) -> None:
    there = desk()
    market = start(help_desk=there.settings(team=None))
    incident_id = incident(market, severity="SEV3")
    escalate(market, incident_id, "first")
    until(arrived(market, incident_id))
    (conversation,) = there.conversations()
    path = f"/conversations/{conversation['id']}"
    there.client.post(f"{path}/labels", json={"labels": ["vip", "incident", "sev3"]})
    there.client.post(f"{path}/toggle_status", json={"status": "resolved"})
    escalate(market, incident_id, "second")
    until(arrived(market, incident_id))
    (again,) = there.conversations()
    assert again["id"] == conversation["id"]
    assert again["labels"] == ["vip", "incident", "sev3"]
    assert (again["status"], again["priority"]) == ("open", "medium")
    assert again["meta"]["team"] is None
    assert escalations(market, incident_id)[1]["outcome"]["teamId"] is None
    assert len(there.notes(conversation["id"])) == 2


def test_it_is_delivered_once_the_help_desk_is_back_and_once(
    start: Start, desk: Desks, until: Until
) -> None:
    there = desk()
    there.kill()
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    escalate(market, incident_id)
    until(lambda: escalations(market, incident_id)[0]["attempts"] >= 2)
    (waiting,) = escalations(market, incident_id)
    assert waiting["delivery"] == "pending"
    assert "no answer" in waiting["lastError"]
    assert waiting["nextAttemptAt"] is not None
    back = desk(port=there.port)
    until(arrived(market, incident_id))
    assert back.found()["counts"] == {"contacts": 1, "conversations": 1, "messages": 1}


@pytest.mark.parametrize("lost", [1, 3, 6])
def test_an_answer_that_is_lost_makes_no_double(
    start: Start, desk: Desks, until: Until, lost: int
) -> None:
    """The help desk did what it was asked to, and the connection broke before it said so."""
    there = desk("--lose-first", str(lost))
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    escalate(market, incident_id)
    until(lambda: hurry(market) or arrived(market, incident_id)())
    assert escalations(market, incident_id)[0]["attempts"] == lost + 1
    found = there.found()
    assert found["counts"] == {"contacts": 1, "conversations": 1, "messages": 1}
    assert found["doubles"] == {"conversations": [], "notes": []}


def test_refusals_are_tried_again(start: Start, desk: Desks, until: Until) -> None:
    there = desk("--fail-first", "2")
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    escalate(market, incident_id)
    until(lambda: escalations(market, incident_id)[0]["lastError"] is not None)
    assert escalations(market, incident_id)[0]["lastError"] == "the help desk answered 503"
    until(arrived(market, incident_id))
    assert there.found()["counts"]["conversations"] == 1


def test_a_wrong_token_waits_says_so_and_is_not_shown(
    start: Start, desk: Desks, until: Until
) -> None:
    there = desk()
    wrong = "wrong-token-wrong-token"
    market = start(help_desk=HelpDesk(there.url, 1, wrong, 1))
    incident_id = incident(market)
    escalate(market, incident_id)
    until(lambda: escalations(market, incident_id)[0]["lastError"] is not None)
    (found,) = escalations(market, incident_id)
    assert found["lastError"] == "the help desk answered 401"
    assert found["delivery"] == "pending"
    assert wrong not in repr(market.service.settings)
    assert there.found()["counts"]["conversations"] == 0


def test_a_conversation_that_somebody_deleted_is_made_again(
    start: Start, desk: Desks, until: Until
) -> None:
    there = desk()
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    escalate(market, incident_id, "first")
    until(arrived(market, incident_id))
    there.kill()
    (there.folder / "desk.db").unlink()
    for rest in there.folder.glob("desk.db-*"):
        rest.unlink()
    back = desk(port=there.port)
    escalate(market, incident_id, "second")
    until(arrived(market, incident_id))
    (conversation,) = back.conversations()
    (note,) = back.notes(conversation["id"])
    assert "second" in note


def test_two_instances_share_the_work_without_a_double(
    start: Start, desk: Desks, until: Until
) -> None:
    there = desk("--slow", "0.02")
    settings = there.settings()
    blue, green = start(help_desk=settings), start(help_desk=settings, instance="green")
    ids = [incident(blue) for _ in range(3)]
    for turn in range(3):
        for number, incident_id in enumerate(ids):
            escalate((blue, green)[(turn + number) % 2], incident_id, f"turn {turn}")
    for incident_id in ids:
        until(arrived(blue, incident_id))
    found = there.found()
    assert found["counts"] == {"contacts": 3, "conversations": 3, "messages": 9}
    assert found["doubles"] == {"conversations": [], "notes": []}
    for conversation in there.conversations():
        turns = [
            next(line for line in note.splitlines() if line.startswith("turn"))
            for note in there.notes(conversation["id"])
        ]
        assert turns == ["turn 0", "turn 1", "turn 2"]


def test_the_same_key_escalates_once(start: Start, desk: Desks, until: Until) -> None:
    there = desk()
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    url = f"/v1/incidents/{incident_id}/escalate"
    headers = {"Idempotency-Key": "escalate-1"}
    answers = [
        market.as_("support").post(url, json={"reason": "x"}, headers=headers) for _ in range(3)
    ]
    assert len({one.json()["id"] for one in answers}) == 1
    until(arrived(market, incident_id))
    assert there.found()["counts"]["messages"] == 1


def test_a_readable_page_instead_of_json_is_no_delivery(start: Start, until: Until) -> None:
    """An address that answers, but is no Chatwoot: the service itself."""
    market = start()
    other = start(help_desk=HelpDesk(market.url, 1, "token", 1), instance="green")
    incident_id = incident(other)
    escalate(other, incident_id)
    until(lambda: escalations(other, incident_id)[0]["lastError"] is not None)
    (found,) = escalations(other, incident_id)
    assert found["delivery"] == "pending"
    assert "no such account" in found["lastError"]


def test_health_is_not_held_up_by_a_slow_help_desk(start: Start, desk: Desks, until: Until) -> None:
    there = desk("--slow", "1.5")
    market = start(help_desk=there.settings())
    incident_id = incident(market)
    escalate(market, incident_id)
    until(lambda: escalations(market, incident_id)[0]["attempts"] == 1)
    answer: httpx.Response = market.guest.get("/healthz")
    assert answer.elapsed.total_seconds() < 1.5, "it waited for the help desk"
