"""Command: whatever a team already has, run and judged."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from golive.drillkit.command_output import ending, last_lines, output
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.durations import Duration
from golive.drillkit.expand import expand
from golive.drillkit.json_checks import Demands, Place, extract, judge_json
from golive.drillkit.junit_checks import ReportFile, judge_report, read_report
from golive.drillkit.redact import Redactor
from golive.drillkit.secret_params import Secret, resolved
from golive.kernel.json import Json
from golive.ports.commands import CommandResult


class CommandParams(Params):
    run: tuple[str, ...] = Field(min_length=1, description="program and arguments; no shell")
    directory: str = Field("", description="relative to the playbook, whose folder is the default")
    env: Mapping[str, str | Secret] = Field(
        default_factory=dict, description="added to a minimal environment"
    )
    timeout: Duration = Field(60.0, description="when it is ended, e.g. 2m")
    exit_code: int = Field(0, description="what it must end with")
    extract: Mapping[str, Place] = Field(
        default_factory=dict,
        description="values by name: a JSON Pointer or a regular expression into standard output",
    )
    expect_json: Demands = Field(
        default_factory=dict, description="what standard output, as JSON, must hold"
    )
    junit: str | None = Field(None, description="the test report it writes, if any")


Ctx = Context[CommandParams]


class Command(Drill[CommandParams]):
    name = "command"
    summary = "A command of the team's own ends as it must, and its output says what it should."
    params = CommandParams
    outputs = (
        Output("stdout", "{item}/command-stdout.txt", "text/plain"),
        Output("stderr", "{item}/command-stderr.txt", "text/plain"),
        Output("result", "{item}/command-result.json", "application/json"),
        Output("junit", "{item}/command-junit.xml", "application/xml"),
    )
    measures = (
        Measure("exit_code", "", "what the command ended with"),
        Measure("seconds", "s", "how long it took"),
        Measure("tests", "tests", "test cases that ran, where it writes a report"),
        Measure("failed", "tests", "test cases that failed or broke"),
        Measure("skipped", "tests", "test cases that were skipped"),
    )
    runs_code = True

    def steps(self, params: CommandParams) -> Sequence[Step[CommandParams]]:  # noqa: ARG002
        return (Step("run", _run),)


def _run(ctx: Ctx) -> Json:
    params = ctx.params
    env, tidy = resolved(ctx, params.env)
    folder = ctx.playbook_folder / expand(params.directory, ctx)
    argv = [expand(word, ctx) for word in params.run]
    report = ReportFile(folder / expand(params.junit, ctx)) if params.junit else None
    result = ctx.target.commands.run(
        argv,
        cwd=folder,
        # The same at every attempt: a command that creates something can look for it first.
        env={"GOLIVE_IDEMPOTENCY_KEY": ctx.key("command"), **env},
        timeout=params.timeout,
        cancelled=ctx.stop.is_set,
    )
    _keep(ctx, result, tidy)
    ctx.pause(0)  # called off while it ran: its result says nothing
    _judge_ending(ctx, result, tidy)
    text = tidy.text(result.stdout.decode("utf-8", "replace"))
    judge_json(ctx, text, params.expect_json)
    if report is not None:
        _judge_report(ctx, report, result, tidy)
    return {"exit_code": result.exit_code, "extracted": extract(ctx, text, params.extract)}


def _keep(ctx: Ctx, result: CommandResult, tidy: Redactor) -> None:
    fidelity = ctx.target.commands.fidelity
    ctx.save("stdout", tidy.bytes(result.stdout), fidelity=fidelity)
    if result.stderr:
        ctx.save("stderr", tidy.bytes(result.stderr), fidelity=fidelity)
    document: dict[str, Any] = {
        "command": [tidy.text(word) for word in result.argv],
        "exitCode": result.exit_code,
        "timedOut": result.exit_code is None,
        "seconds": round(result.seconds, 3),
    }
    ctx.save_json("result", document, fidelity=fidelity)


def _judge_ending(ctx: Ctx, result: CommandResult, tidy: Redactor) -> None:
    expected, limit = ctx.params.exit_code, ctx.params.timeout
    said = last_lines(tidy.text(output(result)), 12)
    shown = tidy.text(shlex.join(result.argv))
    ctx.holds(
        "in_time", f"`{shown}` ended by itself", result.exit_code is not None, detail=ending(result)
    )
    ctx.equals(
        "exit_code",
        f"`{shown}` ended with {expected}",
        expected,
        result.exit_code,
        detail="" if result.exit_code == expected else said,
    )
    took = round(result.seconds, 3)
    ctx.at_most("seconds", "it took no longer than it may", limit, took, unit="s")


def _judge_report(ctx: Ctx, file: ReportFile, result: CommandResult, tidy: Redactor) -> None:
    written = file.bytes()
    if written is not None:
        written = tidy.bytes(written)
        ctx.save("junit", written, fidelity=ctx.target.commands.fidelity)
    report, problem = read_report(written)
    judge_report(ctx, report, problem, last_lines(tidy.text(output(result)), 12))
