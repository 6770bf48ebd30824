"""The committed dashboards are those that are drawn, and documents that a Grafana takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from golive.drills.dashboards.__main__ import content, main
from golive.drills.dashboards.boards import BOARDS, Board
from golive.drills.dashboards.grafana_json import dashboard

FOLDER = Path(__file__).resolve().parents[4] / "infra" / "grafana"
every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)


@every_board
def test_the_committed_file_is_the_definition(board: Board) -> None:
    assert (FOLDER / f"{board.uid}.json").read_text(encoding="utf-8") == content(board)


def test_all_of_them_are_committed_and_no_other(tmp_path: Path) -> None:
    main(tmp_path)
    assert {one.name for one in FOLDER.iterdir()} == {one.name for one in tmp_path.iterdir()}


def _need(value: Any, kind: type, where: str) -> Any:
    assert isinstance(value, kind) and not (kind is int and isinstance(value, bool)), where
    return value


@every_board
def test_it_has_the_shape_of_grafanas_dashboard_kind(board: Board) -> None:
    """The members of Grafana's dashboard kind (schema reference of grafana/grafana, core kinds)
    that a time series dashboard needs, by type and range."""
    found = json.loads(content(board))
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", found["uid"])
    assert _need(found["schemaVersion"], int, "schemaVersion") >= 36
    assert found["graphTooltip"] in (0, 1, 2)
    assert _need(found["editable"], bool, "editable")
    assert all(isinstance(tag, str) for tag in found["tags"])
    assert set(found["time"]) == {"from", "to"}
    assert "id" not in found and "version" not in found  # those are Grafana's to give
    for annotation in found["annotations"]["list"]:
        assert {"name", "enable", "iconColor", "datasource"} <= set(annotation)
        assert {"limit", "matchAny", "tags", "type"} == set(annotation["target"])
    for variable in found["templating"]["list"]:
        assert variable["type"] in ("datasource", "textbox", "query", "custom", "constant")
        assert variable["hide"] in (0, 1, 2)
        assert re.fullmatch(r"\w+", variable["name"])
    ids = [panel["id"] for panel in found["panels"]]
    assert ids == list(range(1, len(board.panels) + 1))
    for panel in found["panels"]:
        _panel(panel)


def _panel(panel: dict[str, Any]) -> None:
    assert panel["type"] == "timeseries" and panel["title"]
    grid = panel["gridPos"]
    assert 0 <= grid["x"] < 24 and 0 < grid["w"] <= 24 and grid["x"] + grid["w"] <= 24
    assert grid["y"] >= 0 and grid["h"] > 0
    assert set(panel["datasource"]) == {"type", "uid"}
    (target,) = panel["targets"]
    assert target["refId"] and target["expr"] and target["datasource"] == panel["datasource"]
    defaults = panel["fieldConfig"]["defaults"]
    assert panel["fieldConfig"]["overrides"] == []
    custom = defaults["custom"]
    assert custom["drawStyle"] in ("line", "bars", "points")
    assert custom["lineInterpolation"] in ("linear", "smooth", "stepBefore", "stepAfter")
    assert custom["showPoints"] in ("auto", "never", "always")
    assert panel["options"]["legend"]["displayMode"] in ("list", "table", "hidden")
    assert panel["options"]["legend"]["placement"] in ("bottom", "right")
    assert panel["options"]["tooltip"]["mode"] in ("single", "multi", "none")


@every_board
def test_panels_lie_beside_each_other_and_not_on_each_other(board: Board) -> None:
    panels: Any = dashboard(board)["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))


@every_board
def test_legends_name_labels_that_the_query_keeps(board: Board) -> None:
    for panel in board.panels:
        named = re.findall(r"\{(\w+)\}", panel.legend)
        assert set(named) <= set(panel.query.by)
        assert set(panel.query.by) == set(named)
