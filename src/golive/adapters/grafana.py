"""A Grafana over its HTTP API: dashboards, annotations, and pictures where it makes them.

By httpx: the library that there is for it brings a fork of urllib3 along, which takes the place of
the one that AWS's client is built on.
Source: Grafana's HTTP API reference (dashboard, annotations), image rendering.
"""

from __future__ import annotations

import json
import ssl
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.ports.dashboards import Annotation, NotRendered, Posted, Shelved, Standing

_LARGEST = 20_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_HINTS = {
    401: "check `grafana.token`: a service account's, with the role Editor",
    403: "the token's role may not do that: it needs Editor",
    412: "somebody else has a dashboard of that name there",
}


class Grafana:
    """`golive.ports.dashboards.Dashboards`.

    A dashboard that is absent is put there, into `folder` (a uid). One that is there and other is
    left alone, unless `overwrite`. The token is read at the first call.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        *,
        folder: str = "",
        overwrite: bool = False,
        datasource: str = "",
        organisation: int | None = None,
        ca: Path | None = None,
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 30.0,
    ) -> None:
        self.fidelity = fidelity
        self._url, self._token, self._timeout = url.rstrip("/"), token, timeout
        self._folder, self._overwrite, self._datasource = folder, overwrite, datasource
        self._organisation, self._ca = organisation, ca
        self._lock = threading.Lock()
        self._made: httpx.Client | None = None

    @property
    def source(self) -> str:
        return f"Grafana at {self._url}"

    def standing(self) -> Standing:
        settings = self._object(self._call("GET", "/api/frontend/settings"))
        build = settings.get("buildInfo")
        version = build.get("version") if isinstance(build, Mapping) else None
        return Standing(str(version or ""), settings.get("rendererAvailable") is True)

    def ensure(self, dashboard: JsonObject) -> Shelved:
        uid = str(dashboard["uid"])
        found = self._found(uid)
        if found is not None:
            url = self._url_of(found.get("meta"))
            if _holds(found.get("dashboard"), dashboard):
                return Shelved(uid, url, pushed=False, same=True)
            if not self._overwrite:
                return Shelved(uid, url, pushed=False, same=False)
        payload: dict[str, Any] = {
            "dashboard": {**dashboard, "id": None},
            "overwrite": self._overwrite,
            "message": "put here by a rehearsal",
        }
        if self._folder:
            payload["folderUid"] = self._folder
        made = self._object(self._call("POST", "/api/dashboards/db", body=payload))
        return Shelved(str(made.get("uid", uid)), self._url_of(made), pushed=True, same=True)

    def annotate(self, annotation: Annotation) -> Posted:
        at, tags = _milliseconds(annotation.at), list(annotation.tags)
        query = {"from": at, "to": at, "tags": tags, "type": "annotation", "limit": 1000}
        listed = self._call("GET", "/api/annotations", query=query)
        for one in listed if isinstance(listed, list) else [self._object(listed)]:
            if one.get("time") == at and one.get("text") == annotation.text:
                return Posted(str(one.get("id", "")), created=False)
        until = _milliseconds(annotation.until or annotation.at)
        body = {"time": at, "timeEnd": until, "tags": tags, "text": annotation.text}
        made = self._call("POST", "/api/annotations", body=body)
        return Posted(str(self._object(made).get("id", "")), created=True)

    def picture(
        self, uid: str, panel: int, start: datetime, end: datetime, *, width: int, height: int
    ) -> bytes:
        """See the port. Without a renderer Grafana answers 200 with a picture that says so: its
        settings are asked first."""
        if not self.standing().renders:
            raise NotRendered("it has no image renderer", where=self.source)
        query = {
            "orgId": self._organisation or 1,
            "panelId": panel,
            "from": _milliseconds(start),
            "to": _milliseconds(end),
            "width": width,
            "height": height,
            "tz": "UTC",
            "theme": "light",
            **({"var-datasource": self._datasource} if self._datasource else {}),
        }
        status, data = self._asked("GET", f"/render/d-solo/{uid}/{uid}", query, None)
        if status != 200 or not data.startswith(_PNG):
            raise PortError(
                f"no picture but {status}",
                where=self.source,
                hint=_HINTS.get(status, ""),
                answer=data[:2000].decode("utf-8", "replace"),
            )
        return data

    # -- small parts ----------------------------------------------------------------------------

    def _found(self, uid: str) -> Mapping[str, Any] | None:
        try:
            return self._object(self._call("GET", f"/api/dashboards/uid/{uid}"))
        except _Absent:
            return None

    def _url_of(self, said: Any) -> str:
        """Of an answer with the dashboard's path in `url`."""
        path = str(said.get("url", "")) if isinstance(said, Mapping) else ""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}{path}" if path.startswith("/") else self._url

    def _object(self, said: Any) -> Mapping[str, Any]:
        if isinstance(said, Mapping):
            return said
        raise PortError(
            "the answer is none of Grafana's", where=self.source, answer=str(said)[:2000]
        )

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        status, data = self._asked(method, path, query, body)
        if status == 404:
            raise _Absent("it isn't there", where=self.source)
        if status >= 400:
            raise PortError(
                f"it refused: {_message(data)}",
                where=self.source,
                hint=_HINTS.get(status, ""),
                answer=data[:2000].decode("utf-8", "replace"),
            )
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise PortError(
                "the answer can't be read",
                where=self.source,
                answer=data[:2000].decode("utf-8", "replace"),
            ) from error

    def _asked(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: Any
    ) -> tuple[int, bytes]:
        """Status and at most 20 MB. Never by a proxy or a .netrc of this machine: the rehearsal
        goes where it was told to."""
        data = bytearray()
        try:
            with self._client().stream(method, path, params=query, json=body) as answer:
                for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > _LARGEST:
                        raise PortError("the answer is larger than 20 MB", where=self.source)
        except httpx.TimeoutException as error:
            raise Unreachable("it did not answer in time", where=self.source) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"no answer: {type(error).__name__}",
                where=self.source,
                hint="is `grafana.url` in the target file right?",
            ) from error
        return answer.status_code, bytes(data)

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._made is None:
                tls = ssl.create_default_context(cafile=str(self._ca) if self._ca else None)
                headers = {"Authorization": f"Bearer {self._token()}"}
                if self._organisation is not None:
                    headers["X-Grafana-Org-Id"] = str(self._organisation)
                self._made = httpx.Client(
                    base_url=self._url,
                    headers=headers,
                    verify=tls,
                    timeout=self._timeout,
                    trust_env=False,
                )
                weakref.finalize(self, self._made.close)
            return self._made


class _Absent(PortError):
    """404."""


def _message(data: bytes) -> str:
    """What Grafana says of a refusal, or the beginning of what somebody else says."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = None
    told = said.get("message") if isinstance(said, Mapping) else data.decode("utf-8", "replace")
    return str(told)[:300]


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _holds(found: Any, ours: Json) -> bool:
    """Whether everything that ours says stands there too. Grafana adds ids and defaults."""
    if isinstance(ours, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _holds(found[name], value) for name, value in ours.items()
        )
    if isinstance(ours, list | tuple):
        same = isinstance(found, list) and len(found) == len(ours)
        return same and all(_holds(one, own) for one, own in zip(found, ours, strict=True))
    return bool(found == ours)
