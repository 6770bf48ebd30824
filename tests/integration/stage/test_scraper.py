"""What both instances expose is kept, whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from golive.adapters.scraped_series import ScrapedSeries
from golive.kernel.errors import PortError
from golive.ports.series import READINESS, REQUESTS, Combine, Figure, Query, Series
from golive.ports.target import ScrapedConfig
from golive.stage import Stage, StageStatus
from stage_world.bench import eventually

NOT_YET = (AssertionError, KeyError, ValueError, PortError)


def asked(up: StageStatus, query: Query, seconds: float = 30, step: float = 0.5) -> list[Series]:
    config = up.config.metrics
    assert isinstance(config, ScrapedConfig)
    now = datetime.now(UTC)
    start = now - timedelta(seconds=seconds)
    return list(ScrapedSeries(config.file).query(query, start, now, step))


def both_sides_are_kept(running: StageStatus) -> None:
    def kept() -> None:
        ready = asked(running, Query(READINESS, by=("instance",), combine=Combine.MIN))
        assert {one.labels["instance"] for one in ready} == {"blue", "green"}
        httpx.get(f"{running.urls['blue']}/healthz")
        where = {"route": "/healthz", "instance": "blue"}
        (rate,) = asked(running, Query(REQUESTS, Figure.RATE, ("instance",), where, over=10))
        assert rate.points[-1][1] > 0

    eventually(kept, NOT_YET, 30)  # type: ignore[arg-type]


def test_an_instance_that_falls_is_seen_to_and_the_scraper_comes_back(folder: Path) -> None:
    stage = Stage(folder, fault="incoming-5xx")  # a side with a fault is not started again
    up = stage.up(attached=True)
    try:
        both_sides_are_kept(up)
        ups = Query("up", by=("instance",))
        os.kill(up.processes["blue"], signal.SIGKILL)

        def seen() -> None:
            found = {one.labels["instance"]: one.points[-1][1] for one in asked(up, ups)}
            assert found == {"blue": 0.0, "green": 1.0}

        eventually(seen, NOT_YET, 30)  # type: ignore[arg-type]
        os.kill(up.processes["scraper"], signal.SIGKILL)

        def back() -> None:
            now = Stage(folder).status()
            assert now is not None
            assert now.processes["scraper"] != up.processes["scraper"]
            found = {one.labels["instance"]: one.points for one in asked(up, ups, 1)}
            assert found["green"][-1][1] == 1.0

        eventually(back, NOT_YET, 30)  # type: ignore[arg-type]
    finally:
        stage.down()
