"""CodeDeploy's own errors."""

from __future__ import annotations


class ApiError(Exception):
    """What the wire answers as `{"__type": code, "message": message}`."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
