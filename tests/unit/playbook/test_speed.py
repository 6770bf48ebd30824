"""Ten thousand rows cost no more than the Markdown library alone; twice the rows, twice the time.

Processor time against a yardstick of the same run: the machine may be slow, or busy with others.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

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
    """Processor time of the quickest of four."""
    best = float("inf")
    for _ in range(4):
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


def test_ten_thousand_rows_beside_the_bare_library() -> None:
    text = document(10_000).decode()
    library = MarkdownIt("commonmark").enable("table")
    bare = seconds(lambda: library.parse(text))
    assert parsing(10_000) < 1.5 * bare


def test_four_times_the_rows_is_not_sixteen_times_the_time() -> None:
    assert parsing(10_000) < 2 * 4 * parsing(2_500)


def test_linting_is_not_the_slow_part(catalogue: Registry) -> None:
    playbook = parse(document(10_000), "big.md").playbook
    assert playbook is not None
    assert seconds(lambda: lint(playbook, catalogue)) < 2 * parsing(10_000)
