"""What the people bought, hired and said to each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from fixnado.commerce.model import EscrowStatus, OrderStatus, RentalStatus
from fixnado.seed.people import draw, identifier

Row = dict[str, Any]

_SERVICES: Final = (
    "Boiler service",
    "Bathroom refit",
    "Fence repair",
    "Garden clearance",
    "Kitchen rewiring",
    "Loft insulation",
    "Office deep clean",
    "Roof inspection",
    "Shop front glazing",
    "Solar panel check",
)
_ASSETS: Final = (
    "Cement mixer",
    "Cherry picker",
    "Floor sander",
    "Mini excavator",
    "Pressure washer",
    "Scaffold tower",
    "Wacker plate",
)
_ORDER_MIX: Final = {
    OrderStatus.PLACED: 12,
    OrderStatus.IN_PROGRESS: 18,
    OrderStatus.COMPLETED: 55,
    OrderStatus.CANCELLED: 10,
    OrderStatus.DISPUTED: 5,
}
_RENTAL_MIX: Final = {
    RentalStatus.BOOKED: 20,
    RentalStatus.OUT: 25,
    RentalStatus.RETURNED: 50,
    RentalStatus.LATE: 5,
}
_CURRENCIES: Final = {"GBP": 80, "EUR": 15, "USD": 5}
_STAGES: Final = ("Survey", "Materials on site", "Work done", "Inspection")
_ESCROW: Final = {
    OrderStatus.COMPLETED: EscrowStatus.RELEASED,
    OrderStatus.CANCELLED: EscrowStatus.REFUNDED,
}
_LINES: Final = (
    "Could you come on Tuesday instead?",
    "The parts have arrived, I can start in the morning.",
    "Please leave the keys with reception.",
    "I have sent the photos of the damage.",
    "That price includes removal of the old one.",
    "The inspection found a leak under the sink.",
    "Thank you, that looks much better.",
    "When may I expect the deposit back?",
    "We will need access to the roof for two hours.",
    "The invoice and the warranty are attached to the order.",
)
_ACCOUNT_ORDERS: Final = 6
_DISPUTES: Final = (18_450, 1_250_000)
"""Each account's first orders are in dispute, for these pence: one small, one above £10,000."""
_ACCOUNT_RENTALS: Final = 3
_ACCOUNT_CONVERSATIONS: Final = 3


@dataclass
class Business:
    """Rows by table, in the order in which they may be inserted."""

    orders: list[Row] = field(default_factory=list)
    milestones: list[Row] = field(default_factory=list)
    rentals: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    conversation_participants: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)


def business(
    rng: random.Random,
    buyers: Sequence[str],
    providers: Sequence[str],
    accounts: Sequence[str],
    orders: int,
    anchor: datetime,
) -> Business:
    """`orders` orders, a rental for every five, a conversation for every six.

    Each of `accounts` gets some of everything, so that a request for its data finds something.
    """
    made = Business()
    for number in range(orders):
        owner = _owner(rng, accounts, buyers, number, _ACCOUNT_ORDERS)
        own = number < len(accounts) * _ACCOUNT_ORDERS
        dispute = _DISPUTES[number % _ACCOUNT_ORDERS : number % _ACCOUNT_ORDERS + 1] if own else ()
        _order(made, rng, number, owner, rng.choice(providers), anchor, *dispute)
    for number in range(max(orders // 5, len(accounts) * _ACCOUNT_RENTALS)):
        owner = _owner(rng, accounts, buyers, number, _ACCOUNT_RENTALS)
        _rental(made, rng, number, owner, rng.choice(providers), anchor)
    for number in range(max(orders // 6, len(accounts) * _ACCOUNT_CONVERSATIONS)):
        owner = _owner(rng, accounts, buyers, number, _ACCOUNT_CONVERSATIONS)
        _conversation(made, rng, owner, rng.choice(providers), anchor)
    return made


def _owner(
    rng: random.Random, accounts: Sequence[str], buyers: Sequence[str], number: int, share: int
) -> str:
    return accounts[number // share] if number < len(accounts) * share else rng.choice(buyers)


def _order(
    made: Business,
    rng: random.Random,
    number: int,
    buyer: str,
    provider: str,
    anchor: datetime,
    disputed_minor: int | None = None,
) -> None:
    status = OrderStatus.DISPUTED if disputed_minor else draw(rng, _ORDER_MIX)
    placed = anchor - timedelta(minutes=rng.randrange(60, 60 * 24 * 365))
    due = placed + timedelta(days=rng.randrange(3, 60))
    amount = disputed_minor or rng.randrange(2_500, 1_500_000)
    done = status is OrderStatus.COMPLETED
    order_id = identifier(rng)
    made.orders.append(
        {
            "id": order_id,
            "reference": f"FX-{number + 1:06d}",
            "buyer_id": buyer,
            "provider_id": provider,
            "service": rng.choice(_SERVICES),
            "status": status.value,
            "amount_minor": amount,
            "currency": "GBP" if disputed_minor else draw(rng, _CURRENCIES),
            "escrow_status": _ESCROW.get(status, EscrowStatus.HELD).value,
            "escrow_minor": amount,
            "placed_at": placed,
            "due_at": due,
            "completed_at": min(due, anchor) if done else None,
        }
    )
    stages = _STAGES[: rng.randrange(2, 5)]
    for step, title in enumerate(stages):
        last = step == len(stages) - 1
        state = "passed" if done or not last else "pending"
        made.milestones.append(
            {
                "id": identifier(rng),
                "order_id": order_id,
                "title": title,
                "status": "failed" if last and status is OrderStatus.DISPUTED else state,
                "due_at": placed + (due - placed) * (step + 1) / len(stages),
            }
        )


def _rental(
    made: Business, rng: random.Random, number: int, renter: str, owner: str, anchor: datetime
) -> None:
    starts = anchor - timedelta(days=rng.randrange(-20, 300), hours=rng.randrange(24))
    rate = rng.randrange(1_500, 40_000)
    made.rentals.append(
        {
            "id": identifier(rng),
            "reference": f"RT-{number + 1:06d}",
            "renter_id": renter,
            "owner_id": owner,
            "asset": rng.choice(_ASSETS),
            "status": draw(rng, _RENTAL_MIX).value,
            "daily_rate_minor": rate,
            "deposit_minor": rate * 3,
            "currency": "GBP",
            "starts_at": starts,
            "ends_at": starts + timedelta(days=rng.randrange(1, 21)),
        }
    )


def _conversation(
    made: Business, rng: random.Random, opener: str, other: str, anchor: datetime
) -> None:
    created = anchor - timedelta(minutes=rng.randrange(60 * 24, 60 * 24 * 300))
    conversation_id = identifier(rng)
    moment = created
    for turn in range(rng.randrange(2, 9)):
        moment = moment if turn == 0 else moment + timedelta(minutes=rng.randrange(1, 120))
        made.messages.append(
            {
                "id": identifier(rng),
                "conversation_id": conversation_id,
                "author_id": opener if turn % 2 == 0 else other,
                "body": rng.choice(_LINES),
                "sent_at": moment,
            }
        )
    made.conversations.append(
        {
            "id": conversation_id,
            "subject": f"About: {rng.choice(_SERVICES + _ASSETS).lower()}",
            "opened_by": opener,
            "created_at": created,
            "updated_at": moment,
        }
    )
    made.conversation_participants += [
        {"conversation_id": conversation_id, "user_id": who} for who in sorted({opener, other})
    ]
