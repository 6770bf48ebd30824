"""The stage's help desk as a process of its own, for tests that break it."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from fixnado.platform.settings import HelpDesk


class DeskProcess:
    """Keeps its database and token in `folder`, so that it comes back as it was."""

    def __init__(self, folder: Path, *more: str, port: int = 0) -> None:
        self.folder = folder
        self.token_file = folder / "help desk token"
        if not self.token_file.exists():
            self.token_file.touch(mode=0o600)
            self.token_file.write_text(secrets.token_urlsafe(24))
        self.token = self.token_file.read_text()
        self._popen = self._start(port, more)
        assert self._popen.stdout
        line = self._popen.stdout.readline()
        assert "listens" in line, self._popen.communicate()
        self.url = line.rpartition(" ")[2].strip()
        self.port = int(self.url.rpartition(":")[2])
        self.client = httpx.Client(
            base_url=f"{self.url}/api/v1/accounts/1",
            headers={"api_access_token": self.token},
            timeout=10,
        )

    def _start(self, port: int, more: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "golive.stage.helpdesk", "--port", str(port)),
                *("--database", str(self.folder / "desk.db")),
                *("--token-file", str(self.token_file), *more),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def settings(self, team: int | None = 1) -> HelpDesk:
        return HelpDesk(self.url, 1, self.token, 1, team)

    def arguments(self) -> list[str]:
        """What `python -m fixnado serve` is told."""
        return [
            *("--chatwoot", self.url, "--chatwoot-account", "1"),
            *("--chatwoot-token-file", str(self.token_file), "--chatwoot-inbox", "1"),
            *("--chatwoot-team", "1"),
        ]

    def found(self) -> dict[str, Any]:
        """What the stand-in says about itself: counts and doubles."""
        answer: dict[str, Any] = self.client.get(f"{self.url}/stand-in").raise_for_status().json()
        return answer

    def conversations(self) -> list[dict[str, Any]]:
        answer = self.client.get("/conversations", params={"status": "all"}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["payload"]
        return found

    def notes(self, conversation_id: int) -> list[str]:
        answer = self.client.get(f"/conversations/{conversation_id}/messages").raise_for_status()
        return [one["content"] for one in answer.json()["payload"] if one["private"]]

    def stop(self) -> int:
        self._popen.send_signal(signal.SIGTERM)
        self._popen.communicate(timeout=10)
        return self._popen.returncode

    def kill(self) -> None:
        self._popen.kill()
        self._popen.communicate()

    def close(self) -> None:
        self.client.close()
        if self._popen.poll() is None:
            self.kill()
