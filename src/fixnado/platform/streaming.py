"""Rows from the database and back in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Delete, RowMapping, Select, Update

from fixnado.platform.database import UnitOfWork

_AT_ONCE = 500


def stream(unit: UnitOfWork, query: Select[Any]) -> Iterator[RowMapping]:
    """The rows of `query`, a few hundred at a time, through a cursor that stays on the server."""
    options = {"stream_results": True, "yield_per": _AT_ONCE}
    with unit.connection.execute(query, execution_options=options) as result:
        yield from result.mappings()


def in_batches(
    unit: UnitOfWork, ids: Sequence[str], statement: Callable[[Sequence[str]], Delete | Update]
) -> int:
    """Run `statement` for a few hundred ids at a time; how many rows it touched in all."""
    touched = 0
    for start in range(0, len(ids), _AT_ONCE):
        touched += unit.connection.execute(statement(ids[start : start + _AT_ONCE])).rowcount
    return touched
