"""The project's module names with nothing in them: a clean tree to break one rule at a time in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = ROOT / ".importlinter"

_LINT_EACH = """
import contextlib, importlib, io, json, sys
from importlinter.cli import lint_imports

answers = []
for folder in sys.argv[2:]:
    sys.path[0] = folder
    importlib.invalidate_caches()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = lint_imports(config_filename=sys.argv[1], no_logo=True, no_cache=True)
    answers.append([code, said.getvalue()])
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Answer:
    """What `lint-imports` ended with and said."""

    code: int
    said: str


@dataclass(frozen=True)
class Tree:
    """A copy of `src` in which every module is empty."""

    folder: Path

    def module(self, name: str) -> Path:
        """The file of module `name`; made, with its packages, where it isn't there yet."""
        package = self.folder.joinpath(*name.split("."))
        if package.is_dir():
            return package / "__init__.py"
        file = package.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in [file.parent, *file.parent.parents]:
            if folder == self.folder:
                break
            (folder / "__init__.py").touch()
        file.touch()
        return file


def empty_copy(folder: Path) -> Tree:
    """Every module of `src`, emptied, under `folder`."""
    for source in (ROOT / "src").rglob("*.py"):
        target = folder / source.relative_to(ROOT / "src")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    return Tree(folder)


def lint(trees: Sequence[Tree]) -> Sequence[Answer]:
    """What the linter says of each tree under the project's own contracts. One process for all of
    them: it looks for the packages anew in each folder and never imports them."""
    done = subprocess.run(
        [sys.executable, "-c", _LINT_EACH, str(CONTRACTS), *(str(tree.folder) for tree in trees)],
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=150,
    )
    return [Answer(code, said) for code, said in json.loads(done.stdout)]
