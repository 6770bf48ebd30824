"""Charts drawn in a process of their own: what draws takes 60 MB, and a rehearsal that has run all
day keeps what it once loaded. The bytes are those that `golive.drillkit.chart` makes."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping, Sequence

from golive.drillkit.apart import CAN_T, SECONDS, done_apart, end_with_parent, module
from golive.drillkit.chart import Axis, Mark, Panel


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
    program: Sequence[str] = module("golive.drillkit.chart_apart"),
    seconds: float = SECONDS,
) -> bytes:
    """What `chart.<what>(*values, **more)` gives in the child that `program` is."""
    told = pickle.dumps((what, values, dict(more)))
    return done_apart(program, told, "the chart can't be drawn", seconds=seconds)


def main() -> None:
    """The child: what to draw on standard input (from the process that started it, and nobody
    else), the picture on standard output."""
    end_with_parent()
    from golive.drillkit import chart

    draw: dict[str, Callable[..., bytes]] = {"panels": chart.panels, "sheet": chart.sheet}
    what, values, more = pickle.load(sys.stdin.buffer)  # noqa: S301  (our own parent's)
    try:
        picture = draw[what](*values, **more)
    except ValueError as error:
        sys.stderr.write(str(error))
        raise SystemExit(CAN_T) from None
    sys.stdout.buffer.write(picture)


if __name__ == "__main__":
    main()
