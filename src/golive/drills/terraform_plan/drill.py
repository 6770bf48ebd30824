"""Terraform plan: what would change, what has drifted, and what the checks in it say."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drillkit.plan_facts import PlanError, PlanFacts, read_plan, sensitive_values
from golive.drillkit.plan_findings import Declared, findings
from golive.drillkit.redact import Redactor
from golive.drills.terraform_plan import papers
from golive.drills.terraform_plan.judging import judge
from golive.drills.terraform_plan.params import Ctx, TerraformPlanParams, planner, variables
from golive.drills.terraform_plan.running import record
from golive.evidence.artefact import Artefact
from golive.kernel.json import Json
from golive.ports.plan import PlanFailed, Planner, PlanRun


class TerraformPlan(Drill[TerraformPlanParams]):
    name = "terraform-plan"
    summary = "A real plan, judged from its JSON: no drift, no failed check, nothing destroyed."
    params = TerraformPlanParams
    fits = ("terraform", "tofu", "infrastructure", "drift")
    outputs = (
        Output("diff", "{item}/plan-diff.json", "application/json"),
        Output("page", "{item}/plan-diff.html", "text/html"),
        Output("summary", "{item}/plan-summary.txt", "text/plain"),
        Output("log", "{item}/plan-log.txt", "text/plain"),
        Output("run", "{item}/plan-run.json", "application/json"),
    )
    measures = (
        Measure("drift", "resources", "resources that are no longer as the state says"),
        Measure("destroys", "resources", "resources that the plan deletes for good"),
        Measure("replacements", "resources", "resources that it deletes and makes anew"),
        Measure("failed_checks", "checks", "check blocks and conditions that don't hold"),
        Measure("changes", "resources", "resources that it changes in any way"),
        Measure("output_changes", "outputs", "outputs that it changes"),
        Measure("plan_findings", "findings", "settings that would spoil a cutover on the day"),
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
    tool, workspace, given = planner(ctx), ctx.params.workspace, variables(ctx)
    first = tool.plan(workspace, given, ctx.work)
    if first.author or _facts(ctx, first).has_state:
        return {"applied": False}
    tool.apply(workspace, given, ctx.work)
    ctx.log(f"the stage had no state for {workspace!r}: its first plan was applied")
    return {"applied": True}


def _plan(ctx: Ctx) -> Json:
    ctx.progress(f"planning {ctx.params.workspace}")
    tool = planner(ctx)
    run = _run(ctx, tool)
    tidy = Redactor(sensitive_values(run.document))
    left = [ctx.save("log", tidy.text(run.log), fidelity=tool.fidelity)]
    _keep_run(ctx, tool, run, left)
    facts = _facts(ctx, run)
    found = findings(run.document, _declared(ctx))
    left += [
        ctx.save_json("diff", papers.diff(ctx, run, facts, found), fidelity=tool.fidelity),
        ctx.save("page", papers.page(ctx, run, facts, found or ()), fidelity=tool.fidelity),
        ctx.save("summary", papers.summary(ctx, run, facts), fidelity=tool.fidelity),
    ]
    _keep_run(ctx, tool, run, left)
    judge(ctx, facts, found)
    authors: Json = [run.author] if run.author else []
    # who made what is reviewed can't approve it
    return {"drift": len(facts.drift), "changes": len(facts.changes), "authors": authors}


def _run(ctx: Ctx, tool: Planner) -> PlanRun:
    """A plan; the run that made none is recorded too."""
    try:
        return tool.plan(ctx.params.workspace, variables(ctx), ctx.work)
    except PlanFailed as failed:
        if failed.steps:
            made = record(
                ctx,
                failed.steps,
                tool="",
                configuration=failed.configuration,
                failure=failed.what,
            )
            ctx.save_json("run", made, fidelity=tool.fidelity)
        raise


def _keep_run(ctx: Ctx, tool: Planner, run: PlanRun, left: Sequence[Artefact]) -> None:
    """What was run here, and what it left. A plan that was made elsewhere has no run here."""
    if run.steps:
        made = record(ctx, run.steps, tool=run.tool, configuration=run.configuration, left=left)
        ctx.save_json("run", made, fidelity=tool.fidelity)


def _declared(ctx: Ctx) -> Declared:
    deployer = ctx.target.config.deployer
    port = deployer.container_port if deployer is not None else 0
    return Declared(ctx.params.health_path, port, ctx.params.validation_port)


def _facts(ctx: Ctx, run: PlanRun) -> PlanFacts:
    """Ends the step where the document can't be judged."""
    try:
        return read_plan(run.document)
    except PlanError as error:
        ctx.holds(
            "readable", "the plan's JSON is of a known major version", False, detail=str(error)
        )
        raise ctx.fail(str(error)) from error
