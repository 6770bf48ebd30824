"""The service as processes: start, stop, crash, a database that goes away."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from fixnado_world import Sqlite, email
from fixnado_world.accounts import PASSWORD

PATIENCE = 3
"""Seconds after which whoever asks it to end kills it."""


class Process:
    """`python -m fixnado serve` on a free port."""

    def __init__(self, folder: Path, url: str, *more: str) -> None:
        secret = folder / "secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(32))
        self.runtime = folder / "run time"
        self.popen = subprocess.Popen(
            [
                *(sys.executable, "-m", "fixnado", "serve", "--database", url, "--port", "0"),
                *("--instance", "blue", "--version", "0.99", "--runtime", str(self.runtime)),
                *("--secret-file", str(secret), "--rehearsal", "--probe-interval", "0.3", *more),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.popen.stdout
        self.line = self.popen.stdout.readline()
        self.client = httpx.Client(base_url=self.line.rpartition(" ")[2].strip(), timeout=10)

    def file(self) -> dict:
        found: dict = json.loads((self.runtime / "readiness.json").read_bytes())
        return found

    def until(self, true: Callable[[], bool], seconds: float = 5) -> float:
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds, self.file()
            time.sleep(0.005)
        return time.monotonic() - began

    def close(self) -> None:
        self.client.close()
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.communicate()


@pytest.fixture(scope="module")
def kind(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def url(kind: Sqlite) -> str:
    return kind.fresh()


@pytest.fixture
def serve(tmp_path: Path, url: str) -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def begin(*more: str) -> Process:
        running.append(Process(tmp_path, url, *more))
        return running[-1]

    yield begin
    for one in running:
        one.close()


def test_it_says_where_it_listens_once_it_answers(serve: Callable[..., Process]) -> None:
    one = serve()
    assert one.line.startswith("fixnado 0.99 (blue) listens on http://127.0.0.1:")
    assert one.client.get("/healthz").raise_for_status().json()["version"] == "0.99"


def test_sigterm_ends_it_cleanly_before_it_would_be_killed(serve: Callable[..., Process]) -> None:
    one = serve()
    one.client.get("/healthz")
    began = time.monotonic()
    one.popen.send_signal(signal.SIGTERM)
    _, err = one.popen.communicate(timeout=5)
    assert time.monotonic() - began < PATIENCE
    assert one.popen.returncode == 0, err
    assert err == ""
    assert one.file()["status"] == "stopping"


def test_sigterm_does_not_wait_for_a_slow_answer(serve: Callable[..., Process]) -> None:
    one = serve("--fault", "slow")
    slow = subprocess.Popen(
        [sys.executable, "-c", f"import httpx; httpx.get('{one.client.base_url}', timeout=9)"],
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.4)
    began = time.monotonic()
    one.popen.send_signal(signal.SIGTERM)
    one.popen.communicate(timeout=5)
    assert time.monotonic() - began < PATIENCE
    assert one.popen.returncode == 0
    slow.wait(10)


def test_a_killed_process_leaves_a_whole_file(serve: Callable[..., Process]) -> None:
    one = serve()
    token = one.client.post(
        "/v1/auth/login",
        json={"email": email("operations"), "password": PASSWORD, "clientType": "mobile"},
    ).json()["tokens"]["accessToken"]
    for status in ("error", "degraded", "ready") * 4:
        one.client.put(
            "/v1/admin/readiness/commerce",
            json={"status": status},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()
    one.popen.kill()
    one.popen.wait(5)
    assert one.file()["components"].keys() >= {"database", "commerce"}


def test_a_crash_on_demand_ends_with_70_at_the_two_hundredth_request(
    serve: Callable[..., Process],
) -> None:
    one = serve("--fault", "crash")
    answered = 0
    with pytest.raises(httpx.TransportError):
        for _ in range(300):
            assert one.client.get("/healthz").status_code == 200
            one.client.get("/")
            answered += 1
    assert answered == 199
    assert one.popen.wait(5) == 70


def test_a_database_moved_away_shows_within_the_probe_interval(
    serve: Callable[..., Process], url: str
) -> None:
    one = serve()
    one.until(lambda: one.file()["status"] == "ready")
    path = Path(url.removeprefix("sqlite:///"))
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    shown = one.until(lambda: one.file()["components"]["database"]["status"] == "error")
    assert shown < 1
    ready = one.client.get("/readyz")
    assert ready.status_code == 503
    assert "database" in ready.json()["detail"]
    assert one.client.get("/healthz").status_code == 200
    hidden.rename(path)
    one.until(lambda: one.file()["status"] == "ready")
    assert one.client.get("/readyz").status_code == 200


def test_a_database_locked_by_another_shows_and_recovers(
    serve: Callable[..., Process], url: str
) -> None:
    one = serve()
    one.until(lambda: one.file()["status"] == "ready")
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    one.until(lambda: one.file()["components"]["database"]["status"] == "error", 2)
    other.execute("ROLLBACK")
    other.close()
    one.until(lambda: one.file()["status"] == "ready", 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "5xx"], "--rehearsal"),
        (["--database", "sqlite:////nowhere/at/all.db"], "migrate"),
        (["--database", "oracle://x"], "oracle"),
        (["--database", "postgresql+psycopg://u:hunter2@127.0.0.1/x"], "--database-file"),
        (["--database", "postgresql://127.0.0.1/x?user=u&PASSWORD=hunter2"], "--database-file"),
        (["--port", "1"], "127.0.0.1:1"),
        (["--runtime", "/proc/nowhere"], "/proc/nowhere"),
        (["--secret-file", "/nowhere"], "/nowhere"),
    ],
)
def test_a_start_that_is_refused_says_why_in_one_line(
    tmp_path: Path, url: str, arguments: list[str], words: str
) -> None:
    if words == "127.0.0.1:1" and _may_bind_low_ports():
        arguments, words = ["--host", "192.0.2.1"], "192.0.2.1"
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(32))
    given = {
        "--database": url,
        "--port": "0",
        "--instance": "blue",
        "--runtime": str(tmp_path / "runtime"),
        "--secret-file": str(secret),
    }
    given.update(zip(arguments[::2], arguments[1::2], strict=True))
    command = [part for pair in given.items() for part in pair]
    found = subprocess.run(
        [sys.executable, "-m", "fixnado", "serve", *command],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert found.returncode == 2
    assert words in found.stderr
    assert "Traceback" not in found.stderr
    assert "hunter2" not in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_database_may_be_named_in_a_file_of_ones_own(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "database"
    file.write_text(f"sqlite:///{tmp_path / 'x.db'}\n", encoding="ascii")
    file.chmod(mode)
    done = subprocess.run(
        [sys.executable, "-m", "fixnado", "migrate", "--database-file", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if mode == 0o600:
        assert (done.returncode, done.stdout[:7]) == (0, "schema ")
    else:
        assert done.returncode == 2
        assert "chmod 600" in done.stderr
        assert not (tmp_path / "x.db").exists()


def _may_bind_low_ports() -> bool:
    lowest = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return os.geteuid() == 0 or (lowest.exists() and int(lowest.read_text()) <= 1)
