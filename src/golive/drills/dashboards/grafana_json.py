"""A board as Grafana's dashboard JSON (schema version 39, Grafana 10.4 and later). Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from golive.drills.dashboards.boards import Board, BoardPanel
from golive.kernel.json import Json, JsonObject
from golive.ports.promql import promql
from golive.ports.series import SIDE

TAGS = ("golive", "fixnado")
CUTOVER = ("golive", "cutover")
"""Tags that every annotation of a cutover has."""
_SCHEMA = 39
_WIDE, _HIGH = 12, 8
_DATA: Json = {"type": "prometheus", "uid": "${datasource}"}
_OWN: Json = {"type": "grafana", "uid": "-- Grafana --"}


def uid_of(board: Board) -> str:
    return f"fixnado-{board.uid}"


def dashboard(board: Board) -> JsonObject:
    """The whole document, as it lies in the repository."""
    return {
        "uid": uid_of(board),
        "title": f"Fixnado: {board.title.lower()}",
        "tags": list(TAGS),
        "schemaVersion": _SCHEMA,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": "",
        "time": {"from": "now-1h", "to": "now"},
        "annotations": {"list": [_annotations()]},
        "templating": {"list": [_data_source(), _sides()]},
        "panels": [_panel(number, panel) for number, panel in enumerate(board.panels, start=1)],
    }


def _annotations() -> Json:
    return {
        "name": "Cutover",
        "enable": True,
        "hide": False,
        "iconColor": "orange",
        "datasource": _OWN,
        "type": "tags",
        "target": {"type": "tags", "tags": list(CUTOVER), "matchAny": False, "limit": 500},
    }


def _data_source() -> Json:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "hide": 0,
        "includeAll": False,
        "multi": False,
        "options": [],
        "refresh": 1,
        "regex": "",
    }


def _sides() -> Json:
    """Which instances are Fixnado's: whatever else is scraped there stays out."""
    known = "blue|green"
    return {
        "name": "sides",
        "label": "Sides",
        "type": "textbox",
        "query": known,
        "hide": 0,
        "current": {"text": known, "value": known},
        "options": [{"text": known, "value": known, "selected": True}],
    }


def _panel(number: int, panel: BoardPanel) -> Json:
    index = number - 1
    query = replace(panel.query, where={**panel.query.where, SIDE: "$sides"})
    target: Json = {
        "refId": "A",
        "datasource": _DATA,
        "expr": promql(query, window="$__rate_interval"),
        "legendFormat": re.sub(r"\{(\w+)\}", r"{{\1}}", panel.legend),
        "range": True,
    }
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _DATA,
        "gridPos": {
            "x": _WIDE * (index % 2),
            "y": _HIGH * (index // 2),
            "w": _WIDE,
            "h": _HIGH,
        },
        "targets": [target],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {
            "legend": {
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": True,
                "calcs": [],
            },
            "tooltip": {"mode": "multi", "sort": "none"},
        },
    }


def _defaults(panel: BoardPanel) -> Json:
    defaults: dict[str, Json] = {
        "unit": panel.unit.grafana,
        "min": 0,
        "custom": {
            "drawStyle": "line",
            "lineInterpolation": "stepAfter" if panel.step else "linear",
            "lineWidth": 2,
            "fillOpacity": 0,
            "showPoints": "auto",
            "spanNulls": False,
        },
    }
    if panel.most is not None:
        defaults["max"] = panel.most
    return defaults
