"""The target's own smoke pack against the validation listener, while the deployment waits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from golive.drillkit.command_output import last_lines, output
from golive.drillkit.junit_checks import judge_report, read_report
from golive.drillkit.redact import Redactor
from golive.drills.blue_green import state
from golive.drills.blue_green.params import Ctx, incoming, shown
from golive.kernel.errors import PortError
from golive.ports.commands import CommandResult

_LIMIT = 120.0
_NODE = ("npm", "npx", "pnpm", "yarn")


def smoke(ctx: Ctx) -> None:
    """StepFailed where a test fails, none runs, or the pack can't be started."""
    own = ctx.work / "hook-smoke-junit.xml"
    own.unlink(missing_ok=True)
    account = _account(ctx)
    tidy = Redactor([account["GOLIVE_PASSWORD"]] if account else [])
    result = _first_that_starts(
        ctx, {**_surroundings(ctx), **account, "GOLIVE_JUNIT": str(own.absolute())}
    )
    written = own.read_bytes() if own.exists() else _said(result)
    if written is not None:
        ctx.save("smoke", tidy.bytes(written), fidelity=ctx.target.commands.fidelity)
    report, problem = read_report(written)
    judge_report(ctx, report, problem, last_lines(tidy.text(output(result)), 12))
    if problem or report.failed or not report.executed or result.exit_code != 0:
        raise ctx.fail(f"the smoke pack does not pass on {shown(ctx, incoming(ctx))}")


def _first_that_starts(ctx: Ctx, env: Mapping[str, str]) -> CommandResult:
    config = ctx.target.config
    folder = config.smoke_directory or ctx.playbook_folder
    why = "the target names no smoke pack"
    for argv in (config.smoke, config.smoke_fallback):
        if not argv or _lacks_packages(argv[0], folder):
            continue
        try:
            return ctx.target.commands.run(
                argv, cwd=folder, env=env, timeout=_LIMIT, cancelled=ctx.stop.is_set
            )
        except PortError as error:
            why = str(error)
    raise ctx.fail(why)


def _lacks_packages(program: str, folder: Path) -> bool:
    node = Path(program).name in _NODE and (folder / "package.json").is_file()
    return node and not (folder / "node_modules").is_dir()


def _surroundings(ctx: Ctx) -> Mapping[str, str]:
    config = ctx.target.config
    env = {"CI": "1", "NO_COLOR": "1", "GOLIVE_PREFIX": config.prefix}
    env["GOLIVE_TARGET_URL"] = state.validation(ctx).url
    if config.listeners is not None and config.listeners.ca is not None:
        authority = str(config.listeners.ca.absolute())
        env |= {"GOLIVE_CA": authority, "NODE_EXTRA_CA_CERTS": authority}
    return env


def _account(ctx: Ctx) -> Mapping[str, str]:
    account = ctx.target.config.accounts.get("user")
    if account is None:
        return {}
    password = account.password.read("the password of the rehearsal account 'user'")
    return {"GOLIVE_EMAIL": account.email, "GOLIVE_PASSWORD": password}


def _said(result: CommandResult) -> bytes | None:
    """Its output, where that is a report and nothing else."""
    said = result.stdout.strip()
    return said if said.startswith((b"<?xml", b"<testsuite")) else None
