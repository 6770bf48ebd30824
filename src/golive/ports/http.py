"""Plain HTTP, for drills that speak to whatever a team already has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from golive.kernel.fidelity import Fidelity


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    seconds: float


class Http(Protocol):
    fidelity: Fidelity

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
        limit: int = 10_000_000,
    ) -> HttpAnswer:
        """One request, no redirects followed, at most `limit` bytes read. Any status is an answer;
        no answer is `Unreachable`."""
        ...
