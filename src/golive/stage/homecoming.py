"""The first half of a clean end: production traffic back on the old side."""

from __future__ import annotations

import urllib.parse

from golive.stage import control
from golive.stage.balancer import AT_REST
from golive.stage.layout import Layout, write_json

_LIMIT = 5.0


def bring_home(layout: Layout, controller: str) -> None:
    """Ask the controller to stop what it is deploying and bring traffic back. Where it doesn't
    answer, the next start does so: the weights to start with are the old side's either way."""
    port = urllib.parse.urlsplit(controller).port
    if port is not None:
        control.ask(layout, port, "POST", "/stage/home", _LIMIT)
    write_json(layout.traffic, {"weights": dict(AT_REST.weights), "validation": AT_REST.validation})
