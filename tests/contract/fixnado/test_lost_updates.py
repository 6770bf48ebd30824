"""Processes that read a value and write it back, all at once. None of the writes is lost."""

from __future__ import annotations

import subprocess
import sys

from fixnado.platform.database import Database

WORKERS, ROUNDS = 4, 60
PROGRAM = """
import sys
from sqlalchemy import text
from fixnado.platform.database import Database

database = Database(sys.argv[1])

def add(unit):
    count = unit.connection.execute(text("SELECT n FROM counter WHERE id = 1")).scalar_one()
    unit.connection.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": count + 1})

sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    database.write(add)
"""


def test_concurrent_processes_lose_no_update(empty_url: str) -> None:
    database = Database(empty_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (1, 0)")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, empty_url, str(ROUNDS)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    for worker in workers:
        _, err = worker.communicate(timeout=90)
        assert worker.returncode == 0, err.decode()
    with database.engine.connect() as connection:
        total = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
    database.close()
    assert total == WORKERS * ROUNDS
