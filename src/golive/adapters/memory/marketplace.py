"""The marketplace's HTTP contract, its readiness file and its metrics, answered from memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from golive.adapters.memory.desk import DeskBooks, MemoryDesk
from golive.adapters.memory.incidents import MemoryIncidents
from golive.adapters.memory.legal import MemoryLegal
from golive.adapters.memory.refunds import MemoryRefunds
from golive.adapters.memory.world import COMPONENTS, Fault, Side, World
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.kernel.times import rfc3339
from golive.ports.marketplace import Health, Refused, Session
from golive.ports.metrics import MetricSample

GAUGE: Mapping[str, float] = {
    "error": 0.0,
    "stopping": 0.25,
    "initialising": 0.5,
    "degraded": 0.75,
    "ready": 1.0,
}


def overall(side: Side) -> str:
    """The worst component's status."""
    return min((status for status, _ in side.components.values()), key=GAUGE.__getitem__)


def readiness_document(side: Side, world: World) -> bytes:
    """`runtime/readiness.json` of `side` as of now."""
    document = {
        "status": overall(side),
        "generatedAt": rfc3339(world.clock.now()),
        "startedAt": rfc3339(side.started),
        "components": {
            name: {
                "status": status,
                "lastUpdatedAt": rfc3339(since),
                "error": None if status == "ready" else f"set to {status} in rehearsal",
                "metadata": {},
            }
            for name, (status, since) in side.components.items()
        },
    }
    return (json.dumps(document, indent=2) + "\n").encode()


class MemoryMarketplace(MemoryDesk, MemoryLegal, MemoryRefunds, MemoryIncidents):
    """`golive.ports.marketplace.Marketplace`. `pick` says which side answers the next request."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, url: str, pick: Callable[[], Side], books: DeskBooks) -> None:
        self._world, self.url, self._pick, self._books = world, url, pick, books
        self._legal = books.legal
        self._incidents = books.incidents
        self._refunds = books.refunds

    def health(self) -> Health:
        self._world.call("marketplace.health")
        with self._world.lock:
            side = self._pick()
            self._alive(side)
            ready = overall(side) == "ready"
            raw: JsonObject = {
                "status": "ok",
                "version": side.version,
                "instance": side.name,
                "schema": side.schema,
                "startedAt": rfc3339(side.started),
            }
            return Health(True, ready, side.version, side.name, side.schema, raw)

    def login(self, role: str = "user") -> Session:
        self._world.call("marketplace.login")
        self._serve("POST /v1/auth/login")
        return Session(f"{role}-1", role, _bearer(role))

    def timeline_hub(self, session: Session) -> JsonObject:
        self._world.call("marketplace.timeline_hub")
        self._serve("GET /v1/timeline-hub", session)
        entry = {"id": "entry-1", "title": "Rental confirmed", "status": "scheduled"}
        return {"entries": [entry], "warnings": []}

    def commerce_snapshot(self, session: Session, persona: str) -> JsonObject:
        self._world.call("marketplace.commerce_snapshot")
        self._serve("GET /v1/commerce/snapshot", session)
        return {
            "persona": persona,
            "orders": {"total": 2000, "open": 42},
            "rentals": {"total": 300, "active": 12},
            "revenue": {"currency": "GBP", "minor": 12_345_600},
            "escrow": {"currency": "GBP", "minor": 250_000},
            "alerts": [],
        }

    def toggle_component(self, session: Session, component: str, status: str) -> None:
        world = self._world
        world.call("marketplace.toggle_component")
        where = f"PUT {self.url}/v1/admin/readiness/{component}"
        if session.role != "operations":
            raise PortError(f"role {session.role!r} may not toggle", where=where, answer="403")
        if component not in COMPONENTS or status not in GAUGE:
            raise PortError(f"no component {component!r} or status {status!r}", where=where)
        with world.lock:
            side = self._pick()
            self._alive(side)
            side.components[component] = (status, world.clock.now())
            if not (side.name == world.incoming and world.has(Fault.READINESS_STALE)):
                side.persisted = readiness_document(side, world)
            world.changed(
                "marketplace.toggle_component",
                "component-toggled",
                f"{side.name}/{component}",
                status,
            )

    def _serve(self, route: str, session: Session | None = None) -> None:
        if session is not None and not _proven(session):
            raise Refused(f"{route} answered 401", status=401, where=self.url, answer="401")
        with self._world.lock:
            side = self._pick()
            status, _ = self._world.answer(side)
            self._alive(side)
            if status >= 500:
                raise PortError(f"{route} answered {status}", where=self.url, answer=str(status))

    def _alive(self, side: Side) -> None:
        if side.crashed:
            raise Unreachable(f"{side.name} doesn't answer", where=self.url)


def _bearer(role: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer memory-{role}"}


def _proven(session: Session) -> bool:
    """Whether the headers hold what signing in gave; others may be beside it."""
    return _bearer(session.role).items() <= session.authorisation.items()


class MemoryReadinessFile:
    """`golive.ports.marketplace.ReadinessFile`."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, side: Side) -> None:
        self._world, self._side = world, side
        side.persisted = side.persisted or readiness_document(side, world)

    def read(self) -> bytes:
        self._world.call("readiness.read")
        with self._world.lock:
            return self._side.persisted


class MemoryMetrics:
    """`golive.ports.metrics.Metrics` of one side."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, side: Side) -> None:
        self._world, self._side = world, side

    def scrape(self) -> tuple[bytes, Sequence[MetricSample]]:
        self._world.call("metrics.scrape")
        with self._world.lock:
            name = "fixnado_readiness_status"
            samples = [
                MetricSample(name, GAUGE[status], {"component": component})
                for component, (status, _) in self._side.components.items()
            ]
            requests = MetricSample("fixnado_requests_total", float(self._side.served))
        lines = [
            f"# HELP {name} Readiness of each component: 0 error to 1 ready.",
            f"# TYPE {name} gauge",
            *(f'{name}{{component="{one.labels["component"]}"}} {one.value}' for one in samples),
            "# HELP fixnado_requests_total Requests served.",
            "# TYPE fixnado_requests_total counter",
            f"fixnado_requests_total {requests.value}",
        ]
        return ("\n".join(lines) + "\n").encode(), [*samples, requests]
