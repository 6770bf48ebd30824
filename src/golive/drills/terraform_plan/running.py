"""The run that made the plan, recorded as a code host would: steps, times, ends and digests."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from golive.drills.terraform_plan.params import Ctx
from golive.evidence.artefact import Artefact
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import rfc3339
from golive.ports.plan import PlanStep

_NAME = "Terraform Deployments"
_STEPS = {
    "version": "Which tool",
    "init": "Initialise",
    "workspace": "Select the workspace",
    "plan": "Plan",
    "show": "Read the plan",
}


def record(
    ctx: Ctx,
    steps: Sequence[PlanStep],
    *,
    tool: str,
    configuration: str,
    left: Sequence[Artefact] = (),
    failure: str = "",
) -> JsonObject:
    """Names are those of GitHub's `workflow run` and `job` objects, as far as there is a thing
    behind them. Nothing was dispatched anywhere, and `recorded_by` says so."""
    started, ended = steps[0].started, steps[-1].ended
    conclusion = "failure" if failure else "success"
    span: JsonObject = {"started_at": rfc3339(started), "completed_at": rfc3339(ended)}
    workspace = ctx.params.workspace
    job: JsonObject = {
        "name": f"plan ({workspace})",
        "status": "completed",
        "conclusion": conclusion,
        **span,
        "steps": [_step(number, one) for number, one in enumerate(steps, start=1)],
    }
    return {
        "name": _NAME,
        "display_title": f"{_NAME}: {workspace}",
        "run_number": ctx.attempt,
        "reference": ctx.params.reference or None,
        "event": "rehearsal",
        "status": "completed",
        "conclusion": conclusion,
        "run_started_at": rfc3339(started),
        "updated_at": rfc3339(ended),
        "recorded_by": "Golive, which ran these steps itself; no code host took part",
        "rehearsal": ctx.rehearsal.id,
        "failure": failure or None,
        "versions": {
            "tool": tool or None,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "configuration": {"digest": f"sha256:{configuration}"} if configuration else None,
        "jobs": [job],
        "artifacts": [
            {
                "name": one.path,
                "digest": f"sha256:{one.sha256}",
                "size_in_bytes": one.size,
            }
            for one in left
        ],
    }


def _step(number: int, step: PlanStep) -> Json:
    words = [word for word in step.command[1:] if not word.startswith("-")]
    return {
        "number": number,
        "name": _STEPS.get(words[0] if words else "", " ".join(words[:2])),
        "status": "completed",
        "conclusion": "success" if step.exit_code == 0 else "failure",
        "started_at": rfc3339(step.started),
        "completed_at": rfc3339(step.ended),
        "command": list(step.command),
        "exit_code": step.exit_code,
        "output_digest": f"sha256:{step.output_sha256}",
    }
