"""The Grafana adapter over a real server that speaks its routes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from golive.adapters.grafana import Grafana
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.json import JsonObject
from golive.ports.dashboards import Annotation, NotRendered
from grafana_world import TOKEN, FakeGrafana, grafana

PNG = b"\x89PNG\r\n\x1a\nwhatever"
AT = datetime(2024, 5, 30, 8, 30, 1, 250_000, tzinfo=UTC)
HUB: JsonObject = {"uid": "fixnado-hub", "title": "Hub", "panels": [{"id": 1, "title": "a"}]}


def connected(world: FakeGrafana, **more: object) -> Grafana:
    return Grafana(world.url, lambda: TOKEN, **more)  # type: ignore[arg-type]


def test_a_dashboard_is_put_there_once_and_found_again() -> None:
    with grafana() as world:
        there = connected(world, folder="launch")
        first, again = there.ensure(HUB), there.ensure(HUB)
        assert (first.pushed, first.same) == (True, True)
        assert (again.pushed, again.same) == (False, True)
        assert first.url == again.url == f"{world.url}/d/fixnado-hub/fixnado-hub"
        assert world.dashboards["fixnado-hub"]["folder"] == "launch"
        assert world.calls.count("POST /grafana/api/dashboards/db") == 1


def test_what_somebody_changed_is_left_alone_unless_told_otherwise() -> None:
    with grafana() as world:
        world.dashboards["fixnado-hub"] = {**HUB, "title": "Ours now"}
        left = connected(world).ensure(HUB)
        assert (left.pushed, left.same) == (False, False)
        assert world.dashboards["fixnado-hub"]["title"] == "Ours now"
        put = connected(world, overwrite=True).ensure(HUB)
        assert (put.pushed, put.same) == (True, True)
        assert world.dashboards["fixnado-hub"]["title"] == "Hub"


def test_twice_annotated_is_once() -> None:
    with grafana() as world:
        event = Annotation(AT, "deployment d-1: AllowTraffic", ["golive", "cutover", "d-1"])
        first, again = connected(world).annotate(event), connected(world).annotate(event)
        assert (first.created, again.created) == (True, False)
        assert first.id == again.id
        (kept,) = world.annotations
        assert kept["time"] == kept["timeEnd"] == 1717057801250
        assert kept["tags"] == ["golive", "cutover", "d-1"]
        other = Annotation(AT, "another", event.tags, AT + timedelta(seconds=2))
        assert connected(world).annotate(other).created
        assert world.annotations[1]["timeEnd"] == 1717057803250


def test_a_panel_is_rendered_over_its_time() -> None:
    with grafana(PNG) as world:
        there = connected(world, datasource="prom-1", organisation=7)
        end = AT + timedelta(hours=1)
        assert there.picture("fixnado-hub", 2, AT, end, width=800, height=300) == PNG
        (asked,) = world.rendered
        assert asked["uid"] == ["fixnado-hub"]
        assert asked["panelId"] == ["2"]
        assert (asked["from"], asked["to"]) == (["1717057801250"], ["1717061401250"])
        assert (asked["width"], asked["height"]) == (["800"], ["300"])
        assert (asked["orgId"], asked["var-datasource"]) == (["7"], ["prom-1"])


def test_it_says_what_it_is() -> None:
    with grafana() as world:
        standing = connected(world).standing()
        assert (standing.version, standing.renders) == ("11.2.0", True)
        assert world.calls == ["GET /grafana/api/frontend/settings"]


def test_no_renderer_is_told_and_its_placeholder_never_taken() -> None:
    with grafana(PNG) as world:
        world.renders = False
        with pytest.raises(NotRendered, match="no image renderer"):
            connected(world).picture("fixnado-hub", 1, AT, AT, width=10, height=10)
        assert world.rendered == []


def test_what_is_no_picture_is_none() -> None:
    with grafana(b"<html>login</html>") as world, pytest.raises(PortError, match="no picture"):
        connected(world).picture("fixnado-hub", 1, AT, AT, width=10, height=10)


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (401, b'{"message":"Invalid API key"}', "grafana.token"),
        (403, b'{"message":"Access denied"}', "Editor"),
        (500, b'{"message":"database is locked"}', ""),
        (200, b"<html>login</html>", ""),
        (200, b"[]", ""),
        (200, b"{broken", ""),
    ],
)
def test_a_refusal_says_what_to_do_and_never_the_token(status: int, body: bytes, hint: str) -> None:
    with grafana() as world:
        world.broken = status, body
        with pytest.raises(PortError) as caught:
            connected(world).ensure(HUB)
        assert hint in caught.value.hint
        assert TOKEN not in f"{caught.value}{caught.value.answer}"


def test_a_wrong_token_and_nobody_there() -> None:
    with grafana() as world, pytest.raises(PortError, match="refused"):
        Grafana(world.url, lambda: "wrong").ensure(HUB)
    with pytest.raises(Unreachable):
        Grafana("http://127.0.0.1:9", lambda: TOKEN).ensure(HUB)
