"""First paint of every page of the console in Chromium, beside a bare page from the same server.

    python bench/console_pages.py [--rounds 7]

A small day is run in memory and sealed. Then a person who is signed in loads each page; the bare
page, one line of HTML that the same process sends without looking at anything, is loaded in turn
with them. The audit page is loaded with a vault that has just been touched, so that nothing about
it is known beforehand. What is printed is the median and its ratio to the bare page's.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from console_world import PASSPHRASE, World, world  # noqa: E402
from decided_day import prepare, whole_day  # noqa: E402
from golive.console.app import create_app  # noqa: E402
from golive.console.serving import server_config  # noqa: E402

_BARE = b"<!doctype html><title>bare</title><p>One line."
_GOAL_MS = 300
_FIRST_PAINT = """() => new Promise((tell) => {
    new PerformanceObserver((list) => {
        const found = list.getEntries().find((one) => one.name === "first-contentful-paint");
        if (found) tell(found.startTime);
    }).observe({type: "paint", buffered: true});
})"""


def with_bare(console: ASGIApp) -> ASGIApp:
    """The console, and `/bare` beside it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/bare":
            await console(scope, receive, send)
            return
        headers = [(b"content-type", b"text/html"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _BARE})

    return app


@contextmanager
def served(launch: World) -> Iterator[str]:
    """Another console over the same state, with the bare page beside it; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings = replace(launch.settings, port=port, public_url="")
        console = create_app(settings, launch.supplies)
        config = server_config(console, settings)
        config.app = with_bare(console)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield settings.origin
        finally:
            console.end_streams()
            server.should_exit = True
            thread.join(20)
            console.close()


def paths(run: str) -> Mapping[str, str]:
    own = f"/runs/{run}"
    inner = ("", "/steps/2", "/log", "/verdict", "/sign", "/evidence", "/risks", "/audit")
    return {"/me": "/me", "/runs": "/runs", "/people": "/people", "/sessions": "/sessions"} | {
        f"/runs/RUN{one}": own + one for one in inner
    }


def measure(page: Page, base: str, launch: World, rounds: int) -> Mapping[str, Sequence[float]]:
    """Milliseconds to the first paint by page, `/bare` among them; the first round warms up."""
    found = defaultdict(list)
    touched = Path(str(launch.board().verdict["vault"])) / "data" / "out" / "minutes.txt"
    for number in range(rounds + 1):
        for name, path in (("/bare", "/bare"), *paths(launch.folder.name).items()):
            if name.endswith("/audit"):
                touched.touch()
            page.goto(base + path, wait_until="load")
            paint = float(page.evaluate(_FIRST_PAINT))
            if number:
                found[name].append(paint)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("first paint: not measured, no Chromium here")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        world(Path(folder)) as launch,
        sync_playwright() as playwright,
    ):
        prepare(launch)
        whole_day(launch)
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with served(launch) as base:
            page = chromium.new_page()
            page.goto(f"{base}/enter")
            page.fill("#person", "ruth")
            page.fill("#passphrase", PASSPHRASE)
            page.click("main form button")
            page.wait_for_url("**/me")
            found = measure(page, base, launch, wanted.rounds)
            page.close()
        chromium.close()
    bare = statistics.median(found["/bare"])
    print(f"{'/bare':<20} {bare:>6.0f} ms")
    for name, paints in found.items():
        if name != "/bare":
            middle = statistics.median(paints)
            late = "" if middle < _GOAL_MS else f"  over {_GOAL_MS} ms"
            print(f"{name:<20} {middle:>6.0f} ms  {middle / bare:>5.2f} of the bare page{late}")


if __name__ == "__main__":
    main()
