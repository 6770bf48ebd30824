"""Waiting for the run, then keeping what it says and judging it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.drillkit.attempts import attempted, told
from golive.drills.workflow.params import Ctx, host, run_id
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.json import Json
from golive.ports.code_host import Job, Review, RunArtifact, WorkflowRun

_EPOCH = (1980, 1, 1, 0, 0, 0)


def follow(ctx: Ctx) -> Json:
    """Look until it is over, telling people whose approval it waits for."""
    code_host, identifier = host(ctx), run_id(ctx)
    until = ctx.clock.now().timestamp() + ctx.params.minutes * 60
    waited: Sequence[str] = ()
    while True:
        run = _look(ctx, until)
        if run.status == "waiting" and (now := code_host.waiting(identifier)) != waited:
            waited = now
            ctx.log(f"run {run.number} waits for the approval of {', '.join(waited)}")
        ctx.progress(f"run {run.number} is {run.status}", number=run.number, status=run.status)
        if run.over or ctx.clock.now().timestamp() >= until:
            return run.status
        ctx.pause(ctx.params.poll_seconds)


def _look(ctx: Ctx, until: float) -> WorkflowRun:
    """A host that doesn't answer for a moment says nothing of a run that takes half an hour."""
    while True:
        try:
            return host(ctx).run(run_id(ctx))
        except Unreachable as error:
            if ctx.clock.now().timestamp() >= until:
                raise
            ctx.log(f"the code host can't be asked: {error.what}")
            ctx.pause(ctx.params.poll_seconds)


@dataclass
class _Artifacts:
    """What was fetched, and what is wrong with what wasn't."""

    kept: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def collect(ctx: Ctx) -> Json:
    """Record, logs and artifacts; then the checks."""
    code_host, identifier = host(ctx), run_id(ctx)
    run, jobs = code_host.run(identifier), code_host.jobs(identifier)
    reviews, listed = code_host.reviews(identifier), code_host.artifacts(identifier)
    ctx.save_json("run", _record(ctx, run, jobs, reviews, listed), fidelity=code_host.fidelity)
    logs = attempted(
        ctx, "logs-kept", "the run's logs are kept", lambda: code_host.logs(identifier)
    )
    if logs is not None:
        ctx.save("logs", logs, fidelity=code_host.fidelity)
    artifacts = _fetch(ctx, listed)
    if artifacts.kept:
        ctx.save("artifacts", _zipped(artifacts.kept), fidelity=code_host.fidelity)
    _judge(ctx, run, jobs, artifacts)
    _judge_reviews(ctx, run, reviews)
    return {"number": run.number, "conclusion": run.conclusion, "url": run.url}


def _record(
    ctx: Ctx,
    run: WorkflowRun,
    jobs: Sequence[Job],
    reviews: Sequence[Review],
    artifacts: Sequence[RunArtifact],
) -> dict[str, Json]:
    return {
        "repository": host(ctx).url,
        "workflow": ctx.params.workflow,
        "ref": ctx.params.ref,
        "inputs": dict(ctx.params.inputs),
        "run": run.raw,
        "jobs": [one.raw for one in jobs],
        "reviews": [
            {
                "person": one.person,
                "approved": one.approved,
                "environments": list(one.environments),
                "comment": one.comment,
            }
            for one in reviews
        ],
        "artifacts": [
            {"name": one.name, "bytes": one.size, "digest": one.digest, "expired": one.expired}
            for one in artifacts
        ],
    }


def _fetch(ctx: Ctx, listed: Sequence[RunArtifact]) -> _Artifacts:
    """Each that was asked for, its bytes held against the digest that the host keeps."""
    found = _Artifacts()
    by_name = {one.name: one for one in listed}
    for name in ctx.params.artifacts:
        one = by_name.get(name)
        if one is None:
            found.wrong.append(f"{name} is not there")
            continue
        try:
            content = host(ctx).artifact(one)
        except PortError as error:
            found.wrong.append(f"{name}: {told(error)}")
            continue
        found.kept[name] = content
        measured = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if not one.digest:
            found.wrong.append(f"{name} has no digest to hold it against")
        elif measured != one.digest.lower():
            found.wrong.append(f"{name} is not what was uploaded: {measured}, not {one.digest}")
    return found


def _zipped(kept: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same artifacts: stored as they came, without times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in kept.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.zip", _EPOCH), content)
    return out.getvalue()


def _judge(ctx: Ctx, run: WorkflowRun, jobs: Sequence[Job], artifacts: _Artifacts) -> None:
    ctx.equals(
        "conclusion",
        f"run {run.number} of {ctx.params.workflow} succeeded",
        "success",
        run.conclusion if run.over else None,
        detail=run.url if run.over else f"it was still {run.status} when its time was up",
    )
    failed = [one.name for one in jobs if one.conclusion not in ("success", "skipped", "neutral")]
    ctx.at_most(
        "jobs_failed",
        "every job of it succeeded or was not needed",
        0,
        len(failed) if jobs else None,
        unit="jobs",
        detail=", ".join(failed),
    )
    if ctx.params.artifacts:
        ctx.at_most(
            "artifact_failures",
            "what it left behind is there, and is what was uploaded",
            0,
            len(artifacts.wrong),
            unit="artifacts",
            detail="; ".join(artifacts.wrong),
        )


def _judge_reviews(ctx: Ctx, run: WorkflowRun, reviews: Sequence[Review]) -> None:
    refused = [one.person for one in reviews if not one.approved]
    ctx.holds("not-refused", "nobody refused it", not refused, detail=", ".join(refused))
    if ctx.params.reviewers:
        # one approval suffices there: that they are several persons is checked here
        persons = sorted({one.person for one in reviews if one.approved} - {run.actor})
        ctx.at_least(
            "reviewers",
            "so many persons approved it, not counting who started it",
            ctx.params.reviewers,
            len(persons),
            unit="persons",
            detail=", ".join(persons) or "nobody",
        )
