"""A time stamp authority over HTTP (RFC 3161 §3.4)."""

from __future__ import annotations

from golive.kernel.errors import BadInput, PortError
from golive.ports.http import Http

_SECONDS = 15.0
_LARGEST = 256 * 1024


class HttpTimestampAuthority:
    """The one at `url`, asked through `http`. BadInput unless it is an http or https address."""

    def __init__(self, url: str, http: Http) -> None:
        if not url.startswith(("https://", "http://")) or "@" in url:
            raise BadInput(
                "not a time stamp authority's address",
                where=url.split("@")[-1],
                hint="https://… (http will do: what it answers is signed)",
            )
        self._url, self._http = url, http

    def answer(self, request: bytes) -> bytes:
        said = self._http.request(
            "POST",
            self._url,
            headers={
                "content-type": "application/timestamp-query",
                "accept": "application/timestamp-reply",
            },
            body=request,
            timeout=_SECONDS,
            limit=_LARGEST,
        )
        kind = said.headers.get("content-type", "").split(";")[0].strip().lower()
        if said.status != 200 or kind != "application/timestamp-reply":
            raise PortError(
                f"the authority gave no time stamp: status {said.status}, {kind or 'no type'}",
                where=self._url,
            )
        return said.body
