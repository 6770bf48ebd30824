"""Who is there, their keys, and their processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.command_line import Golive

PRESENT = ("nadia", "tom", "ines", "asha", "greta", "owen", "marta", "ruth")
"""Eight. Legal Counsel is away: the Compliance Lead is the named deputy."""
_SUPPORT = Path(__file__).resolve().parents[1]


def passphrase(person: str) -> str:
    return f"only {person} knows this one"


def enrol(golive: Golive, roster: Path) -> Path:
    """A copy of the roster in which everybody present has a key."""
    copy = golive.folder / "people.toml"
    shutil.copy(roster, copy)
    for person in PRESENT:
        golive.env["GOLIVE_PASSPHRASE"] = passphrase(person)
        done = golive.run("people", "enrol", person, "--people", str(copy))
        assert done.returncode == 0, done.stderr
    del golive.env["GOLIVE_PASSPHRASE"]
    return copy


def start(golive: Golive, person: str, present: Sequence[str] = PRESENT) -> subprocess.Popen[bytes]:
    """`person` takes part until the run is sealed. What they did and were told goes to a file."""
    paths = [str(_SUPPORT), os.environ.get("PYTHONPATH", "")]
    log = (golive.folder / f"{person}.log").open("wb")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "attended_day", person, str(golive.state), *present],
            cwd=golive.folder,
            env={
                **golive.env,
                "GOLIVE_PASSPHRASE": passphrase(person),
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    golive.running.append(process)
    return process
