"""What a plan is held to."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.plan_facts import Change, PlanFacts
from golive.drillkit.plan_findings import PlanFinding
from golive.drills.terraform_plan.params import Ctx


def judge(ctx: Ctx, facts: PlanFacts, findings: Sequence[PlanFinding] | None) -> None:
    """`findings` is None where the plan holds nothing that could have any."""
    ctx.holds("readable", "the plan's JSON is of a known major version", True)
    ctx.holds("planned", "the plan was made without errors", not facts.errored)
    if facts.complete is not None:  # older versions of the tool don't say
        ctx.holds("complete", "nothing was put off to a later plan", facts.complete)
    drifted = len(facts.drift) if facts.has_state or facts.drift else None
    ctx.at_most(
        "drift",
        "everything is as the state says: zero drift",
        0,
        drifted,
        detail=_named(facts.drift) if drifted is not None else "there is no state to compare with",
    )
    if ctx.params.refuse_destroy:
        destroyed = [one for one in facts.changes if one.destroys]
        replaced = [one for one in facts.changes if one.replaces]
        ctx.at_most("destroys", "nothing is destroyed", 0, len(destroyed), detail=_named(destroyed))
        ctx.at_most(
            "replacements", "nothing is replaced", 0, len(replaced), detail=_named(replaced)
        )
    _judge_checks(ctx, facts)
    if findings is not None or "plan_findings" in ctx.expect:
        ctx.at_most(
            "plan_findings",
            "nothing in the plan would spoil the cutover",
            0,
            len(findings) if findings is not None else None,
            unit="findings",
            detail="; ".join(f"{one.address}: {one.words}" for one in findings or ()),
        )
    for name, found in (("changes", facts.changes), ("output_changes", facts.outputs)):
        if name in ctx.expect:
            claim = f"{name.replace('_', ' ')} are as expected"
            ctx.at_most(name, claim, 0, len(found), detail=_named(found))


def _judge_checks(ctx: Ctx, facts: PlanFacts) -> None:
    """A configuration without checks is not judged by them, unless the playbook demands it."""
    if not facts.checks and "failed_checks" not in ctx.expect:
        return
    failed = [f"{name} ({status})" for name, status in facts.checks.items() if status != "pass"]
    ctx.at_most(
        "failed_checks",
        f"all {len(facts.checks)} checks in the configuration hold",
        0,
        len(failed) if facts.checks else None,
        detail="; ".join([*failed, *facts.problems]),
    )


def _named(changes: Sequence[Change]) -> str:
    return ", ".join(f"{one.address} ({'/'.join(one.actions)})" for one in changes)
