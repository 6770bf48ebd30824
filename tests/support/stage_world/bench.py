"""A controller over a real Caddy and two small instances, without the rest of a stage."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import uvicorn
from botocore.config import Config

from golive.stage import caddy
from golive.stage.balancer import AT_REST, Balancer, BalancerError
from golive.stage.controller.__main__ import application
from golive.stage.controller.engine import Engine
from golive.stage.controller.store import Store
from golive.stage.layout import write_json
from golive.stage.signature import Key, Request, signed
from stage_world import shapes
from stage_world.instances import Instance

KEY = Key("STAGEKEYOFTHEBENCH", "its secret")
_SESSION = boto3.Session(KEY.id, KEY.secret, region_name="eu-west-2")
"""One for all: it keeps the service's model, which takes a while to read."""


@dataclass
class Proxy:
    """A balancer with a process of its own."""

    ports: Mapping[str, int]
    folder: Path
    process: subprocess.Popen[bytes]
    instances: Mapping[str, Instance]

    @property
    def balancer(self) -> Balancer:
        return Balancer(self.folder / "admin.sock", self.ports, self.folder / "traffic.json")

    def restart(self) -> None:
        """Killed, and back with the weights that it began with."""
        self.process.kill()
        self.process.wait()
        self.process = _run(self.folder)


@contextmanager
def proxy(folder: Path) -> Iterator[Proxy]:
    """Caddy's balancer in front of two instances."""
    instances = {side: Instance(side) for side in ("green", "blue")}
    ports = {side: one.port for side, one in instances.items()}
    write_json(
        folder / "balancer.json",
        caddy.balancer(ports, folder / "store", AT_REST.weights, AT_REST.validation),
    )
    made = Proxy(ports, folder, _run(folder), instances)
    try:
        eventually(made.balancer.read, BalancerError)
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        for one in instances.values():
            one.close()


def _run(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "caddy.log").open("ab") as log:
        return subprocess.Popen(
            [str(caddy.binary()), "run", "--config", str(folder / "balancer.json")],
            cwd=folder,
            env={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


class Controller:
    """The controller on a thread of this process; `port` is where it listens."""

    def __init__(
        self,
        folder: Path,
        proxy: Proxy,
        minute: float = 0.02,
        patience: float = 10.0,
        kept: float = 0.0,
    ) -> None:
        self._folder, self._proxy = folder, proxy
        self.minute, self._patience, self._kept = minute, patience, kept
        self._clients: list[Any] = []
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._up.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str = "codedeploy") -> Any:
        """boto3, checking every answer against AWS's model."""
        client = _SESSION.client(
            service,
            endpoint_url=self.url,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        client.meta.events.register(f"after-call.{service}", shapes.check_answer)
        self._clients.append(client)
        return client

    def hooks(self) -> list[dict[str, str]]:
        """Those that wait."""
        where = f"127.0.0.1:{self.port}"
        asked = Request("GET", "/stage/hooks", {"host": where})
        proven = signed(asked, KEY, "eu-west-2/codedeploy", datetime.now(UTC))
        request = urllib.request.Request(f"{self.url}/stage/hooks", headers=dict(proven))
        with urllib.request.urlopen(request, timeout=5) as answer:
            found: list[dict[str, str]] = json.load(answer)["hooks"]
        return found

    def stop(self) -> None:
        """At once, as a SIGKILL would: what was under way stays so in the store."""
        self._server.force_exit = self._server.should_exit = True
        self._thread.join()
        for client in self._clients:
            client.close()

    async def _serve(self) -> None:
        store = Store(self._folder / "codedeploy.db")
        proxy = self._proxy
        engine = Engine(store, proxy.balancer, proxy.ports, self.minute, self._patience, self._kept)
        config = uvicorn.Config(
            application(store, engine, self._folder, KEY),
            port=0,
            lifespan="off",
            log_level="critical",
        )
        self._server = uvicorn.Server(config)
        await engine.resume()
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.002)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self._up.set()
        await serving
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        store.close()


def eventually(act: Any, error: type[Exception] = AssertionError, seconds: float = 10.0) -> Any:
    """What `act` returns, once it no longer raises `error`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
