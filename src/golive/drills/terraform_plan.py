"""Terraform plan: what would change, what has drifted, and what the checks in it say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.expand import expand
from golive.drillkit.plan_facts import (
    Change,
    PlanError,
    PlanFacts,
    read_plan,
    sensitive_values,
)
from golive.drillkit.redact import Redactor
from golive.kernel.json import Json
from golive.ports.plan import Planner, PlanRun


class TerraformPlanParams(Params):
    workspace: str = Field(min_length=1, description="the workspace to plan")
    variables: Mapping[str, str] = Field(
        default_factory=dict, description="input variables; {name} expands"
    )
    refuse_destroy: bool = Field(
        True, description="fail when the plan destroys or replaces anything"
    )


Ctx = Context[TerraformPlanParams]


class TerraformPlan(Drill[TerraformPlanParams]):
    name = "terraform-plan"
    summary = "A real plan, judged from its JSON: no drift, no failed check, nothing destroyed."
    params = TerraformPlanParams
    fits = ("terraform", "tofu", "infrastructure", "drift")
    outputs = (
        Output("diff", "{item}/plan-diff.json", "application/json"),
        Output("summary", "{item}/plan-summary.txt", "text/plain"),
        Output("log", "{item}/plan-log.txt", "text/plain"),
    )
    measures = (
        Measure("drift", "resources", "resources that are no longer as the state says"),
        Measure("destroys", "resources", "resources that the plan deletes for good"),
        Measure("replacements", "resources", "resources that it deletes and makes anew"),
        Measure("failed_checks", "checks", "check blocks and conditions that don't hold"),
        Measure("changes", "resources", "resources that it changes in any way"),
        Measure("output_changes", "outputs", "outputs that it changes"),
    )

    def steps(self, params: TerraformPlanParams) -> Sequence[Step[TerraformPlanParams]]:  # noqa: ARG002
        return (Step("baseline", _baseline), Step("plan", _plan))


def _baseline(ctx: Ctx) -> Json:
    """On the embedded stage alone, and only while it has no state: make the plan true once.

    Without a state nothing can drift, so that the first rehearsal would prove nothing. Any other
    target is never changed.
    """
    if ctx.target.config.kind != "stage":
        return {"applied": False}
    planner, workspace, variables = _planner(ctx), ctx.params.workspace, _variables(ctx)
    first = planner.plan(workspace, variables, ctx.work)
    if _facts(ctx, first).has_state:
        return {"applied": False}
    planner.apply(workspace, variables, ctx.work)
    ctx.log(f"the stage had no state for {workspace!r}: its first plan was applied")
    return {"applied": True}


def _plan(ctx: Ctx) -> Json:
    planner = _planner(ctx)
    ctx.progress(f"planning {ctx.params.workspace}")
    run = planner.plan(ctx.params.workspace, _variables(ctx), ctx.work)
    tidy = Redactor(sensitive_values(run.document))
    ctx.save("log", tidy.text(run.log), fidelity=planner.fidelity)
    facts = _facts(ctx, run)
    ctx.save_json("diff", _diff(ctx, run, facts), fidelity=planner.fidelity)
    ctx.save("summary", _summary(ctx, run, facts), fidelity=planner.fidelity)
    _judge(ctx, facts)
    return {"drift": len(facts.drift), "changes": len(facts.changes)}


def _facts(ctx: Ctx, run: PlanRun) -> PlanFacts:
    """Ends the step where the document can't be judged."""
    try:
        return read_plan(run.document)
    except PlanError as error:
        ctx.holds(
            "readable", "the plan's JSON is of a known major version", False, detail=str(error)
        )
        raise ctx.fail(str(error)) from error


def _judge(ctx: Ctx, facts: PlanFacts) -> None:
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


def _diff(ctx: Ctx, run: PlanRun, facts: PlanFacts) -> Json:
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
        "commands": [list(command) for command in run.commands],
    }


def _summary(ctx: Ctx, run: PlanRun, facts: PlanFacts) -> str:
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


def _named(changes: Sequence[Change]) -> str:
    return ", ".join(f"{one.address} ({'/'.join(one.actions)})" for one in changes)


def _variables(ctx: Ctx) -> Mapping[str, str]:
    return {name: expand(text, ctx) for name, text in ctx.params.variables.items()}


def _planner(ctx: Ctx) -> Planner:
    return ctx.target.need(
        ctx.target.planner, "Terraform directory", "add [terraform] with its directory"
    )
