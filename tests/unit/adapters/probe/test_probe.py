"""The probe in front of real servers, good and bad."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from golive.adapters.probe import OpenLoopProbe
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.probe import ProbeSample

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Side: green\r\n\r\nok"


def answering(answer: bytes, *, delay: float = 0.0, then_close: bool = False):
    """A handler that answers every request on a connection with `answer`."""

    async def handle(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(delay)
            writer.write(answer)
            await writer.drain()
            if then_close:
                return

    return handle


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within time"
        time.sleep(0.01)


def measure(
    url: str,
    folder: Path,
    *,
    rate: float = 200,
    requests: int = 30,
    ca: Path | None = None,
    timeout: float = 10.0,
) -> Sequence[ProbeSample]:
    """At least `requests` samples of `url`."""
    probe = OpenLoopProbe(ca, "X-Side", Fidelity.LOCAL, timeout=timeout)
    running = probe.start(url, rate=rate, log=folder / "probe.jsonl")
    try:
        until(lambda: len(running.samples()) >= requests)
    finally:
        samples = running.stop()
    return samples


def test_samples_in_order_with_side_and_status(serve, tmp_path):
    began = time.time()
    samples = measure(serve(answering(GOOD)).url, tmp_path)
    assert {(one.status, one.side) for one in samples} == {(200, "green")}
    assert [one.started for one in samples] == sorted(one.started for one in samples)
    assert all(began - 1 < one.started < time.time() for one in samples)
    assert not any(one.failed for one in samples)


def test_tls_with_the_targets_own_authority(serve, authority, tmp_path):
    url = serve(answering(GOOD), tls=True).url
    assert not any(one.failed for one in measure(url, tmp_path, ca=authority.certificate))


def test_a_certificate_of_nobody_known_is_no_answer(serve, tmp_path):
    samples = measure(serve(answering(GOOD), tls=True).url, tmp_path)
    assert {one.status for one in samples} == {0}
    assert all(one.failed and one.side == "" for one in samples)


def test_connections_are_kept(serve, tmp_path):
    opened = itertools.count()
    handle = answering(GOOD)

    async def counting(reader, writer):
        next(opened)
        await handle(reader, writer)

    assert len(measure(serve(counting).url, tmp_path, requests=200)) >= 200
    assert next(opened) < 40


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_closes_after_each_answer(serve, authority, tmp_path, tls):
    """It says so, hence every request comes through, on a connection of its own."""
    closing = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    server = serve(answering(closing, then_close=True), tls=tls)
    samples = measure(server.url, tmp_path, ca=authority.certificate)
    assert not any(one.failed for one in samples)


def test_a_connection_closed_between_requests_is_replaced(serve, tmp_path):
    """Closed without a word while idle: no byte was sent on it, so another one is taken."""

    async def impatient(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(GOOD)
        await writer.drain()

    samples = measure(serve(impatient).url, tmp_path, rate=5, requests=6)
    assert not any(one.failed for one in samples)


def test_a_connection_closed_under_a_request_is_a_failure(serve, tmp_path):
    requests = itertools.count()

    async def drops_every_third(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            if next(requests) % 3 == 2:
                return
            writer.write(GOOD)
            await writer.drain()

    samples = measure(serve(drops_every_third).url, tmp_path, requests=60)
    failed = sum(one.status == 0 for one in samples)
    assert len(samples) // 3 - 1 <= failed <= len(samples) // 3 + 1, "none was asked twice"


def test_a_slow_server_does_not_slow_the_load(serve, tmp_path):
    """Open loop: requests start on schedule while earlier ones still wait."""
    samples = measure(serve(answering(GOOD, delay=0.5)).url, tmp_path, rate=100, requests=100)
    begun = samples[-1].started - samples[0].started
    assert len(samples) == pytest.approx(1 + begun * 100, abs=2)
    assert min(one.latency for one in samples) >= 0.5
    assert not any(one.failed for one in samples)


def test_a_stall_is_seen_by_every_request_of_its_time(serve, tmp_path):
    """No coordinated omission: one stall of 400 ms is some 40 slow requests at 100 a second."""
    began = time.monotonic()

    async def stalling(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            into = time.monotonic() - began
            if 1.0 < into < 1.4:
                await asyncio.sleep(1.4 - into)
            writer.write(GOOD)
            await writer.drain()

    samples = measure(serve(stalling).url, tmp_path, rate=100, requests=220)
    slow = [one for one in samples if one.latency > 0.1]
    assert 20 <= len(slow) <= 60


def test_requests_never_answered_fail_in_time(serve, tmp_path):
    async def silent(reader, writer):
        await reader.read()

    samples = measure(serve(silent).url, tmp_path, rate=50, requests=20, timeout=0.4)
    assert {one.status for one in samples} == {0}
    assert all(0.39 < one.latency < 1.5 for one in samples)


def test_refused_connections_are_failures_and_not_the_end(tmp_path, free_port):
    samples = measure(f"http://127.0.0.1:{free_port}/", tmp_path)
    assert {one.status for one in samples} == {0}


@pytest.fixture
def free_port(serve):
    server = serve(answering(GOOD))
    port = server.port
    server.close()
    server.close = lambda: None
    return port


BAD = {
    "garbage": b"\x00\xff rubbish\r\n\r\n" * 50,
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\nok",
    "an endless header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000_000,
    "an upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n"
    b"Connection: Upgrade\r\n\r\n",
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_answer_counts_as_none(serve, tmp_path, name):
    server = serve(answering(BAD[name], then_close=True))
    rate, requests = (2, 2) if "endless" in name else (20, 5)
    samples = measure(server.url, tmp_path, rate=rate, requests=requests, timeout=5.0)
    assert {one.status for one in samples} == {0}


GOOD_ALL_THE_SAME = {
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Side: green\r\n\r\n"
    b"2\r\nok\r\n0\r\n\r\n",
    "an interim answer first": b"HTTP/1.1 103 Early Hints\r\nX-Side: red\r\n\r\n" + GOOD,
    "no content": b"HTTP/1.1 204 No Content\r\nx-side: green\r\n\r\n",
}


@pytest.mark.parametrize("name", GOOD_ALL_THE_SAME)
def test_forms_of_a_good_answer(serve, tmp_path, name):
    samples = measure(serve(answering(GOOD_ALL_THE_SAME[name])).url, tmp_path)
    assert {(one.status // 100, one.side) for one in samples} == {(2, "green")}


def test_an_answer_that_ends_with_its_connection(serve, tmp_path):
    endless = b"HTTP/1.1 200 OK\r\nX-Side: green\r\n\r\nno length is told"
    samples = measure(serve(answering(endless, then_close=True)).url, tmp_path)
    assert {(one.status, one.side) for one in samples} == {(200, "green")}


def test_an_answer_too_many_is_nobodys(serve, tmp_path):
    """A second answer to one request must not become the next request's."""
    red = GOOD.replace(b"green", b"red")
    samples = measure(serve(answering(GOOD + red)).url, tmp_path)
    assert {one.side for one in samples} == {"green"}


def test_errors_keep_their_status_and_side(serve, tmp_path):
    broken = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nX-Side: blue\r\n\r\n"
    samples = measure(serve(answering(broken)).url, tmp_path)
    assert {(one.status, one.side, one.failed) for one in samples} == {(503, "blue", True)}


def test_recent_figures_by_side(serve, tmp_path):
    turn = itertools.cycle([GOOD, GOOD.replace(b"green", b"blue")])

    async def alternating(reader, writer):
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(next(turn))
            await writer.drain()

    probe = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL)
    running = probe.start(serve(alternating).url, rate=200, log=tmp_path / "log")
    try:
        until(lambda: sum(one.requests for one in running.recent().values()) >= 150)
        recent = running.recent()
        assert set(recent) == {"green", "blue"}
        assert sum(one.requests for one in recent.values()) <= 300, "the last second only"
        assert all(one.p50 <= one.p95 <= one.p99 for one in recent.values())
    finally:
        running.stop()


def test_the_log_is_compact_and_outlives_a_kill(serve, tmp_path):
    """Samples are on disk while the load runs; a second load goes on in the same log."""
    server, log = serve(answering(GOOD)), tmp_path / "log"
    first = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL).start(server.url, rate=200, log=log)
    until(lambda: len(first.samples()) > 20)
    first.stop()
    with log.open("ab") as file:
        file.write(b'[1.0,0.1,200,"gre')
    kept = log.read_bytes().count(b"\n")
    second = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL).start(server.url, rate=200, log=log)
    until(lambda: len(second.samples()) > kept + 20)
    samples = second.stop()
    rows = [line for line in log.read_text().splitlines() if line.endswith("]")]
    assert len(samples) == len(rows)
    assert all(len(line) < 64 for line in rows)
    assert json.loads(rows[0])[2:] == [200, "green"]


def test_the_load_dies_with_its_rehearsal(serve, tmp_path):
    """SIGKILL of the parent ends the child too, and what it had written stays."""
    server, log = serve(answering(GOOD)), tmp_path / "log"
    program = (
        "import sys, time; from pathlib import Path\n"
        "from golive.adapters.probe import OpenLoopProbe\n"
        "from golive.kernel.fidelity import Fidelity\n"
        "load = OpenLoopProbe(None, 'X-Side', Fidelity.LOCAL).start("
        f"{server.url!r}, rate=200, log=Path({str(log)!r}))\n"
        "print(load._child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    with parent, parent.stdout as out:
        child = int(out.readline())
        until(lambda: log.stat().st_size > 1000)
        os.kill(parent.pid, signal.SIGKILL)
    until(lambda: not _alive(child))
    assert log.read_bytes().endswith(b"\n")


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_load_that_breaks_off_says_so(serve, tmp_path):
    probe = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL)
    running = probe.start(serve(answering(GOOD)).url, rate=200, log=tmp_path / "log")
    os.kill(running._child.pid, signal.SIGKILL)
    running._child.wait()
    for look in (running.recent, running.samples, running.stop):
        with pytest.raises(PortError, match="broke off"):
            look()


@pytest.mark.parametrize(
    ("url", "rate", "ca", "said"),
    [
        ("ftp://localhost/", 10, None, "not an http or https URL"),
        ("http:///", 10, None, "not an http or https URL"),
        ("http://localhost:1/", 0, None, "can't be kept"),
        ("http://localhost:1/", float("nan"), None, "can't be kept"),
        ("https://localhost:1/", 10, "missing.pem", "No such file"),
    ],
)
def test_orders_that_can_not_be_followed(tmp_path, url, rate, ca, said):
    probe = OpenLoopProbe(ca and tmp_path / ca, "X-Side", Fidelity.LOCAL)
    with pytest.raises(PortError, match=said):
        probe.start(url, rate=rate, log=tmp_path / "log")


def test_a_log_that_can_not_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    probe = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL)
    with pytest.raises(PortError, match="can't start"):
        probe.start("http://localhost:1/", rate=10, log=tmp_path / "file" / "log")


def test_thousands_a_second(serve, tmp_path):
    """The rate is kept, and most requests start within a few milliseconds of their schedule."""
    samples = measure(serve(answering(GOOD)).url, tmp_path, rate=2000, requests=2000)
    begun = samples[-1].started - samples[0].started
    assert len(samples) == pytest.approx(1 + begun * 2000, rel=0.01)
