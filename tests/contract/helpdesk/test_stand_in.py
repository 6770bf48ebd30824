"""The stage's help desk answers as Chatwoot does, where a caller could be led astray."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from helpdesk_world import DeskProcess


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., DeskProcess]]:
    running: list[DeskProcess] = []

    def begin(*more: str, port: int = 0) -> DeskProcess:
        running.append(DeskProcess(tmp_path, *more, port=port))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def _contact(desk: DeskProcess, **more: Any) -> httpx.Response:
    return desk.client.post("/contacts", json={"inbox_id": 1, "name": "Case", **more})


def _conversation(desk: DeskProcess, contact: int, **more: Any) -> dict[str, Any]:
    body = {"inbox_id": 1, "contact_id": contact, "source_id": f"s-{contact}", **more}
    answer = desk.client.post("/conversations", json=body)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_it_says_that_it_is_simulated(desk) -> None:
    there = desk()
    answer = httpx.get(there.url)
    assert answer.json() == {"service": "help desk stand-in", "simulated": True}
    assert answer.headers["x-simulated"]


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_nothing_without_the_token(desk, token: str) -> None:
    there = desk()
    for path in ("/stand-in", "/api/v1/accounts/1/conversations"):
        answer = httpx.get(there.url + path, headers={"api_access_token": token})
        assert answer.status_code == 401
    other = there.client.get(f"{there.url}/api/v1/accounts/2/conversations")
    assert other.status_code == 401


def test_an_identifier_belongs_to_one_contact(desk) -> None:
    there = desk()
    made = _contact(there, identifier="a-1").json()["payload"]["contact"]
    again = _contact(there, identifier="a-1")
    assert (again.status_code, again.json()["attributes"]) == (422, ["identifier"])
    _contact(there, identifier="a-12").raise_for_status()
    found = there.client.get("/contacts/search", params={"q": "a-1"}).json()["payload"]
    assert [one["identifier"] for one in found] == ["a-1", "a-12"]
    assert found[0]["id"] == made["id"]
    assert there.client.get("/contacts/search").status_code == 422


def test_asked_twice_it_makes_two_conversations_and_tells_them_apart(desk) -> None:
    there = desk()
    contact = _contact(there).json()["payload"]["contact"]["id"]
    for _ in range(2):
        made = _conversation(there, contact, custom_attributes={"fixnado_incident": "x"})
    for _ in range(2):
        note = {"content": "same words", "private": True}
        there.client.post(f"/conversations/{made['id']}/messages", json=note).raise_for_status()
    doubles = there.found()["doubles"]
    assert doubles["conversations"][0]["times"] == 2
    assert doubles["notes"][0]["times"] == 2


def test_labels_overwrite(desk) -> None:
    there = desk()
    contact = _contact(there).json()["payload"]["contact"]["id"]
    path = f"/conversations/{_conversation(there, contact)['id']}/labels"
    for labels in (["a", "b"], ["c"]):
        there.client.post(path, json={"labels": labels}).raise_for_status()
    assert there.client.get(path).json() == {"payload": ["c"]}


def test_a_page_of_messages_is_twenty_and_goes_back(desk) -> None:
    there = desk()
    contact = _contact(there).json()["payload"]["contact"]["id"]
    path = f"/conversations/{_conversation(there, contact)['id']}/messages"
    ids = [there.client.post(path, json={"content": f"m{n}"}).json()["id"] for n in range(25)]
    last = [one["id"] for one in there.client.get(path).json()["payload"]]
    assert last == ids[5:]
    earlier = there.client.get(path, params={"before": last[0]}).json()["payload"]
    assert [one["id"] for one in earlier] == ids[:5]


def test_status_priority_team_and_agent(desk) -> None:
    there = desk()
    contact = _contact(there).json()["payload"]["contact"]["id"]
    path = f"/conversations/{_conversation(there, contact)['id']}"
    answer = there.client.post(f"{path}/toggle_priority", json={"priority": "urgent"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert there.client.post(f"{path}/assignments", json={"team_id": 1}).json()["id"] == 1
    assert there.client.post(f"{path}/assignments", json={"assignee_id": 1}).json()["id"] == 1
    there.client.post(f"{path}/toggle_status", json={"status": "pending"}).raise_for_status()
    found = there.client.get(path).json()
    assert (found["priority"], found["status"]) == ("urgent", "pending")
    assert (found["meta"]["team"]["id"], found["meta"]["assignee"]["id"]) == (1, 1)
    assert there.client.post(f"{path}/assignments", json={"team_id": 99}).json() is None
    for action, wrong in (("toggle_status", "gone"), ("toggle_priority", "extreme")):
        body = {"status": wrong, "priority": wrong}
        assert there.client.post(f"{path}/{action}", json=body).status_code == 422


def test_macros_and_canned_responses_are_kept(desk) -> None:
    there = desk()
    canned = {"short_code": "refund-how", "content": "Ask in the order's conversation."}
    there.client.post("/canned_responses", json=canned).raise_for_status()
    assert there.client.post("/canned_responses", json=canned).status_code == 422
    actions = [{"action_name": "send_message", "action_params": ["We are looking into it."]}]
    there.client.post("/macros", json={"name": "Outage", "actions": actions}).raise_for_status()
    assert there.stop() == 0
    back = desk(port=there.port)
    assert [one["short_code"] for one in back.client.get("/canned_responses").json()] == [
        "refund-how"
    ]
    (macro,) = back.client.get("/macros").json()["payload"]
    assert (macro["name"], macro["actions"]) == ("Outage", actions)


def test_it_fails_and_loses_on_demand(desk) -> None:
    there = desk("--fail-first", "1", "--lose-first", "1")
    assert _contact(there, identifier="a").status_code == 503
    with pytest.raises(httpx.RemoteProtocolError):
        _contact(there, identifier="a")
    assert _contact(there, identifier="a").status_code == 422
    assert there.found()["counts"]["contacts"] == 1


def test_away_it_does_nothing_from_its_first_caller_on(desk) -> None:
    there = desk("--away", "3600")
    for _ in range(2):
        assert _contact(there, identifier="a").status_code == 503
    assert there.found()["counts"]["contacts"] == 0, "what it says about itself it always says"


def test_filled_it_is_filled_once(desk) -> None:
    there = desk("--seed")
    before = there.client.get("/canned_responses").json()
    assert len(before) > 3
    inbox = there.client.get("/inboxes/1").json()
    assert inbox["working_hours_enabled"] is True
    assert {one["open_hour"] for one in inbox["working_hours"]} == {7}
    there.stop()
    back = desk("--seed", port=there.port)
    assert back.client.get("/canned_responses").json() == before
    assert len(back.client.get("/macros").json()["payload"]) == 2
    assert back.client.get("/inboxes/2").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/contacts", b"{"),
        ("POST", "/contacts", b"[]"),
        ("POST", "/contacts", b"[" * 100_000),
        ("POST", "/contacts", b'{"inbox_id": 1, "identifier": {"a": 1}}'),
        ("POST", "/contacts", b'{"inbox_id": 9}'),
        ("POST", "/conversations", b'{"inbox_id": 1, "contact_id": 77, "source_id": "s"}'),
        ("POST", "/conversations", b'{"source_id": "nobody"}'),
        ("GET", "/conversations/77", b""),
        ("POST", "/conversations/77/messages", b'{"content": "x"}'),
        ("GET", "/conversations/99999999999999999999", b""),
        ("GET", "/nowhere", b""),
        ("POST", "/macros", b'{"name": "x"}'),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    shared: DeskProcess, method: str, path: str, content: bytes
) -> None:
    before = shared.found()["counts"]
    answer = shared.client.request(method, path, content=content)
    assert answer.status_code in (400, 404, 422), answer.text
    assert shared.found()["counts"] == before


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    found = DeskProcess(tmp_path_factory.mktemp("desk"))
    yield found
    found.close()


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    from golive.stage.helpdesk.__main__ import main

    token = tmp_path / "token"
    token.write_text("x")
    token.chmod(0o644)
    database = str(tmp_path / "desk.db")
    assert main(["--port", "0", "--database", database, "--token-file", str(token)]) == 2
