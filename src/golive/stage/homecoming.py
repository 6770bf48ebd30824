"""The first half of a clean end: production traffic back on the old side."""

from __future__ import annotations

import http.client
import urllib.parse

from golive.stage.balancer import AT_REST
from golive.stage.layout import Layout, write_json

_LIMIT = 5.0


def bring_home(layout: Layout, controller: str) -> None:
    """Ask the controller to stop what it is deploying and bring traffic back. Where it doesn't
    answer, the next start does so: the weights to start with are the old side's either way."""
    port = urllib.parse.urlsplit(controller).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LIMIT)
    try:
        connection.request("POST", "/stage/home", "{}", {"Content-Type": "application/json"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    write_json(layout.traffic, {"weights": dict(AT_REST.weights), "validation": AT_REST.validation})
