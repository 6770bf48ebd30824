"""`docs/vault.md` says what the code does: its matrix, and its nine commands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from evidence_world.attacks import RELEASE_ATTACKS, edit, sign_again
from evidence_world.making import Made

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "vault.md").read_text(encoding="utf-8")
COMMANDS = re.search(r"^```sh stranger\n(.*?)^```", PAGE, re.M | re.S)[1].splitlines()  # type: ignore[index]


def run(command: str, release: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=release, capture_output=True, text=True, timeout=30, check=False
    )


def failing(made: Made) -> list[int]:
    """Which of the nine commands fail, counted from 1."""
    (made.seal.path.parent / "key.pem").write_text(made.key.public.pem)
    commands = [command.replace("key.pem", "../key.pem") for command in COMMANDS]
    results = [run(command, made.seal.path) for command in commands]
    return [number for number, result in enumerate(results, 1) if result.returncode]


def test_the_matrix_is_the_one_that_is_tested() -> None:
    word = {True: "caught", False: "missed"}
    for attack in RELEASE_ATTACKS:
        ours = "caught, given the real key" if attack.needs_key else "caught"
        row = f"| {attack.name} | {word[attack.sha256sum]} | {word[attack.bagit]} | {ours} |"
        assert row in PAGE, row
    rows = re.search(r"## Who notices what.*?\n\n(\| attack.*?)\n\n", PAGE, re.S)
    assert rows is not None
    assert len(rows[1].splitlines()) == len(RELEASE_ATTACKS) + 2


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_the_nine_commands_pass_on_an_intact_release(made: Made) -> None:
    assert len(COMMANDS) == 9
    assert failing(made) == []
    said = run(COMMANDS[8], made.seal.path).stdout
    assert "local\t2024-05-30T08:30:00.000Z\tcutover/1:capture\tgolive/playbook.md" in said


@pytest.mark.needs("jq")
@pytest.mark.needs("openssl")
def test_and_notice_what_they_say_they_do(made: Made) -> None:
    edit(made.seal.path)
    assert failing(made) == [1]
    sign_again(made.seal.path)
    assert {5, 8} <= set(failing(made))
