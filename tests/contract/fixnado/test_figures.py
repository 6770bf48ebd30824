"""Business figures in the metrics of a running instance, on both databases."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from fixnado_world import Running


def _samples(market: Running) -> list[Any]:
    families = text_string_to_metric_families(market.guest.get("/metrics").text)
    return [sample for family in families for sample in family.samples]


def _counted(market: Running, name: str, label: str) -> dict[str, float]:
    return {one.labels[label]: one.value for one in _samples(market) if one.name == name}


def test_the_business_is_counted_and_no_label_names_anybody(start: Callable[..., Running]) -> None:
    market = start()
    deadline = time.monotonic() + 20
    while not _counted(market, "fixnado_timeline_items", "source"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    staff = market.as_("operations")
    snapshot = staff.get("/v1/commerce/snapshot").raise_for_status().json()
    for name in ("orders", "rentals"):
        counted = _counted(market, f"fixnado_{name}", "status")
        assert sum(counted.values()) == snapshot[name]["total"] > 0
    items = _counted(market, "fixnado_timeline_items", "source")
    assert items["commerce"] == snapshot["orders"]["total"]
    assert set(items) == {"announcements", "commerce", "conversations"}
    cases = _counted(market, "fixnado_refund_cases", "status")
    assert {"received", "settled"} <= set(cases)
    # routes are templates, and no label names a person
    order = "ORD-000001"
    staff.get(f"/v1/orders/{order}")
    market.guest.get("/v1/nothing/anna@example.com")
    routes = {one.labels["route"] for one in _samples(market) if "route" in one.labels}
    assert any("{" in route for route in routes)
    values = {value for one in _samples(market) for value in one.labels.values()}
    assert not any("@" in value or order in value for value in values)
    identifier = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
    assert not any(identifier.search(value) for value in values)
