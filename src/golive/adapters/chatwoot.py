"""`golive.ports.helpdesk.HelpDesk` over Chatwoot's application API.

Traps: setting labels overwrites them; assigning an unknown team unassigns without a word; priority
answers with an empty body; a contact's list of conversations shows twenty at most, and only
those of inboxes that the token's user is a member of.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import Final
from urllib.parse import urlencode

import httpx

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.helpdesk import Answer, Contact, Conversation, Message, OpeningHours
from golive.ports.marketplace import Refused

_TIMEOUT: Final = 10.0
_LARGEST: Final = 8_000_000
_KEPT: Final = 2000
_CONTACTS_PAGE: Final = 15
_PAGES: Final = 20
_KINDS: Final[Mapping[int, str]] = {
    0: "incoming", 1: "outgoing", 2: "activity", 3: "template",
}  # fmt: skip
_HINTS: Final[Mapping[int, str]] = {
    401: "the token was not accepted: check [helpdesk] in the target file",
    403: "the token's user may not do this",
    404: "no such account, inbox or conversation: check [helpdesk] in the target file",
}


class Chatwoot:
    """One account and inbox. `token` is read when it is needed, and kept nowhere."""

    def __init__(
        self, url: str, account: int, inbox: int, token: Callable[[], str], fidelity: Fidelity
    ) -> None:
        self.url = url.rstrip("/")
        self.fidelity = fidelity
        self._inbox, self._token = inbox, token
        self._base = f"{self.url}/api/v1/accounts/{account:d}"
        self._tls = ssl.create_default_context()

    def find_contacts(self, words: str) -> Sequence[Contact]:
        found: list[Contact] = []
        for page in range(1, _PAGES + 1):
            query = urlencode({"q": words, "page": page, "include_contact_inboxes": "false"})
            some = _payload(self._call("GET", f"/contacts/search?{query}"))
            found += [_contact(one) for one in some]
            if len(some) < _CONTACTS_PAGE:
                return found
        raise PortError("more contacts fit than can be read", where=f"{self._base}/contacts")

    def add_contact(self, identifier: str, name: str) -> Contact:
        body: Json = {"inbox_id": self._inbox, "identifier": identifier, "name": name}
        said = _object(_object(self._call("POST", "/contacts", body)).get("payload"))
        return _contact(_object(said.get("contact")))

    def conversations_of(self, contact: int) -> Sequence[Conversation]:
        return [
            _conversation(one)
            for one in _payload(self._call("GET", f"/contacts/{contact:d}/conversations"))
        ]

    def add_conversation(
        self, contact: int, source: str, attributes: Mapping[str, str]
    ) -> Conversation:
        body: Json = {
            "inbox_id": self._inbox,
            "contact_id": contact,
            "source_id": source,
            "status": "open",
            "custom_attributes": dict(attributes),
        }
        return _conversation(_object(self._call("POST", "/conversations", body)))

    def conversation(self, conversation: int) -> Conversation:
        return _conversation(_object(self._call("GET", f"/conversations/{conversation:d}")))

    def messages(self, conversation: int) -> Sequence[Message]:
        """Page by page, back to the first."""
        path, found, before = f"/conversations/{conversation:d}/messages", list[Message](), ""
        for _ in range(_PAGES):
            some = [_message(one) for one in _payload(self._call("GET", f"{path}{before}"))]
            if not some:
                return found
            found = [*some, *found]
            before = f"?before={min(one.id for one in some)}"
        raise PortError("the conversation is longer than can be read", where=self._base + path)

    def add_note(self, conversation: int, content: str) -> Message:
        body: Json = {"content": content, "private": True, "message_type": "outgoing"}
        made = self._call("POST", f"/conversations/{conversation:d}/messages", body)
        return _message(_object(made))

    def add_labels(self, conversation: int, labels: Sequence[str]) -> Sequence[str]:
        path = f"/conversations/{conversation:d}/labels"
        present = _texts(self._call("GET", path))
        wanted = list(dict.fromkeys([*present, *labels]))
        if wanted == present:
            return present
        return _texts(self._call("POST", path, {"labels": wanted}))

    def assign(self, conversation: int, team: int) -> None:
        """PortError where the desk knows no such team: then nobody has it."""
        path = f"/conversations/{conversation:d}/assignments"
        found = self._call("POST", path, {"team_id": team})
        if not isinstance(found, Mapping) or found.get("id") != team:
            raise PortError(
                f"the help desk knows no team {team}; the conversation is nobody's",
                where=self._base + path,
                answer=json.dumps(found)[:_KEPT],
            )

    def prioritise(self, conversation: int, priority: str) -> None:
        path = f"/conversations/{conversation:d}/toggle_priority"
        self._call("POST", path, {"priority": priority})

    def set_status(self, conversation: int, status: str) -> None:
        self._call("POST", f"/conversations/{conversation:d}/toggle_status", {"status": status})

    def answers(self) -> Sequence[Answer]:
        canned = _objects(self._call("GET", "/canned_responses"))
        macros = _payload(self._call("GET", "/macros"))
        return [
            *(Answer(_text(one, "short_code"), "canned", _text(one, "content")) for one in canned),
            *(_macro(one) for one in macros),
        ]

    def hours(self) -> OpeningHours | None:
        found = _object(self._call("GET", f"/inboxes/{self._inbox:d}"))
        if found.get("working_hours_enabled") is not True:
            return None
        days = dict(filter(None, (_day(one) for one in _objects(found.get("working_hours")))))
        return OpeningHours(_text(found, "timezone"), days, found)

    def _call(self, method: str, path: str, body: Json = None) -> Json:
        """The answer's JSON, None where it is empty. Any status but 2xx is Refused."""
        url, where = self._base + path, f"{method} {self._base}{path.partition('?')[0]}"
        deadline, token = time.monotonic() + _TIMEOUT, self._token()
        headers = {"api_access_token": token, "Accept": "application/json"}
        try:
            with (
                httpx.Client(verify=self._tls, timeout=_TIMEOUT, trust_env=False) as client,
                client.stream(method, url, headers=headers, json=body) as answer,
            ):
                data = _read(answer, deadline, where)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unreachable(
                f"the help desk gives no answer: {type(error).__name__}",
                where=where,
                hint="is it up, and is its url in the target file right?",
            ) from error
        said = data.decode("utf-8", "replace").replace(token, "[redacted]")
        if not answer.is_success:
            raise Refused(
                f"the help desk answered {answer.status_code}",
                status=answer.status_code,
                where=where,
                hint=_HINTS.get(answer.status_code, ""),
                answer=said[:_KEPT],
            )
        return _parsed(said, where)


def _read(answer: httpx.Response, deadline: float, where: str) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > _LARGEST:
            raise PortError("the help desk's answer is larger than 8 MB", where=where)
        if time.monotonic() > deadline:
            raise Unreachable("the help desk's answer had not ended in time", where=where)
    return bytes(data)


def _parsed(said: str, where: str) -> Json:
    if not said.strip():
        return None
    try:
        parsed: Json = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise PortError(
            "the help desk answered with something that is not JSON",
            where=where,
            hint="is this the help desk itself, or a proxy's page?",
            answer=said[:_KEPT],
        ) from error
    return parsed


def _strange(said: Json) -> PortError:
    return PortError(
        "the help desk answered with something else than its documentation says",
        answer=json.dumps(said)[:_KEPT],
    )


def _object(said: Json) -> JsonObject:
    if isinstance(said, Mapping):
        return said
    raise _strange(said)


def _objects(said: Json) -> Sequence[JsonObject]:
    if isinstance(said, list):
        return [_object(one) for one in said]
    raise _strange(said)


def _payload(said: Json) -> Sequence[JsonObject]:
    return _objects(_object(said).get("payload"))


def _texts(said: Json) -> list[str]:
    payload = _object(said).get("payload")
    if isinstance(payload, list) and all(isinstance(one, str) for one in payload):
        return [str(one) for one in payload]
    raise _strange(said)


def _text(said: JsonObject, name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _number(said: Json, name: str = "id") -> int | None:
    value = said.get(name) if isinstance(said, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _id(said: JsonObject) -> int:
    found = _number(said)
    if found is None:
        raise _strange(said)
    return found


def _contact(said: JsonObject) -> Contact:
    return Contact(_id(said), _text(said, "name"), _text(said, "identifier"))


def _conversation(said: JsonObject) -> Conversation:
    meta = said.get("meta")
    people: JsonObject = meta if isinstance(meta, Mapping) else {}
    labels, attributes = said.get("labels"), said.get("custom_attributes")
    return Conversation(
        id=_id(said),
        contact=_number(people.get("sender")),
        status=_text(said, "status"),
        priority=_text(said, "priority"),
        labels=[str(one) for one in labels] if isinstance(labels, list) else (),
        team=_number(people.get("team")),
        assignee=_number(people.get("assignee")),
        attributes={name: str(value) for name, value in attributes.items()}
        if isinstance(attributes, Mapping)
        else {},
        raw=said,
    )


def _message(said: JsonObject) -> Message:
    kind, at = _number(said, "message_type"), _number(said, "created_at")
    return Message(
        _id(said),
        _text(said, "content"),
        said.get("private") is True,
        _KINDS.get(kind, "") if kind is not None else "",
        _moment(at) if at is not None else "",
    )


def _moment(seconds: int) -> str:
    try:
        return rfc3339(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, OSError, ValueError):
        return ""


def _macro(said: JsonObject) -> Answer:
    actions = said.get("actions")
    listed = _objects(actions) if isinstance(actions, list) else ()
    words: list[str] = []
    for one in listed:
        given = one.get("action_params")
        if one.get("action_name") == "send_message" and isinstance(given, list):
            words += [str(word) for word in given]
    return Answer(_text(said, "name"), "macro", "\n".join(words), len(listed))


def _day(said: JsonObject) -> tuple[int, tuple[clock_time, clock_time]] | None:
    """Day of the week from Monday, with the times between which it is open; None: closed."""
    sunday_first = _number(said, "day_of_week")
    if sunday_first is None or not 0 <= sunday_first <= 6 or said.get("closed_all_day") is True:
        return None
    day = (sunday_first + 6) % 7
    if said.get("open_all_day") is True:
        return day, (clock_time(0), clock_time(23, 59))
    names = ("open_hour", "open_minutes", "close_hour", "close_minutes")
    begin, begin_minute, end, end_minute = (_number(said, name) for name in names)
    if begin is None or end is None:
        return None
    try:
        return day, (clock_time(begin, begin_minute or 0), clock_time(end, end_minute or 0))
    except ValueError:
        raise _strange(said) from None
