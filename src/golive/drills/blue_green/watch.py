"""Follows a deployment and the load at once, and says when to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from golive.drills.blue_green import state
from golive.drills.blue_green.journal import WEIGHTS, Journal
from golive.drills.blue_green.load import live_figures, load_of, session_of
from golive.drills.blue_green.params import Ctx, incoming, old, shown
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.ports.deployer import Deployment, DeploymentStatus, LifecycleStatus, Wait
from golive.ports.probe import SideFigures

P95_LIMIT = 500.0
"""Milliseconds that 19 of 20 requests may take, unless the playbook says otherwise."""
_LEAST = 5
"""Requests in the last second without which a percentile is chance."""
_SILENCE = 1.5
"""Seconds without a single answer, where some were due, after which none is expected; longer where
the playbook lets answers take longer."""
Pause = Callable[[float], None]


def looks_apart(ctx: Ctx) -> float:
    """Seconds between two looks: AWS counts requests to its API, a local stage doesn't."""
    return 1.0 if state.deployer(ctx).fidelity is Fidelity.LIVE else 0.05


@dataclass(frozen=True)
class Look:
    """One look at everything."""

    deployment: Deployment
    weights: dict[str, float]
    wait: Wait | None
    """What it waits for, asked once: `follow` ends no wait that its reader has not seen. None of a
    deployment that is not to go onwards."""

    def share(self, side: str) -> float:
        return self.weights.get(side, 0.0)


def follow(
    ctx: Ctx,
    identifier: str,
    pause: Pause | None = None,
    stalled: float | None = None,
    *,
    onwards: bool = True,
) -> Iterator[Look]:
    """Look after look until the deployment is over; the last one is of the end. Continues its
    waits, unless it is not to go `onwards`. StepFailed where nothing has changed for `stalled`
    seconds (`stalled_after`)."""
    limit = ctx.params.stalled_after if stalled is None else stalled
    journal = Journal(ctx, session_of(ctx))
    seen: object = None
    since = ctx.clock.monotonic()
    while True:
        deployment = state.deployer(ctx).get(identifier)
        weights = note_weights(ctx, journal)
        wait = _wait(ctx, deployment, weights) if onwards else None
        if wait is Wait.TERMINATION:  # the last of the traffic may have moved between the two
            weights = note_weights(ctx, journal)
        look = Look(deployment, weights, wait)
        yield look
        if deployment.status.final:
            return
        continued = _continue(ctx, look) if onwards else ""
        now = (deployment.status, look.weights, continued)
        if now != seen:
            seen, since = now, ctx.clock.monotonic()
        elif ctx.clock.monotonic() - since > limit:
            raise ctx.fail(
                f"deployment {identifier} shows no progress for {limit:g} s: "
                f"{deployment.status}, {shown_weights(ctx, look.weights)}"
            )
        (pause or ctx.pause)(looks_apart(ctx))


def note_weights(ctx: Ctx, journal: Journal) -> dict[str, float]:
    """The proxy's true weights; into the journal where they differ from the last seen."""
    weights = state.weights(ctx)
    last = journal.last(WEIGHTS)
    if last is None or last.data["weights"] != weights:
        journal.note(WEIGHTS, weights=dict(weights))
    return weights


def shown_weights(ctx: Ctx, weights: dict[str, float]) -> str:
    return ", ".join(
        f"{shown(ctx, side)} {weights.get(side, 0.0):g}%" for side in (old(ctx), incoming(ctx))
    )


def _continue(ctx: Ctx, look: Look) -> str:
    """End a wait of the deployment's: the people who would are the ones rehearsing."""
    if look.wait is None:
        return ""
    try:
        state.deployer(ctx).continue_deployment(look.deployment.id, look.wait)
    except PortError:
        # No API says whether a deployment waits before it lets the old side go, or is just about
        # to succeed: the next look tells.
        if look.wait is Wait.READY:
            raise
        return ""
    ctx.log(f"{look.deployment.id} waits ({look.wait}): continued")
    return look.wait


def _wait(ctx: Ctx, deployment: Deployment, weights: Mapping[str, float]) -> Wait | None:
    """What the deployment waits for, as far as can be told."""
    if deployment.status is DeploymentStatus.READY:
        return Wait.READY
    ours = deployment.creator == "user" and deployment.status is DeploymentStatus.IN_PROGRESS
    if not ours or max(weights.values(), default=0) < 100:
        return None
    events = state.deployer(ctx).target(deployment.id).events
    over = (LifecycleStatus.SUCCEEDED, LifecycleStatus.SKIPPED)
    moved = bool(events) and all(event.status in over for event in events)
    return Wait.TERMINATION if moved else None


class Gate:
    """Says when a shift must be called off because of what the load sees."""

    def __init__(self, ctx: Ctx) -> None:
        self._ctx, self._load = ctx, load_of(ctx)
        self._slow_looks = 0
        self._heard = ctx.clock.monotonic()
        self.limit = own_limit(ctx, "incoming_p95_ms", P95_LIMIT)
        self._silence = max(_SILENCE, self.limit / 1000)
        self._failures = own_limit(ctx, "failed_requests", 0)
        self._before = sum(one.failed for one in self._load.samples())

    def trouble(self, look: Look) -> str:
        """Why to stop now; "" while all is well. Shows the figures live."""
        ctx, side = self._ctx, incoming(self._ctx)
        recent = self._load.recent()
        self._show(look, recent)
        bad = {name: one.failed for name, one in recent.items() if one.failed}
        if bad and sum(bad.values()) > self._failures:
            told = ", ".join(
                f"{number} of {recent[name].requests} on "
                f"{shown(ctx, name) if name else 'no side: no answer, or the proxy its own'}"
                for name, number in bad.items()
            )
            return f"requests fail at {look.share(side):g}%: {told}"
        return self._silent(look, recent) or self._slow(look, recent)

    def _silent(self, look: Look, recent: Mapping[str, SideFigures]) -> str:
        """A side that takes requests and answers none shows neither failures nor latency."""
        ctx, side = self._ctx, incoming(self._ctx)
        now = ctx.clock.monotonic()
        due = ctx.params.rate * look.share(side) / 100 * self._silence
        if side in recent or due < _LEAST:
            self._heard = now
        if now - self._heard <= self._silence:
            return ""
        return (
            f"{shown(ctx, side)} has answered no request for {self._silence:g} s at "
            f"{look.share(side):g}%"
        )

    def _slow(self, look: Look, recent: Mapping[str, SideFigures]) -> str:
        """Two looks in a row: one slow second may be this machine's."""
        side = incoming(self._ctx)
        figures = recent.get(side)
        p95 = figures.p95 if figures is not None and figures.requests >= _LEAST else None
        beyond = p95 is not None and p95 * 1000 > self.limit
        self._slow_looks = self._slow_looks + 1 if beyond else 0
        if p95 is None or self._slow_looks < 2:
            return ""
        return (
            f"{shown(self._ctx, side)} is slow at {look.share(side):g}%: p95 {p95 * 1000:.0f} ms, "
            f"limit {self.limit:g} ms"
        )

    def _show(self, look: Look, recent: Mapping[str, SideFigures]) -> None:
        ctx = self._ctx
        figures = live_figures(recent, (old(ctx), incoming(ctx)))
        shares: dict[str, Json] = {f"{side}_weight": share for side, share in look.weights.items()}
        ctx.progress(shown_weights(ctx, look.weights), **shares, **figures)


def own_limit(ctx: Ctx, measure: str, default: float) -> float:
    """The playbook's own limit on `measure`, or `default`."""
    limit = ctx.expect.get(measure)
    return default if limit is None or limit.at_most is None else limit.at_most
