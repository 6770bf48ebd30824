"""Whether each part of the stage answers, and as itself."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from golive.kernel.times import parse_rfc3339
from golive.stage import control
from golive.stage.addresses import HOST
from golive.stage.layout import Layout

_TIMEOUT = 1.0


def instance_answers(port: int, side: str) -> bool:
    """Whether an instance named `side` is alive on `port`."""
    answer = get_json(port, "/healthz")
    return answer is not None and answer.get("instance") == side


def own_instance_answers(port: int, side: str, readiness: Path) -> bool:
    """Whether that instance is the one that writes `readiness`: another stage's may have taken the
    port before ours was ready to."""
    answer = get_json(port, "/healthz")
    if answer is None or answer.get("instance") != side:
        return False
    try:
        written = json.loads(readiness.read_text("utf-8"))
        own, said = (parse_rfc3339(str(one["startedAt"])) for one in (written, answer))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return abs(own - said) < timedelta(milliseconds=2)


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


def controller_answers(port: int, layout: Layout) -> bool:
    """Whether the deployment controller of the stage in `layout` listens on `port`."""
    answer = control.ask(layout, port, "GET", "/stage", _TIMEOUT)
    return answer is not None and answer.get("folder") == str(layout.folder)


def helpdesk_answers(port: int, token: str) -> bool:
    """Whether the help desk's stand-in on `port` is the one with this token."""
    answer = get_json(port, "/stand-in", headers={"api_access_token": token})
    return answer is not None and answer.get("simulated") is True


def get_json(
    port: int,
    path: str,
    timeout: float = _TIMEOUT,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, Any] | None:
    """The JSON object of a 200; None for anything else."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return body if answer.status == 200 and isinstance(body, dict) else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
