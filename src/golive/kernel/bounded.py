"""An answer of somebody else's, which may be endless."""

from __future__ import annotations

import time
from collections.abc import Iterable

from golive.kernel.errors import PortError, Unreachable


def bounded(chunks: Iterable[bytes], limit: int, deadline: float, where: str) -> bytes:
    """All of `chunks`. PortError as soon as they are more than `limit` bytes, Unreachable where
    they have not ended by `deadline` (of `time.monotonic`): an answer that drips outlasts a timeout
    of each read."""
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise PortError(f"the answer is larger than {limit // 1_000_000} MB", where=where)
        if time.monotonic() > deadline:
            raise Unreachable("the answer had not ended in time", where=where)
    return bytes(data)
