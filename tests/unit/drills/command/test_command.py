"""The command drill over real processes."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from golive.adapters.local_commands import LocalCommands
from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.command import Command
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Limit
from golive.ports.target import Target


@pytest.fixture
def target() -> Target:
    memory = MemoryTarget()
    config = memory.config().model_copy(update={"variables": {"greeting": "good morning"}})
    return replace(memory.build(config), commands=LocalCommands(Fidelity.LOCAL, grace=0.2))


def carry_out(
    target: Target,
    work: Path,
    code: str,
    *,
    expect: Mapping[str, Limit] | None = None,
    **params: Any,
) -> DrillRun:
    return run_drill(
        Command(), {"run": [sys.executable, "-c", code], **params}, target, work, expect=expect
    )


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def test_success(target: Target, tmp_path: Path) -> None:
    run = carry_out(target, tmp_path, "print('{greeting}')")
    assert run.record.outcome is Outcome.PASSED
    assert run.files["section/1/command-stdout.txt"] == b"good morning\n"
    assert json.loads(run.files["section/1/command-result.json"])["exitCode"] == 0
    assert "section/1/command-stderr.txt" not in run.files


def test_another_code_may_be_the_right_one(target: Target, tmp_path: Path) -> None:
    assert failed(carry_out(target, tmp_path, "exit(3)")) == {"exit_code"}
    assert failed(carry_out(target, tmp_path, "exit(3)", exit_code=3)) == set()
    assert failed(carry_out(target, tmp_path, "exit(0)", exit_code=3)) == {"exit_code"}


def test_a_failure_tells_what_the_command_said(target: Target, tmp_path: Path) -> None:
    run = carry_out(target, tmp_path, "import sys; sys.exit('the disk is full')")
    assert "the disk is full" in run.check("exit_code").detail
    assert run.files["section/1/command-stderr.txt"] == b"the disk is full\n"


def test_out_of_time(target: Target, tmp_path: Path) -> None:
    run = carry_out(target, tmp_path, "import time; time.sleep(600)", timeout="1s")
    assert {"in_time", "exit_code", "seconds"} <= failed(run)
    assert run.check("exit_code").verdict is CheckVerdict.INCONCLUSIVE


def test_output_is_judged_and_taken(target: Target, tmp_path: Path) -> None:
    code = "import json; print(json.dumps(dict(rows=[1, 2], state='done')))"
    run = carry_out(
        target,
        tmp_path,
        code,
        expect_json={"/state": "done", "/rows": {"size_at_least": 3}},
        extract={"first": "/rows/0", "state": r'"state": "(\w+)"'},
    )
    assert failed(run) == {"json:/rows:size_at_least"}
    assert run.record.steps[0].value == {
        "exit_code": 0,
        "extracted": {"first": 1, "state": "done"},
    }


def test_a_credential_goes_in_and_does_not_come_out(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_KEY", "k3y-of-the-vault")
    code = (
        "import os, sys; word = os.environ['KEY']; assert word == 'Key k3y-of-the-vault';"
        "print(word); print(word, file=sys.stderr); assert 'VAULT_KEY' not in os.environ"
    )
    run = carry_out(
        target,
        tmp_path,
        code,
        env={"KEY": {"env": "VAULT_KEY", "prefix": "Key "}},
        extract={"word": "Key (.*)"},
    )
    assert run.record.outcome is Outcome.PASSED
    assert b"Key [redacted]" in run.files["section/1/command-stdout.txt"]
    assert "k3y-of" not in json.dumps(run.record.to_json())
    assert all(b"k3y-of" not in data for data in run.files.values())


def test_a_credential_that_is_not_there(target: Target, tmp_path: Path) -> None:
    run = carry_out(target, tmp_path, "print(1)", env={"KEY": {"env": "NOT_SET_ANYWHERE"}})
    assert "NOT_SET_ANYWHERE" in run.record.steps[0].error
    assert run.record.checks == []


def test_a_second_attempt_has_the_same_key(target: Target, tmp_path: Path) -> None:
    code = "import os; print(os.environ['GOLIVE_IDEMPOTENCY_KEY'])"
    first, second = (carry_out(target, tmp_path, code).files for _ in range(2))
    assert first["section/1/command-stdout.txt"] == second["section/1/command-stdout.txt"]


def test_a_report_is_recounted(target: Target, tmp_path: Path) -> None:
    report = "<testsuite><testcase name='a'><failure message='no'/></testcase></testsuite>"
    run = carry_out(target, tmp_path, f"open('r.xml', 'w').write({report!r})", junit="r.xml")
    assert failed(run) == {"failed"}
    run = carry_out(target, tmp_path, "pass", junit="none.xml")
    assert failed(run) == {"report_read", "tests", "failed"}


def test_the_playbooks_limit(target: Target, tmp_path: Path) -> None:
    run = carry_out(target, tmp_path, "pass", expect={"seconds": Limit(at_most=0.0)})
    assert failed(run) == {"seconds"}


def test_folder_and_program(target: Target, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    run = carry_out(target, tmp_path, "import os; print(os.getcwd())", directory="inner")
    assert run.files["section/1/command-stdout.txt"].strip().endswith(b"/inner")
    run = carry_out(target, tmp_path, "pass", directory="nowhere")
    assert "no such folder" in run.record.steps[0].error
    run = run_drill(Command(), {"run": ["no-such-program"]}, target, tmp_path)
    assert "'no-such-program' is not installed" in run.record.steps[0].error


def test_called_off(target: Target, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    run = run_drill(
        Command(),
        {"run": [sys.executable, "-c", "import time; time.sleep(600)"]},
        target,
        tmp_path,
        stop=stop,
        called_off=True,
    )
    assert run.record.outcome is Outcome.ABORTED
    assert "section/1/command-stdout.txt" in run.files


@pytest.mark.parametrize(
    "params",
    [{}, {"run": []}, {"run": "ls -l"}, {"run": ["x"], "timeout": 0}, {"run": ["x"], "a": 1}],
)
def test_parameters_that_do_not_fit(params: Any) -> None:
    with pytest.raises(ValidationError):
        Command().parse(params)


def test_it_is_arbitrary_code() -> None:
    assert Command.runs_code
