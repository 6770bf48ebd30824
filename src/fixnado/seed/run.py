"""Fill a database once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fixnado.commerce import service as commerce
from fixnado.compliance.model.requests import DataRequest, RequestType, Status
from fixnado.compliance.service import desk
from fixnado.conversations import service as conversations
from fixnado.identity import service as identity
from fixnado.ledger import service as ledger
from fixnado.ledger.model import BANK, ESCROW, Posting, move
from fixnado.platform import schema
from fixnado.platform.access import MARKET, Role
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.errors import StartRefused
from fixnado.seed import learning, policies, store
from fixnado.seed.accounts import Account, read_accounts
from fixnado.seed.business import business
from fixnado.seed.people import identifier, people
from fixnado.timeline import service as timeline

ANCHOR: Final = datetime(2024, 5, 30, 8, 0, tzinfo=UTC)
"""The moment that everything seeded lies before. Fixed, so that a day later it is the same data."""
_PROVIDING: Final = frozenset({Role.PROVIDER, Role.PROVIDER_ADMIN, Role.SERVICEMAN})
_ANSWERED: Final = 5
_ANNOUNCEMENTS: Final = (
    ("Version 1.00 is coming", "The marketplace moves to version 1.00 at the end of May.", 3),
    ("New refund policy", "Refunds now name the failed milestone and the inspection report.", 20),
    ("Tool hire by the day", "Tools and machines can now be hired for single days.", 60),
)


def run(
    url: str,
    seed: int,
    users: int,
    orders: int,
    accounts: Path | None,
    report: Path | None = None,
) -> str:
    """Seed the database at `url` unless it is seeded already; one line that says what was done.

    Accounts are made able to sign in either way: their passwords may be new. `report` is where the
    learning system's completions go.
    """
    if users < len(MARKET) or orders < 1:
        raise StartRefused(f"a market needs {len(MARKET)} users and 1 order at least")
    able = read_accounts(accounts)
    database = Database(url)
    try:
        schema.demand(database)
        known = database.write(lambda unit: _fill(unit, seed, users, orders, able))
        if report is not None and (known is None or not report.exists()):
            learning.write(database, report)
    finally:
        database.close()
    if known is not None:
        return f"already seeded with {known}; nothing changed but {len(able)} accounts"
    return f"seeded with {seed}: {users} users, {orders} orders, {len(able)} accounts"


def _fill(unit: UnitOfWork, seed: int, users: int, orders: int, able: list[Account]) -> int | None:
    for account in able:
        identity.ensure_account(unit, account.person(ANCHOR), account.password)
    known = store.already(unit)
    if known is not None:
        return known
    rng = random.Random(seed)  # noqa: S311
    crowd = list(people(rng, seed, users, ANCHOR))
    identity.import_people(unit, crowd)
    own = [account.person(ANCHOR).id for account in able if account.role in MARKET]
    providers = [person["id"] for person in crowd if Role(person["role"]) in _PROVIDING]
    buyers = [person["id"] for person in crowd if Role(person["role"]) not in _PROVIDING]
    made = business(rng, buyers, providers, own, orders, ANCHOR)
    for table in ("orders", "milestones", "rentals"):
        commerce.import_rows(unit, table, getattr(made, table))
    for table in ("conversations", "conversation_participants", "messages"):
        conversations.import_rows(unit, table, getattr(made, table))
    _open_books(unit, made.orders)
    timeline.import_announcements(unit, list(_announcements(rng)))
    # randomness of its own, so that a change here changes nothing else
    policies.publish(unit, random.Random(f"policies {seed}"), crowd, _rows(able), ANCHOR)  # noqa: S311
    desk.import_answered(unit, _answered(random.Random(f"requests {seed}"), crowd))  # noqa: S311
    store.note(unit, seed, users, orders)
    return None


def _answered(rng: random.Random, crowd: Sequence[Mapping[str, Any]]) -> Iterator[DataRequest]:
    """Requests that were answered so long ago that a purge of what is too old has to take them."""
    for number, person in enumerate(rng.sample(crowd, min(_ANSWERED, len(crowd))), 1):
        asked = ANCHOR - timedelta(days=7 * 365 + rng.randrange(200))
        yield DataRequest(
            id=identifier(rng),
            reference=f"DR-2017-{number:04d}",
            status=Status.COMPLETED,
            request_type=RequestType.ACCESS,
            subject_email=person["email"],
            user_id=person["id"],
            filed_by=person["id"],
            region=person["region"],
            channel="letter",
            justification="",
            requested_at=asked,
            clock_from=asked,
            due_at=asked + timedelta(days=30),
            verified_at=asked + timedelta(days=1),
            processed_at=asked + timedelta(days=9),
        )


def _rows(able: list[Account]) -> list[dict[str, Any]]:
    people = [account.person(ANCHOR) for account in able]
    known = [{"id": one.id, "role": one.role.value} for one in people]
    # their accounts are made on the day; what they read, they read before
    return [{**one, "created_at": ANCHOR - timedelta(days=30)} for one in known]


def _open_books(unit: UnitOfWork, orders: list[dict[str, Any]]) -> None:
    """What is held in escrow is at the bank, and owed."""
    held: dict[str, int] = {}
    for order in orders:
        if order["escrow_status"] == "held":
            held[order["currency"]] = held.get(order["currency"], 0) + order["escrow_minor"]
    for currency, amount in sorted(held.items()):
        ledger.post(
            unit,
            Posting(
                source=f"opening:{currency}",
                description="Escrow held when the books were opened",
                lines=move(ESCROW, BANK, currency, amount),
                posted_by="",
            ),
        )


def _announcements(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "id": identifier(rng),
            "title": title,
            "body": body,
            "audience": "everybody",
            "published_at": ANCHOR - timedelta(days=age),
        }
        for title, body, age in _ANNOUNCEMENTS
    ]
