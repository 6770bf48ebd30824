"""The validation of a release as CodeDeploy has it: in the hook that its deployment waits at.

Test traffic reaches the incoming side, production traffic doesn't yet. What is found decides the
hook's answer, and with it whether the deployment goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from golive.drillkit.drill import StepFailed
from golive.drillkit.records import CheckVerdict
from golive.drills.blue_green import state
from golive.drills.blue_green.before import validated
from golive.drills.blue_green.cycles import Cycle
from golive.drills.blue_green.honest import readiness
from golive.drills.blue_green.hook_smoke import smoke
from golive.drills.blue_green.load import load_of
from golive.drills.blue_green.params import TEST_TRAFFIC, Check, Ctx, incoming, shown
from golive.drills.blue_green.traffic import of_side
from golive.drills.blue_green.trigger import answer
from golive.kernel.errors import PortError
from golive.kernel.json import Json, JsonObject
from golive.ports.marketplace import Marketplace, Session


def decide(ctx: Ctx, cycle: Cycle, deployment: str) -> Json:
    """Look at the release whose deployment waits, and answer its hook by what is found."""
    try:
        validated(ctx)
        readiness(ctx)
        _checks(ctx)
        if ctx.params.hook is not None and ctx.params.hook.smoke:
            smoke(ctx)
    except (StepFailed, PortError) as failure:
        why = f"the validation failed: {failure}"
        answer(ctx, deployment, TEST_TRAFFIC, succeeded=False, why=why)
        _say_untouched(ctx)
        raise
    if cycle.event(ctx.params) == TEST_TRAFFIC:  # what rehearses the abort answers it
        return {"answered": "left to the abort"}
    answer(ctx, deployment, TEST_TRAFFIC, succeeded=True)
    return {"answered": "succeeded"}


def _say_untouched(ctx: Ctx) -> None:
    samples = load_of(ctx).samples()
    ctx.equals(
        "caught_before_traffic",
        f"{shown(ctx, incoming(ctx))} was found bad before it answered any production request",
        0,
        len(of_side(samples, incoming(ctx))) if samples else None,
        detail=f"of {len(samples)} requests",
    )


def _checks(ctx: Ctx) -> None:
    """What a person would do first, through the validation listener."""
    wanted = ctx.params.hook.checks if ctx.params.hook is not None else ()
    if not wanted:
        return
    market = state.validation(ctx)
    try:
        session = market.login()
    except PortError as error:
        session, problems = None, [f"login: {error}"]
    else:
        problems = []
    for name in wanted if session is not None else ():
        problem = _problem(market, session, name)
        problems += [f"{name}: {problem}"] if problem else []
    verdict = ctx.equals(
        "hook_checks",
        f"{', '.join(wanted)} work on {shown(ctx, incoming(ctx))} while its deployment waits",
        0,
        len(problems),
        detail="; ".join(problems),
    )
    if verdict is not CheckVerdict.PASS:
        raise ctx.fail(f"{shown(ctx, incoming(ctx))} fails what a person would do first")


def _problem(market: Marketplace, session: Session | None, name: Check) -> str:
    asks: Mapping[str, Callable[[Session], JsonObject]] = {
        "timeline-hub": market.timeline_hub,
        "commerce-snapshot": lambda signed: market.commerce_snapshot(signed, "user"),
    }
    ask = asks.get(name)
    if ask is None or session is None:
        return ""
    try:
        return "" if ask(session) else "an empty answer"
    except PortError as error:
        return str(error)
