"""What two engineers read: the difference as JSON, as a page and in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from golive.drillkit import plan_page
from golive.drillkit.plan_facts import PlanFacts
from golive.drillkit.plan_findings import PlanFinding
from golive.drills.terraform_plan.params import Ctx, planner
from golive.kernel.json import Json
from golive.ports.plan import PlanRun


def diff(ctx: Ctx, run: PlanRun, facts: PlanFacts, findings: Sequence[PlanFinding] | None) -> Json:
    return {
        "workspace": ctx.params.workspace,
        "tool": run.tool,
        "formatVersion": facts.format_version,
        "stateFound": facts.has_state,
        "errored": facts.errored,
        "complete": facts.complete,
        "drift": [one.to_json() for one in facts.drift],
        "resourceChanges": [one.to_json() for one in facts.changes],
        "outputChanges": [one.to_json() for one in facts.outputs],
        "checks": dict(facts.checks),
        "findings": [one.to_json() for one in findings] if findings is not None else None,
        "author": run.author,
        "commands": [list(command) for command in run.commands],
    }


def summary(ctx: Ctx, run: PlanRun, facts: PlanFacts) -> str:
    """For the two engineers who review it."""
    actions = Counter("/".join(one.actions) for one in facts.changes)
    counted = ", ".join(f"{number} {action}" for action, number in sorted(actions.items()))
    lines = [
        f"Workspace {ctx.params.workspace}, planned by {run.tool}",
        "",
        f"Drift:     {len(facts.drift) if facts.has_state else 'not measured: no state yet'}",
        f"Resources: {counted or 'no change'}",
        f"Outputs:   {len(facts.outputs) or 'no'} change{'s' if len(facts.outputs) > 1 else ''}",
        f"Checks:    {_check_line(facts)}",
    ]
    for title, found in (
        ("Drifted", facts.drift),
        ("To change", facts.changes),
        ("Outputs", facts.outputs),
    ):
        if found:
            lines += ["", title, *(f"  {'/'.join(one.actions):16} {one.address}" for one in found)]
    if facts.problems:
        lines += ["", "What failed checks say", *(f"  {said}" for said in facts.problems)]
    return "\n".join(lines) + "\n"


def _check_line(facts: PlanFacts) -> str:
    counted = Counter(facts.checks.values())
    return ", ".join(f"{number} {status}" for status, number in sorted(counted.items())) or "none"


def page(ctx: Ctx, run: PlanRun, facts: PlanFacts, findings: Sequence[PlanFinding]) -> str:
    heading = plan_page.PlanHeading(
        workspace=ctx.params.workspace,
        tool=run.tool,
        target=ctx.target.name,
        planned=ctx.clock.now().strftime("%d %B %Y, %H:%M UTC"),
        fidelity=planner(ctx).fidelity.value,
    )
    return plan_page.page(heading, facts, findings)
