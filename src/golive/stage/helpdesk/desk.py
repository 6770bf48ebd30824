"""What the stand-in keeps: contacts, conversations, messages, labels, macros."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, identifier TEXT UNIQUE, email TEXT UNIQUE,
    created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS contact_inboxes (
    source_id TEXT PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id));
CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, contact_id INTEGER NOT NULL REFERENCES contacts (id),
    status TEXT NOT NULL, priority TEXT, assignee_id INTEGER, team_id INTEGER,
    custom_attributes TEXT NOT NULL, labels TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id), content TEXT NOT NULL,
    private INTEGER NOT NULL, message_type INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS canned_responses (
    id INTEGER PRIMARY KEY AUTOINCREMENT, short_code TEXT NOT NULL UNIQUE, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS macros (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, visibility TEXT NOT NULL,
    actions TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hours (
    day_of_week INTEGER PRIMARY KEY, closed_all_day INTEGER NOT NULL, open_all_day INTEGER NOT NULL,
    open_hour INTEGER, open_minutes INTEGER, close_hour INTEGER, close_minutes INTEGER);
"""
STATUSES: Final = ("open", "resolved", "pending", "snoozed")
PRIORITIES: Final = ("urgent", "high", "medium", "low")
TYPES: Final = {"incoming": 0, "outgoing": 1}
TEAMS: Final = ({"id": 1, "name": "incident response", "allow_auto_assign": False},)
AGENTS: Final = (
    {
        "id": 1,
        "name": "Duty Agent",
        "email": "duty.agent@rehearsal.fixnado.example",
        "role": "agent",
        "availability_status": "online",
    },
)
CONTACTS_PAGE: Final = 15
CONVERSATIONS_PAGE: Final = 25
CONTACT_CONVERSATIONS: Final = 20
MESSAGES_PAGE: Final = 20

Json = dict[str, Any]


class Refused(Exception):
    """An answer other than 200, with the body that Chatwoot gives."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def missing() -> Refused:
    return Refused(404, {"error": "Resource could not be found"})


def invalid(message: str, *attributes: str) -> Refused:
    return Refused(422, {"message": message, "attributes": list(attributes)})


class Desk:
    """One account with one inbox, of the kind `api`. Every method is one transaction."""

    def __init__(
        self, path: Path, *, account: int, inbox: int, labels: frozenset[str] | None = None
    ) -> None:
        """`labels` are those that the account has defined; None takes any."""
        self.account = account
        self.inbox = inbox
        self._defined = labels
        self._lock = Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def search_contacts(self, wanted: str, page: int) -> list[Json]:
        query = (
            "SELECT * FROM contacts WHERE name LIKE :q OR email LIKE :q OR identifier LIKE :q "
            "ORDER BY id LIMIT :limit OFFSET :offset"
        )
        offset = (page - 1) * CONTACTS_PAGE
        rows = self._all(query, q=f"%{wanted}%", limit=CONTACTS_PAGE, offset=offset)
        return [_contact(row) for row in rows]

    def add_contact(self, sent: Json) -> Json:
        """Identifier and address are each one person's; a second one is refused."""
        with self._lock, self._db:
            for name in ("identifier", "email"):
                query = f"SELECT 1 FROM contacts WHERE {name} = :value"  # noqa: S608 - our own name
                if sent.get(name) is not None and self._one(query, value=sent[name]):
                    raise invalid(f"{name.title()} has already been taken", name)
            made = self._db.execute(
                "INSERT INTO contacts (name, identifier, email, created_at) VALUES (?, ?, ?, ?)",
                (sent.get("name"), sent.get("identifier"), sent.get("email"), int(time.time())),
            )
            contact = self._one("SELECT * FROM contacts WHERE id = :id", id=made.lastrowid)
            source = self._inbox_of(int(contact["id"]), sent) if "inbox_id" in sent else None
        return {"contact": _contact(contact), "contact_inbox": {"source_id": source}}

    def contact_conversations(self, contact_id: int) -> list[Json]:
        if not self._all("SELECT 1 FROM contacts WHERE id = :id", id=contact_id):
            raise missing()
        query = "SELECT * FROM conversations WHERE contact_id = :id ORDER BY id DESC LIMIT :limit"
        rows = self._all(query, id=contact_id, limit=CONTACT_CONVERSATIONS)
        return [self._conversation(row) for row in rows]

    def add_conversation(self, sent: Json) -> Json:
        """Creates one each time that it is asked to: Chatwoot does so too."""
        with self._lock, self._db:
            contact = sent.get("contact_id")
            if contact is None:
                query = "SELECT contact_id FROM contact_inboxes WHERE source_id = :source"
                contact = self._demand(query, source=sent.get("source_id"))["contact_id"]
            self._demand("SELECT id FROM contacts WHERE id = :id", id=contact)
            self._inbox_of(int(contact), sent)
            status = _among(sent.get("status") or "open", STATUSES, "status")
            attributes = json.dumps(sent.get("custom_attributes") or {})
            made = self._db.execute(
                "INSERT INTO conversations (contact_id, status, team_id, custom_attributes, labels,"
                " created_at) VALUES (?, ?, ?, ?, '[]', ?)",
                (contact, status, sent.get("team_id"), attributes, int(time.time())),
            )
            row = self._one("SELECT * FROM conversations WHERE id = :id", id=made.lastrowid)
        return self._conversation(row)

    def conversation(self, conversation_id: int) -> Json:
        rows = self._all("SELECT * FROM conversations WHERE id = :id", id=conversation_id)
        if not rows:
            raise missing()
        return self._conversation(rows[0])

    def conversations(self, status: str, page: int) -> Json:
        query = (
            "SELECT * FROM conversations WHERE :status IN ('all', status) "
            "ORDER BY id DESC LIMIT :limit OFFSET :offset"
        )
        offset = (page - 1) * CONVERSATIONS_PAGE
        rows = self._all(query, status=status, limit=CONVERSATIONS_PAGE, offset=offset)
        (count,) = self._all("SELECT count(*) FROM conversations")[0]
        found = [self._conversation(row) for row in rows]
        return {"data": {"meta": {"all_count": count}, "payload": found}}

    def set_status(self, conversation_id: int, sent: Json) -> Json:
        status = _among(sent.get("status"), STATUSES, "status")
        self._change(conversation_id, status=status)
        known = {"success": True, "current_status": status, "conversation_id": conversation_id}
        return {"meta": {}, "payload": known}

    def set_priority(self, conversation_id: int, sent: Json) -> None:
        wanted = sent.get("priority")
        priority = None if wanted is None else _among(wanted, PRIORITIES, "priority")
        self._change(conversation_id, priority=priority)

    def assign(self, conversation_id: int, sent: Json) -> Json | None:
        """To an agent or a team; an unknown one leaves it with nobody, and answers null."""
        self.conversation(conversation_id)
        if "assignee_id" in sent:
            agent = _by_id(AGENTS, sent["assignee_id"])
            self._change(conversation_id, assignee_id=agent["id"] if agent else None)
            return agent
        if "team_id" not in sent:
            return None
        team = _by_id(TEAMS, sent["team_id"])
        self._change(conversation_id, team_id=team["id"] if team else None)
        return team

    def labels(self, conversation_id: int) -> Json:
        return {"payload": self.conversation(conversation_id)["labels"]}

    def set_labels(self, conversation_id: int, sent: Json) -> Json:
        """Overwrites what was there; what the account hasn't defined is dropped silently."""
        wanted = sent.get("labels")
        if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
            raise invalid("labels must be a list of texts", "labels")
        known = self._defined
        unique = [one for one in dict.fromkeys(wanted) if known is None or one in known]
        self._change(conversation_id, labels=json.dumps(unique))
        return {"payload": unique}

    def messages(self, conversation_id: int, before: int | None) -> Json:
        """The last twenty, or the twenty before a message; oldest first."""
        self.conversation(conversation_id)
        query = (
            "SELECT * FROM messages WHERE conversation_id = :id AND id < :before "
            "ORDER BY id DESC LIMIT :limit"
        )
        limit = before if before is not None else 2**62
        rows = self._all(query, id=conversation_id, before=limit, limit=MESSAGES_PAGE)
        return {"meta": {}, "payload": [self._message(row) for row in reversed(rows)]}

    def add_message(self, conversation_id: int, sent: Json) -> Json:
        self.conversation(conversation_id)
        content = sent.get("content")
        if not isinstance(content, str) or not content.strip():
            raise invalid("Content can't be blank", "content")
        kind = TYPES[_among(sent.get("message_type") or "outgoing", TYPES, "message_type")]
        values = (conversation_id, content, bool(sent.get("private")), kind, int(time.time()))
        with self._lock, self._db:
            made = self._db.execute(
                "INSERT INTO messages (conversation_id, content, private, message_type, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )
            row = self._one("SELECT * FROM messages WHERE id = :id", id=made.lastrowid)
        return self._message(row)

    def canned_responses(self) -> list[Json]:
        rows = self._all("SELECT * FROM canned_responses ORDER BY short_code")
        return [{**dict(row), "account_id": self.account} for row in rows]

    def add_canned_response(self, sent: Json) -> Json:
        code, content = sent.get("short_code"), sent.get("content")
        if not isinstance(code, str) or not isinstance(content, str) or not code or not content:
            raise invalid("Short code and content can't be blank", "short_code", "content")
        if self._all("SELECT 1 FROM canned_responses WHERE short_code = :code", code=code):
            raise invalid("Short code has already been taken", "short_code")
        with self._lock, self._db:
            statement = "INSERT INTO canned_responses (short_code, content) VALUES (?, ?)"
            made = self._db.execute(statement, (code, content))
        return {
            "id": made.lastrowid,
            "account_id": self.account,
            "short_code": code,
            "content": content,
        }

    def macros(self) -> Json:
        rows = self._all("SELECT * FROM macros ORDER BY id")
        return {"payload": [{**dict(row), "actions": json.loads(row["actions"])} for row in rows]}

    def add_macro(self, sent: Json) -> Json:
        name, actions = sent.get("name"), sent.get("actions")
        if not isinstance(name, str) or not name or not isinstance(actions, list) or not actions:
            raise invalid("Name and actions can't be blank", "name", "actions")
        visibility = _among(
            sent.get("visibility") or "global", ("global", "personal"), "visibility"
        )
        with self._lock, self._db:
            statement = "INSERT INTO macros (name, visibility, actions) VALUES (?, ?, ?)"
            made = self._db.execute(statement, (name, visibility, json.dumps(actions)))
        known = {"id": made.lastrowid, "name": name, "visibility": visibility, "actions": actions}
        return {"payload": known}

    def set_hours(self, hours: Mapping[int, tuple[int, int]]) -> None:
        """Open from the first full hour to before the second, by day of the week (0 is Sunday);
        24 is midnight, which Chatwoot writes as a minute to it."""
        rows = []
        for day, (begin, end) in hours.items():
            close = (23, 59) if end == 24 else (end, 0)
            rows.append((day, False, (begin, end) == (0, 24), begin, 0, *close))
        with self._lock, self._db:
            statement = "INSERT OR REPLACE INTO hours VALUES (?, ?, ?, ?, ?, ?, ?)"
            self._db.executemany(statement, rows)

    def the_inbox(self) -> Json:
        rows = self._all("SELECT * FROM hours ORDER BY day_of_week")
        flags = ("closed_all_day", "open_all_day")
        return {
            "id": self.inbox,
            "name": "Operations",
            "channel_type": "Channel::Api",
            "working_hours_enabled": bool(rows),
            "working_hours": [
                {**dict(row), **{flag: bool(row[flag]) for flag in flags}} for row in rows
            ],
            "timezone": "Europe/London",
        }

    def one_inbox(self, inbox_id: int) -> Json:
        if inbox_id != self.inbox:
            raise missing()
        return self.the_inbox()

    def doubles(self) -> Json:
        """What is there twice: conversations of one thing, and notes with the same words."""
        conversations = self._all(
            "SELECT custom_attributes, count(*) AS times FROM conversations "
            "WHERE custom_attributes != '{}' GROUP BY contact_id, custom_attributes "
            "HAVING count(*) > 1"
        )
        notes = self._all(
            "SELECT conversation_id, content, count(*) AS times FROM messages WHERE private "
            "GROUP BY conversation_id, content HAVING count(*) > 1"
        )
        return {
            "conversations": [dict(row) for row in conversations],
            "notes": [dict(row) for row in notes],
        }

    def counts(self) -> Json:
        tables = ("contacts", "conversations", "messages")
        return {name: self._all(f"SELECT count(*) FROM {name}")[0][0] for name in tables}  # noqa: S608

    def _inbox_of(self, contact_id: int, sent: Json) -> str:
        """The contact's place in the inbox; a source belongs to one contact alone."""
        if sent.get("inbox_id") != self.inbox:
            raise missing()
        source = sent.get("source_id") or f"contact-{contact_id}"
        known = self._one("SELECT * FROM contact_inboxes WHERE source_id = :source", source=source)
        if known and known["contact_id"] != contact_id:
            raise Refused(422, {"error": "source_id should be unique"})
        if not known:
            statement = "INSERT INTO contact_inboxes (source_id, contact_id) VALUES (?, ?)"
            self._db.execute(statement, (source, contact_id))
        return str(source)

    def _change(self, conversation_id: int, **values: object) -> None:
        self.conversation(conversation_id)
        ((name, value),) = values.items()
        with self._lock, self._db:
            statement = f"UPDATE conversations SET {name} = ? WHERE id = ?"  # noqa: S608 - our own name
            self._db.execute(statement, (value, conversation_id))

    def _all(self, query: str, **values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _one(self, query: str, **values: object) -> Any:
        """Within a transaction that holds the lock."""
        return self._db.execute(query, values).fetchone()

    def _demand(self, query: str, **values: object) -> sqlite3.Row:
        found: sqlite3.Row | None = self._one(query, **values)
        if found is None:
            raise missing()
        return found

    def _conversation(self, row: sqlite3.Row) -> Json:
        return {
            "id": row["id"],
            "account_id": self.account,
            "inbox_id": self.inbox,
            "status": row["status"],
            "priority": row["priority"],
            "labels": json.loads(row["labels"]),
            "custom_attributes": json.loads(row["custom_attributes"]),
            "additional_attributes": {},
            "created_at": row["created_at"],
            "meta": {
                "sender": {"id": row["contact_id"], "type": "contact"},
                "assignee": _by_id(AGENTS, row["assignee_id"]),
                "team": _by_id(TEAMS, row["team_id"]),
            },
        }

    def _message(self, row: sqlite3.Row) -> Json:
        known = {name: row[name] for name in ("id", "conversation_id", "content", "message_type")}
        return {
            **known,
            "account_id": self.account,
            "inbox_id": self.inbox,
            "private": bool(row["private"]),
            "created_at": row["created_at"],
        }


def _contact(row: sqlite3.Row) -> Json:
    return {name: row[name] for name in ("id", "name", "identifier", "email", "created_at")}


def _among(value: object, allowed: Iterable[str], name: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    raise invalid(f"{name} is not among {', '.join(allowed)}", name)


def _by_id(known: Iterable[Mapping[str, Any]], wanted: object) -> Json | None:
    return next((dict(one) for one in known if one["id"] == wanted), None)
