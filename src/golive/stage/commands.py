"""The command lines of everything that a stage runs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from golive.kernel.ids import sha256_hex
from golive.stage import balancer, caddy, names
from golive.stage.addresses import HOST
from golive.stage.children import Command
from golive.stage.layout import Layout, write_json
from golive.stage.settings import FAULTS, HELP_DESK_DOWN, INCOMING, SIDES, Settings

_PACKAGE = "fixnado"
FIXNADO: Sequence[str] = (sys.executable, "-P", "-m", _PACKAGE)
_EXPORT_CHUNK = 2048
"""Bytes."""
_AWAY = 2.0
"""Seconds, from its first caller on, that a help desk with a fault is away."""
_LOST = 2
"""How many of its first answers to what it then did are lost."""


class Commands:
    """What to run for one stage. `fixnado` is the marketplace's own command."""

    def __init__(self, layout: Layout, settings: Settings, fixnado: Sequence[str]) -> None:
        self._layout, self._settings, self._fixnado = layout, settings, tuple(fixnado)
        self._url = f"sqlite:///{layout.database}"

    def fingerprint(self) -> str:
        """Another value whenever the marketplace's own files may be others: then its database must
        be migrated before it is served."""
        found = importlib.util.find_spec(_PACKAGE)
        places = (found.submodule_search_locations if found else None) or ()
        files = sorted(file for place in places for file in Path(place).rglob("*.py"))
        marks = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return sha256_hex(repr((self._fixnado, marks)).encode())

    def migrate(self) -> Command:
        return self._command("migrate", [*self._fixnado, "migrate", "--database", self._url])

    def seed(self) -> Command:
        argv = [*self._fixnado, "seed", "--database", self._url]
        argv += ["--seed", str(self._settings.seed), "--accounts", str(self._layout.accounts)]
        argv += ["--learning", str(self._layout.learning)]
        return self._command("seed", argv)

    def instance(self, side: str) -> Command:
        layout, settings = self._layout, self._settings
        layout.runtime(side).mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [*self._fixnado, "serve", "--database", self._url, "--host", "127.0.0.1"]
        argv += ["--port", str(settings.ports[side]), "--instance", side]
        argv += ["--version", settings.versions[side], "--runtime", str(layout.runtime(side))]
        argv += ["--secret-file", str(layout.session_key), "--rehearsal"]
        # so that the little that a rehearsal account has is cut as a large export would be
        argv += ["--export-chunk", str(_EXPORT_CHUNK)]
        argv += self._help_desk()
        fault = FAULTS[settings.fault] if settings.fault is not None else ""
        if side == INCOMING and fault:
            argv += ["--fault", fault, "--fault-traffic", str(layout.traffic)]
        return self._command(side, argv)

    def listener(self) -> Command:
        path = self._layout.listener
        write_json(path, caddy.listener(self._settings.ports, self._layout.caddy / "store"))
        return self._caddy("listener", str(path))

    def balancer(self) -> Command:
        """With the weights that the last change was meant to leave."""
        now = balancer.kept(self._layout.traffic)
        path = self._layout.caddy / "balancer.json"
        store = self._layout.caddy / "store"
        content = caddy.balancer(self._settings.ports, store, now.weights, now.validation)
        write_json(path, content)
        return self._caddy("balancer", str(path))

    def controller(self) -> Command:
        argv = [sys.executable, "-P", "-m", "golive.stage.controller", str(self._layout.folder)]
        return self._command("controller", argv)

    def helpdesk(self) -> Command:
        """The help desk's stand-in; away at first where that is the fault."""
        layout = self._layout
        argv = [sys.executable, "-P", "-m", "golive.stage.helpdesk", "--seed"]
        argv += ["--port", str(self._settings.ports["helpdesk"])]
        argv += ["--database", str(layout.helpdesk), "--token-file", str(layout.helpdesk_token)]
        argv += ["--account", str(names.HELP_DESK_ACCOUNT), "--inbox", str(names.HELP_DESK_INBOX)]
        if self._settings.fault == HELP_DESK_DOWN:
            argv += ["--away", str(_AWAY), "--lose-first", str(_LOST)]
        return self._command("helpdesk", argv)

    def _help_desk(self) -> Sequence[str]:
        """What an instance is told about the help desk."""
        port = self._settings.ports["helpdesk"]
        argv = ["--chatwoot", f"http://{HOST}:{port}"]
        argv += ["--chatwoot-account", str(names.HELP_DESK_ACCOUNT)]
        argv += ["--chatwoot-token-file", str(self._layout.helpdesk_token)]
        argv += ["--chatwoot-inbox", str(names.HELP_DESK_INBOX)]
        return [*argv, "--chatwoot-team", str(names.HELP_DESK_TEAM)]

    def scraper(self) -> Command:
        argv = [sys.executable, "-P", "-m", "golive.stage.scraper", str(self._layout.folder)]
        return self._command("scraper", argv)

    def all(self) -> Sequence[Command]:
        """Whatever stays up."""
        proxies = [self.listener(), self.balancer(), self.controller(), self.helpdesk()]
        return [*proxies, *(self.instance(side) for side in SIDES), self.scraper()]

    def named(self, name: str) -> Command:
        """The command to start `name` again with."""
        if name in SIDES:
            return self.instance(name)
        starters = {
            "listener": self.listener,
            "balancer": self.balancer,
            "controller": self.controller,
            "scraper": self.scraper,
            "helpdesk": self.helpdesk,
        }
        return starters[name]()

    def _caddy(self, name: str, configuration: str) -> Command:
        return self._command(name, [str(caddy.binary()), "run", "--config", configuration])

    def _command(self, name: str, argv: Sequence[str]) -> Command:
        return Command(name, argv, self._layout.log(name), self._layout.caddy)
