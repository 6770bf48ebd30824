"""Words of others in what the command line prints: none steers the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PERSON = """
[[person]]
id = "{0}"
name = "Somebody"
email = "{1}@rehearsal.fixnado.example"
roles = ["QA Lead \\u001b]0;owned\\u0007\\u001b[2J"]
"""


@pytest.mark.parametrize(
    ("roster", "code"),
    [
        (PERSON.format("asha", "asha"), 0),
        (PERSON.format("asha", "\\u001b[31ma") + PERSON.format("tom", "\\u001b[31ma"), 2),
    ],
)
def test_a_roster_steers_no_terminal(roster: str, code: int, tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(roster, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "golive", "people", "list", "--people", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    said = done.stdout + done.stderr
    assert "owned" in said or "two persons have the email" in said
    assert all(letter.isprintable() or letter == "\n" for letter in said), repr(said)
