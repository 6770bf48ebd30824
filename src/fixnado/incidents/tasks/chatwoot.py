"""Chatwoot's application API, as much of it as an escalation needs.

Traps: setting labels overwrites them, and may drop what the account hasn't defined; an unknown team
unassigns without a word; priority answers with an empty body; a contact's list of conversations
shows only inboxes that the token's user is a member of, so they must be one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from fixnado.platform.courier import Undelivered
from fixnado.platform.settings import HelpDesk, is_loopback

_CALL_S: Final = 5.0
"""For a whole call, however slowly it drips. Well below the outbox's lease."""
_ANSWER_BYTES: Final = 4_000_000
_CONTACTS_PAGE: Final = 15
_PAGES: Final = 20


class Gone(Exception):
    """The help desk has no such contact or conversation (any more)."""


class Chatwoot:
    """One account and inbox of a Chatwoot. Every call raises Undelivered, or Gone for a 404."""

    def __init__(self, desk: HelpDesk) -> None:
        self._desk = desk
        self._base = f"{desk.url.rstrip('/')}/api/v1/accounts/{desk.account}"
        host = urlsplit(desk.url).hostname or ""
        self._client = httpx.Client(
            headers={"api_access_token": desk.token, "Accept": "application/json"},
            timeout=_CALL_S,
            follow_redirects=False,
            trust_env=not is_loopback(host),
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def find_contact(self, identifier: str) -> int | None:
        for page in range(1, _PAGES + 1):
            query = {"q": identifier, "page": page, "include_contact_inboxes": "false"}
            found = _list(self._call("GET", "/contacts/search", query=query))
            for one in found:
                if one.get("identifier") == identifier:
                    return _number(one, "id")
            if len(found) < _CONTACTS_PAGE:
                return None
        return None

    def create_contact(self, identifier: str, name: str) -> int:
        body = {
            "inbox_id": self._desk.inbox,
            "identifier": identifier,
            "name": name,
        }
        payload = _object(self._call("POST", "/contacts", body)).get("payload")
        return _number(_object(_object(payload).get("contact")), "id")

    def find_conversation(self, contact_id: int, key: str, value: str) -> int | None:
        """The contact's oldest conversation that bears `value` as its custom attribute `key`."""
        found = _list(self._call("GET", f"/contacts/{contact_id}/conversations"))
        ours = [
            _number(one, "id")
            for one in found
            if isinstance(attributes := one.get("custom_attributes"), dict)
            and attributes.get(key) == value
        ]
        return min(ours, default=None)

    def create_conversation(self, contact_id: int, source_id: str, key: str, value: str) -> int:
        body = {
            "inbox_id": self._desk.inbox,
            "contact_id": contact_id,
            "source_id": source_id,
            "status": "open",
            "custom_attributes": {key: value},
        }
        return _number(_object(self._call("POST", "/conversations", body)), "id")

    def status(self, conversation_id: int) -> str:
        found = _object(self._call("GET", f"/conversations/{conversation_id}"))
        return str(found.get("status"))

    def open(self, conversation_id: int) -> None:
        self._call("POST", f"/conversations/{conversation_id}/toggle_status", {"status": "open"})

    def find_note(self, conversation_id: int, marker: str) -> int | None:
        """The private message that has `marker` as a line, looking back page by page."""
        before: dict[str, Any] = {}
        for _ in range(_PAGES):
            path = f"/conversations/{conversation_id}/messages"
            found = _list(self._call("GET", path, query=before))
            for one in found:
                if one.get("private") is True and marker in str(one.get("content")).splitlines():
                    return _number(one, "id")
            if not found:
                return None
            before = {"before": min(_number(one, "id") for one in found)}
        return None

    def add_note(self, conversation_id: int, content: str) -> int:
        body = {"content": content, "private": True, "message_type": "outgoing"}
        made = self._call("POST", f"/conversations/{conversation_id}/messages", body)
        return _number(_object(made), "id")

    def add_labels(self, conversation_id: int, labels: tuple[str, ...]) -> tuple[str, ...]:
        """All labels afterwards, as the help desk has them: it may drop those it doesn't know.

        Those that people gave stay: setting them overwrites.
        """
        path = f"/conversations/{conversation_id}/labels"
        present = _texts(self._call("GET", path))
        wanted = [*present, *(one for one in labels if one not in present)]
        if wanted == present:
            return tuple(present)
        return tuple(_texts(self._call("POST", path, {"labels": wanted})))

    def assign(self, conversation_id: int, team_id: int) -> int | None:
        """The team that has it afterwards; None where the help desk knows no such team."""
        path = f"/conversations/{conversation_id}/assignments"
        found = self._call("POST", path, {"team_id": team_id})
        return None if found is None else _number(_object(found), "id")

    def prioritise(self, conversation_id: int, priority: str) -> None:
        path = f"/conversations/{conversation_id}/toggle_priority"
        self._call("POST", path, {"priority": priority})

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
    ) -> object:
        deadline = time.monotonic() + _CALL_S
        try:
            with self._client.stream(
                method, self._base + path, json=body, params=query
            ) as response:
                data = _read(response, deadline)
        except httpx.HTTPError as error:
            # its words could hold the address with what somebody put into it
            raise Undelivered(f"the help desk gave no answer: {type(error).__name__}") from error
        _demand_success(response)
        if not data.strip():
            return None
        try:
            return json.loads(data)
        except ValueError as error:
            raise Undelivered("the help desk answered with something that is not JSON") from error


def _read(response: httpx.Response, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > _ANSWER_BYTES or time.monotonic() > deadline:
            raise Undelivered("the help desk's answer was too long or too slow")
    return bytes(data)


def _demand_success(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.status_code == 404:
        raise Gone
    wait = response.headers.get("retry-after", "")
    raise Undelivered(
        f"the help desk answered {response.status_code}",
        retry_after_s=min(float(wait), 300.0) if wait.isdecimal() else None,
    )


def _object(found: object) -> Mapping[str, Any]:
    if isinstance(found, dict):
        return found
    raise _strange()


def _list(found: object) -> list[Mapping[str, Any]]:
    payload = _object(found).get("payload")
    if isinstance(payload, list):
        return [_object(one) for one in payload]
    raise _strange()


def _texts(found: object) -> list[str]:
    payload = _object(found).get("payload")
    if isinstance(payload, list) and all(isinstance(one, str) for one in payload):
        return payload
    raise _strange()


def _number(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31:
        return value
    raise _strange()


def _strange() -> Undelivered:
    return Undelivered("the help desk answered with something else than its documentation says")
