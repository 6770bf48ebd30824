"""The outbox and its courier, on both databases, with deliveries of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest

from fixnado.platform import outbox
from fixnado.platform.courier import Courier, Keep, Undelivered
from fixnado.platform.database import Database, UnitOfWork
from fixnado.platform.outbox import ClaimLost, Parcel, Settle

LEASE = timedelta(seconds=15)
TOPICS = ["news"]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(url: str, clock: Clock) -> Iterator[Database]:
    found = Database(url, clock=clock)
    yield found
    found.close()


def _post(database: Database, lane: str = "a", topic: str = "news", **payload: Any) -> int:
    return database.write(lambda unit: outbox.post(unit, topic, lane, payload))


def _take(database: Database) -> Parcel | None:
    return database.write(lambda unit: outbox.take(unit, TOPICS, LEASE))


def _nothing(_: UnitOfWork) -> None:
    """Nothing else becomes true."""


class Postman:
    """Remembers what it carried, and refuses what it is told to."""

    def __init__(self, refusals: Mapping[int, Exception] | None = None) -> None:
        self.carried: list[Mapping[str, Any]] = []
        self._refusals = dict(refusals or {})

    def __call__(self, parcel: Parcel, keep: Keep) -> Settle:
        keep()
        if parcel.attempts in self._refusals:
            raise self._refusals[parcel.attempts]
        self.carried.append(parcel.payload)
        return _nothing


def test_what_was_posted_in_a_transaction_that_failed_is_not_there(database: Database) -> None:
    def broken(unit: UnitOfWork) -> None:
        outbox.post(unit, "news", "a", {})
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        database.write(broken)
    assert _take(database) is None


def test_a_lane_is_served_in_order_and_lanes_side_by_side(database: Database) -> None:
    first, _, other = _post(database), _post(database), _post(database, lane="b")
    taken = [_take(database), _take(database), _take(database)]
    assert [one.number if one else None for one in taken] == [first, other, None]


def test_a_parcel_that_is_not_due_holds_its_lane_up(database: Database, clock: Clock) -> None:
    first = _post(database)
    _post(database)
    taken = _take(database)
    assert taken is not None
    hour = timedelta(hours=1)
    database.write(lambda unit: outbox.give_back(unit, taken, "not now", hour))
    assert _take(database) is None
    clock.now += hour
    again = _take(database)
    assert again is not None
    assert (again.number, again.attempts) == (first, 2)


def test_a_lease_that_lapsed_is_lost_to_who_took_over(database: Database, clock: Clock) -> None:
    _post(database)
    slow = _take(database)
    assert slow is not None
    clock.now += LEASE
    quick = _take(database)
    assert quick is not None
    assert quick.number == slow.number
    for late in (
        lambda unit: outbox.keep(unit, slow, LEASE),
        lambda unit: outbox.settle(unit, slow, _nothing),
        lambda unit: outbox.give_back(unit, slow, "x", LEASE),
    ):
        with pytest.raises(ClaimLost):
            database.write(late)
    database.write(lambda unit: outbox.settle(unit, quick, _nothing))
    assert _take(database) is None


def test_a_lease_that_is_renewed_holds(database: Database, clock: Clock) -> None:
    _post(database)
    taken = _take(database)
    assert taken is not None
    for _ in range(5):
        clock.now += LEASE - timedelta(seconds=1)
        database.write(lambda unit: outbox.keep(unit, taken, LEASE))
        assert _take(database) is None


def test_what_a_delivery_makes_true_and_its_settling_are_one(database: Database) -> None:
    number = _post(database)
    taken = _take(database)
    assert taken is not None

    def broken(_: UnitOfWork) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        database.write(lambda unit: outbox.settle(unit, taken, broken))
    known = database.read(lambda unit: outbox.progress(unit, [number]))[number]
    assert known.settled_at is None


def test_other_topics_are_left_alone(database: Database) -> None:
    _post(database, topic="other", lane="z")
    postman = Postman()
    assert not Courier(database, {"news": postman}).deliver_one()
    assert postman.carried == []


def test_waiting_doubles_and_a_wish_of_the_other_side_is_heard(
    database: Database, clock: Clock
) -> None:
    refusals = {
        **{attempt: Undelivered("closed") for attempt in range(1, 9)},
        9: Undelivered("busy", retry_after_s=200),
        10: ValueError("a bug"),
    }
    postman = Postman(refusals)
    courier = Courier(database, {"news": postman})
    number = _post(database, words="hello")
    waits = []
    for _ in range(10):
        assert courier.deliver_one()
        known = database.read(lambda unit: outbox.progress(unit, [number]))[number]
        waits.append((known.due_at - clock.now).total_seconds())
        assert not courier.deliver_one()
        clock.now = known.due_at
    for wait, most in zip(waits[:8], (0.5, 1, 2, 4, 8, 16, 32, 60), strict=True):
        assert most * 0.75 <= wait <= most
    assert waits[8] == 200
    assert known.last_error == "the delivery broke: ValueError"
    assert courier.deliver_one()
    assert postman.carried == [{"words": "hello"}]
    known = database.read(lambda unit: outbox.progress(unit, [number]))[number]
    assert known.settled_at is not None
    assert known.last_error is None


def test_many_couriers_carry_everything_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    postman = Postman()
    numbers = [_post(databases[0], lane=f"lane {n % 7}", n=n) for n in range(40)]
    done = Event()

    def work(database: Database) -> None:
        courier = Courier(database, {"news": postman})
        while not done.is_set():
            if not courier.deliver_one() and len(postman.carried) >= len(numbers):
                done.set()

    threads = [Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one["n"] for one in postman.carried) == list(range(40))
    for lane in range(7):
        carried = [one["n"] for one in postman.carried if one["n"] % 7 == lane]
        assert carried == sorted(carried)
    for database in databases:
        database.close()


def test_a_courier_that_is_stopped_gives_back_what_it_holds(database: Database) -> None:
    number = _post(database)
    entered, leave = Event(), Event()

    def slow(_: Parcel, keep: Keep) -> Settle:
        entered.set()
        leave.wait(10)
        keep()
        return _nothing

    courier = Courier(database, {"news": slow})
    courier.start()
    assert entered.wait(10)
    stopper = Thread(target=courier.stop, kwargs={"wait_s": 10})
    stopper.start()
    while not courier._stop.is_set():
        pass
    leave.set()
    stopper.join(10)
    known = database.read(lambda unit: outbox.progress(unit, [number]))[number]
    assert known.settled_at is None
    assert known.last_error == "the instance is stopping"
    again = _take(database)
    assert again is not None
    assert again.attempts == 2
