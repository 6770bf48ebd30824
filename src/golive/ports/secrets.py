"""Credentials by reference: read when needed, kept nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from golive.kernel.errors import NotConfigured


def read_secret(env: str | None, file: Path | None, *, of: str) -> str:
    """The credential that an environment variable or a private file holds, without its last line
    break.

    `of` says whose it is, for the message. NotConfigured when there is none, when it is empty, or
    when the file is open to others than its owner.
    """
    if (env is None) == (file is None):
        raise NotConfigured(
            f"{of} needs exactly one of env and file", hint="name one of them, not both"
        )
    if env is not None:
        return _from_environment(env, of)
    assert file is not None
    return _from_file(file, of)


def _from_environment(name: str, of: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise NotConfigured(
            f"{of} is read from the environment variable {name}, which is not set",
            hint=f"export {name}, then start again",
        )
    return value


def _from_file(file: Path, of: str) -> str:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(
            f"{of} is read from a file that can't be read ({type(error).__name__})",
            where=str(file),
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotConfigured(
            f"{of} lies in a file that others can open",
            where=str(file),
            hint=f"chmod 600 {file}",
        )
    value = text.rstrip("\r\n")
    if not value:
        raise NotConfigured(f"{of} is read from a file that is empty", where=str(file))
    return value
