"""Invented people. Addresses live in the rehearsal's own domain, phones in a range for fiction."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from mimesis import Locale, Person

from fixnado.platform.access import Role

DOMAIN: Final = "rehearsal.fixnado.example"
"""RFC 2606 §2 reserves `.example`: no mail to it can ever arrive."""
_MIX: Final = {
    Role.USER: 60,
    Role.SERVICEMAN: 16,
    Role.PROVIDER: 14,
    Role.ENTERPRISE: 7,
    Role.PROVIDER_ADMIN: 3,
}
_REGIONS: Final = {"GB": 70, "IE": 10, "DE": 10, "US-CA": 10}
T = TypeVar("T")


def draw(rng: random.Random, mix: Mapping[T, int]) -> T:
    """One of `mix`, as often as its weight says."""
    return rng.choices(list(mix), list(mix.values()))[0]


def identifier(rng: random.Random) -> str:
    """A version 4 UUID that the seed decides."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def account_id(email: str) -> str:
    """The same account has the same id in every rehearsal (RFC 9562 §5.5)."""
    return str(uuid5(NAMESPACE_URL, f"mailto:{email.lower()}"))


def phone(rng: random.Random) -> str:
    """From 07700 900000 to 900999, which Ofcom keeps for drama."""
    return f"+44 7700 900{rng.randrange(1000):03d}"


def people(rng: random.Random, seed: int, count: int, anchor: datetime) -> Iterator[dict[str, Any]]:
    """`count` people of the market, as rows, without passwords."""
    invented = Person(Locale.EN_GB, seed=seed)
    roles = list(_MIX)
    for number in range(count):
        name = invented.full_name()
        local = "".join(letter for letter in name.lower().replace(" ", ".") if letter.isascii())
        # the first ones make sure that no role is missing from a small market
        role = roles[number] if number < len(roles) else draw(rng, _MIX)
        yield {
            "id": identifier(rng),
            "email": f"{local.strip('.')}.{number:05d}@{DOMAIN}",
            "name": name,
            "phone": phone(rng),
            "role": role.value,
            "region": draw(rng, _REGIONS),
            "password_hash": None,
            "created_at": anchor - timedelta(minutes=rng.randrange(60 * 24 * 900)),
        }
