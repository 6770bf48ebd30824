"""The marketplace's port, kept by the real service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from golive.kernel.errors import PortError


def test_health(world: Any) -> None:
    health = world.market.health()
    assert (health.alive, health.ready, health.version, health.instance) == (
        True,
        True,
        "1.00",
        "blue",
    )
    assert health.schema
    assert isinstance(health.raw["startedAt"], str)


def test_a_session_and_the_first_pages(world: Any) -> None:
    session = world.market.login("user")
    assert session.role == "user"
    hub = world.market.timeline_hub(session)
    assert hub["entries"]
    assert hub["warnings"] == []
    snapshot = world.market.commerce_snapshot(session, "user")
    assert {"orders", "rentals", "revenue", "escrow", "alerts"} <= snapshot.keys()


def test_a_toggle_shows_and_only_operations_may(world: Any) -> None:
    operations = world.market.login("operations")
    world.market.toggle_component(operations, "commerce", "error")
    assert not world.market.health().ready
    world.market.toggle_component(operations, "commerce", "ready")
    assert world.market.health().ready
    with pytest.raises(PortError, match="403"):
        world.market.toggle_component(world.market.login("user"), "commerce", "error")
    with pytest.raises(PortError, match="404"):
        world.market.toggle_component(operations, "no-such-component", "error")


def test_without_rehearsal_there_is_no_toggle(start: Callable[..., Any]) -> None:
    world = start(rehearsal=False)
    with pytest.raises(PortError, match="40"):
        world.market.toggle_component(world.market.login("operations"), "commerce", "error")


def test_an_expired_session_is_renewed(start: Callable[..., Any]) -> None:
    ahead = timedelta()
    world = start(clock=lambda: datetime.now(UTC) + ahead)
    session = world.market.login("user")
    ahead = timedelta(days=2)
    assert world.market.timeline_hub(session)["entries"]


def test_a_wrong_prefix_says_what_to_check(world: Any) -> None:
    world.market._prefix = "/api/v9"
    with pytest.raises(PortError, match="404") as caught:
        world.market.login("user")
    assert "prefix" in caught.value.hint
