"""Long lists in pages, with a token that only this service understands."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from golive.stage.controller.errors import ApiError

_SIZE = 100


def page(member: str, items: Sequence[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """`items` from where `body`'s nextToken says. ApiError InvalidNextTokenException for a token
    that was never given."""
    start = _offset(body["nextToken"]) if body.get("nextToken") else 0
    if start > len(items):
        raise ApiError("InvalidNextTokenException", "the token is of another list")
    answer: dict[str, Any] = {member: list(items[start : start + _SIZE])}
    if start + _SIZE < len(items):
        answer["nextToken"] = _token(start + _SIZE)
    return answer


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _offset(token: str) -> int:
    try:
        _, number = base64.urlsafe_b64decode(token.encode()).decode().split()
        if int(number) > 0 and _token(int(number)) == token:
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise ApiError("InvalidNextTokenException", "the token was not given by this service")
