"""The project's module names with nothing in them: a clean tree to break one rule at a time in."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = ROOT / ".importlinter"


@dataclass(frozen=True)
class Tree:
    """A copy of `src` in which every module is empty."""

    folder: Path

    def lint(self) -> subprocess.CompletedProcess[str]:
        """The command that `make lint` runs, over this tree and the project's own contracts."""
        program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        return subprocess.run(
            [sys.executable, "-c", program, "--no-logo", "--config", str(CONTRACTS)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "NO_COLOR": "1", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

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
