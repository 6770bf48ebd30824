"""What the probe costs and how well it keeps its schedule, beside bare sends on one connection.

    python bench/probe.py [--seconds 3] [--rates 200,1000,2000,4000]

A small server in a process of its own answers from memory, so the figures are the probe's. The
yardstick is one request after the other on one open socket: the least that an answer can take
here. Cost grows linearly with the rate.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from golive.adapters.probe import OpenLoopProbe
from golive.kernel.fidelity import Fidelity
from golive.ports.probe import figures_of

SERVER = r"""
import asyncio, uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Side: green\r\n\r\nok"

class Answering(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(ANSWER * data.count(b"\r\n\r\n"))

async def main():
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

uvloop.run(main())
"""


def bare(port: int, seconds: float) -> float:
    """Median milliseconds of one request after the other."""
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as open_socket:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            begun = time.perf_counter()
            open_socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            open_socket.recv(4096)
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def probed(port: int, rate: float, seconds: float) -> dict[str, float]:
    """Requests a second, latencies in milliseconds, and the probe's own share of one core."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    probe = OpenLoopProbe(None, "X-Side", Fidelity.LOCAL)
    with tempfile.TemporaryDirectory() as folder:
        running = probe.start(f"http://127.0.0.1:{port}/", rate=rate, log=Path(folder) / "log")
        time.sleep(seconds)
        samples = running.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    core = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    figures = figures_of(samples)
    assert figures.p50 is not None and figures.p99 is not None
    span = samples[-1].started - samples[0].started
    return {
        "asked": rate,
        "kept": round((len(samples) - 1) / span, 1),
        "failed": figures.failed,
        "p50_ms": round(figures.p50 * 1000, 3),
        "p99_ms": round(figures.p99 * 1000, 3),
        "core_percent": round(100 * core / span, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--rates", default="200,1000,2000,4000")
    chosen = options.parse_args()
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline())
        print(json.dumps({"bare_p50_ms": round(bare(port, 1.0), 3)}))
        for rate in chosen.rates.split(","):
            print(json.dumps(probed(port, float(rate), chosen.seconds)))
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


if __name__ == "__main__":
    main()
