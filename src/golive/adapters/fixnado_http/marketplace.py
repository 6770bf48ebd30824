"""`golive.ports.marketplace.Marketplace` over the service's HTTP contract.

An existing back end may speak the contract with fewer fields, or sit behind a proxy that answers
in HTML: both end in a PortError that carries the redacted answer, never in a crash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from golive.adapters.fixnado_http.data_governance import DataGovernanceCalls
from golive.adapters.fixnado_http.incidents import IncidentsCalls
from golive.adapters.fixnado_http.legal_pages import LegalPagesCalls
from golive.adapters.fixnado_http.refunds import RefundsCalls
from golive.adapters.fixnado_http.wire import Reply, Wire, redacted
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json, JsonObject
from golive.kernel.networks import overheard
from golive.ports.marketplace import Health, Refused, Session

Password = Callable[[], str]


class FixnadoMarketplace(DataGovernanceCalls, LegalPagesCalls, RefundsCalls, IncidentsCalls):
    """One way in: an instance, or the production or validation listener.

    `accounts` maps a role to its rehearsal account's address and a function that reads the
    password when it is needed. `prefix` is `/v1`, or what the back end puts there instead.
    """

    def __init__(
        self,
        url: str,
        prefix: str,
        accounts: Mapping[str, tuple[str, Password]],
        ca: Path | None,
        fidelity: Fidelity,
        *,
        timeout: float = 15.0,
        unencrypted: bool = False,
    ) -> None:
        """`unencrypted` lets passwords and sessions travel by http:// beyond this machine."""
        self.url = url.rstrip("/")
        self.fidelity = fidelity
        self._prefix = "/" + prefix.strip("/") if prefix.strip("/") else ""
        self._accounts = dict(accounts)
        self._wire = Wire(url, ca, timeout)
        self._unencrypted = unencrypted
        self._lock = threading.Lock()
        self._roles: dict[str, str] = {}
        """User id to the role that it was signed in for: how an expired session is renewed."""
        self._renewed: dict[str, Session] = {}

    def health(self) -> Health:
        """Unreachable when neither answers; an answer that isn't good is a Health that says so."""
        alive, ready = self._wire.send("GET", "/healthz"), self._wire.send("GET", "/readyz")
        said = alive.body if isinstance(alive.body, Mapping) else {}
        return Health(
            alive=alive.status == 200 and bool(said),
            ready=ready.status == 200,
            version=_text(said, "version"),
            instance=_text(said, "instance"),
            schema=_text(said, "schema"),
            raw={**said, "readyz": ready.body if isinstance(ready.body, Mapping) else None},
        )

    def login(self, role: str = "user") -> Session:
        """A fresh session. Refused (a PortError) when the credentials aren't accepted."""
        self._demand_privacy()
        email, password = self._credentials(role)
        body = {"email": email, "password": password, "clientType": "mobile"}
        path = f"{self._prefix}/auth/login"
        try:
            reply = self._wire.succeed("POST", path, body=body)
        except PortError as error:
            error.answer = redacted(error.answer, password)
            raise
        session = _session(reply, role, password)
        with self._lock:
            self._roles[session.user_id] = role
            self._renewed[session.user_id] = session
        return session

    def timeline_hub(self, session: Session) -> JsonObject:
        return self._signed("GET", "/timeline-hub", session).object()

    def commerce_snapshot(self, session: Session, persona: str) -> JsonObject:
        query = urlencode({"persona": persona})
        return self._signed("GET", f"/commerce/snapshot?{query}", session).object()

    def toggle_component(self, session: Session, component: str, status: str) -> None:
        path = f"/admin/readiness/{quote(component, safe='')}"
        body: dict[str, Json] = {"status": status}
        if status == "error":
            body["error"] = "set by the rehearsal"
        self._signed("PUT", path, session, body)

    def address(self, role: str) -> str:
        return self._account(role)[0]

    def _open(self, path: str) -> Reply:
        """As a visitor who isn't signed in."""
        return self._wire.succeed("GET", self._prefix + path)

    def _signed(
        self, method: str, path: str, session: Session, body: Json = None, key: str = ""
    ) -> Reply:
        """With `session`, or a fresh one of the same account once it has expired."""
        self._demand_privacy()
        session = self._renewed.get(session.user_id, session)
        full = self._prefix + path
        once = {"Idempotency-Key": key} if key else {}
        headers = {**session.authorisation, **once}
        try:
            return self._wire.succeed(method, full, headers=headers, body=body)
        except Refused as refusal:
            role = self._roles.get(session.user_id)
            if refusal.status != 401 or role is None:
                raise
        fresh = self.login(role)
        headers = {**fresh.authorisation, **once}
        return self._wire.succeed(method, full, headers=headers, body=body)

    def _demand_privacy(self) -> None:
        """NotConfigured, before anything is sent, where whoever is on the way could read it."""
        if overheard(self.url) and not self._unencrypted:
            raise NotConfigured(
                "a password would travel unencrypted: nothing was sent",
                where=self.url,
                hint="give its address as https://…, or, in a network where nobody else listens, "
                "set `unencrypted = true` at the top of the target file",
            )

    def _credentials(self, role: str) -> tuple[str, str]:
        email, password = self._account(role)
        return email, password()

    def _account(self, role: str) -> tuple[str, Password]:
        account = self._accounts.get(role)
        if account is None:
            known = ", ".join(sorted(self._accounts)) or "none"
            raise NotConfigured(
                f"there is no rehearsal account for the role {role!r}",
                where=self.url,
                hint=f"name one under [accounts.{role}] in the target file (there: {known})",
            )
        return account


def _session(reply: Reply, asked: str, password: str) -> Session:
    """Bearer token where the answer holds one, else the cookies that it set."""
    said = reply.object()
    tokens = said.get("tokens")
    token = tokens.get("accessToken") if isinstance(tokens, Mapping) else None
    if isinstance(token, str) and token:
        authorisation = {"Authorization": f"Bearer {token}"}
    elif reply.cookies:
        pairs = (f"{name}={value}" for name, value in reply.cookies.items())
        authorisation = {"Cookie": "; ".join(pairs)}
    else:
        raise PortError(
            "the login answered with neither a token nor a cookie",
            where=reply.where,
            answer=redacted(reply.text, password),
        )
    user, session = said.get("user"), said.get("session")
    user_id = _text(user if isinstance(user, Mapping) else {}, "id")
    role = _text(session if isinstance(session, Mapping) else {}, "role") or asked
    return Session(user_id=user_id or asked, role=role, authorisation=authorisation)


def _text(said: JsonObject, name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
