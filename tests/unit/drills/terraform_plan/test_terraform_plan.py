"""The terraform-plan drill over plans of every kind. The documents have the shape that Terraform's
"JSON Output Format" gives them; the real tool makes its own in tests/integration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.memory import MemoryTarget
from golive.adapters.plan_file import PlanFile
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.terraform_plan import TerraformPlan
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Limit
from golive.ports.plan import PlanRun

SECRET = "s3cr3t-value"


def change(actions: list[str], before: Any, after: Any, address: str = "a.b", **more: Any) -> Any:
    told = {"actions": actions, "before": before, "after": after, **more}
    return {"address": address, "change": told}


SAME = change(["no-op"], {"size": 1}, {"size": 1}, "terraform_data.same")


def document(**more: Any) -> dict[str, Any]:
    known = {"format_version": "1.2", "planned_values": {}, "resource_changes": [SAME]}
    return known | {"complete": True, "errored": False} | more


class Planned:
    """A planner whose plan a test wrote."""

    fidelity = Fidelity.SIMULATED

    def __init__(self, found: Mapping[str, Any], log: str = "planned") -> None:
        self.found, self.log, self.applied = found, log, 0
        self.variables: Mapping[str, str] = {}

    def plan(self, workspace: str, variables: Mapping[str, str], work: Path) -> PlanRun:
        self.variables = variables
        return PlanRun(self.found, "terraform 1.11.4", [["terraform", "plan"]], self.log)

    def apply(self, workspace: str, variables: Mapping[str, str], work: Path) -> None:
        self.applied += 1


def review(
    found: Mapping[str, Any],
    work: Path,
    *,
    kind: str = "remote",
    expect: Mapping[str, Limit] | None = None,
    log: str = "planned",
    **params: Any,
) -> DrillRun:
    memory = MemoryTarget()
    config = memory.config().model_copy(update={"kind": kind, "variables": {"size": "4"}})
    target = replace(memory.build(config), planner=Planned(found, log))
    return run_drill(
        TerraformPlan(), {"workspace": "staging-blue", **params}, target, work, expect=expect
    )


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def diff(run: DrillRun) -> Any:
    return json.loads(run.files["section/1/plan-diff.json"])


def test_nothing_to_do_passes(tmp_path: Path) -> None:
    run = review(document(), tmp_path)
    assert run.record.outcome is Outcome.PASSED
    assert diff(run)["resourceChanges"] == []
    assert run.check("drift").measured == 0


def test_drift_is_read_from_the_json(tmp_path: Path) -> None:
    drifted = change(["update"], {"size": 1}, {"size": 2}, "aws_lb.one")
    run = review(document(resource_drift=[drifted, SAME]), tmp_path)
    assert failed(run) == {"drift"}
    assert run.check("drift").measured == 1
    assert run.check("drift").detail == "aws_lb.one (update)"
    assert "aws_lb.one" in run.files["section/1/plan-summary.txt"].decode()


def test_a_refresh_only_plan_has_no_resource_changes(tmp_path: Path) -> None:
    found = document(resource_drift=[change(["delete"], {"size": 1}, None)])
    del found["resource_changes"]
    assert review(found, tmp_path).check("drift").measured == 1


def test_without_a_state_drift_is_not_measured(tmp_path: Path) -> None:
    """A pass would be vacuous: there was nothing that could have drifted."""
    found = document(resource_changes=[change(["create"], None, {"size": 1})])
    run = review(found, tmp_path)
    assert run.check("drift").verdict is CheckVerdict.INCONCLUSIVE
    assert run.record.outcome is Outcome.FAILED
    assert diff(run)["stateFound"] is False


@pytest.mark.parametrize(
    ("actions", "broken"),
    [
        (["delete"], {"destroys"}),
        (["forget"], {"destroys"}),
        (["delete", "create"], {"replacements"}),
        (["create", "delete"], {"replacements"}),
        (["update"], set()),
        (["create"], set()),
    ],
)
def test_what_is_destroyed(tmp_path: Path, actions: list[str], broken: set[str]) -> None:
    found = document(resource_changes=[SAME, change(actions, {"a": 1}, {"a": 2}, "aws_db.main")])
    assert failed(review(found, tmp_path)) == broken
    assert failed(review(found, tmp_path, refuse_destroy=False)) == set()


def test_changes_are_limited_where_the_playbook_says_so(tmp_path: Path) -> None:
    found = document(
        resource_changes=[SAME, change(["update"], {"a": 1}, {"a": 2})],
        output_changes={"size": {"actions": ["update"], "before": 1, "after": 2}},
    )
    assert failed(review(found, tmp_path)) == set(), "an output that changes exits 2, and is fine"
    strict = {"changes": Limit(at_most=0), "output_changes": Limit(at_most=0)}
    assert failed(review(found, tmp_path, expect=strict)) == {"changes", "output_changes"}


@pytest.mark.parametrize("status", ["fail", "error", "unknown"])
def test_a_check_that_does_not_hold(tmp_path: Path, status: str) -> None:
    """A failed check block exits 0."""
    told = {
        "address": {"to_display": "check.ports"},
        "status": status,
        "instances": [{"problems": [{"message": "the ports are the same"}]}],
    }
    passed = {"address": {"to_display": "check.other"}, "status": "pass"}
    run = review(document(checks=[told, passed]), tmp_path)
    assert failed(run) == {"failed_checks"}
    assert "the ports are the same" in run.check("failed_checks").detail


def test_checks_that_are_demanded_but_not_there(tmp_path: Path) -> None:
    run = review(document(), tmp_path, expect={"failed_checks": Limit(at_most=0)})
    assert run.check("failed_checks").verdict is CheckVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("more", "broken"), [({"errored": True}, "planned"), ({"complete": False}, "complete")]
)
def test_a_plan_that_is_no_whole_plan(tmp_path: Path, more: Any, broken: str) -> None:
    assert failed(review(document(**more), tmp_path)) == {broken}


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"format_version": "2.0", "planned_values": {}},
        {"format_version": None, "planned_values": {}},
        {"format_version": 1.2, "planned_values": {}},
        {"format_version": "1.2", "values": {}},
    ],
)
def test_documents_that_can_not_be_judged(tmp_path: Path, found: Any) -> None:
    run = review(found, tmp_path)
    assert failed(run) == {"readable"}
    assert run.record.outcome is Outcome.FAILED


def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    found = document(format_version="1.99", action_invocations=[1], relevant_attributes="?")
    assert review(found, tmp_path).record.outcome is Outcome.PASSED


def test_odd_shapes_are_no_crash(tmp_path: Path) -> None:
    found = document(
        resource_changes=[SAME, 7, {"address": "x"}, {"change": None}],
        resource_drift={"not": "a list"},
        output_changes=["not an object"],
        checks=[None, {}, {"instances": "?"}],
        prior_state="none",
        variables=3,
    )
    run = review(found, tmp_path)
    assert failed(run) == {"failed_checks"}, "a check without a status is not a pass"


def test_sensitive_values_are_hidden_wherever_they_recur(tmp_path: Path) -> None:
    """Terraform marks a value in `input` and repeats it, unmarked, in `output`, in ids, in the
    log and in what checks say."""
    before = {"input": {"key": SECRET, "n": 1}, "output": {"key": SECRET}, "id": f"id-{SECRET}"}
    found = document(
        resource_changes=[
            change(
                ["update"],
                before,
                {"input": {"key": "other-secret", "n": 2}, "list": ["x", "other-secret"]},
                f"thing[{SECRET!r}]",
                before_sensitive={"input": {"key": True}},
                after_sensitive={"input": {"key": True}},
                after_unknown={"output": True},
            )
        ],
        output_changes={
            "pin": {"actions": ["create"], "before": None, "after": 918273, "after_sensitive": True}
        },
        variables={"given": {"value": "variable-secret"}, "pin": {"value": 918273}},
        configuration={"root_module": {"variables": {"given": {"sensitive": True}}}},
        checks=[
            {
                "address": {"to_display": "check.x"},
                "status": "fail",
                "instances": [{"problems": [{"message": f"{SECRET} and variable-secret"}]}],
            }
        ],
    )
    run = review(found, tmp_path, log=f"+ key = {SECRET}\n+ pin = 918273")
    for path, data in run.files.items():
        for secret in (SECRET, "other-secret", "variable-secret", "918273"):
            assert secret.encode() not in data, (secret, path)
    for check in run.record.checks:
        assert SECRET not in check.detail
    [told] = diff(run)["resourceChanges"]
    assert told["before"]["input"] == {"key": "(sensitive)", "n": 1}
    assert told["before"]["id"] == "id-(sensitive)"
    assert told["after"]["output"] == "(known after apply)"
    assert told["after"]["list"] == ["x", "(sensitive)"]


def test_a_remote_target_is_never_applied(tmp_path: Path) -> None:
    memory = MemoryTarget()
    planner = Planned(document(resource_changes=[change(["create"], None, {"a": 1})]))
    config = memory.config().model_copy(update={"kind": "remote"})
    target = replace(memory.build(config), planner=planner)
    run_drill(TerraformPlan(), {"workspace": "w"}, target, tmp_path)
    assert planner.applied == 0


def test_the_stage_gets_its_first_state_once(tmp_path: Path) -> None:
    memory = MemoryTarget()
    for _ in range(2):
        run = run_drill(TerraformPlan(), {"workspace": "w"}, memory.build(), tmp_path)
        assert run.record.outcome is Outcome.PASSED
    assert memory.count("plan-applied") == 1


def test_drift_on_the_stage(tmp_path: Path) -> None:
    memory = MemoryTarget()
    run_drill(TerraformPlan(), {"workspace": "w"}, memory.build(), tmp_path)
    memory.planner.actual["w"]["terraform_data.blue"] = {"input": "changed by hand"}
    run = run_drill(TerraformPlan(), {"workspace": "w"}, memory.build(), tmp_path)
    assert failed(run) == {"drift"}
    assert memory.count("plan-applied") == 1, "drift is shown, not repaired"


def test_variables_expand(tmp_path: Path) -> None:
    run = review(document(), tmp_path, variables={"replicas": "{size}", "plain": "x"})
    assert run.record.outcome is Outcome.PASSED
    run = review(document(), tmp_path, variables={"replicas": "{seize}"})
    assert "{seize}" in run.record.steps[-1].error


def test_a_target_without_terraform(tmp_path: Path) -> None:
    target = replace(MemoryTarget().build(), planner=None)
    run = run_drill(TerraformPlan(), {"workspace": "w"}, target, tmp_path)
    assert "no Terraform directory" in run.record.steps[0].error


def test_the_page_shows_each_value_and_escapes_it(tmp_path: Path) -> None:
    changed = change(["update"], {"size": 1, "name": "<b>"}, {"size": 2, "name": "<b>"})
    run = review(document(resource_changes=[changed]), tmp_path)
    page = run.files["section/1/plan-diff.html"].decode()
    assert "<td><code>1</code></td><td><code>2</code></td>" in page
    assert "<code>name</code>" not in page, "what stays the same is left out"
    assert "<b>" not in page


def test_what_would_spoil_the_day_fails_it(tmp_path: Path) -> None:
    group = {"address": "aws_lb_target_group.blue", "type": "aws_lb_target_group"}
    group_values = {**group, "values": {"health_check": [{"path": "/"}]}}
    planned = {"root_module": {"resources": [group_values]}}
    run = review(document(planned_values=planned), tmp_path)
    assert "plan_findings" in failed(run)
    assert diff(run)["findings"][0]["code"] == "health-path-differs"
    assert "aws_lb_target_group.blue" in run.files["section/1/plan-diff.html"].decode()
    assert not failed(review(document(planned_values=planned), tmp_path, health_path="/"))


def test_a_plan_made_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({**document(), "terraform_version": "1.11.4"}))
    memory = MemoryTarget()
    target = replace(memory.build(), planner=PlanFile(file, "tom"))
    run = run_drill(TerraformPlan(), {"workspace": "staging-blue"}, target, tmp_path)
    (planned,) = [step for step in run.record.steps if step.name == "plan"]
    assert planned.value["authors"] == ["tom"]  # type: ignore[index,call-overload]
    assert {one.fidelity for one in planned.artefacts} == {Fidelity.MANUAL}
    assert "plan-applied" not in {effect.kind for effect in memory.effects}


@pytest.mark.parametrize("content", ["", "[]", "plan: yes", "[" * 100_000])
def test_a_file_that_is_no_plan(tmp_path: Path, content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    target = replace(MemoryTarget().build(), planner=PlanFile(file, "tom"))
    run = run_drill(TerraformPlan(), {"workspace": "staging-blue"}, target, tmp_path)
    assert "no plan as JSON" in run.record.steps[0].error
