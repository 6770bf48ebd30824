"""Memory target and stand-in keep the help desk's port; what is asked is what Chatwoot knows."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from golive.adapters.chatwoot import Chatwoot
from golive.adapters.memory import MemoryTarget
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.helpdesk import HelpDesk
from golive.ports.marketplace import Refused
from helpdesk_world import DeskProcess


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    found = DeskProcess(tmp_path_factory.mktemp("desk"), "--seed")
    yield found
    found.close()


def adapter(process: DeskProcess, **other: Any) -> Chatwoot:
    known = {"url": process.url, "account": 1, "inbox": 1, "token": lambda: process.token}
    return Chatwoot(**{**known, **other}, fidelity=Fidelity.SIMULATED)


@pytest.fixture(params=["memory", "stand-in"])
def desk(request: pytest.FixtureRequest) -> HelpDesk:
    if request.param == "memory":
        found = MemoryTarget().build().helpdesk
        assert found is not None
        return found
    return adapter(request.getfixturevalue("process"))


def status(ask: Callable[[], object]) -> int:
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value.status


def test_a_contact_is_found_by_name_and_identifier(desk: HelpDesk) -> None:
    made = desk.add_contact("port-1", "Case PORT-1")
    for words in ("port-1", "Case PORT-1"):
        assert [one.id for one in desk.find_contacts(words)] == [made.id]
    assert desk.find_contacts("port-17") == []
    assert status(lambda: desk.add_contact("port-1", "Again")) == 422


def test_a_conversation_and_everything_about_it(desk: HelpDesk) -> None:
    contact = desk.add_contact("port-2", "Case PORT-2").id
    made = desk.add_conversation(contact, "port-2", {"golive_trial": "x"})
    assert (made.status, made.contact, made.team, made.priority) == ("open", contact, None, "")
    assert made.attributes == {"golive_trial": "x"}
    assert [one.id for one in desk.conversations_of(contact)] == [made.id]
    note = desk.add_note(made.id, "among us")
    (kept,) = desk.messages(made.id)
    assert (kept.id, kept.content, kept.private) == (note.id, "among us", True)
    assert list(desk.add_labels(made.id, ["a", "b"])) == ["a", "b"]
    assert list(desk.add_labels(made.id, ["b", "c"])) == ["a", "b", "c"], "those there stay"
    desk.assign(made.id, 1)
    desk.prioritise(made.id, "high")
    desk.set_status(made.id, "resolved")
    now = desk.conversation(made.id)
    assert (now.status, now.priority, now.team) == ("resolved", "high", 1)
    assert list(now.labels) == ["a", "b", "c"]
    with pytest.raises(PortError, match="no team 99"):
        desk.assign(made.id, 99)
    assert desk.conversation(made.id).team is None, "as Chatwoot does"


def test_what_is_not_there(desk: HelpDesk) -> None:
    for ask in (
        lambda: desk.conversation(9999),
        lambda: desk.messages(9999),
        lambda: desk.add_note(9999, "x"),
        lambda: desk.conversations_of(9999),
    ):
        assert status(ask) == 404


def test_what_is_at_hand(desk: HelpDesk) -> None:
    found = {one.name: one for one in desk.answers()}
    assert {"refund-how", "sign-in", "payout-when", "my-data", "service-status"} <= set(found)
    assert {one.kind for one in found.values()} == {"canned", "macro"}
    assert all(one.content for one in found.values())
    assert found["Known outage"].actions == 2
    hours = desk.hours()
    assert hours is not None
    assert hours.zone == "Europe/London"
    assert hours.days == dict.fromkeys(range(7), (time(7), time(22)))


def test_long_conversations_and_many_contacts_are_read_to_their_ends(process: DeskProcess) -> None:
    desk = adapter(process)
    contact = desk.add_contact("long-0", "Long").id
    made = desk.add_conversation(contact, "long", {})
    ids = [desk.add_note(made.id, f"note {n}").id for n in range(45)]
    assert [one.id for one in desk.messages(made.id)] == ids
    for number in range(1, 33):
        desk.add_contact(f"long-{number}", "Long")
    assert len(desk.find_contacts("long-")) == 33


def test_a_wrong_token_account_or_inbox_is_said_without_the_token(process: DeskProcess) -> None:
    wrong = adapter(process, token=lambda: "not-the-token")
    with pytest.raises(Refused, match="401") as caught:
        wrong.answers()
    assert "[helpdesk]" in caught.value.hint
    assert status(lambda: adapter(process, account=7).answers()) == 401
    assert status(lambda: adapter(process, inbox=7).hours()) == 404
    error = caught.value
    assert "not-the-token" not in f"{error} {error.answer} {error.hint}"

    def missing() -> str:
        raise NotConfigured("no token")

    with pytest.raises(NotConfigured):
        adapter(process, token=missing).answers()


# -- other answers than the stand-in's -----------------------------------------------------------

Respond = Callable[[str, str], tuple[int, bytes]]


@pytest.fixture
def answering() -> Iterator[Callable[[Respond], tuple[Chatwoot, list[Any]]]]:
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def serve(respond: Respond) -> tuple[Chatwoot, list[Any]]:
        asked: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                data = self.rfile.read(int(self.headers.get("content-length") or 0))
                asked.append((self.command, self.path, dict(self.headers), data))
                code, body = respond(self.command, self.path)
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _any  # noqa: N815  (the library's names)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        url = f"http://127.0.0.1:{server.server_port}/"
        return Chatwoot(url, 4, 3, lambda: "tok-en", Fidelity.LIVE), asked

    yield serve
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


CALLS: dict[str, Callable[[Chatwoot], object]] = {
    "find_contacts": lambda desk: desk.find_contacts("x y&z"),
    "add_contact": lambda desk: desk.add_contact("i", "n"),
    "conversations_of": lambda desk: desk.conversations_of(1),
    "add_conversation": lambda desk: desk.add_conversation(1, "s", {"a": "b"}),
    "conversation": lambda desk: desk.conversation(1),
    "messages": lambda desk: desk.messages(1),
    "add_note": lambda desk: desk.add_note(1, "x"),
    "add_labels": lambda desk: desk.add_labels(1, ["x"]),
    "assign": lambda desk: desk.assign(1, 2),
    "answers": lambda desk: desk.answers(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "body"),
    [
        (200, b"<html>a proxy's page</html>"),
        (200, b"[" * 100_000),
        (200, b'"words"'),
        (200, b'{"payload": [7]}'),
        (200, b'{"payload": {"contact": {"id": "seven"}}, "id": true}'),
        (404, b'{"error": "tok-en"}'),
        (502, b"<html>Bad gateway</html>"),
        (302, b""),
    ],
)
def test_whatever_it_answers_is_a_port_error(
    answering: Any, call: str, code: int, body: bytes
) -> None:
    desk, _ = answering(lambda *_: (code, body))
    with pytest.raises(PortError) as caught:
        CALLS[call](desk)
    assert "tok-en" not in f"{caught.value}{caught.value.answer}"


def test_nobody_there() -> None:
    desk = Chatwoot("http://127.0.0.1:9", 1, 1, lambda: "t", Fidelity.LIVE)
    with pytest.raises(Unreachable):
        desk.answers()


def test_the_answers_that_chatwoot_documents(answering: Any) -> None:
    """Shapes as its API documentation and views give them, with fields that nobody asked for."""
    conversation = {
        "id": 12,
        "account_id": 4,
        "uuid": "u",
        "inbox_id": 3,
        "meta": {
            "sender": {"id": 5, "name": "Case", "thumbnail": ""},
            "channel": "Channel::Api",
            "team": {"id": 2, "name": "on call"},
            "hmac_verified": False,
        },
        "messages": [],
        "labels": ["sev1"],
        "priority": None,
        "status": "open",
        "custom_attributes": {"number": 7},
        "snoozed_until": None,
    }
    hours = [
        {"day_of_week": 0, "closed_all_day": True, "open_hour": None, "open_minutes": None,
         "close_hour": None, "close_minutes": None, "open_all_day": False},
        {"day_of_week": 1, "closed_all_day": False, "open_hour": 9, "open_minutes": 30,
         "close_hour": 17, "close_minutes": 15, "open_all_day": False},
        {"day_of_week": 6, "closed_all_day": False, "open_hour": 0, "open_minutes": 0,
         "close_hour": 23, "close_minutes": 59, "open_all_day": True},
    ]  # fmt: skip
    inbox = {
        "id": 3,
        "working_hours_enabled": True,
        "working_hours": hours,
        "timezone": "Europe/Berlin",
        "hmac_token": None,
    }
    macros = [
        {"id": 1, "name": "m", "visibility": "global", "account_id": 4,
         "created_by": {"id": 1}, "actions": [
             {"action_name": "assign_team", "action_params": [2]},
             {"action_name": "send_message", "action_params": ["Dear customer"]}]},
    ]  # fmt: skip
    messages = [
        {"id": 20, "content": "Jo was assigned", "message_type": 2, "created_at": 1717056000,
         "private": False, "content_type": "text", "sender": None},
        {"id": 21, "content": "Ack", "message_type": 1, "created_at": 1717056060,
         "private": True, "content_attributes": {}, "status": "sent"},
        {"id": 22, "content": "?", "message_type": 9, "created_at": 10**30, "private": False},
    ]  # fmt: skip
    said: dict[str, Any] = {
        "/conversations/12": conversation,
        "/contacts/5/conversations": {"payload": [conversation]},
        "/inboxes/3": inbox,
        "/canned_responses": [{"id": 1, "account_id": 4, "short_code": "c", "content": "words"}],
        "/macros": {"payload": macros},
        "/conversations/12/assignments": None,
        "/conversations/12/messages": {"meta": {}, "payload": messages},
        "/conversations/12/messages?before=20": {"meta": {}, "payload": []},
    }

    def respond(_: str, path: str) -> tuple[int, bytes]:
        return 200, json.dumps(said[path.removeprefix("/api/v1/accounts/4")]).encode()

    desk, _ = answering(respond)
    one = desk.conversation(12)
    assert (one.contact, one.team, one.assignee, one.priority) == (5, 2, None, "")
    assert one.attributes == {"number": "7"}
    assert [found.id for found in desk.conversations_of(5)] == [12]
    assert [(found.kind, found.private, found.at) for found in desk.messages(12)] == [
        ("activity", False, "2024-05-30T08:00:00.000Z"),
        ("outgoing", True, "2024-05-30T08:01:00.000Z"),
        ("", False, ""),
    ]
    opening = desk.hours()
    assert opening.days == {0: (time(9, 30), time(17, 15)), 5: (time(0), time(23, 59))}
    canned, macro = desk.answers()
    assert (canned.name, canned.content) == ("c", "words")
    assert (macro.content, macro.actions) == ("Dear customer", 2)
    with pytest.raises(PortError, match="no team 2"):
        desk.assign(12, 2)
    said["/inboxes/3"] = {**inbox, "working_hours_enabled": False}
    assert desk.hours() is None


TEXT, INTEGER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}


def body(required: list[str], **fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": fields,
        "additionalProperties": False,
    }


DOCUMENTED: dict[str, dict[str, Any] | None] = {
    r"GET /contacts/search": None,
    r"POST /contacts": body(["inbox_id"], inbox_id=INTEGER, name=TEXT, identifier=TEXT),
    r"GET /contacts/\d+/conversations": None,
    r"POST /conversations": body(
        ["source_id", "inbox_id"],
        source_id=TEXT,
        inbox_id=INTEGER,
        contact_id=INTEGER,
        custom_attributes=OBJECT,
        status={"enum": ["open", "resolved", "pending"]},
    ),
    r"GET /conversations/\d+": None,
    r"GET /conversations/\d+/messages": None,
    r"POST /conversations/\d+/messages": body(
        ["content"],
        content={"type": "string", "minLength": 1},
        message_type={"enum": ["outgoing", "incoming"]},
        private={"const": True},
    ),
    r"GET /conversations/\d+/labels": None,
    r"POST /conversations/\d+/labels": body(["labels"], labels={"type": "array", "items": TEXT}),
    r"POST /conversations/\d+/assignments": body([], assignee_id=INTEGER, team_id=INTEGER),
    r"POST /conversations/\d+/toggle_status": body(
        ["status"], status={"enum": ["open", "resolved", "pending", "snoozed"]}
    ),
    r"POST /conversations/\d+/toggle_priority": body(
        [], priority={"enum": ["urgent", "high", "medium", "low", None]}
    ),
    r"GET /canned_responses": None,
    r"GET /macros": None,
    r"GET /inboxes/\d+": None,
}


def test_every_request_is_one_that_the_documentation_knows(answering: Any, tmp_path: Path) -> None:
    behind = DeskProcess(tmp_path, "--seed")

    def pass_on(method: str, path: str) -> tuple[int, bytes]:
        sent = asked[-1][3]
        path = path.replace("/accounts/4/", "/accounts/1/").replace("/inboxes/3", "/inboxes/1")
        content = sent.replace(b'"inbox_id":3', b'"inbox_id":1')
        token = {"api_access_token": behind.token}
        answer = httpx.request(method, behind.url + path, content=content, headers=token)
        return answer.status_code, answer.content

    desk, asked = answering(pass_on)
    try:
        contact = desk.add_contact("i", "n").id
        made = desk.add_conversation(contact, "s", {"a": "b"}).id
        desk.find_contacts("i")
        desk.conversations_of(contact)
        desk.conversation(made)
        desk.add_note(made, "x")
        desk.messages(made)
        desk.add_labels(made, ["x"])
        desk.assign(made, 1)
        desk.prioritise(made, "urgent")
        desk.set_status(made, "resolved")
        desk.answers()
        desk.hours()
    finally:
        behind.close()
    kinds = set()
    for method, path, headers, sent in asked:
        assert headers["api_access_token"] == "tok-en"
        short = f"{method} {path.partition('?')[0].removeprefix('/api/v1/accounts/4')}"
        kind = next((one for one in DOCUMENTED if re.fullmatch(one, short)), None)
        assert kind, f"{short} is not documented"
        kinds.add(kind)
        schema = DOCUMENTED[kind]
        if schema is None:
            assert not sent
        else:
            Draft202012Validator(schema).validate(json.loads(sent))
    assert kinds == set(DOCUMENTED)
