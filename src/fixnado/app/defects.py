"""Business gone wrong on demand, each the defect that a real release might have.

Unlike `faults`, which spoil every answer, a defect is put in where the service is composed: the
contexts know nothing of it. Latency, health and readiness stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fixnado.commerce import service as commerce
from fixnado.compliance.model.purges import Plan
from fixnado.compliance.service.purging import Purges
from fixnado.platform.access import Principal, Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.personal_data import PersonalDataSource, Row, Subject
from fixnado.platform.web import Authenticate

Rewrite = Callable[[bytes], bytes]

_CLAIMED: ContextVar[str] = ContextVar("claimed role", default="")
_LOOKING = Principal(user_id="", role=Role.OPERATIONS, session_id="")
_LEAKED_FROM = 50
"""Orders among which somebody else's is looked for."""


class Defect:
    """One defect of an instance, or none: what the composition asks at each of its seams."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def sources(self, sources: Sequence[PersonalDataSource]) -> Sequence[PersonalDataSource]:
        """What an export hands over."""
        if self._name != "export-leaks-other-subject":
            return sources
        return [Leaky(one) if one.dataset == "orders" else one for one in sources]

    def purges(self) -> type[Purges]:
        return Hasty if self._name == "purge-ignores-dry-run" else Purges

    def authenticate(self, genuine: Authenticate) -> Authenticate:
        if self._name != "role-from-header":
            return genuine

        def believing(credential: str) -> Principal:
            principal, claimed = genuine(credential), _CLAIMED.get()
            known = claimed in {role.value for role in Role}
            return replace(principal, role=Role(claimed)) if known else principal

        return believing

    def asgi(self, app: ASGIApp) -> ASGIApp:
        """`app`, with what leaves it rewritten, or what comes in believed."""
        if self._name == "role-from-header":
            return _believes_headers(app)
        for part, rewrite in _REWRITES.get(self._name or "", {}).items():
            app = _rewritten(app, part, rewrite)
        return app


class Leaky:
    """A dataset whose export holds one row that is somebody else's."""

    def __init__(self, genuine: PersonalDataSource) -> None:
        self._genuine = genuine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._genuine, name)

    @property
    def dataset(self) -> str:
        return self._genuine.dataset

    def rows(self, unit: UnitOfWork, subject: Subject) -> Iterator[Row]:
        yield from self._genuine.rows(unit, subject)
        buyers = [one.buyer_id for one in commerce.recent_orders(unit, _LOOKING, _LEAKED_FROM)]
        other = next((one for one in buyers if one != subject.user_id), None)
        if other is not None:
            yield from list(self._genuine.rows(unit, Subject(other, "")))[:1]


class Hasty(Purges):
    """Carries out what it was asked to plan."""

    def plan(self, unit: UnitOfWork, caller: Principal, request_id: str | None) -> Plan:
        plan = super().plan(unit, caller, request_id)
        self.execute(unit, caller, plan.id, None)
        return plan


def _believes_headers(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        claimed = dict(scope.get("headers", ())).get(b"x-role", b"")
        _CLAIMED.set(claimed.decode("latin-1"))
        await app(scope, receive, send)

    return answer


def _rewritten(app: ASGIApp, part: str, rewrite: Rewrite) -> ASGIApp:
    """`app` with the whole body of every answer at a path that ends in `part` rewritten."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(part):
            await app(scope, receive, send)
            return
        started: list[Message] = []
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                payload = rewrite(bytes(body)) if started[0]["status"] < 300 else bytes(body)
                headers = [one for one in started[0]["headers"] if one[0] != b"content-length"]
                length = (b"content-length", str(len(payload)).encode())
                await send({**started[0], "headers": [*headers, length]})
                await send({"type": "http.response.body", "body": payload})

        await app(scope, receive, collect)

    return answer


def _as_json(change: Callable[[Any], Any]) -> Rewrite:
    def rewrite(body: bytes) -> bytes:
        try:
            said = json.loads(body)
        except ValueError:
            return body  # not JSON: an HTML page
        return json.dumps(change(said), ensure_ascii=False).encode()

    return rewrite


def _without(*names: str) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: change(one) for name, one in value.items() if name not in names}
        return [change(one) for one in value] if isinstance(value, list) else value

    return change


def _counted_as_current(table: bytes) -> bytes:
    return table.replace(b",outdated,", b",current,")


def _without_the_last_leg(said: Any) -> Any:
    """The sums that the service gives with the entries stay as they were: it doesn't notice."""
    entries = said.get("entries") if isinstance(said, dict) else None
    return {**said, "entries": entries[:-1]} if entries else said


_REWRITES: Mapping[str, Mapping[str, Rewrite]] = {
    "export-no-checksum": {"/export": _as_json(_without("sha256"))},
    "legal-metadata-missing": {
        "/legal/refund-policy": _as_json(_without("owner", "governance")),
    },
    "ack-wrong-version": {"/acknowledgements.csv": _counted_as_current},
    "ledger-unbalanced": {"/ledger/entries": _as_json(_without_the_last_leg)},
}
