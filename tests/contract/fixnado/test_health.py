"""`/healthz`, `/readyz`, `/metrics`, the toggle and the file, over HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from fixnado_world import Running


def _file(market: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((market.runtime / "readiness.json").read_bytes())
    return found


def _until(true: Callable[[], bool], seconds: float = 5) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come to be"
        time.sleep(0.002)
    return time.monotonic() - began


def _toggle(market: Running, component: str, status: str, error: str | None = None) -> dict:
    answer = market.as_("operations").put(
        f"/v1/admin/readiness/{component}", json={"status": status, "error": error}
    )
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _gauges(market: Running) -> dict[str, float]:
    families = text_string_to_metric_families(market.guest.get("/metrics").text)
    family = next(one for one in families if one.name == "fixnado_readiness_status")
    return {sample.labels["component"]: sample.value for sample in family.samples}


def test_health_and_greeting_say_who_answers(market: Running) -> None:
    health = market.guest.get("/healthz").raise_for_status().json()
    assert health.keys() == {"status", "version", "instance", "schema", "startedAt"}
    assert (health["status"], health["version"], health["instance"]) == ("ok", "1.00", "blue")
    greeting = market.guest.get("/").raise_for_status()
    assert greeting.json() == {"service": "fixnado", "version": "1.00", "instance": "blue"}
    assert greeting.headers["x-fixnado-instance"] == "blue"


def test_a_prepared_answer_is_what_the_application_says(market: Running) -> None:
    async def undisguised() -> httpx.Response:
        way = httpx.ASGITransport(market.service.api)
        async with httpx.AsyncClient(transport=way, base_url=market.url) as client:
            return await client.get("/")

    own, prepared = asyncio.run(undisguised()), market.guest.get("/?anything=else")
    assert (prepared.status_code, prepared.content) == (own.status_code, own.content)
    of_the_service = {"x-fixnado-instance", "x-fixnado-version", "x-content-type-options", "date"}
    assert prepared.headers.keys() - of_the_service == own.headers.keys()
    assert prepared.headers["content-type"] == own.headers["content-type"]
    for method in ("HEAD", "POST"):
        refused = market.guest.request(method, "/", json={})
        assert refused.status_code == 405, "what isn't prepared is the application's own"
    counted = 'fixnado_http_requests_total{method="GET",route="/",status="200"}'
    assert counted in market.guest.get("/metrics").text


def test_everything_is_ready_once_it_serves(market: Running) -> None:
    found = market.guest.get("/readyz").raise_for_status().json()
    assert found["status"] == "ready"
    assert set(found["components"]) >= {"database", "storage", "commerce", "identity"}
    _until(lambda: _file(market)["status"] == "ready")
    assert _file(market).keys() == {"status", "generatedAt", "startedAt", "components"}
    assert set(_gauges(market).values()) == {1.0}


def test_each_status_shows_in_answer_file_and_metric(market: Running) -> None:
    values = {"error": 0, "stopping": 0.25, "initialising": 0.5, "degraded": 0.75, "ready": 1}
    for status, gauge in values.items():
        answer = _toggle(market, "commerce", status, f"because {status}")
        assert answer["status"] == status
        _until(lambda status=status: _file(market)["components"]["commerce"]["status"] == status)
        assert _file(market)["status"] == status
        assert _gauges(market)["commerce"] == gauge
        ready = market.guest.get("/readyz")
        assert ready.status_code == (200 if status in ("ready", "degraded") else 503)
        if ready.status_code == 503:
            assert ready.headers["content-type"] == "application/problem+json"
            assert f"commerce: {status}" in ready.json()["detail"]
        if status != "ready":
            assert _file(market)["components"]["commerce"]["error"] == f"because {status}"
        assert market.guest.get("/healthz").status_code == 200


def test_a_burst_of_twelve_toggles_loses_none_and_the_last_wins(market: Running) -> None:
    statuses = ["error", "degraded", "initialising"] * 4
    answers = [_toggle(market, "commerce", status) for status in statuses]
    expected = answers[0]["metadata"]["changes"] + len(statuses) - 1
    _until(lambda: _file(market)["components"]["commerce"]["metadata"]["changes"] == expected)
    assert _file(market)["components"]["commerce"]["status"] == statuses[-1]


def test_an_unknown_component_or_status_is_refused(market: Running) -> None:
    client = market.as_("operations")
    unknown = client.put("/v1/admin/readiness/flux", json={"status": "error"})
    assert unknown.status_code == 404
    assert "database" in unknown.json()["detail"]
    odd = client.put("/v1/admin/readiness/commerce", json={"status": "tired"})
    assert odd.status_code == 422


def test_metrics_are_exposition_0_0_4_and_count_what_was_answered(start) -> None:
    market = start()
    for _ in range(3):
        market.guest.get("/healthz")
    answer = market.guest.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    samples = [
        sample
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    ]
    counted = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in samples
        if sample.name == "fixnado_http_requests_total"
    }
    assert counted["/healthz", "200"] == 3
    assert any(one.name == "fixnado_http_request_duration_seconds_bucket" for one in samples)


def test_readiness_stale_never_rewrites_the_file(start) -> None:
    market = start(fault="readiness-stale")
    before = (market.runtime / "readiness.json").read_bytes()
    _toggle(market, "commerce", "error")
    time.sleep(0.3)
    assert (market.runtime / "readiness.json").read_bytes() == before
    assert _gauges(market)["commerce"] == 0


def test_five_hundreds_on_demand_spare_health(start) -> None:
    market = start(fault="5xx")
    statuses = [market.guest.get("/").status_code for _ in range(100)]
    assert statuses.count(500) == 30
    assert {market.guest.get("/readyz").status_code for _ in range(20)} == {200}
    assert {market.guest.get("/healthz").status_code for _ in range(20)} == {200}


def test_slow_on_demand_spares_health(start) -> None:
    market = start(fault="slow")
    slow = market.guest.get("/").elapsed
    assert slow.total_seconds() >= 0.8
    assert min(market.guest.get("/healthz").elapsed for _ in range(3)) < slow / 2
