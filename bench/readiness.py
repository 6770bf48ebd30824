"""How long a toggle takes to reach `runtime/readiness.json`, beside what the disk itself takes.

    python bench/readiness.py [--samples 300]

A real instance on SQLite, a real HTTP request for each toggle; the yardstick is a bare write, fsync
and rename of the same bytes in the same folder, taken in turn with the toggles so that both see the
same machine. Exits 1 when the 99th percentile is over the limit.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import httpx

LIMIT_MS = 50.0
EMAIL = "operations@rehearsal.fixnado.example"


def start(folder: Path) -> tuple[subprocess.Popen[str], httpx.Client]:
    """A seeded instance with a signed-in client for the role operations."""
    password = secrets.token_urlsafe(18)
    url = f"sqlite:///{folder / 'market.db'}"
    private = {
        "secret": secrets.token_hex(32),
        "accounts.json": json.dumps(
            [{"email": EMAIL, "password": password, "role": "operations", "name": "Operations"}]
        ),
    }
    for name, text in private.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    fixnado = [sys.executable, "-m", "fixnado"]
    quiet = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    quiet([*fixnado, "migrate", "--database", url])
    seed = ["--seed", "1", "--accounts", str(folder / "accounts.json")]
    quiet([*fixnado, "seed", "--database", url, *seed])
    process = subprocess.Popen(
        [
            *(*fixnado, "serve", "--database", url, "--port", "0", "--instance", "bench"),
            *("--runtime", str(folder / "runtime"), "--secret-file", str(folder / "secret")),
            "--rehearsal",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    base = process.stdout.readline().rpartition(" ")[2].strip()
    client = httpx.Client(base_url=base, timeout=10)
    login = {"email": EMAIL, "password": password, "clientType": "mobile"}
    signed_in = client.post("/v1/auth/login", json=login).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {signed_in['tokens']['accessToken']}"
    return process, client


def toggle_to_file(client: httpx.Client, file: Path, status: str) -> float:
    """Milliseconds from sending the toggle until the file shows it."""
    began = time.perf_counter()
    client.put("/v1/admin/readiness/commerce", json={"status": status}).raise_for_status()
    while json.loads(file.read_bytes())["components"]["commerce"]["status"] != status:
        time.sleep(0.0002)
    return (time.perf_counter() - began) * 1000


def bare(folder: Path, payload: bytes) -> float:
    """Milliseconds for a bare write, fsync and rename of `payload`."""
    began = time.perf_counter()
    temporary = folder / ".bare"
    with temporary.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / "bare")
    return (time.perf_counter() - began) * 1000


def percentiles(samples: list[float]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    cuts = statistics.quantiles(samples, n=100, method="inclusive")
    return cuts[49], cuts[98]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=300)
    samples = max(2, parser.parse_args().samples)
    with tempfile.TemporaryDirectory(prefix="bench readiness ") as name:
        folder = Path(name)
        process, client = start(folder)
        file = folder / "runtime" / "readiness.json"
        toggles, yardstick = [], []
        try:
            for number in range(samples):
                status = ("degraded", "ready")[number % 2]
                toggles.append(toggle_to_file(client, file, status))
                yardstick.append(bare(file.parent, file.read_bytes()))
        finally:
            client.close()
            process.terminate()
            process.communicate()
    measured, disk = percentiles(toggles), percentiles(yardstick)
    print(f"readiness, {samples} samples      p50 ms    p99 ms")
    print(f"  toggle over HTTP to file  {measured[0]:8.2f}  {measured[1]:8.2f}")
    print(f"  write, fsync, rename      {disk[0]:8.2f}  {disk[1]:8.2f}")
    print(f"  ratio                     {measured[0] / disk[0]:8.1f}  {measured[1] / disk[1]:8.1f}")
    kept = measured[1] <= LIMIT_MS
    print(f"  p99 within {LIMIT_MS:.0f} ms: {'yes' if kept else 'no'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
