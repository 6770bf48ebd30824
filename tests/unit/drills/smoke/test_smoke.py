"""The smoke drill over packs that pass, fail, lie, hang and leave nothing."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive.adapters.local_commands import LocalCommands
from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.smoke import Smoke
from golive.kernel.fidelity import Fidelity
from golive.playbook.model import Limit
from golive.ports.target import AccountConfig, SecretRef, Target

GOOD = '<testsuites tests="2"><testcase name="a"/><testcase name="b"/></testsuites>'
WRITES = "import os, pathlib; pathlib.Path(os.environ['GOLIVE_JUNIT']).write_text({!r})"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "pack with a space"
    found.mkdir()
    return found


def target(folder: Path, **config: Any) -> Target:
    memory = MemoryTarget()
    known = {"smoke": (), "smoke_directory": folder, **config}
    return replace(
        memory.build(memory.config().model_copy(update=known)),
        commands=LocalCommands(Fidelity.LOCAL, grace=0.2),
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def carry_out(
    folder: Path,
    code: str,
    *,
    expect: Mapping[str, Limit] | None = None,
    config: Mapping[str, Any] | None = None,
    **params: Any,
) -> DrillRun:
    # Doubled: `{` and `}` are the playbook's own.
    command = [word.replace("{", "{{").replace("}", "}}") for word in python(code)]
    work = folder.parent / "work"
    work.mkdir(exist_ok=True)
    return run_drill(
        Smoke(),
        {"command": command, **params},
        target(folder, **(config or {})),
        work,
        expect=expect,
    )


def failed(run: DrillRun) -> set[str]:
    return {check.id for check in run.record.checks if check.verdict is not CheckVerdict.PASS}


def page(run: DrillRun) -> str:
    return run.files["section/1/smoke-report.html"].decode()


def test_a_passing_pack(folder: Path) -> None:
    run = carry_out(folder, WRITES.format(GOOD))
    assert run.record.outcome is Outcome.PASSED
    assert run.check("tests").measured == 2
    assert run.files["section/1/smoke-junit.xml"].decode() == GOOD
    assert "All 2 tests passed" in page(run)
    assert [one.fidelity for one in run.record.evidence] == [Fidelity.LOCAL] * 3


def test_failing_tests_speak_first(folder: Path) -> None:
    report = '<testsuite><testcase name="pay"><failure message="no money"/></testcase></testsuite>'
    run = carry_out(folder, WRITES.format(report) + "; raise SystemExit(1)")
    assert failed(run) == {"exit_code", "failed"}
    assert run.check("failed").detail == "pay: no money"
    assert "no money" in page(run)


@pytest.mark.parametrize(
    "report",
    [
        "<testsuites tests='4'/>",
        "<testsuite><testcase name='a'><skipped/></testcase></testsuite>",
    ],
)
def test_no_test_that_ran_is_a_failure_in_the_tools_own_words(folder: Path, report: str) -> None:
    run = carry_out(folder, WRITES.format(report) + "; print('No test files found')")
    assert failed(run) == {"tests", "failed"}
    assert run.check("tests").verdict is CheckVerdict.FAIL
    assert run.check("failed").verdict is CheckVerdict.INCONCLUSIVE
    assert "No test files found" in run.check("tests").detail
    assert "No test files found" in page(run)


def test_a_good_report_with_a_bad_exit_code(folder: Path) -> None:
    """A file that fails to load may be missing from the report."""
    run = carry_out(folder, WRITES.format(GOOD) + "; print('failed to load x.test.js'); exit(1)")
    assert failed(run) == {"exit_code"}
    assert "failed to load" in run.check("exit_code").detail


def test_no_report_at_all(folder: Path) -> None:
    run = carry_out(folder, "print('unknown option --runInBand')")
    assert failed(run) == {"report_read", "tests", "failed"}
    assert run.check("tests").verdict is CheckVerdict.INCONCLUSIVE
    assert "--runInBand" in page(run)
    assert "section/1/smoke-junit.xml" not in run.files


def test_a_report_on_the_output(folder: Path) -> None:
    run = carry_out(folder, f"print({GOOD!r})")
    assert run.record.outcome is Outcome.PASSED


def test_a_report_where_the_pack_always_puts_it(folder: Path) -> None:
    run = carry_out(folder, f"open('own.xml', 'w').write({GOOD!r})", junit="own.xml")
    assert run.record.outcome is Outcome.PASSED


def test_a_report_of_an_earlier_run_counts_as_none(folder: Path) -> None:
    (folder / "own.xml").write_text(GOOD)
    run = carry_out(folder, "pass", junit="own.xml")
    assert "report_read" in failed(run)
    assert (folder / "own.xml").read_text() == GOOD


def test_a_hostile_report(folder: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>'
    run = carry_out(folder, WRITES.format(bomb))
    assert failed(run) == {"report_read", "tests", "failed"}
    assert "EntitiesForbidden" in run.check("report_read").detail or "DTD" in (
        run.check("report_read").detail
    )


def test_counters_that_disagree_are_recorded(folder: Path) -> None:
    run = carry_out(folder, WRITES.format(GOOD.replace('tests="2"', 'tests="9"')))
    assert run.record.outcome is Outcome.PASSED
    assert "counted 2" in run.record.steps[0].log[0]
    assert "counted 2" in page(run)


def test_skipped_tests_where_the_playbook_forbids_them(folder: Path) -> None:
    report = "<testsuite><testcase name='a'/><testcase name='b'><skipped/></testcase></testsuite>"
    assert failed(carry_out(folder, WRITES.format(report))) == set()
    strict = {"skipped": Limit(at_most=0)}
    assert failed(carry_out(folder, WRITES.format(report), expect=strict)) == {"skipped"}


def test_out_of_time(folder: Path) -> None:
    run = carry_out(
        folder, "import time; print('waiting', flush=True); time.sleep(600)", timeout="1s"
    )
    assert {"in_time", "exit_code", "report_read"} <= failed(run)
    assert "waiting" in run.check("in_time").detail
    assert "ran out of time" in page(run)


def test_the_account_is_handed_over_and_never_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REHEARSAL_PASSWORD", "p4ssw0rd-of-rehearsal")
    account = AccountConfig(
        email="u@rehearsal.fixnado.example", password=SecretRef(env="REHEARSAL_PASSWORD")
    )
    code = """
        import os, pathlib
        env = os.environ
        assert env["GOLIVE_EMAIL"] == "u@rehearsal.fixnado.example"
        assert env["GOLIVE_TARGET_URL"] == "https://production.memory.example"
        assert env["GOLIVE_PREFIX"] == "/v1"
        assert "REHEARSAL_PASSWORD" not in env
        word = env["GOLIVE_PASSWORD"]
        assert len(word) == 21
        print("signed in with", word)
        pathlib.Path(env["GOLIVE_JUNIT"]).write_text(
            "<testsuite><testcase name='%s'/></testsuite>" % word)
    """
    run = carry_out(folder, code, config={"accounts": {"user": account}})
    assert run.record.outcome is Outcome.PASSED, run.files["section/1/smoke-log.txt"].decode()
    assert all(b"p4ssw0rd-of-rehearsal" not in data for data in run.files.values())
    assert b"signed in with [redacted]" in run.files["section/1/smoke-log.txt"]


def test_an_account_whose_password_is_not_there(folder: Path) -> None:
    account = AccountConfig(email="u@x", password=SecretRef(env="NOT_SET_ANYWHERE"))
    run = carry_out(folder, WRITES.format(GOOD), config={"accounts": {"user": account}})
    assert "NOT_SET_ANYWHERE" in run.record.steps[0].error


def fallback() -> tuple[str, ...]:
    return (sys.executable, "-c", WRITES.format(GOOD))


def test_without_its_packages_the_fallback_runs_and_the_report_says_so(folder: Path) -> None:
    (folder / "package.json").write_text("{}")
    chosen = target(folder, smoke=("npm", "test"), smoke_fallback=fallback())
    run = run_drill(Smoke(), {}, chosen, folder.parent)
    assert run.record.outcome is Outcome.PASSED
    assert "the target&#39;s fallback pack" in page(run)
    assert "npm ci" in page(run)


def test_without_the_program_the_fallback_runs(folder: Path) -> None:
    chosen = target(folder, smoke=("no-such-runner",), smoke_fallback=fallback())
    run = run_drill(Smoke(), {}, chosen, folder.parent)
    assert run.record.outcome is Outcome.PASSED
    log = run.files["section/1/smoke-log.txt"].decode()
    assert "no-such-runner" in log
    assert "not installed" in log


def test_without_either_it_says_what_is_missing(folder: Path) -> None:
    run = run_drill(Smoke(), {}, target(folder, smoke=("no-such-runner",)), folder.parent)
    assert run.record.outcome is Outcome.FAILED
    assert "'no-such-runner' is not installed" in run.record.steps[0].error
    run = run_drill(Smoke(), {}, target(folder), folder.parent)
    assert "smoke pack" in run.record.steps[0].error


def test_called_off_while_it_runs(folder: Path) -> None:
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    command = python("import time; time.sleep(600)")
    run = run_drill(
        Smoke(), {"command": command}, target(folder), folder.parent, stop=stop, called_off=True
    )
    timer.join()
    assert run.record.outcome is Outcome.ABORTED
    assert run.record.checks == []


def test_a_command_of_the_playbook_is_arbitrary_code() -> None:
    assert Smoke.runs_code


def test_it_runs_where_the_playbook_says(folder: Path) -> None:
    inner = folder.parent / "work" / "inner"
    inner.mkdir(parents=True)
    run = carry_out(
        folder, f"import os; print(os.getcwd()); {WRITES.format(GOOD)}", directory="inner"
    )
    assert os.fspath(inner) in run.files["section/1/smoke-log.txt"].decode()
