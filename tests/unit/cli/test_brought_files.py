"""What a person brings as evidence has an end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.kernel.errors import BadInput
from golive.main import app


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
@pytest.mark.parametrize(
    "command", [("attach", "RUN", "kick-off/1"), ("supplement", "VAULT", "kick-off/1")]
)
def test_only_plain_files_are_brought(command: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    file = tmp_path / "brought"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    words = [*command, str(file), "--as", "asha", "--comment", "look"]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, BadInput)
    assert (done.exception.what, done.exception.where) == ("not a plain file", str(file))
