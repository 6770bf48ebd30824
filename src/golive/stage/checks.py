"""Whether each part of the stage answers, and as itself."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from golive.stage.addresses import HOST

_TIMEOUT = 1.0


def instance_answers(port: int, side: str) -> bool:
    """Whether the instance named `side` is alive on `port`."""
    answer = get_json(port, "/healthz")
    return answer is not None and answer.get("instance") == side


def proxy_answers(port: int, authority: Path) -> bool:
    """Whether the TLS listener on `port` shows a certificate of `authority` and hands requests on
    to an instance."""
    try:
        context = ssl.create_default_context(cafile=authority)
        connection = http.client.HTTPSConnection(HOST, port, timeout=_TIMEOUT, context=context)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False


def controller_answers(port: int) -> bool:
    """Whether the deployment controller listens on `port`."""
    answer = get_json(port, "/stage")
    return answer is not None and "minute" in answer


def get_json(port: int, path: str, timeout: float = _TIMEOUT) -> Mapping[str, Any] | None:
    """The JSON object of a 200; None for anything else."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return body if answer.status == 200 and isinstance(body, dict) else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
