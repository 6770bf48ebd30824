"""`golive stage up|down|status`: the embedded target by itself, to look at and to play with."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.cli.options import DEFAULT_STATE, State

if TYPE_CHECKING:
    from golive.stage import Stage, StageStatus

app = typer.Typer(
    no_args_is_help=True,
    help="The embedded target alone: two marketplaces behind a proxy.",
)

Fault = Annotated[
    str | None,
    typer.Option(help="Spoil it: incoming-5xx, ledger-unbalanced, … docs/stage.md lists them all."),
]
Minute = Annotated[
    float | None,
    typer.Option(min=0.0, help="Seconds that stand for one of AWS's minutes; 0.3 in a new stage."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]

_ORDER = ("production", "validation", "green", "blue", "codedeploy", "admin", "helpdesk")
_MEANINGS = {
    "production": "what customers reach; traffic is shared out here",
    "validation": "the incoming side alone",
    "green": "the old side, directly",
    "blue": "the incoming side, directly",
    "codedeploy": "deployments, in AWS CodeDeploy's own protocol",
    "admin": "the proxy's own admin API, a Unix socket",
    "helpdesk": "the help desk, in Chatwoot's own protocol (simulated)",
}


@app.command()
def up(
    state: State = DEFAULT_STATE,
    fault: Fault = None,
    minute: Minute = None,
    as_json: AsJson = False,
) -> None:
    """Bring it up and leave it up; print every address."""
    _show(_stage(state, fault, minute).up(attached=False), as_json)


@app.command()
def down(state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """Traffic back to the old side, then every process ended. Its data stay."""
    stage = _stage(state)
    was_up = stage.status() is not None
    stage.down()
    if as_json:
        print(json.dumps({"up": False, "was_up": was_up}))
    else:
        print("The stage is down." if was_up else "No stage was up.")


@app.command()
def status(state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """Print every address of the stage that is up. Ends with 1 where none is."""
    found = _stage(state).status()
    if found is None:
        print(json.dumps({"up": False}) if as_json else "No stage is up: `golive stage up`.")
        raise typer.Exit(1)
    _show(found, as_json)


def _stage(state: Path, fault: str | None = None, minute: float | None = None) -> Stage:
    from golive import bootstrap

    return bootstrap.embedded_stage(state / "stage", fault, minute)


def _show(found: StageStatus, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_object(found), indent=2))
        return
    print(f"The stage is up ({found.seconds:.1f} s), in {found.folder}")
    for name in _ORDER:
        print(f"  {name:<11} {found.urls[name]:<26} {_MEANINGS[name]}")
    print(f"  {'authority':<11} {found.authority}")
    print(f"  {'passwords':<11} {found.folder / 'secrets'}")
    if found.fault:
        print(f"  {'fault':<11} {found.fault}")
    for name, code in found.down.items():
        print(f"  {name} ended with status {code}; its log is {found.folder / 'logs'}")
    print("\nFor the aws command line, with this stage's own key:")
    print("  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN")
    for name, value in found.environment.items():
        print(f"  export {name}={shlex.quote(value)}")
    print(f"  aws deploy get-deployment-group {_group(found)}")


def _group(found: StageStatus) -> str:
    deployer = found.config.deployer
    assert deployer is not None
    return f"--application-name {deployer.application} --deployment-group-name {deployer.group}"


def _object(found: StageStatus) -> dict[str, object]:
    return {
        "up": True,
        "folder": str(found.folder),
        "urls": dict(found.urls),
        "authority": str(found.authority),
        "environment": dict(found.environment),
        "attached": found.attached,
        "fault": found.fault,
        "minute_seconds": found.minute,
        "start_seconds": found.seconds,
        "warden": found.warden,
        "processes": dict(found.processes),
        "down": dict(found.down),
    }
