"""Work done in a process of its own, because what does it takes tens of megabytes, and a rehearsal
that has run all day keeps what it once loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from golive.kernel.errors import GoliveError

SECONDS = 120.0
CAN_T = 3
"""What a child ends with whose input is at fault; why is on its standard error."""
_LOOK = 0.5


def module(name: str) -> Sequence[str]:
    """The command of a child that is a module of ours."""
    return (sys.executable, "-P", "-m", name)


def done_apart(
    program: Sequence[str], told: bytes, what: str, *, seconds: float = SECONDS
) -> bytes:
    """What `program` writes when it is given `told`, and our process id as its last argument. It is
    in a session of its own, so that Ctrl-C lets it finish; where we are killed it ends by itself
    (`end_with_parent`). ValueError where its input is at fault, GoliveError that `what` (`the chart
    can't be drawn`) where it fails otherwise."""
    try:
        done = subprocess.run(
            [*program, str(os.getpid())],
            input=told,
            capture_output=True,
            timeout=seconds,
            start_new_session=True,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise GoliveError(
            f"{what}: {type(error).__name__}", hint="is this machine very busy, or out of memory?"
        ) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == CAN_T:
        raise ValueError(said)
    if done.returncode:
        why = said.splitlines()[-1] if said else f"its process ended with {done.returncode}"
        raise GoliveError(f"{what}: {why}")
    return done.stdout


def end_with_parent() -> None:
    """In the child: nobody waits for the work of a rehearsal that was killed."""
    parent = int(sys.argv[-1])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(_LOOK)
    os._exit(1)
