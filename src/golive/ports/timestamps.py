"""Somebody else's word for when something was there (RFC 3161)."""

from __future__ import annotations

from typing import Protocol


class TimestampAuthority(Protocol):
    def answer(self, request: bytes) -> bytes:
        """What the authority says to a TimeStampReq (DER): a TimeStampResp, not yet checked.
        PortError when it says nothing of the kind."""
        ...
