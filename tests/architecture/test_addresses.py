"""Nothing listens where others could reach it unless a person says so."""

from __future__ import annotations

import ast
import ipaddress
from collections.abc import Iterator
from pathlib import Path

from golive.stage.addresses import HOST

ROOT = Path(__file__).resolve().parents[2]
EVERYWHERE = {"0.0.0.0", "::", "[::]", "*:0"}


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_stage_is_on_loopback() -> None:
    assert ipaddress.ip_address(HOST).is_loopback


def test_no_source_file_names_every_address() -> None:
    files = sorted((ROOT / "src").rglob("*.py"))
    assert files
    found = [
        str(file.relative_to(ROOT))
        for file in files
        if EVERYWHERE & set(_texts(ast.parse(file.read_text(encoding="utf-8"))))
    ]
    assert not found
