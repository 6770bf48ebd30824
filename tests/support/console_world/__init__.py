"""A console that really listens, a rehearsal in memory behind it, and people with browsers."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import uvicorn

from golive.bootstrap import copies
from golive.console.app import Console, create_app
from golive.console.serving import server_config
from golive.console.settings import ConsoleSettings
from golive.kernel.errors import BadInput
from golive.kernel.json import JsonObject
from golive.playbook.people import parse_roster, with_key
from golive.ports.copies import Copies
from golive.rehearsal.act import call_off
from golive.rehearsal.board import Board, fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.keeping import Keeper
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order

PASSPHRASE = "a horse that nobody owns"
PEOPLE: Mapping[str, Sequence[str]] = {
    "nadia": ["Programme Manager"],
    "tom": ["DevOps Lead"],
    "asha": ["QA Lead"],
    "ruth": ["Executive Sponsor"],
}

PLAYBOOK = """---
golive: 1
release: "2.0"
date: 2024-05-30
timezone: Europe/London
vault: vault
---
# A launch

## Objectives
- Everybody is [here](#kick-off).

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Kick-off](#kick-off) | Programme Manager | |
| 09:30–10:00 | [Checks](#checks) | QA Lead | `out/minutes.txt` |

## Kick-off
- [ ] Everybody is here

## Checks
```yaml golive
drill: synthetic
with: {checks: [login], rounds: 1}
approve: {by: [DevOps Lead, Programme Manager], persons: 2, within: 5m}
```
- [ ] Minutes are kept (upload: `out/minutes.txt`)
- [ ] A picture of the dashboard (upload: the dashboard)
"""

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478"
    "9c6300010000000500010d0a2db40000000049454e44ae426082"
)
"""A picture of one point."""


LISTENING = """(() => {
    const Real = window.EventSource;
    window.heard = [];
    window.EventSource = class extends Real {
        constructor(...given) {
            super(...given);
            this.addEventListener("journal", (one) => window.heard.push(Number(one.lastEventId)));
        }
    };
    window.EventSource.OPEN = Real.OPEN;
    window.EventSource.CLOSED = Real.CLOSED;
})()"""
"""Writes down the number of every event that the page was told."""


@dataclass
class ConsoleSupplies(MemorySupplies):
    """As the memory run's, and a keeper for what people bring."""

    def keeper(self, folder: RunFolder) -> Keeper:
        return Keeper(
            self.vault(Path(folder.settings().vault_root)).objects,
            self.redactor(folder, self.memory.build()),
            folder.path / "redactions.jsonl",
            self.clock,
            aside=folder.unvouched,
        )

    def copies(self, address: str) -> Copies:
        return copies(address)


@dataclass
class Form:
    """One form of a page."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given["action"]))
        elif tag == "input" and "name" in given and self.found and given.get("type") != "file":
            self.found[-1].fields[given["name"]] = given.get("value", "")


class Browser:
    """What a person holds: cookies, and forms filled in as the page gives them."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = httpx.Client(base_url=base, follow_redirects=True, timeout=30, verify=False)
        self.origin = {"origin": base}

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.http.get(path, **more)  # type: ignore[arg-type]

    def forms(self, path: str) -> list[Form]:
        reader = _Forms()
        reader.feed(self.get(path).text)
        return reader.found

    def form(self, path: str, ending: str, action: str = "") -> Form:
        """The form of the page at `path` that is sent to an address with this ending."""
        found = [
            one
            for one in self.forms(path)
            if one.action.endswith(ending) and action in ("", one.fields.get("action", ""))
        ]
        assert found, f"{path} has no form to {ending} {action}"
        return found[0]

    def send(
        self, form: Form, files: Mapping[str, object] | None = None, **values: str
    ) -> httpx.Response:
        return self.http.post(
            form.action,
            data={**form.fields, **values},
            files=files,  # type: ignore[arg-type]
            headers=self.origin,
        )

    def act(self, path: str, action: str, **values: str) -> httpx.Response:
        given = {"comment": "I looked", **values}
        return self.send(self.form(path, "/act", action), **given)

    def bring(self, path: str, name: str, content: bytes) -> httpx.Response:
        return self.send(self.form(path, "/uploads"), {"file": (name, content, "image/png")})

    def accept(self, link: str, passphrase: str = PASSPHRASE) -> httpx.Response:
        form = self.form(link, link)
        return self.send(form, passphrase=passphrase, again=passphrase)

    def enter(self, person: str, passphrase: str = PASSPHRASE) -> httpx.Response:
        form = self.form("/enter", "/enter")
        return self.send(form, person=person, passphrase=passphrase)

    def close(self) -> None:
        self.http.close()


def roster() -> bytes:
    """Everybody, without keys."""
    return "".join(
        f'[[person]]\nid = "{name}"\nname = "{name.title()} Example"\n'
        f'email = "{name}@rehearsal.fixnado.example"\n'
        f"roles = {list(roles)}\n".replace("'", '"')
        + "\n"
        for name, roles in PEOPLE.items()
    ).encode()


class World:
    """One state directory with its console, and one attended run in a thread."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.supplies = ConsoleSupplies(folder)
        self.state = folder / "state"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        port = self._listener.getsockname()[1]
        # By name: browsers offer passkeys to names alone.
        base = ConsoleSettings(self.state, port=port, public_url=f"http://localhost:{port}")
        self.settings = replace(base, **settings)  # type: ignore[arg-type]
        self.console: Console = create_app(self.settings, self.supplies)
        self.base = self.settings.origin
        self.people = roster()
        self.copied_to = ""
        """The address to which the run is copied when it is sealed."""
        self.links: dict[str, str] = {}
        self.result: list[JsonObject] = []
        self.errors: list[BaseException] = []
        self._run: threading.Thread | None = None
        self._browsers: list[Browser] = []
        self._server = uvicorn.Server(server_config(self.console, self.settings))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}
        )
        self._thread.start()

    # -- people ------------------------------------------------------------------------------

    def invite(self, *names: str) -> None:
        for name in names or PEOPLE:
            token, mark = self.console.means.identity.invite(name)
            self.people = with_key(self.people, name, mark)
            self.links[name] = f"/invited/{token}"

    def browser(self) -> Browser:
        made = Browser(self.base)
        self._browsers.append(made)
        return made

    def person(self, name: str) -> Browser:
        """`name`, signed in by taking up their invitation."""
        made = self.browser()
        answer = made.accept(self.links[name])
        assert answer.status_code == 200, answer.text
        return made

    # -- the run -----------------------------------------------------------------------------

    def start(self, source: str = PLAYBOOK) -> str:
        """Begin the run; returns its name once it waits for somebody."""

        def go() -> None:
            try:
                wanted = order(source, self.supplies.folder, practice=False, people=self.people)
                wanted = replace(wanted, vault_copy=self.copied_to)
                self.result.append(begin(wanted, self.supplies))
            except BaseException as error:  # shown by `until`
                self.errors.append(error)

        parse_roster(self.people, "people.toml")
        self._run = threading.Thread(target=go)
        self._run.start()
        self.until(lambda board: bool(board.waiting()))
        return self.folder.name

    @property
    def folder(self) -> RunFolder:
        return RunFolder.find(self.state, None)

    def board(self) -> Board:
        try:
            return fold(read_events(self.folder.events))
        except BadInput:
            return Board()

    def until(self, true: Callable[[Board], bool]) -> Board:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.errors:
                raise self.errors[0]
            board = self.board()
            if true(board):
                return board
            time.sleep(0.02)
        raise TimeoutError(str(self.board()))

    def waiting(self, item: str) -> str:
        """Wait until `item` waits; its page."""
        board = self.until(lambda board: item in [one.id for one in board.waiting()])
        return f"/runs/{self.folder.name}/steps/{list(board.items).index(item) + 1}"

    def finish(self) -> JsonObject:
        assert self._run is not None
        self._run.join(60)
        if self.errors:
            raise self.errors[0]
        return self.result[0]

    def close(self) -> None:
        for one in self._browsers:
            one.close()
        if self._run is not None and self._run.is_alive():
            call_off(self.folder, "the test is over")
            self._run.join(30)
        self.console.end_streams()
        self._server.should_exit = True
        self._thread.join(20)
        self.console.close()
        self._listener.close()


@contextmanager
def world(folder: Path, **settings: object) -> Iterator[World]:
    made = World(folder, **settings)
    try:
        yield made
    finally:
        made.close()


def said(answer: httpx.Response) -> str:
    """What the page says in its notices."""
    found = re.findall(r'<p class="notice[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]+>", "", one).strip() for one in found))
