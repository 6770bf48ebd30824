"""Same seed, same data; nobody in it is real; accounts are read with care."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sqlite3
from pathlib import Path

import pytest

from fixnado.platform.database import Database
from fixnado.platform.errors import StartRefused
from fixnado.platform.schema import migrate
from fixnado.seed import run
from fixnado.seed.accounts import read_accounts
from fixnado.seed.people import phone

TABLES = (
    "users",
    "orders",
    "milestones",
    "rentals",
    "conversations",
    "conversation_participants",
    "messages",
    "announcements",
)
DESK = 2
"""The policy desk and its counsel: offices that publish, not people of the market."""


def _seeded(folder: Path, name: str, seed: int, users: int = 500, orders: int = 2000) -> Path:
    path = folder / f"{name}.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    run(f"sqlite:///{path}", seed, users, orders, None)
    return path


def _digest(path: Path) -> str:
    connection = sqlite3.connect(path)
    rows = [
        (table, sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)) for table in TABLES
    ]
    connection.close()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _all(path: Path, query: str) -> list[tuple]:
    connection = sqlite3.connect(path)
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def test_the_same_seed_gives_the_same_data_and_another_other_data(tmp_path: Path) -> None:
    first = _digest(_seeded(tmp_path, "first", 41, 60, 120))
    assert _digest(_seeded(tmp_path, "second", 41, 60, 120)) == first
    assert _digest(_seeded(tmp_path, "third", 42, 60, 120)) != first


def test_a_whole_market_is_complete(tmp_path: Path) -> None:
    path = _seeded(tmp_path, "market", 1)
    counts = {table: _all(path, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    assert counts["users"] == 500 + DESK
    assert counts["orders"] == 2000
    assert counts["rentals"] >= 400
    assert counts["messages"] > counts["conversations"] >= 300
    assert _all(path, "PRAGMA foreign_key_check") == []


def test_nobody_in_it_can_be_reached(tmp_path: Path) -> None:
    path = _seeded(tmp_path, "market", 5, 200, 50)
    for email, phone_number, password in _all(
        path, "SELECT email, phone, password_hash FROM users WHERE role != 'legal'"
    ):
        assert re.fullmatch(r"[a-z.'-]+\.\d{5}@rehearsal\.fixnado\.example", email), email
        assert re.fullmatch(r"\+44 7700 900\d{3}", phone_number)
        assert password is None


def test_phones_stay_in_the_range_for_drama() -> None:
    rng = random.Random(3)
    numbers = {phone(rng) for _ in range(5000)}
    assert min(numbers) >= "+44 7700 900000"
    assert max(numbers) <= "+44 7700 900999"


def _accounts(path: Path, found: object, mode: int = 0o600) -> Path:
    path.write_text(json.dumps(found))
    path.chmod(mode)
    return path


GOOD = {
    "email": "a@rehearsal.fixnado.example",
    "password": "long enough here",
    "role": "user",
    "name": "A",
}


@pytest.mark.parametrize(
    ("found", "mode", "words"),
    [
        ([GOOD], 0o644, "chmod 600"),
        ([{**GOOD, "email": "a@example.com"}], 0o600, "is not in rehearsal"),
        ([{**GOOD, "password": "short-secret"[:5]}], 0o600, "password"),
        ([{**GOOD, "role": "king"}], 0o600, "role"),
        ([{**GOOD, "shoe": 42}], 0o600, "shoe"),
        ({"a": 1}, 0o600, "array"),
    ],
)
def test_accounts_that_are_refused(tmp_path: Path, found: object, mode: int, words: str) -> None:
    path = _accounts(tmp_path / "accounts.json", found, mode)
    with pytest.raises(StartRefused, match=words) as refusal:
        read_accounts(path)
    assert "long enough here" not in str(refusal.value)


def test_missing_accounts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="No such file"):
        read_accounts(tmp_path / "nowhere.json")
    assert read_accounts(None) == []
    assert read_accounts(_accounts(tmp_path / "a.json", [GOOD]))[0].email == GOOD["email"]


def test_each_account_gets_some_of_everything(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    accounts = _accounts(tmp_path / "a.json", [GOOD])
    run(f"sqlite:///{path}", 9, 20, 40, accounts)
    for query in (
        "SELECT count(*) FROM orders WHERE buyer_id = u.id",
        "SELECT count(*) FROM rentals WHERE renter_id = u.id",
        "SELECT count(*) FROM messages WHERE author_id = u.id",
    ):
        ((count,),) = _all(path, f"SELECT ({query}) FROM users u WHERE password_hash IS NOT NULL")
        assert count >= 3
    again = [{**GOOD, "password": "another long one"}]
    assert "already seeded" in run(
        f"sqlite:///{path}", 9, 20, 40, _accounts(tmp_path / "b.json", again)
    )
    assert _all(path, "SELECT count(*) FROM users") == [(21 + DESK,)]
