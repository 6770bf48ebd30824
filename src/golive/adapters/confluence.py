"""Confluence over REST: Cloud's API v2, and Data Center's content API.

Sources: Confluence Cloud REST API v2 (`/wiki/api/v2/spaces`, `/pages`), basic authentication with
an account's address and API token; Confluence Data Center REST API (`/rest/api/content`), personal
access token as bearer. Both take and give the storage format.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from golive.kernel.bounded import bounded
from golive.kernel.errors import BadInput, NotConfigured, PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.ports.wiki import WikiPage

_KEPT = 2000
_LARGEST = 5_000_000
_HINTS = {
    401: "is the token right, and (in Cloud) the `user` it belongs to?",
    403: "the account may not read or write this space",
    404: "is `url` Confluence's own address? In Cloud it ends in .atlassian.net, without /wiki",
    429: "Confluence asks for a pause; run it again in a minute",
}
_SECRET = re.compile(r"\b(basic|bearer)\s+[\w.~+/=-]{8,}", re.IGNORECASE)


@dataclass(frozen=True)
class Access:
    """Where and as whom. `user` is the account's address in Cloud, and "" for Data Center, whose
    tokens say whose they are."""

    url: str
    user: str
    token: Callable[[], str]
    ca: Path | None = None
    timeout: float = 20.0


class _Rest:
    """JSON requests to one Confluence."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.url = access.url.rstrip("/")
        self._tls = _tls(access.ca)

    def get(self, path: str, **query: str) -> Mapping[str, Any]:
        return self._send("GET", path, query, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._send("POST", path, {}, body)

    def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        where = f"{method} {self.url}{path}"
        token = self._access.token()
        headers = {"Accept": "application/json", "X-Atlassian-Token": "no-check"}
        basic = (self._access.user, token) if self._access.user else None
        if basic is None:
            headers["Authorization"] = f"Bearer {token}"
        url, timeout = self.url + path, self._access.timeout
        deadline = time.monotonic() + timeout
        try:
            with (
                httpx.Client(verify=self._tls, timeout=timeout, trust_env=False) as client,
                client.stream(
                    method, url, params=query, json=body, headers=headers, auth=basic
                ) as answer,
            ):
                data = bounded(answer.iter_bytes(), _LARGEST, deadline, where)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeEncodeError) as error:
            raise NotConfigured(f"this can't be requested: {error}", where=where) from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise Unreachable(f"no answer: {why}", where=where, hint="is it up?") from error
        return _read(answer.status_code, data, where)


def _read(status: int, data: bytes, where: str) -> Mapping[str, Any]:
    shown = _SECRET.sub(r"\1 …", data.decode("utf-8", "replace")[:_KEPT])
    if status not in (200, 201):
        hint = _HINTS.get(status, "")
        raise PortError(f"answered {status}", where=where, answer=shown, hint=hint)
    try:
        found = json.loads(data)
        if not isinstance(found, Mapping):
            raise ValueError("no object")
    except (ValueError, RecursionError) as error:
        raise PortError(
            "the answer is no JSON object",
            where=where,
            answer=shown,
            hint="is this Confluence itself, or a proxy's sign-in page?",
        ) from error
    return found


class CloudWiki:
    """`golive.ports.wiki.Wiki` over a space of Confluence Cloud."""

    def __init__(self, access: Access, space: str, parent: str, fidelity: Fidelity) -> None:
        """`parent` is the id of the page under which new ones go; "" for the space's top."""
        self._rest, self._space, self._parent = _Rest(access), space, parent
        self.fidelity, self.where = fidelity, f"{access.url.rstrip('/')}, space {space}"
        self._space_id = ""

    def find(self, title: str) -> WikiPage | None:
        found = self._rest.get(
            "/wiki/api/v2/pages",
            **{
                "space-id": self._id(),
                "title": title,
                "status": "current",
                "body-format": "storage",
            },
        )
        return next((one for one in _each(found, self._page) if one.title == title), None)

    def create(self, title: str, storage: str) -> WikiPage:
        body: dict[str, Any] = {
            "spaceId": self._id(),
            "status": "current",
            "title": title,
            "body": {"representation": "storage", "value": storage},
        }
        if self._parent:
            body["parentId"] = self._parent
        return self._page(self._rest.post("/wiki/api/v2/pages", body))

    def _id(self) -> str:
        if not self._space_id:
            found = self._rest.get("/wiki/api/v2/spaces", keys=self._space)
            ids = _each(found, lambda one: _text(one, "id"))
            if not ids:
                raise NotConfigured(
                    f"there is no space {self._space!r}, or this account can't see it",
                    where=self.where,
                    hint="set `space` under [wiki] to the space's key",
                )
            self._space_id = ids[0]
        return self._space_id

    def _page(self, one: Mapping[str, Any]) -> WikiPage:
        return _page(one, f"{self._rest.url}/wiki", self.where)


class DataCenterWiki:
    """`golive.ports.wiki.Wiki` over a space of Confluence Data Center."""

    def __init__(self, access: Access, space: str, parent: str, fidelity: Fidelity) -> None:
        """`parent` as of `CloudWiki`."""
        self._rest, self._space, self._parent = _Rest(access), space, parent
        self.fidelity, self.where = fidelity, f"{access.url.rstrip('/')}, space {space}"

    def find(self, title: str) -> WikiPage | None:
        found = self._rest.get(
            "/rest/api/content",
            spaceKey=self._space,
            title=title,
            type="page",
            expand="body.storage,version",
        )
        return next((one for one in _each(found, self._page) if one.title == title), None)

    def create(self, title: str, storage: str) -> WikiPage:
        body: dict[str, Any] = {
            "type": "page",
            "title": title,
            "space": {"key": self._space},
            "body": {"storage": {"value": storage, "representation": "storage"}},
        }
        if self._parent:
            body["ancestors"] = [{"id": self._parent}]
        made = self._rest.post("/rest/api/content?expand=body.storage,version", body)
        return self._page(made)

    def _page(self, one: Mapping[str, Any]) -> WikiPage:
        return _page(one, self._rest.url, self.where)


def _each(answer: Mapping[str, Any], make: Callable[[Mapping[str, Any]], Any]) -> list[Any]:
    results = answer.get("results")
    if not isinstance(results, list) or not all(isinstance(one, Mapping) for one in results):
        raise PortError("the answer holds no list of results", answer=str(answer)[:_KEPT])
    return [make(one) for one in results]


def _page(one: Mapping[str, Any], base: str, where: str) -> WikiPage:
    try:
        links = one.get("_links") or {}
        return WikiPage(
            id=_text(one, "id"),
            title=_text(one, "title"),
            storage=str(one["body"]["storage"]["value"]),
            version=int(one["version"]["number"]),
            url=str(links.get("base") or base) + str(links.get("webui") or ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PortError(
            f"the answer describes no page: {error}", where=where, answer=str(one)[:_KEPT]
        ) from error


def _text(one: Mapping[str, Any], name: str) -> str:
    if not isinstance(one.get(name), str | int):
        raise PortError(f"the answer holds no {name}", answer=str(one)[:_KEPT])
    return str(one[name])


def _tls(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except OSError as error:
            raise BadInput(
                f"the certificate authority can't be read: {error.strerror or error}",
                where=str(ca),
                hint="it must be a PEM file",
            ) from error
    return context
