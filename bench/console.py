"""Watchers of one board on one core, beside a bare Starlette event stream.

    python bench/console.py [--watchers 500] [--rounds 40]

The console, on one core, serves a board to `--watchers` open streams; events are written to the
journal as a rehearsal writes them, and timed until the last watcher has them. The yardstick, in the
same run and on the same core: an application of thirty lines that reads the same file as often and
sends each line, as it is, to a queue for each watcher. The watchers live on another core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from golive import bootstrap
from golive.console.identity import Identity
from golive.console.sessions import Sessions
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.playbook.load import load
from golive.playbook.people import with_key
from golive.rehearsal.folder import RunFolder, RunSettings
from golive.rehearsal.journal import Journal

ROOT = Path(__file__).resolve().parents[1]
LOOK = 0.1
"""Seconds between two looks at the journal, of both."""
APART = 0.25


@dataclass(frozen=True)
class Figures:
    p50: float
    p95: float
    """Milliseconds from the write to the last watcher."""
    kilobytes: float
    """Of the server's memory for each watcher."""
    processor: float
    """Seconds of the core's time for each event."""


# -- what is watched -------------------------------------------------------------------------


def prepare(state: Path, port: int) -> tuple[RunFolder, str]:
    """A run of the shipped playbook with its journal begun, and the cookie of somebody in it."""
    source = bootstrap.shipped_playbooks() / "fixnado-v1.00.md"
    playbook = load(source).playbook
    assert playbook is not None
    settings = ConsoleSettings(state, port=port)
    store, clock = Store(settings.folder), bootstrap.Supplies().clock
    token, mark = Identity(store, settings, clock).invite("nadia")
    proof = Identity(store, settings, clock).accept(token, "a horse that nobody owns")
    cookie = Sessions(store, settings, clock).open(proof, "passphrase", "bench")
    store.close()
    people = with_key((bootstrap.shipped_playbooks() / "people.toml").read_bytes(), "nadia", mark)
    run = RunSettings(
        "bench-run", str(source), playbook.digest, str(source.parent), str(state / "vault"),
        practice=False, clock="now", target_name="stage",
    )  # fmt: skip
    folder = RunFolder.create(state, run, {"playbook.md": playbook.source, "people.toml": people})
    journal = Journal(folder.events, clock)
    journal.write(
        "started", rehearsal="bench-run", title=playbook.title, target="stage",
        timezone=playbook.timezone, practice=False, clock="now",
        rows=[
            {
                "id": row.id, "title": row.title, "owner": row.owner,
                "plan_start": "", "plan_end": "",
                "items": [
                    {"id": item.id, "title": item.id, "kind": "drill", "owner": row.owner,
                     "line": item.place.line}
                    for item in row.items
                ],
            }
            for row in playbook.activities
        ],
    )  # fmt: skip
    journal.write("row", row=playbook.activities[1].id, state="started")
    journal.close()
    return folder, f"{settings.cookie}={cookie}"


# -- the two servers -------------------------------------------------------------------------


def serve_console(state: Path, listener: socket.socket) -> None:
    import uvicorn

    from golive.console.app import create_app
    from golive.console.serving import server_config

    settings = ConsoleSettings(state, port=listener.getsockname()[1])
    console = create_app(settings, bootstrap.Supplies())
    uvicorn.Server(server_config(console, settings)).run(sockets=[listener])


def serve_bare(state: Path, listener: socket.socket) -> None:
    """The yardstick: nobody signs in, nothing is rendered, nothing is told again."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    path = state / "bench-run" / "events.jsonl"
    queues: set[asyncio.Queue[bytes]] = set()
    reader: list[asyncio.Task[None]] = []

    async def read() -> None:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            while True:
                for line in file.readlines():
                    for queue in queues:
                        queue.put_nowait(b"data: " + line + b"\n")
                await asyncio.sleep(LOOK)

    async def events(request: Request) -> StreamingResponse:  # noqa: ARG001
        if not reader:
            reader.append(asyncio.create_task(read()))

        async def body() -> AsyncIterator[bytes]:
            queue: asyncio.Queue[bytes] = asyncio.Queue()
            queues.add(queue)
            yield b": begun\n\n"
            try:
                while True:
                    yield await queue.get()
            finally:
                queues.discard(queue)

        return StreamingResponse(body(), media_type="text/event-stream")

    app = Starlette(routes=[Route("/runs/bench-run/events", events)])
    uvicorn.Server(
        uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
    ).run(sockets=[listener])


# -- the watchers ----------------------------------------------------------------------------


async def watch(port: int, cookie: str, number: int, got: dict[str, list[float]]) -> None:
    """One watcher: notes when each marked line arrives. `got["begun"]` counts who is connected."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    writer.write(
        f"GET /runs/bench-run/events?after=2 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Accept: text/event-stream\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    try:
        status = await reader.readline()
        assert b" 200 " in status, status
        while line := await reader.readline():
            if line.startswith((b": begun", b"event: standing")):
                got.setdefault("begun", []).append(number)
            at = line.find(b"mark-")  # the log shows those before as well, newest first
            if at >= 0:
                got.setdefault(line[at : at + 9].decode(), []).append(time.perf_counter())
    finally:
        writer.close()


async def measure(
    folder: RunFolder, port: int, cookie: str, pid: int, wanted: argparse.Namespace
) -> Figures:
    got: dict[str, list[float]] = {}
    first = [asyncio.create_task(watch(port, cookie, 0, got))]
    await _until(lambda: len(got.get("begun", ())) == 1)
    before = resident(pid)
    watching = first + [
        asyncio.create_task(watch(port, cookie, number, got))
        for number in range(1, wanted.watchers)
    ]
    await _until(lambda: len(got.get("begun", ())) == wanted.watchers)
    await asyncio.sleep(1)
    memory = (resident(pid) - before) / (wanted.watchers - 1)
    journal = Journal(folder.events, bootstrap.Supplies().clock)
    busy, times = processor(pid), []
    for number in range(wanted.rounds):
        mark = f"mark-{number:04}"
        began = time.perf_counter()
        journal.log("", mark)
        await _until(partial(_all_have, got, mark, wanted.watchers))
        times.append((max(got[mark]) - began) * 1000)
        await asyncio.sleep(APART)
    spent = (processor(pid) - busy) / wanted.rounds
    journal.close()
    for one in watching:
        one.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    times.sort()
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    return Figures(statistics.median(times), p95, memory / 1000, spent)


def _all_have(got: dict[str, list[float]], mark: str, watchers: int) -> bool:
    return len(got.get(mark, ())) >= watchers


async def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.002)


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(kind: str, wanted: argparse.Namespace) -> Figures:
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0), backlog=2048) as listener,
    ):
        state = Path(folder)
        port = listener.getsockname()[1]
        run_folder, cookie = prepare(state, port)
        command = [sys.executable, __file__, "--serve", kind, folder, str(listener.fileno())]
        with subprocess.Popen(command, pass_fds=[listener.fileno()]) as server:
            try:
                return asyncio.run(measure(run_folder, port, cookie, server.pid, wanted))
            finally:
                server.terminate()
                server.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--watchers", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    cores = sorted(os.sched_getaffinity(0))
    if wanted.serve:
        kind, state, handle = wanted.serve
        os.sched_setaffinity(0, cores[:1])
        listener = socket.socket(fileno=int(handle))
        {"console": serve_console, "bare": serve_bare}[kind](Path(state), listener)
        return
    os.sched_setaffinity(0, cores[-1:])
    found = {kind: run(kind, wanted) for kind in ("bare", "console")}
    for kind, one in found.items():
        print(
            f"{kind:<8} event to the last of {wanted.watchers} watchers: p50 {one.p50:.0f} ms, "
            f"p95 {one.p95:.0f} ms; {one.kilobytes:.0f} kB a watcher; "
            f"{one.processor * 1000:.0f} ms of the core an event"
        )
    bare, console = found["bare"], found["console"]
    ratios = {
        "p95": round(console.p95 / bare.p95, 2),
        "memory": round(console.kilobytes / bare.kilobytes, 2),
        "processor": round(console.processor / max(bare.processor, 1e-6), 2),
    }
    print(f"console over bare: {json.dumps(ratios)}")


if __name__ == "__main__":
    main()
