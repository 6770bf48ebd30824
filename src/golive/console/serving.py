"""The console as a process: the listener, the sample rehearsal beside it, and a clean end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import typer
import uvicorn

from golive import bootstrap
from golive.console.app import Console, create_app
from golive.console.identity import Identity
from golive.console.invitations import invite
from golive.console.post import Post
from golive.console.settings import ConsoleSettings
from golive.console.store import Store
from golive.kernel.errors import BadInput, GoliveError
from golive.playbook.load import load
from golive.playbook.people import load_roster, with_key
from golive.ports.clock import SystemClock
from golive.rehearsal.outbox import Outbox

_LEAVE_SECONDS = 60.0
_ENDS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Wanted:
    """The options of `golive serve`."""

    settings: ConsoleSettings
    rehearse: Path | None
    vault_root: Path
    notify: Path | None = None
    """What says by which ways people are told."""


class _Server(uvicorn.Server):
    """Ends its streams when it is asked to end: they would otherwise be waited for. And, once
    served out, returns: uvicorn's own way is to raise the signal anew, which would end the process
    before the rehearsal beside it has left off."""

    def __init__(self, config: uvicorn.Config, console: Console) -> None:
        super().__init__(config)
        self._console = console

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {one: signal.signal(one, self.handle_exit) for one in _ENDS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._console.end_streams()
        super().handle_exit(sig, frame)


def run(wanted: Wanted) -> None:
    """Serve until Ctrl-C or TERM."""
    listener = _listener(wanted.settings)
    settings = replace(wanted.settings, port=listener.getsockname()[1])
    console = create_app(settings, bootstrap.Supplies())
    try:
        with _rehearsing(wanted, settings), _posting(wanted, settings, console):
            typer.echo(f"The console is at {settings.origin}, for runs in {settings.state}.")
            typer.echo("Ctrl-C ends it.")
            _Server(server_config(console, settings), console).run(sockets=[listener])
    finally:
        console.close()
        listener.close()


def server_config(console: Console, settings: ConsoleSettings) -> uvicorn.Config:
    """How uvicorn serves `console`. Who a request came from is told by its connection; by what it
    says of itself (`X-Forwarded-For`, `-Proto`) only where it comes from the named proxy. uvicorn
    by itself would believe whatever comes from this machine."""
    return uvicorn.Config(
        console,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or None,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16 * 1024,
    )


def _listener(settings: ConsoleSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise GoliveError(
            f"can't listen on {settings.host}:{settings.port}: {error.strerror}",
            hint="another console may be running; --port 0 takes any free port",
        ) from error
    listener.listen(1024)
    return listener


@contextmanager
def _posting(wanted: Wanted, settings: ConsoleSettings, console: Console) -> Iterator[None]:
    """Tells people what waits for them, while the console serves."""
    if wanted.notify is None:
        yield
        return
    post = Post(console.means, Outbox(settings.folder), bootstrap.notifiers(wanted.notify))
    post.start()
    try:
        yield
    finally:
        post.stop()


@contextmanager
def _rehearsing(wanted: Wanted, settings: ConsoleSettings) -> Iterator[None]:
    """The attended rehearsal that `--rehearse` asks for, as a process of its own: the console can
    end and begin again without it."""
    if wanted.rehearse is None:
        yield
        return
    people = settings.folder / "people.toml"
    for person, link in sample_people(wanted.rehearse, people, settings).items():
        typer.echo(f"{person:<44} {link}")
    typer.echo()
    log = settings.folder / "rehearsal.log"
    command = [
        sys.executable, "-P", "-m", "golive", "rehearse", str(wanted.rehearse),
        "--people", str(people), "--state", str(settings.state),
        "--vault-root", str(wanted.vault_root),
    ]  # fmt: skip
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in a terminal reaches this process alone, which then asks
        # the rehearsal to leave off in its own time.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield
        finally:
            _leave(child, log)


def sample_people(playbook: Path, people: Path, settings: ConsoleSettings) -> Mapping[str, str]:
    """Each person of the playbook's own roster, by name and role: a key in `people`, and a link.

    Who has taken an invitation up here before keeps key and passphrase, and so sees the rehearsals
    of before; the team's own roster is left alone.
    """
    parsed = load(playbook).playbook
    if parsed is None or not parsed.people:
        raise BadInput("the playbook names no roster", where=str(playbook), hint="`people: FILE`")
    roster = playbook.parent / parsed.people
    lines = roster.read_text(encoding="utf-8").splitlines(keepends=True)
    people.write_text("".join(line for line in lines if not line.startswith("key")))
    found = {}
    for one in load_roster(people).people:
        found[f"{one.name} ({', '.join(one.roles)})"] = _way_in(one.id, people, settings)
    return found


def _way_in(person: str, people: Path, settings: ConsoleSettings) -> str:
    """A link, or how somebody signs in who has been here before."""
    store = Store(settings.folder)
    try:
        identity = Identity(store, settings, SystemClock())
        known, mark = identity.account(person), identity.mark(person)
    finally:
        store.close()
    if not known or not mark:
        return invite(settings, people, person, again=True)
    people.write_bytes(with_key(people.read_bytes(), person, mark))
    return f"{settings.origin}/enter as {person}, with their passphrase"


def _leave(child: subprocess.Popen[bytes], log: Path) -> None:
    code = child.poll()
    if code is None:
        typer.echo("The rehearsal leaves off; traffic goes back first.")
        os.kill(child.pid, signal.SIGINT)
        try:
            code = child.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            typer.echo(f"It still leaves off, as process {child.pid}.")
            return
    said = {130: "It goes on with `golive resume`.", 0: "It ended READY."}
    typer.echo(said.get(code, f"It ended with {code}: {log} says why."))
