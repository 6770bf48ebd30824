"""The stage's own questions to its deployment controller, signed as everybody's are."""

from __future__ import annotations

import configparser
import http.client
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from golive.stage import credentials
from golive.stage.addresses import HOST
from golive.stage.layout import Layout
from golive.stage.names import REGION
from golive.stage.signature import Request, signed

_SCOPE = f"{REGION}/codedeploy"


def ask(
    layout: Layout, port: int, method: str, path: str, timeout: float
) -> Mapping[str, Any] | None:
    """The JSON object of a 200; None for anything else, and where the key can't be read."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        body = b"{}" if method == "POST" else b""
        headers = {"host": f"{HOST}:{port}", "content-type": "application/json"}
        request = Request(method, path, headers, body)
        proven = signed(request, credentials.key(layout), _SCOPE, datetime.now(UTC))
        connection.request(method, path, body, dict(proven))
        answer = connection.getresponse()
        found = json.loads(answer.read())
        return found if answer.status == 200 and isinstance(found, dict) else None
    except (OSError, http.client.HTTPException, configparser.Error, ValueError, KeyError):
        return None
    finally:
        connection.close()
