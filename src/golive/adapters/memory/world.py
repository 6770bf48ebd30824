"""What stands outside: two sides, the weights between them, and a log of all that was changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from golive.kernel.errors import Unreachable
from golive.kernel.times import rfc3339
from golive.ports.clock import Clock


class Fault(StrEnum):
    """A bad launch on demand. The first four are the embedded stage's own, by the same names."""

    INCOMING_5XX = "incoming-5xx"
    """About one answer in three of the incoming side is a 500; its health stays good."""
    INCOMING_SLOW = "incoming-slow"
    """The incoming side takes 800 ms longer; its health stays good."""
    INCOMING_CRASH = "incoming-crash"
    """The incoming side dies at its 200th request."""
    READINESS_STALE = "readiness-stale"
    """The incoming side never rewrites its readiness file."""
    INCOMING_HANGS = "incoming-hangs"
    """The incoming side takes production requests and never answers; its health stays good."""
    INCOMING_5XX_LATE = "incoming-5xx-late"
    """As incoming-5xx, but only once it carries 30 % of the traffic."""
    ALARM = "alarm"
    """An alarm stops any deployment at 20 %, and its traffic is rolled back."""
    WEIGHTS_STUCK = "weights-stuck"
    """Deployments stay in progress and traffic doesn't move."""
    ROLLBACK_MISSING = "rollback-missing"
    """A stop with rollback creates no rollback deployment and leaves traffic as it is."""
    ROLLBACK_STUCK = "rollback-stuck"
    """The rollback deployment stays in progress and traffic doesn't move."""
    ROLLBACK_LIES = "rollback-lies"
    """The rollback deployment says that it succeeded, but a tenth of the traffic stays."""
    EXPORT_NO_CHECKSUM = "export-no-checksum"
    """Manifests of data exports hold no digest."""
    EXPORT_LEAKS_OTHER_SUBJECT = "export-leaks-other-subject"
    """A data export holds a row that is somebody else's."""
    PURGE_IGNORES_DRY_RUN = "purge-ignores-dry-run"
    """A purge that was only to be planned is carried out."""
    ROLE_FROM_HEADER = "role-from-header"
    """The desk believes the role that a header claims."""
    LEGAL_METADATA_MISSING = "legal-metadata-missing"
    """A published document says neither who owns it nor when it is reviewed."""
    ACK_WRONG_VERSION = "ack-wrong-version"
    """Acknowledgements of an older version count as current."""
    LEDGER_UNBALANCED = "ledger-unbalanced"
    """The ledger shows a transaction of a refund without one of its legs."""
    CHATWOOT_DOWN = "chatwoot-down"
    """The help desk takes nothing at first; then it is back."""
    CHATWOOT_GONE = "chatwoot-gone"
    """The help desk takes nothing at all."""
    UNREACHABLE = "unreachable"
    """Nothing answers at all."""


@dataclass(frozen=True)
class Effect:
    """One change from outside: `deployment-created`, `deployment-stopped`, `rollback-created`,
    `deployment-continued`, `component-toggled`, `plan-applied`, `command-run`, …"""

    kind: str
    subject: str
    detail: str = ""


@dataclass
class Side:
    """One instance of the marketplace."""

    name: str
    version: str
    schema: str
    target_group: str
    started: datetime
    components: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    served: int = 0
    crashed: bool = False
    persisted: bytes = b""


class World:
    """State that every port of one memory target shares. All changes hold `lock`."""

    def __init__(
        self, *, old: Side, incoming: Side, clock: Clock, faults: Iterable[Fault] = ()
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.old, self.incoming = old.name, incoming.name
        self.sides = {old.name: old, incoming.name: incoming}
        self.installed, self.comes_with_deployments = True, False
        """Whether the incoming side is there, and whether a deployment brings it in and a return to
        the old side takes it away again."""
        self.weights: dict[str, float] = {old.name: 100.0, incoming.name: 0.0}
        self.faults = set(faults)
        self.effects: list[Effect] = []
        self.observers: list[Callable[[str], None]] = []
        """Called with the name of every port call before it happens (`deployer.create`, …) and,
        for one that changed something, again after (`deployer.create done`). What they raise
        passes through: so a test cuts a rehearsal short at any place."""
        self.before_move: list[Callable[[], None]] = []
        """Called while the old weights still hold, just before traffic moves."""

    def has(self, fault: Fault) -> bool:
        return fault in self.faults

    def call(self, name: str) -> None:
        """Every port method begins with this."""
        for observer in list(self.observers):
            observer(name)
        if self.has(Fault.UNREACHABLE):
            raise Unreachable(
                "nothing answers", where=name, hint="this memory target is switched off"
            )

    def changed(self, call: str, kind: str, subject: str, detail: str = "") -> None:
        """Log a side effect; the world keeps it even where an observer then cuts the caller off."""
        self.effects.append(Effect(kind, subject, detail))
        for observer in list(self.observers):
            observer(f"{call} done")

    def move(self, weights: Mapping[str, float]) -> None:
        """Set the production listener's weights (percentages that sum to 100)."""
        if dict(weights) == self.weights:
            return
        for notice in list(self.before_move):
            notice()
        self.weights = dict(weights)

    def failing(self, side: Side) -> bool:
        """Whether `side` now answers some requests with a 500."""
        if side.name != self.incoming:
            return False
        late = self.has(Fault.INCOMING_5XX_LATE) and self.weights[side.name] >= 30
        return late or self.has(Fault.INCOMING_5XX)

    def answer(self, side: Side) -> tuple[int, float]:
        """Let `side` serve one ordinary request: (status, seconds); status 0 where it is dead."""
        with self.lock:
            side.served += 1
            mine = side.name == self.incoming
            if mine and self.has(Fault.INCOMING_CRASH) and side.served >= 200:
                side.crashed = True
            if side.crashed:
                return 0, 0.001
            slow = 0.8 if mine and self.has(Fault.INCOMING_SLOW) else 0.0
            status = 500 if self.failing(side) and side.served % 3 == 0 else 200
            return status, 0.004 + slow + (side.served % 7) * 0.0005


COMPONENTS: Sequence[str] = ("database", "payments", "payouts", "search", "messaging")


def new_side(name: str, version: str, schema: str, clock: Clock) -> Side:
    """An instance that has just started, with every component ready."""
    now = clock.now()
    side = Side(name, version, schema, f"tg-{name}", now)
    side.components = dict.fromkeys(COMPONENTS, ("ready", now))
    return side


def at(moment: datetime | None) -> str:
    """`moment` for a raw answer; "" for none."""
    return rfc3339(moment) if moment else ""
