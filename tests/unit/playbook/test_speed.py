"""Ten thousand rows cost no more than the Markdown library alone; twice the rows, twice the time.

Processor time against a yardstick of the same run: the machine may be slow, or busy with others.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from golive.drillkit.drill import Registry
from golive.playbook.lint import lint
from golive.playbook.parse import parse


def document(rows: int) -> bytes:
    table = "".join(
        f"| {9 + n // 1000:02d}:{n % 60:02d} | [Do it](#sec) number {n} | DevOps Lead "
        f"| `go-live/{n}.json`, words |\n"
        for n in range(rows)
    )
    head = "# T\n\n## Timeline\n\n| Time | Activity | Owner | Artefacts |\n|---|---|---|---|\n"
    return f"{head}{table}\n## Sec\n- [ ] x\n".encode()


def seconds(action: Callable[[], object]) -> float:
    """Processor time of the quickest of three."""
    best = float("inf")
    for _ in range(3):
        gc.collect()
        began = time.process_time()
        action()
        best = min(best, time.process_time() - began)
    return best


def parsing(rows: int) -> float:
    data = document(rows)
    parsed = parse(data, "big.md")
    assert parsed.playbook is not None and len(parsed.playbook.activities) == rows
    return seconds(lambda: parse(data, "big.md"))


@pytest.mark.endurance
def test_ten_thousand_rows(catalogue: Registry) -> None:
    whole, quarter = parsing(10_000), parsing(2_500)
    library = MarkdownIt("commonmark").enable("table")
    text = document(10_000).decode()
    assert whole < 1.5 * seconds(lambda: library.parse(text)), "beside the bare library"
    assert whole < 2 * 4 * quarter, "four times the rows are not sixteen times the time"
    playbook = parse(text.encode(), "big.md").playbook
    assert playbook is not None
    assert seconds(lambda: lint(playbook, catalogue)) < 2 * whole, "linting is not the slow part"
