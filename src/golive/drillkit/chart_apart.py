"""Charts drawn in a process of their own: what draws takes 60 MB, and a rehearsal that has run all
day keeps what it once loaded. The bytes are those that `golive.drillkit.chart` makes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from golive.drillkit.chart import Axis, Mark, Panel
from golive.kernel.errors import GoliveError

_SECONDS = 120.0
_CAN_T_BE_DRAWN = 3
_LOOK = 0.5


def panels(
    title: str,
    parts: Sequence[Panel],
    marks: Sequence[Mark] = (),
    *,
    axis: Axis | None = None,
    columns: int = 1,
    note: str = "",
    width_px: int = 1200,
) -> bytes:
    """`chart.panels`, apart. ValueError as there; GoliveError where no child can draw."""
    more = {"axis": axis, "columns": columns, "note": note, "width_px": width_px}
    return drawn_apart("panels", (title, parts, marks), more)


def sheet(title: str, pictures: Sequence[bytes], *, columns: int = 2, note: str = "") -> bytes:
    """`chart.sheet`, apart. ValueError as there; GoliveError where no child can draw."""
    return drawn_apart("sheet", (title, pictures), {"columns": columns, "note": note})


def drawn_apart(
    what: str,
    values: tuple[object, ...],
    more: Mapping[str, object],
    *,
    program: Sequence[str] = (sys.executable, "-m", "golive.drillkit.chart_apart"),
    seconds: float = _SECONDS,
) -> bytes:
    """What `chart.<what>(*values, **more)` gives in the child that `program` is. It is in a session
    of its own, so that Ctrl-C lets it finish; where we are killed it ends by itself."""
    told = pickle.dumps((what, values, dict(more)))
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
            f"the chart can't be drawn: {type(error).__name__}",
            hint="is this machine very busy, or out of memory?",
        ) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == _CAN_T_BE_DRAWN:
        raise ValueError(said)
    if done.returncode:
        why = said.splitlines()[-1] if said else f"its process ended with {done.returncode}"
        raise GoliveError(f"the chart can't be drawn: {why}")
    return done.stdout


def _end_with(parent: int) -> None:
    """Nobody waits for a picture whose rehearsal was killed."""
    while os.getppid() == parent:
        threading.Event().wait(_LOOK)
    os._exit(1)


def main() -> None:
    """The child: what to draw on standard input (from the process that started it, and nobody
    else), the picture on standard output."""
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    from golive.drillkit import chart

    draw: dict[str, Callable[..., bytes]] = {"panels": chart.panels, "sheet": chart.sheet}
    what, values, more = pickle.load(sys.stdin.buffer)  # noqa: S301  (our own parent's)
    try:
        picture = draw[what](*values, **more)
    except ValueError as error:
        sys.stderr.write(str(error))
        raise SystemExit(_CAN_T_BE_DRAWN) from None
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main()
