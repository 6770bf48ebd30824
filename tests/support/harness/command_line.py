"""The command line as a user has it, over the real stage. Slow, so few and telling."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Golive:
    """`golive` with folders of its own."""

    folder: Path
    env: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def argv(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "golive", *args]

    def run(self, *args: str, timeout: float = 150) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*args),
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.argv(*args),
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def demo(self, *more: str) -> list[dict[str, Any]]:
        """`golive demo --json`: its events, and its exit code in `exit`."""
        done = self.run("demo", "--json", *more)
        found = events(done.stdout)
        assert found, done.stderr
        found.append({"event": "exit", "code": done.returncode, "stderr": done.stderr})
        return found

    def journal(self) -> list[dict[str, Any]]:
        files = list(self.state.glob("*/events.jsonl"))
        return events(files[0].read_text()) if files else []

    def until(self, true: Callable[[list[dict[str, Any]]], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true(self.journal()):
            if time.monotonic() > deadline:
                raise TimeoutError(str(self.journal()[-5:]))
            time.sleep(0.02)


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def user(folder: Path) -> Golive:
    """Somebody with a home of their own in `folder`."""
    folder.mkdir()
    env = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "TMPDIR", "CI")
    }
    env |= {"XDG_CONFIG_HOME": str(folder / "config"), "NO_COLOR": "1", "COLUMNS": "80"}
    return Golive(folder, env)
