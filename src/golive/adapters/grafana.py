"""A Grafana, by `grafana-client`: dashboards, annotations, and pictures where it makes them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.ports.dashboards import Annotation, NotRendered, Posted, Shelved, Standing

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
        self._made: Any = None

    @property
    def source(self) -> str:
        return f"Grafana at {self._url}"

    def standing(self) -> Standing:
        settings = self._object(self._call(lambda api: api.client.GET("/frontend/settings")))
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
        made = self._object(self._call(lambda api: api.dashboard.update_dashboard(payload)))
        return Shelved(str(made.get("uid", uid)), self._url_of(made), pushed=True, same=True)

    def annotate(self, annotation: Annotation) -> Posted:
        at, tags = _milliseconds(annotation.at), list(annotation.tags)
        listed = self._call(
            lambda api: api.annotations.find_annotations(
                time_from=at, time_to=at, tags=tags, ann_type="annotation", limit=1000
            )
        )
        for one in listed if isinstance(listed, list) else [self._object(listed)]:
            if one.get("time") == at and one.get("text") == annotation.text:
                return Posted(str(one.get("id", "")), created=False)
        until = annotation.until or annotation.at
        made = self._call(
            lambda api: api.annotations.add_annotation(
                time_from=at, time_to=_milliseconds(until), tags=tags, text=annotation.text
            )
        )
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
        path = f"{self._url}/render/d-solo/{uid}/{uid}"
        answer = self._call(
            lambda api: api.client.s.get(
                path, params=query, auth=api.client.auth, timeout=self._timeout
            )
        )
        data = bytes(answer.content or b"")
        if answer.status_code != 200 or not data.startswith(_PNG):
            raise PortError(
                f"no picture but {answer.status_code}",
                where=self.source,
                hint=_HINTS.get(answer.status_code, ""),
                answer=data[:2000].decode("utf-8", "replace"),
            )
        return data

    # -- small parts ----------------------------------------------------------------------------

    def _found(self, uid: str) -> Mapping[str, Any] | None:
        try:
            return self._object(self._call(lambda api: api.dashboard.get_dashboard(uid)))
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

    def _call(self, act: Callable[[Any], Any]) -> Any:
        from grafana_client.client import GrafanaException, GrafanaTimeoutError
        from niquests.exceptions import RequestException

        try:
            return act(self._api())
        except GrafanaTimeoutError as error:
            raise Unreachable("it did not answer in time", where=self.source) from error
        except GrafanaException as error:
            if error.status_code == 404:
                raise _Absent("it isn't there", where=self.source) from error
            raise PortError(
                f"it refused: {str(error.message)[:300]}",
                where=self.source,
                hint=_HINTS.get(error.status_code, ""),
                answer=str(error.response)[:2000],
            ) from error
        except (RequestException, OSError) as error:
            raise Unreachable(
                f"no answer: {type(error).__name__}",
                where=self.source,
                hint="is `grafana.url` in the target file right?",
            ) from error
        except ValueError as error:  # JSON that is none
            raise PortError("the answer can't be read", where=self.source) from error

    def _api(self) -> Any:
        from grafana_client.api import GrafanaApi

        with self._lock:
            if self._made is None:
                parts = urlsplit(self._url)
                prefix = parts.path.strip("/")
                self._made = GrafanaApi(
                    self._token(),
                    host=parts.hostname or "",
                    port=parts.port,
                    url_path_prefix=f"{prefix}/" if prefix else "",
                    protocol=parts.scheme,
                    verify=str(self._ca) if self._ca else True,
                    timeout=self._timeout,
                    organization_id=self._organisation,
                )
                # no proxy and no .netrc of this machine: the rehearsal goes where it was told to
                self._made.client.s.trust_env = False
            return self._made


class _Absent(PortError):
    """404."""


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
