"""The pages for auditors say what the code does: the matrix, and every command that is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence_world.attacks import RELEASE_ATTACKS, edit, overwrite, rehash, sign_again
from evidence_world.making import Made, make
from golive.evidence.transport import export_release

DOCS = Path(__file__).resolve().parents[2] / "docs"
VAULT = (DOCS / "vault.md").read_text(encoding="utf-8")
PAGE = (DOCS / "for-auditors.md").read_text(encoding="utf-8")


def block(name: str) -> list[str]:
    found = re.search(rf"^```sh {name}\n(.*?)^```", PAGE, re.M | re.S)
    assert found is not None, name
    return found[1].splitlines()


def test_the_matrix_is_the_one_that_is_tested() -> None:
    word = {True: "caught", False: "missed"}
    for attack in RELEASE_ATTACKS:
        ours = "caught, given the real key" if attack.needs_key else "caught"
        row = f"| {attack.name} | {word[attack.sha256sum]} | {word[attack.bagit]} | {ours} |"
        assert row in VAULT, row
    rows = re.search(r"## Who notices what.*?\n\n(\| attack.*?)\n\n", VAULT, re.S)
    assert rows is not None
    assert len(rows[1].splitlines()) == len(RELEASE_ATTACKS) + 2


@dataclass(frozen=True)
class Stranger:
    """Somebody with the file, the key, and the page."""

    folder: Path
    release: Path

    def run(self, command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        tools = os.pathsep.join([str(self._tools()), os.environ["PATH"]])
        return subprocess.run(
            ["sh", "-c", command],
            cwd=folder or self.release,
            env={**os.environ, "PATH": tools},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _tools(self) -> Path:
        """`golive` and `bagit.py` as a stranger has them: a script whose first line names a Python
        in a path with a space doesn't start, and these tests must run from such a path."""
        folder, here = self.folder / "tools", Path(sys.executable).parent
        folder.mkdir(exist_ok=True)
        for name in ("golive", "bagit.py"):
            tool = folder / name
            tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{here / name}" "$@"\n')
            tool.chmod(0o755)
        return folder

    def failing(self) -> list[int]:
        """Which of the nine commands fail, counted from 1."""
        results = [self.run(command) for command in block("stranger")]
        return [number for number, result in enumerate(results, 1) if result.returncode]


@pytest.fixture
def stranger(tmp_path: Path) -> Stranger:
    made: Made = make(tmp_path / "vault")
    folder = tmp_path / "audit"
    folder.mkdir()
    with (folder / "release.tar").open("wb") as sink:
        export_release(made.seal.path, sink)
    (folder / "key.pem").write_text(made.key.public.pem)
    listing, unpack, enter = block("unpack")
    new = Stranger(folder, folder)
    assert new.run(listing).stdout.strip() == "0"
    assert new.run(unpack).returncode == 0
    assert enter == "cd unpacked/*/*"
    (release,) = folder.glob("unpacked/*/*")
    return Stranger(folder, release)


pytestmark = [pytest.mark.needs("jq"), pytest.mark.needs("openssl")]


def test_the_nine_commands_pass_on_an_intact_release(stranger: Stranger) -> None:
    commands = block("stranger")
    assert len(commands) == 9
    assert stranger.failing() == []
    assert "Signature Verified Successfully" in stranger.run(commands[7]).stdout
    listed = stranger.run(commands[8]).stdout
    assert "local\t2024-05-30T08:30:00.000Z\tcutover/1:capture\tgolive/playbook.md" in listed


def test_and_notice_what_the_page_says_they_do(stranger: Stranger) -> None:
    edit(stranger.release)
    assert stranger.failing() == [1]
    rehash(stranger.release, "manifest-sha256.txt")
    assert stranger.failing() == [2]
    rehash(stranger.release, "tagmanifest-sha256.txt")
    assert stranger.failing() == [4]
    sign_again(stranger.release)
    assert stranger.failing() == [5, 8]


def test_an_extra_file_is_what_the_third_command_is_for(stranger: Stranger) -> None:
    (stranger.release / "data/extra.md").write_text("never captured\n")
    assert stranger.failing() == [3]


def test_the_single_commands_say_intact_and_then_changed(stranger: Stranger) -> None:
    commands = block("one")
    assert len(commands) == 3
    for command in commands:
        done = stranger.run(command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    overwrite(stranger.release / "data/empty.txt", b"!")
    for command in commands:
        assert stranger.run(command).returncode == 1, command
