"""Smoke: the team's own test pack against the target, recounted from the JUnit it writes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from golive.drillkit.command_output import ending, last_lines, output
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.durations import Duration
from golive.drillkit.expand import expand
from golive.drillkit.junit import Report
from golive.drillkit.junit_checks import ReportFile, judge_report, read_report
from golive.drillkit.junit_page import Heading, page
from golive.drillkit.redact import Redactor
from golive.drillkit.sides import way_in
from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.ports.commands import CommandResult

_NODE = frozenset({"npm", "npx", "pnpm", "yarn"})
_WORDS = 60
"""Lines of a command's output that a person is shown."""


class SmokeParams(Params):
    command: tuple[str, ...] = Field((), description="the pack; the target's own by default")
    directory: str | None = Field(
        None, description="where it runs, relative to the playbook; the target's by default"
    )
    junit: str | None = Field(
        None,
        description="the report it writes, relative to directory; $GOLIVE_JUNIT by default",
    )
    through: str = Field(
        "production", description="production, validation, incoming, old, or a side's name"
    )
    role: str = Field("user", description="whose rehearsal account the pack signs in with")
    timeout: Duration = Field(120.0, description="when it is ended, e.g. 2m")


Ctx = Context[SmokeParams]


class Smoke(Drill[SmokeParams]):
    name = "smoke"
    summary = "The team's test pack passes against the target: recounted, none missing."
    params = SmokeParams
    fits = ("smoke", "vitest", "test suite", "test pack", "npm test")
    outputs = (
        Output("report", "{item}/smoke-report.html", "text/html"),
        Output("junit", "{item}/smoke-junit.xml", "application/xml"),
        Output("log", "{item}/smoke-log.txt", "text/plain"),
    )
    measures = (
        Measure("tests", "tests", "test cases that ran"),
        Measure("failed", "tests", "test cases that failed or broke"),
        Measure("skipped", "tests", "test cases that were skipped"),
        Measure("exit_code", "", "what the command ended with"),
    )
    runs_code = True

    def steps(self, params: SmokeParams) -> Sequence[Step[SmokeParams]]:  # noqa: ARG002
        return (Step("run", _run),)


@dataclass(frozen=True)
class _Pack:
    """A command to try, and how it is spoken of."""

    argv: Sequence[str]
    folder: Path
    name: str

    def lacks(self) -> str:
        """Why it can't run here, as far as that shows beforehand; "" where nothing speaks against
        it. Without its packages, `npm test` would fail as if the target were at fault."""
        node = Path(self.argv[0]).name in _NODE and (self.folder / "package.json").is_file()
        if node and not (self.folder / "node_modules").is_dir():
            return f"its packages are not installed: run npm ci in {self.folder.name}"
        return ""


def _run(ctx: Ctx) -> Json:
    secrets = _account(ctx)
    tidy = Redactor([secrets["GOLIVE_PASSWORD"]] if "GOLIVE_PASSWORD" in secrets else [])
    own = ctx.work / "smoke-junit.xml"
    own.unlink(missing_ok=True)
    env = {**_surroundings(ctx), **secrets, "GOLIVE_JUNIT": str(own.absolute())}
    pack, reports, result, notes = _first_that_starts(ctx, env, own)
    fidelity = ctx.target.commands.fidelity
    words = tidy.text(output(result))
    ctx.save("log", _log(pack, notes, result, words), fidelity=fidelity)
    ctx.pause(0)  # called off while it ran: its result says nothing
    found = _report(reports, result)
    written = None if found is None else tidy.bytes(found)
    if written is not None:
        ctx.save("junit", written, fidelity=fidelity)
    report, problem = read_report(written)
    heading = _heading(ctx, pack, notes, result)
    ctx.save("report", page(heading, report, last_lines(words, _WORDS)), fidelity=fidelity)
    _judge(ctx, pack, result, report, problem, words)
    return {"pack": pack.name, "tests": report.executed, "failed": len(report.failed)}


# -- which pack -----------------------------------------------------------------------------------


def _packs(ctx: Ctx) -> Sequence[_Pack]:
    params, config = ctx.params, ctx.target.config
    folder = config.smoke_directory or ctx.playbook_folder
    if params.directory is not None:
        folder = ctx.playbook_folder / expand(params.directory, ctx)
    packs = []
    if params.command:
        argv = [expand(word, ctx) for word in params.command]
        packs.append(_Pack(argv, folder, "the playbook's pack"))
    elif config.smoke:
        packs.append(_Pack(config.smoke, folder, "the target's pack"))
    if config.smoke_fallback:
        folder = config.smoke_directory or ctx.playbook_folder
        packs.append(_Pack(config.smoke_fallback, folder, "the target's fallback pack"))
    if not packs:
        raise NotConfigured(
            f"neither the playbook nor the target {ctx.target.name!r} names a smoke pack",
            hint="add `command` to the block, or `smoke` to the target file",
        )
    return packs


def _first_that_starts(
    ctx: Ctx, env: Mapping[str, str], own: Path
) -> tuple[_Pack, Sequence[ReportFile], CommandResult, Sequence[str]]:
    """The pack that ran, where it may have left its report, its result, and why others didn't."""
    notes: list[str] = []
    packs = _packs(ctx)
    for pack in packs:
        last = pack is packs[-1]
        lack = pack.lacks()
        if lack and not last:
            notes.append(f"not run: {pack.name} ({shlex.join(pack.argv)}): {lack}")
            continue
        ctx.progress(f"running {shlex.join(pack.argv)}")
        named = [pack.folder / ctx.params.junit] if ctx.params.junit else []
        reports = [ReportFile(file) for file in (*named, own)]
        try:
            result = ctx.target.commands.run(
                pack.argv,
                cwd=pack.folder,
                env=env,
                timeout=ctx.params.timeout,
                cancelled=ctx.stop.is_set,
            )
        except PortError as error:
            if last:
                raise
            notes.append(f"not run: {pack.name} ({shlex.join(pack.argv)}): {error.what}")
            continue
        return pack, reports, result, notes
    raise ctx.fail("no smoke pack could be started")


# -- what it is given -----------------------------------------------------------------------------


def _surroundings(ctx: Ctx) -> Mapping[str, str]:
    """Where the target is. A target without that way in leaves it to the pack to know."""
    config = ctx.target.config
    env = {"CI": "1", "NO_COLOR": "1", "GOLIVE_PREFIX": config.prefix}
    try:
        env["GOLIVE_TARGET_URL"] = way_in(ctx.target, ctx.params.through).url
    except NotConfigured:
        if not ctx.params.command:
            raise
    if config.listeners is not None and config.listeners.ca is not None:
        authority = str(config.listeners.ca.absolute())
        env |= {"GOLIVE_CA": authority, "NODE_EXTRA_CA_CERTS": authority}
    return env


def _account(ctx: Ctx) -> Mapping[str, str]:
    account = ctx.target.config.accounts.get(ctx.params.role)
    if account is None:
        return {}
    password = account.password.read(f"the password of the rehearsal account {ctx.params.role!r}")
    return {"GOLIVE_EMAIL": account.email, "GOLIVE_PASSWORD": password}


# -- what it left ---------------------------------------------------------------------------------


def _report(reports: Sequence[ReportFile], result: CommandResult) -> bytes | None:
    """The first file that this run wrote; else its output, where that is XML and nothing else."""
    for one in reports:
        if (data := one.bytes()) is not None:
            return data
    said = result.stdout.strip()
    return said if said.startswith((b"<?xml", b"<testsuite")) else None


def _judge(
    ctx: Ctx, pack: _Pack, result: CommandResult, report: Report, problem: str, words: str
) -> None:
    said = last_lines(words, 12)
    in_time = result.exit_code is not None
    claim = f"{pack.name} ended within {ctx.params.timeout:g} s"
    ctx.holds("in_time", claim, in_time, detail="" if in_time else said)
    detail = "" if result.exit_code == 0 else said
    ctx.equals("exit_code", "the command ended with success", 0, result.exit_code, detail=detail)
    judge_report(ctx, report, problem, said)


def _heading(ctx: Ctx, pack: _Pack, notes: Sequence[str], result: CommandResult) -> Heading:
    return Heading(
        title=f"Smoke tests, release {ctx.rehearsal.release}",
        pack="; ".join([f"ran: {pack.name}", *notes]),
        command=shlex.join(result.argv),
        target=f"target {ctx.target.name}, through {ctx.params.through}",
        ended=rfc3339(ctx.clock.now()),
        fidelity=ctx.target.commands.fidelity.value,
        exit_code=result.exit_code,
        seconds=result.seconds,
    )


def _log(pack: _Pack, notes: Sequence[str], result: CommandResult, words: str) -> str:
    head = [f"ran: {pack.name}", *notes, f"$ {shlex.join(result.argv)}"]
    return "\n".join([*head, words, ending(result)]) + "\n"
