"""The balancer's admin API: the weights as they are, and new ones."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive.kernel.doors import DoorConnection
from golive.kernel.errors import GoliveError
from golive.stage.addresses import HOST
from golive.stage.caddy import PRODUCTION, VALIDATION, percentages, turns, upstreams
from golive.stage.layout import write_json
from golive.stage.settings import INCOMING, OLD, SIDES

_ATTEMPTS = 5
_PAUSE = 0.01


class BalancerError(Exception):
    """The balancer did not answer, or not with success."""


@dataclass(frozen=True)
class Traffic:
    """Percentages of production traffic by side, and the side behind the validation listener."""

    weights: Mapping[str, float]
    validation: str

    @property
    def primary(self) -> str:
        """The side with most of the production traffic; the old one at half and half."""
        return max(SIDES, key=lambda side: self.weights.get(side, 0.0))


AT_REST = Traffic(weights={OLD: 100.0, INCOMING: 0.0}, validation=INCOMING)


def kept(path: Path) -> Traffic:
    """What the last change was meant to leave, or the beginning where nothing is kept."""
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        weights = {side: float(data["weights"][side]) for side in SIDES}
        if data["validation"] in SIDES and sum(weights.values()) > 0:
            return Traffic(weights, data["validation"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    return AT_REST


class Balancer:
    """Blocking calls, each on a connection of its own, to the admin API on the socket `admin`; the
    sides' `ports` tell its upstreams apart. `memory` is where a change is written down
    before it is made: a balancer that dies comes back with it."""

    def __init__(
        self, admin: Path, ports: Mapping[str, int], memory: Path, timeout: float = 5.0
    ) -> None:
        self._admin, self._ports, self._memory, self._timeout = admin, ports, memory, timeout

    def read(self) -> Traffic:
        """What the proxy does now. BalancerError where it can't be asked."""
        policy = self._call("GET", f"/id/{PRODUCTION}/load_balancing/selection_policy")
        dial = self._call("GET", f"/id/{VALIDATION}/upstreams")
        sides = {f"{HOST}:{self._ports[side]}": side for side in SIDES}
        try:
            return Traffic(percentages(policy["weights"]), sides[dial[0]["dial"]])
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise BalancerError(f"unknown configuration: {policy} {dial}") from error

    def shift(self, weights: Mapping[str, float]) -> None:
        """Production traffic by `weights`. Returns once new requests go by them."""
        validation = kept(self._memory).validation  # to ask the proxy makes the way back slower
        write_json(self._memory, {"weights": dict(weights), "validation": validation})
        path = f"/id/{PRODUCTION}/load_balancing/selection_policy/weights"
        self._call("PATCH", path, turns(weights))

    def validate(self, side: str) -> None:
        """The validation listener's requests to `side`."""
        now = self.read()
        write_json(self._memory, {"weights": dict(now.weights), "validation": side})
        if now.validation != side:
            self._call("PATCH", f"/id/{VALIDATION}/upstreams", upstreams([self._ports[side]]))

    def _call(self, method: str, path: str, body: object = None) -> Any:
        """Caddy replaces its admin server at every change, and cuts off who is connected to the
        old one: ask again. A change says what shall be, so making it twice is making it once."""
        last: Exception | None = None
        for _ in range(_ATTEMPTS):
            try:
                return self._once(method, path, body)
            except (ConnectionError, FileNotFoundError, http.client.HTTPException) as error:
                last = error
                time.sleep(_PAUSE)
            except (GoliveError, OSError, ValueError) as error:
                last = error
                break
        raise BalancerError(f"{method} {path}: {last}") from last

    def _once(self, method: str, path: str, body: object) -> Any:
        connection = DoorConnection(self._admin, self._timeout)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise BalancerError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text.strip() else None
