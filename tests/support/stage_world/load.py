"""Keep-alive load over TLS: every request by its start, side and status."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Sample:
    """`status` is 0 where no answer came. Times are seconds of the monotonic clock."""

    started: float
    ended: float
    status: int
    side: str


@dataclass
class Load:
    """`clients` connections, each asking again `pause` seconds after its answer, until `stop`."""

    url: str
    authority: Path
    clients: int = 20
    pause: float = 0.02
    path: str = "/"
    samples: list[Sample] = field(default_factory=list)

    def start(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self._thread.start()

    def stop(self) -> list[Sample]:
        self._over.set()
        self._thread.join()
        return self.samples

    async def _all(self) -> None:
        await asyncio.gather(*(self._client() for _ in range(self.clients)))

    async def _client(self) -> None:
        where = urlsplit(self.url)
        context = ssl.create_default_context(cafile=self.authority)
        streams = None
        while not self._over.is_set():
            started, status, side = time.monotonic(), 0, ""
            try:
                if streams is None:
                    streams = await asyncio.open_connection(where.hostname, where.port, ssl=context)
                status, side = await self._ask(*streams)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                if streams is not None:
                    streams[1].close()
                streams = None
            self.samples.append(Sample(started, time.monotonic(), status, side))
            await asyncio.sleep(self.pause)
        if streams is not None:
            streams[1].close()
            await streams[1].wait_closed()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, str]:
        writer.write(f"GET {self.path} HTTP/1.1\r\nHost: stage\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        await reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers.get("x-fixnado-instance", "")
