"""Invitations, passphrases and sessions: one use, short lives, nothing told to strangers."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from golive.console.identity import Identity, NotKnown, TooMany
from golive.console.sessions import Sessions
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.governance.acts import fingerprint
from golive.kernel.errors import BadInput

WORDS = "a horse that nobody owns"


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2024, 5, 30, 8, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class House:
    settings: ConsoleSettings
    store: Store
    clock: Clock
    identity: Identity
    sessions: Sessions

    def resident(self, person: str = "nadia") -> None:
        token, _ = self.identity.invite(person)
        self.identity.accept(token, WORDS)

    def everything_written(self) -> bytes:
        folder = self.settings.folder
        return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings, clock = ConsoleSettings(tmp_path), Clock()
    store = Store(settings.folder)
    yield House(
        settings, store, clock, Identity(store, settings, clock), Sessions(store, settings, clock)
    )
    store.close()


def test_an_invitation_holds_once(house: House) -> None:
    token, mark = house.identity.invite("nadia")
    assert house.identity.invitation(token) is not None
    proof = house.identity.accept(token, WORDS)
    assert proof.key is not None
    assert fingerprint(proof.key.public) == mark == house.identity.mark("nadia")
    assert house.identity.invitation(token) is None
    with pytest.raises(BadInput, match="was used or has run out"):
        house.identity.accept(token, WORDS)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("password123", "shorter than 12"),
        ("passwordpassword", "the same again"),
        ("Tiger tiger TIGER lion", "the same again"),
        ("!!!!!!!!!!!!!!!!", "the same again"),
        ("nadia rahman 2026", "your own name"),
        ("RahmanNadiaRahman", "your own name"),
    ],
)
def test_a_passphrase_that_is_long_by_nothing_is_refused(
    house: House, words: str, why: str
) -> None:
    token, _ = house.identity.invite("nadia")
    with pytest.raises(BadInput, match=why):
        house.identity.accept(token, words, "Nadia Rahman")
    assert house.identity.accept(token, f"only nadia {WORDS}", "Nadia Rahman").key


def test_an_invitation_runs_out(house: House) -> None:
    token, _ = house.identity.invite("nadia")
    house.clock.sleep(house.settings.invitation_life.total_seconds())
    assert house.identity.invitation(token) is None
    with pytest.raises(BadInput):
        house.identity.accept(token, WORDS)


def test_a_newer_invitation_ends_the_older(house: House) -> None:
    old, _ = house.identity.invite("nadia")
    new, _ = house.identity.invite("nadia")
    assert house.identity.invitation(old) is None
    assert house.identity.invitation(new) is not None


def test_who_is_in_is_not_invited_again_unasked(house: House) -> None:
    house.resident()
    before = house.identity.mark("nadia")
    with pytest.raises(BadInput, match="taken up"):
        house.identity.invite("nadia")
    token, mark = house.identity.invite("nadia", again=True)
    assert mark != before
    house.identity.accept(token, "another horse altogether")
    with pytest.raises(NotKnown):
        house.identity.enter("nadia", WORDS, "here")


def test_a_short_passphrase_leaves_the_invitation(house: House) -> None:
    token, _ = house.identity.invite("nadia")
    with pytest.raises(BadInput, match="shorter"):
        house.identity.accept(token, "horse")
    assert house.identity.invitation(token) is not None


def test_own_keys_stay_where_they_are(house: House) -> None:
    token, mark = house.identity.invite("nadia", own_key=True)
    assert mark == ""
    assert house.identity.accept(token, WORDS).key is None
    assert house.identity.enter("nadia", WORDS, "here").key is None


def test_the_same_key_comes_back_with_the_passphrase(house: House) -> None:
    house.resident()
    key = house.identity.enter("nadia", WORDS, "here").key
    assert key is not None
    assert fingerprint(key.public) == house.identity.mark("nadia")


def test_guessing_is_slowed_down_and_waits_pass(house: House) -> None:
    house.resident()
    for _ in range(5):
        with pytest.raises(NotKnown):
            house.identity.enter("nadia", "not this one at all", "there")
    with pytest.raises(TooMany) as stopped:
        house.identity.enter("nadia", WORDS, "there")
    assert 0 < stopped.value.seconds <= 901
    assert house.identity.enter("nadia", WORDS, "her own phone").person == "nadia"
    house.clock.sleep(stopped.value.seconds)
    assert house.identity.enter("nadia", WORDS, "there").person == "nadia"


def test_strangers_are_slowed_down_alike(house: House) -> None:
    house.resident()
    for name in ("nadia", "nobody"):
        for _ in range(5):
            with pytest.raises(NotKnown, match="don't belong together"):
                house.identity.enter(name, "not this one at all", name)
        with pytest.raises(TooMany):
            house.identity.enter(name, "not this one at all", name)


def test_many_guesses_at_once_are_no_more_than_in_turn(house: House) -> None:
    house.resident()

    def guess(number: int) -> str:
        try:
            house.identity.enter("nadia", f"guess number {number}", "there")
        except (NotKnown, TooMany) as refused:
            return type(refused).__name__
        return "entered"

    with ThreadPoolExecutor(20) as together:
        answers = Counter(together.map(guess, range(20)))
    assert answers == {"NotKnown": 5, "TooMany": 15}


def test_who_enters_is_not_held_to_earlier_times(house: House) -> None:
    house.resident()
    for _ in range(12):
        house.identity.enter("nadia", WORDS, "here")


def test_an_invitation_that_is_none_costs_nothing_to_refuse(house: House) -> None:
    token, _ = house.identity.invite("nadia")

    def seconds(one: str) -> float:
        began = time.thread_time()
        with suppress(BadInput):
            house.identity.accept(one, WORDS)
        return time.thread_time() - began

    strange, genuine = min(seconds("x" * 43) for _ in range(3)), seconds(token)
    assert strange < genuine / 5


def test_unknown_people_take_as_long_as_known_ones(house: House) -> None:
    house.resident()

    def seconds(name: str) -> float:
        took = []
        for number in range(4):
            began = time.thread_time()
            with pytest.raises(NotKnown):
                house.identity.enter(name, "not this one at all", f"{name} {number}")
            took.append(time.thread_time() - began)
        return statistics.median(took)

    known, unknown = seconds("nadia"), seconds("nobody")
    assert known > 0.01, "the passphrase costs nothing to try"
    assert 0.5 < known / unknown < 2


def test_sessions_rotate_and_end(house: House) -> None:
    house.resident()
    proof = house.identity.enter("nadia", WORDS, "here")
    first = house.sessions.open(proof, "passphrase", "a phone")
    second = house.sessions.open(proof, "passphrase", "a phone", before=first)
    assert house.sessions.visit(first) is None
    visit = house.sessions.visit(second)
    assert visit is not None
    assert second not in repr(visit)
    house.sessions.revoke("tom", visit.session.id)
    assert house.sessions.visit(second) is not None, "another person ended it"
    house.sessions.revoke("nadia", visit.session.id)
    assert house.sessions.visit(second) is None


def test_sessions_are_short(house: House) -> None:
    house.resident()
    proof = house.identity.enter("nadia", WORDS, "here")
    idle = house.sessions.open(proof, "passphrase", "a phone")
    house.clock.sleep(house.settings.idle.total_seconds())
    assert house.sessions.visit(idle) is None
    busy = house.sessions.open(proof, "passphrase", "a phone")
    minutes = house.settings.life // timedelta(minutes=30)
    alive = []
    for _ in range(minutes):
        alive.append(house.sessions.visit(busy) is not None)
        house.clock.sleep(1800)
    assert all(alive)
    assert house.sessions.visit(busy) is None


def test_the_key_comes_along_in_the_session_alone(house: House) -> None:
    house.resident()
    proof = house.identity.enter("nadia", WORDS, "here")
    token = house.sessions.open(proof, "passphrase", "a phone")
    visit = house.sessions.visit(token)
    assert visit is not None
    key = house.sessions.key(visit)
    assert key is not None
    assert proof.key is not None
    assert key.key_id == proof.key.key_id


def test_nothing_that_opens_anything_is_written(house: House) -> None:
    token, _ = house.identity.invite("nadia")
    proof = house.identity.accept(token, WORDS)
    session = house.sessions.open(proof, "passphrase", "a phone")
    assert proof.key is not None
    from cryptography.hazmat.primitives import serialization as forms

    raw = proof.key.raw.private_bytes(
        forms.Encoding.Raw, forms.PrivateFormat.Raw, forms.NoEncryption()
    )
    written = house.everything_written()
    for secret in (token.encode(), WORDS.encode(), session.encode(), raw):
        assert secret not in written
