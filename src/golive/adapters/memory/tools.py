"""Plans, commands and plain HTTP in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from golive.adapters.memory.world import Side, World
from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json, JsonObject
from golive.ports.commands import CancelCheck, CommandResult
from golive.ports.http import HttpAnswer
from golive.ports.plan import PlanRun, PlanStep

Program = Callable[[Sequence[str], Path, Mapping[str, str]], tuple[int, bytes, bytes]]
"""(argv, cwd, env) to (exit code, stdout, stderr)."""

_JUNIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="0" errors="0">
  <testsuite name="smoke" tests="3" failures="0" errors="0" skipped="0" time="0.03">
    <testcase classname="smoke" name="home answers" time="0.01"/>
    <testcase classname="smoke" name="login works" time="0.01"/>
    <testcase classname="smoke" name="timeline loads" time="0.01"/>
  </testsuite>
</testsuites>
"""


def smoke_pack(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],  # noqa: ARG001  (a `Program`)
) -> tuple[int, bytes, bytes]:
    """The memory stage's own smoke pack: three passing cases as JUnit, in the file that `--junit`
    names (relative to `cwd`), else on its output."""
    if "--junit" in argv:
        (cwd / argv[list(argv).index("--junit") + 1]).write_bytes(_JUNIT)
        return 0, b"3 passed\n", b""
    return 0, _JUNIT, b""


class MemoryCommands:
    """`golive.ports.commands.Commands` over Python functions, by the name of the program."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, programs: Mapping[str, Program]) -> None:
        self._world = world
        self.programs: dict[str, Program] = dict(programs)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,  # noqa: ARG002  (time stands still here)
        cancelled: CancelCheck | None = None,  # noqa: ARG002
    ) -> CommandResult:
        self._world.call("commands.run")
        program = self.programs.get(argv[0])
        if program is None:
            raise PortError(
                f"no program {argv[0]!r}",
                where="memory commands",
                hint=f"there are: {', '.join(sorted(self.programs)) or 'none'}",
            )
        code, out, err = program(argv, cwd, env)
        self._world.changed("commands.run", "command-run", argv[0], " ".join(argv[1:]))
        return CommandResult(tuple(argv), code, out, err, 0.01)


class MemoryHttp:
    """`golive.ports.http.Http`: the public routes of the two sides under their URLs, and whatever
    a test puts into `routes` by (method, URL)."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, hosts: Mapping[str, Callable[[], Side]]) -> None:
        self._world, self._hosts = world, hosts
        self.routes: dict[tuple[str, str], HttpAnswer] = {}

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],  # noqa: ARG002  (nothing here needs them)
        body: bytes | None,  # noqa: ARG002
        timeout: float,  # noqa: ARG002
        limit: int = 10_000_000,
    ) -> HttpAnswer:
        self._world.call("http.request")
        if method not in ("GET", "HEAD"):
            self._world.changed("http.request", "http-request", url, method)
        if (method, url) in self.routes:
            return self.routes[method, url]
        for host, pick in self._hosts.items():
            if url == host or url.startswith(host + "/"):
                return self._answer(pick(), url.removeprefix(host) or "/", limit)
        raise Unreachable(f"nothing listens at {url}", where=f"{method} {url}")

    def _answer(self, side: Side, path: str, limit: int) -> HttpAnswer:
        names = {"x-fixnado-instance": side.name, "x-fixnado-version": side.version}
        names["content-type"] = "application/json"
        document: JsonObject = {
            "service": "fixnado",
            "version": side.version,
            "instance": side.name,
        }
        if path == "/":
            status, seconds = self._world.answer(side)
            if status == 0:
                raise Unreachable(f"{side.name} doesn't answer", where=path)
            return HttpAnswer(status, names, json.dumps(document).encode()[:limit], seconds)
        if path == "/healthz":
            document = {"status": "ok", **document, "schema": side.schema}
            return HttpAnswer(200, names, json.dumps(document).encode()[:limit], 0.002)
        return HttpAnswer(404, names, b'{"title":"Not Found","status":404}'[:limit], 0.002)


class MemoryPlanner:
    """`golive.ports.plan.Planner`. A workspace is what `resources` says; what was applied last is
    what is there, unless a test changes `actual` behind its back: that is drift."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, world: World, resources: Mapping[str, JsonObject]) -> None:
        self._world = world
        self.resources: dict[str, JsonObject] = dict(resources)
        self.applied: dict[str, dict[str, JsonObject]] = {}
        self.actual: dict[str, dict[str, JsonObject]] = {}

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:  # noqa: ARG002
        self._world.call("planner.plan")
        applied = self.applied.get(workspace, {})
        actual = self.actual.get(workspace, {})
        changes = [_change(name, actual.get(name), want) for name, want in self.resources.items()]
        drift: list[Json] = [
            _change(name, was, actual.get(name))
            for name, was in applied.items()
            if actual.get(name) != was
        ]
        values: dict[str, Json] = {name: {"value": value} for name, value in variables.items()}
        document: dict[str, Json] = {
            "format_version": "1.2",
            "terraform_version": "1.11.0",
            "variables": values,
            "resource_changes": changes,
        }
        if drift:
            document["resource_drift"] = drift
        command = ["memory", "plan", workspace]
        log, now = f"planned {len(changes)} resources\n", self._world.clock.now()
        step = PlanStep(command, now, now, 0, sha256_hex(log.encode()))
        return PlanRun(document, "memory planner", [command], log, steps=[step])

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:  # noqa: ARG002
        self._world.call("planner.apply")
        self.applied[workspace] = dict(self.resources)
        self.actual[workspace] = dict(self.resources)
        self._world.changed("planner.apply", "plan-applied", workspace)


def _change(name: str, before: JsonObject | None, after: JsonObject | None) -> JsonObject:
    if before == after:
        actions = ["no-op"]
    else:
        actions = ["create" if before is None else "delete" if after is None else "update"]
    kind, _, label = name.partition(".")
    return {
        "address": name,
        "mode": "managed",
        "type": kind,
        "name": label,
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": {},
            "before_sensitive": {},
            "after_sensitive": {},
        },
    }
