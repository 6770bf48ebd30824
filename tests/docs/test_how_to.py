"""The code in the how-to pages runs: an example that no longer works is worse than none."""

from __future__ import annotations

import inspect
import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def _module(page: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The page's Python blocks, in order, as one module. Each keeps its lines for tracebacks."""
    module = types.ModuleType(f"how_to_{page.stem.replace('-', '_')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text[: block.start(1)].count("\n")
        code = compile("\n" * line + block[1], str(page), "exec", dont_inherit=True)
        exec(code, module.__dict__)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_passes_its_own_tests(
    page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = _module(page, monkeypatch)
    tests = {name: one for name, one in vars(module).items() if name.startswith("test_")}
    assert tests, f"{page.name} shows no test"
    for name, test in tests.items():
        wants = inspect.signature(test).parameters
        folder = tmp_path / name
        folder.mkdir()
        test(**({"tmp_path": folder} if "tmp_path" in wants else {}))
