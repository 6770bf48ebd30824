"""Staging and the production-like environment are two targets of one playbook, set side by side."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.command_line import Golive

PLAYBOOK = """---
golive: 1
release: "2.0"
timezone: Europe/London
vault: vault
{targets}
---
# Two places

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00 | [Front door](#front-door) | QA Lead | |

## Front door
```yaml golive
drill: http
with: {{url: "{{production}}/", status: 200}}
```
"""


@pytest.fixture
def targets(golive: Golive) -> Iterator[list[Path]]:
    """One that answers rightly, one that doesn't."""
    servers = []
    files = []
    for name, status in (("staging", 200), ("production-like", 503)):

        class Handler(BaseHTTPRequestHandler):
            answer = status

            def do_GET(self) -> None:
                self.send_response(self.answer)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        file = golive.folder / f"{name}.toml"
        url = f"http://127.0.0.1:{server.server_port}"
        file.write_text(f'name = "{name}"\n[listeners]\nproduction = "{url}"\n')
        files.append(file)
    yield files
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("named", ["on the command line", "in the playbook"])
def test_both_are_rehearsed_and_the_second_stands_beside_the_first(
    golive: Golive, targets: list[Path], named: str
) -> None:
    inside = named == "in the playbook"
    listed = f"targets: [{', '.join(one.name for one in targets)}]" if inside else ""
    playbook = golive.folder / "two.md"
    playbook.write_text(PLAYBOOK.format(targets=listed))
    assert golive.run("trust", str(playbook)).returncode == 0
    options = [] if inside else [word for one in targets for word in ("--target", str(one))]
    done = golive.run("rehearse", str(playbook), "--practice", *options)
    assert done.returncode == 1, done.stdout + done.stderr
    first, second = sorted(golive.state.glob("*/report.html"), key=lambda one: one.stat().st_mtime)
    assert "Beside" not in first.read_text()
    page = second.read_text()
    assert 'id="beside">Beside staging</h2>' in page
    assert "<td>ready (practice)</td><td>not-ready (practice)</td>" in page
    releases = sorted((golive.folder / "vault" / "releases").iterdir())
    assert len(releases) == 2
    assert golive.run("verify", str(golive.folder / "vault")).returncode == 0


def test_one_target_twice_is_refused(golive: Golive, targets: list[Path]) -> None:
    playbook = golive.folder / "two.md"
    playbook.write_text(PLAYBOOK.format(targets=""))
    golive.run("trust", str(playbook))
    done = golive.run("rehearse", str(playbook), "--practice", *["--target", str(targets[0])] * 2)
    assert done.returncode == 2
    assert "named twice" in done.stderr
    assert not golive.state.exists()
