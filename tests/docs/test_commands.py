"""Every command that the documentation shows exists, with the options that it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```$", re.M | re.S)
INLINE = re.compile(r"`((?:make|golive|\.venv/bin/golive) [^`\n]+)`")
GROUPS = {"stage", "people", "ledger", "vault"}


def _shown(page: Path) -> Iterator[list[str]]:
    """Words of each command in the page's shell blocks and code spans, without comments."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield shlex.split(line.removeprefix("$ "), comments=True)
    for span in INLINE.findall(text):
        yield span.replace("…", "").split()


def _commands(program: str) -> list[tuple[str, tuple[str, ...]]]:
    found = {
        (str(page.relative_to(ROOT)), tuple(words[1:]))
        for page in PAGES
        for words in _shown(page)
        if len(words) > 1 and Path(words[0]).name == program
    }
    return sorted(found)


@cache
def _help(*command: str) -> str:
    answer = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [*command, "--help"])
    assert answer.exit_code == 0, f"golive {' '.join(command)}: {answer.output}"
    return answer.output


@pytest.mark.parametrize(("page", "words"), _commands("golive"))
def test_a_golive_command_exists_with_its_options(page: str, words: tuple[str, ...]) -> None:
    command = words[:2] if words[0] in GROUPS else words[:1]
    if words[0].startswith("-"):
        command = ()
    for alternative in command[-1].split("|") if command else [""]:
        told = _help(*command[:-1], *([alternative] if alternative else []))
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert option.strip("[]") in told, f"{page}: golive {' '.join(words)}"


@pytest.mark.parametrize("group", ["", *sorted(GROUPS)], ids=lambda group: group or "golive")
def test_no_summary_of_a_command_is_cut_on_a_terminal_of_eighty_columns(group: str) -> None:
    """In a process, as people call it: in this one the width would be the tests' own."""
    done = subprocess.run(
        [sys.executable, "-m", "golive", *filter(None, [group]), "--help"],
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb"},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    commands = done.stdout.partition("Commands:")[2].splitlines()
    assert len(commands) > 2
    assert [line for line in commands if line.endswith(("...", "…"))] == []


@pytest.mark.parametrize(("page", "words"), _commands("make"))
def test_a_make_target_exists(page: str, words: tuple[str, ...]) -> None:
    targets = [word for word in words if "=" not in word]
    done = subprocess.run(
        ["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, f"{page}: make {' '.join(words)}: {done.stderr}"


def test_the_readme_shows_commands_at_all() -> None:
    readme = {words[0] for page, words in _commands("make") if page == "README.md"}
    assert {"rehearsal", "test"} <= readme
