"""An instance of the service on a free port, in a thread of the test."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from fixnado.app.factory import Service
from fixnado.app.server import configuration, listen
from fixnado.platform.database import Database
from fixnado.platform.moments import Clock, utc_now
from fixnado.platform.settings import Settings
from fixnado.readiness.model import Finding, Status
from fixnado_world.accounts import PASSWORD, email


class Running:
    """Real HTTP against a real server; sessions are opened when a role is first used."""

    def __init__(self, url: str, runtime: Path, *, clock: Clock = utc_now, **settings: Any) -> None:
        known: dict[str, Any] = {
            "database_url": url,
            "instance": "blue",
            "version": "1.00",
            "runtime": runtime,
            "secret": secrets.token_bytes(32),
            "rehearsal": True,
            "probe_interval_s": 0.2,
        }
        self.runtime = runtime
        self.service = Service(Settings(**{**known, **settings}), clock=clock)
        listening = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._server = uvicorn.Server(configuration(self.service.asgi))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        self.guest = httpx.Client(base_url=self.url, timeout=20)
        self._clients: dict[str, httpx.Client] = {}
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)

    @property
    def db(self) -> Any:
        return self.service.database

    def rebase(self, url: str) -> None:
        """Go on with another database, as new: much quicker than another instance.

        Nothing of the old one is left: connections are closed, sessions and toggles forgotten.
        """
        self.sign_out()
        self.guest.cookies.clear()
        database, fresh = self.service.database, Database(url)
        old, database.engine = database.engine, fresh.engine
        database.path, database.sqlite = fresh.path, fresh.sqlite
        until = time.monotonic() + 5
        time.sleep(0.002)  # a probe may have looked the old engine up and not yet used it
        while old.pool.checkedout() and time.monotonic() < until:  # type: ignore[attr-defined]
            time.sleep(0.002)
        old.dispose()
        for component in self.service.watch.board.snapshot().components:
            self.service.watch.board.toggle(component, Finding(Status.READY))
        while self.service.watch.board.snapshot().failing() and time.monotonic() < until:
            time.sleep(0.005)

    def login(self, role: str, **more: Any) -> httpx.Response:
        body = {"email": email(role), "password": PASSWORD, "clientType": "mobile", **more}
        return self.guest.post("/v1/auth/login", json=body)

    def as_(self, role: str) -> httpx.Client:
        """A client with a session of the account that has `role`."""
        if role not in self._clients:
            token = self.login(role).raise_for_status().json()["tokens"]["accessToken"]
            self._clients[role] = httpx.Client(
                base_url=self.url, timeout=20, headers={"Authorization": f"Bearer {token}"}
            )
        return self._clients[role]

    def sign_out(self) -> None:
        """Forget every session: after a jump of the clock they are over."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def close(self) -> None:
        for client in (self.guest, *self._clients.values()):
            client.close()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), "the server did not stop"
