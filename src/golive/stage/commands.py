"""The command lines of everything that a stage runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from golive.stage import balancer, caddy
from golive.stage.children import Command
from golive.stage.layout import Layout, write_json
from golive.stage.settings import FAULTS, INCOMING, SIDES, Settings

FIXNADO: Sequence[str] = (sys.executable, "-m", "fixnado")


class Commands:
    """What to run for one stage. `fixnado` is the marketplace's own command."""

    def __init__(self, layout: Layout, settings: Settings, fixnado: Sequence[str]) -> None:
        self._layout, self._settings, self._fixnado = layout, settings, tuple(fixnado)
        self._url = f"sqlite:///{layout.database}"

    def migrate(self) -> Command:
        return self._command("migrate", [*self._fixnado, "migrate", "--database", self._url])

    def seed(self) -> Command:
        argv = [*self._fixnado, "seed", "--database", self._url]
        argv += ["--seed", str(self._settings.seed), "--accounts", str(self._layout.accounts)]
        return self._command("seed", argv)

    def instance(self, side: str) -> Command:
        layout, settings = self._layout, self._settings
        layout.runtime(side).mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [*self._fixnado, "serve", "--database", self._url, "--host", "127.0.0.1"]
        argv += ["--port", str(settings.ports[side]), "--instance", side]
        argv += ["--version", settings.versions[side], "--runtime", str(layout.runtime(side))]
        argv += ["--secret-file", str(layout.session_key), "--rehearsal"]
        if side == INCOMING and settings.fault is not None:
            argv += ["--fault", FAULTS[settings.fault]]
        return self._command(side, argv)

    def listener(self) -> Command:
        path = self._layout.caddy / "listener.json"
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
        argv = [sys.executable, "-m", "golive.stage.controller", str(self._layout.folder)]
        return self._command("controller", argv)

    def all(self) -> Sequence[Command]:
        """Whatever stays up, instances last."""
        proxies = [self.listener(), self.balancer(), self.controller()]
        return [*proxies, *(self.instance(side) for side in SIDES)]

    def named(self, name: str) -> Command:
        """The command to start `name` again with."""
        if name in SIDES:
            return self.instance(name)
        starters = {
            "listener": self.listener,
            "balancer": self.balancer,
            "controller": self.controller,
        }
        return starters[name]()

    def _caddy(self, name: str, configuration: str) -> Command:
        return self._command(name, [str(caddy.binary()), "run", "--config", configuration])

    def _command(self, name: str, argv: Sequence[str]) -> Command:
        return Command(name, argv, self._layout.log(name), self._layout.caddy)
