"""Components, board and file, without a server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixnado.platform.errors import NotFound
from fixnado.platform.moments import utc_now
from fixnado.readiness.board import Board
from fixnado.readiness.model import Finding, Status, worst
from fixnado.readiness.probes import Prober
from fixnado.readiness.writer import SnapshotWriter, write_whole

statuses = st.sampled_from(Status)


def _board(*names: str) -> Board:
    return Board(names or ("database", "commerce"), utc_now)


@given(st.lists(statuses, min_size=1))
def test_the_whole_is_as_bad_as_its_worst_part(found: list[Status]) -> None:
    order = ["ready", "degraded", "initialising", "stopping", "error"]
    assert worst(found).value == max((one.value for one in found), key=order.index)


def test_nothing_to_judge_by_is_not_ready() -> None:
    assert worst([]) is Status.INITIALISING


@given(statuses, statuses)
def test_a_toggle_never_hides_what_was_measured(measured: Status, toggled: Status) -> None:
    board = _board()
    board.measure("database", Finding(measured))
    shown = board.toggle("database", Finding(toggled)).effective.status
    assert shown is worst([measured, toggled])
    assert board.toggle("database", Finding(Status.READY)).effective.status is measured


def test_the_same_finding_twice_is_no_news() -> None:
    board = _board()
    board.measure("database", Finding(Status.READY))
    before = board.snapshot()
    board.measure("database", Finding(Status.READY))
    assert board.snapshot().sequence == before.sequence
    with pytest.raises(NotFound):
        board.toggle("flux", Finding(Status.ERROR))


def test_waiting_ends_with_a_change_or_with_the_time() -> None:
    board = _board()
    sequence = board.snapshot().sequence
    assert board.wait_beyond(sequence, 0.01).sequence == sequence
    threading.Timer(0.02, board.toggle, ("commerce", Finding(Status.ERROR))).start()
    assert board.wait_beyond(sequence, 5).status is Status.ERROR


def test_toggles_from_many_threads_are_all_counted(tmp_path: Path) -> None:
    board = _board("commerce")
    writer = SnapshotWriter(board, tmp_path / "readiness.json")
    writer.start()
    start = threading.Barrier(6)

    def burst(status: Status) -> None:
        start.wait()
        for _ in range(20):
            board.toggle("commerce", Finding(status))

    threads = [
        threading.Thread(target=burst, args=(status,))
        for status in (Status.ERROR, Status.DEGRADED, Status.STOPPING) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = board.toggle("commerce", Finding(Status.DEGRADED, "last"))
    assert last.changes == 121
    writer.stop()
    kept = json.loads((tmp_path / "readiness.json").read_bytes())["components"]["commerce"]
    assert kept["status"] == "stopping"
    assert kept["metadata"]["changes"] == 122


def test_a_stop_is_quick_and_writes_what_is_left(tmp_path: Path) -> None:
    board = _board()
    writer = SnapshotWriter(board, tmp_path / "readiness.json")
    writer.start()
    board.stop()
    began = time.monotonic()
    writer.stop()
    assert time.monotonic() - began < 1
    assert json.loads((tmp_path / "readiness.json").read_bytes())["status"] == "stopping"


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "readiness.json"
    board = _board()
    write_whole(path, board.snapshot())
    before = path.read_bytes()
    (tmp_path / f".readiness.json.{os.getpid()}").mkdir()
    with pytest.raises(OSError, match=r"readiness"):
        write_whole(path, board.snapshot())
    assert path.read_bytes() == before


def test_the_writer_outlives_a_disk_that_refuses(tmp_path: Path) -> None:
    path = tmp_path / "readiness.json"
    board = _board()
    writer = SnapshotWriter(board, path)
    writer.start()
    obstacle = tmp_path / f".readiness.json.{os.getpid()}"
    while not obstacle.is_dir():
        with contextlib.suppress(FileExistsError):  # the writer may be at it at this very moment
            obstacle.mkdir()
    board.toggle("commerce", Finding(Status.ERROR))
    time.sleep(0.05)
    obstacle.rmdir()
    until = time.monotonic() + 5
    while json.loads(path.read_bytes())["status"] != "error":
        assert time.monotonic() < until
        time.sleep(0.005)
    writer.stop()


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from fixnado.platform.moments import utc_now
from fixnado.readiness.board import Board
from fixnado.readiness.model import Finding, Status
from fixnado.readiness.writer import SnapshotWriter

board = Board(["commerce"], utc_now)
SnapshotWriter(board, Path(sys.argv[1])).start()
print("on", flush=True)
while True:
    for status in Status:
        board.toggle("commerce", Finding(status, "x" * 5000))
"""
    path = tmp_path / "readiness.json"
    for pause in (0.0, 0.01, 0.03):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = json.loads(path.read_bytes())
        assert set(found) == {"status", "generatedAt", "startedAt", "components"}


def test_a_probe_that_breaks_is_an_error_of_its_component() -> None:
    board = _board("odd")

    def odd() -> Finding:
        raise RuntimeError("secret detail")

    prober = Prober(board, {"odd": odd}, 60)
    prober.start()
    prober.stop(wait_s=1)
    finding = board.snapshot().components["odd"].effective
    assert finding == Finding(Status.ERROR, "the probe broke: RuntimeError")


def test_a_snapshot_says_when_in_utc() -> None:
    moment = datetime(2024, 5, 30, 8, 0, tzinfo=UTC)
    board = Board(["database"], lambda: moment)
    found = board.snapshot().as_json()
    assert found["generatedAt"] == found["startedAt"] == "2024-05-30T08:00:00.000Z"
