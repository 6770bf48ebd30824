"""The scraper as a process: sides that come and go, and its own end in the middle of a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from golive.adapters.scraped_series import ScrapedSeries
from golive.ports.series import REQUESTS, Figure, Query
from golive.stage.layout import Layout
from golive.stage.scraper.fetch import Side, samples
from golive.stage.settings import Settings, save


class _Exposes(BaseHTTPRequestHandler):
    count = 0
    body: bytes | None = None

    def do_GET(self) -> None:
        type(self).count += 5
        found = f'# TYPE {REQUESTS} counter\n{REQUESTS}{{status="200"}} {self.count}\n'.encode()
        data = found if self.body is None else self.body
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def side(port: int = 0, body: bytes | None = None) -> Iterator[int]:
    handler = type("Handler", (_Exposes,), {"count": 0, "body": body})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def scraping(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "golive.stage.scraper", str(folder)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ups(layout: Layout) -> dict[str, list[float]]:
    if not layout.scraped.exists():
        return {}
    now = datetime.now(UTC)
    found = ScrapedSeries(layout.scraped).query(
        Query("up", by=("instance",)), now - timedelta(seconds=30), now, 0.2
    )
    return {one.labels["instance"]: [value for _, value in one.points] for one in found}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_outlives_its_sides_and_goes_on_after_its_own_death(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    with side() as green, side() as gone:
        save(layout, Settings({"green": green, "blue": gone}))
        with scraping(tmp_path) as first:
            until(lambda: {1.0} <= set(ups(layout).get("blue", [])))
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
        with layout.scraped.open("ab") as tape:
            tape.write(b'["scrape",17')  # as a kill in mid-write would leave it
    with side(green), scraping(tmp_path) as second:
        until(lambda: ups(layout).get("blue", [1.0])[-1] == 0.0)
        until(lambda: ups(layout)["green"][-1] == 1.0)
        assert second.poll() is None
        now = datetime.now(UTC)
        rate = Query(REQUESTS, Figure.RATE, ("instance",), over=30)
        found = ScrapedSeries(layout.scraped).query(rate, now, now, 1)
    assert "green" in {one.labels["instance"] for one in found}
    assert layout.scraped.stat().st_mode & 0o077 == 0


def test_what_is_no_exposition_counts_as_no_answer() -> None:
    for body in (b"<html>login</html>", b"<html>login</html>\n", b"a nonsense\n", b"\xff\xfe\n"):
        with side(body=body) as port:
            assert Side("blue", port).scrape() is None
    assert Side("blue", 9).scrape() is None


def test_names_may_hold_spaces() -> None:
    text = '# HELP a A.\na{b="x y"} 1\nc +Inf\n\nd 2.5e-3\n'
    assert samples(text) == {'a{b="x y"}': 1.0, "c": float("inf"), "d": 0.0025}


def test_without_settings_there_is_nothing_to_scrape(tmp_path: Path) -> None:
    code = subprocess.run(
        [sys.executable, "-m", "golive.stage.scraper", str(tmp_path)], timeout=20, check=False
    )
    assert code.returncode == 1
