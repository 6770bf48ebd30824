"""A workflow run over HTTP, against a server that answers in GitHub's published shapes."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from github_world import TOKEN, GitHubServer
from golive.adapters.github import GitHubHost
from golive.adapters.memory import MemoryTarget
from golive.drillkit.records import CheckVerdict, Outcome
from golive.drillkit.testing import DrillRun, run_drill
from golive.drills.workflow import Workflow
from golive.kernel.fidelity import Fidelity
from golive.rehearsal.examine import Grade, Sign
from golive.rehearsal.examine_target import of_target

PARAMS: dict[str, Any] = {
    "workflow": "terraform.yml",
    "inputs": {"workspace": "staging-blue"},
    "mark": "rehearsal",
    "artifacts": ["plan"],
    "poll_seconds": 0.01,
}


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    server = GitHubServer()
    yield server
    server.close()


def carry_out(github: GitHubServer, work: Path, *, token: str = TOKEN, **params: Any) -> DrillRun:
    host = GitHubHost(
        "fixnado/platform", lambda: token, api=github.url, fidelity=Fidelity.SIMULATED
    )
    target = replace(MemoryTarget().build(), code_host=host)
    return run_drill(Workflow(), {**PARAMS, **params}, target, work)


def wrong(run: DrillRun) -> dict[str, str]:
    return {one.id: one.detail for one in run.record.checks if one.verdict is not CheckVerdict.PASS}


def test_a_run_is_started_followed_and_kept(github: GitHubServer, tmp_path: Path) -> None:
    for person in ("asha", "nadia"):
        github.review(person)
    run = carry_out(github, tmp_path, reviewers=2)
    assert run.record.outcome is Outcome.PASSED, wrong(run)
    (said,) = github.dispatched
    assert said["ref"] == "main"
    assert said["inputs"]["workspace"] == "staging-blue"
    record = json.loads(run.files["section/1/workflow-run.json"])
    assert record["run"]["run_number"] == 2481
    assert said["inputs"]["rehearsal"] in record["run"]["display_title"]
    assert [one["name"] for one in record["jobs"]] == ["plan", "lint"]
    kept = zipfile.ZipFile(io.BytesIO(run.files["section/1/workflow-artifacts.zip"]))
    assert kept.read("plan.zip") == github.files["plan"]
    assert b"terraform plan" in run.files["section/1/workflow-logs.zip"]
    assert TOKEN not in run.files["section/1/workflow-run.json"].decode()


def test_a_second_try_finds_the_run_of_the_first(github: GitHubServer, tmp_path: Path) -> None:
    for attempt in ("one", "two"):
        (tmp_path / attempt).mkdir()
        assert carry_out(github, tmp_path / attempt).record.outcome is Outcome.PASSED
    assert len(github.dispatched) == 1


def test_a_server_that_does_not_tell_the_run(github: GitHubServer, tmp_path: Path) -> None:
    github.tells_run = False
    assert carry_out(github, tmp_path).record.outcome is Outcome.PASSED
    (tmp_path / "unmarked").mkdir()
    assert carry_out(github, tmp_path / "unmarked", mark="").record.outcome is Outcome.PASSED
    assert len(github.dispatched) == 2


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        (lambda it: it.states.append(("completed", "failure")), {"conclusion"}),
        (lambda it: it.jobs[0].update(conclusion="failure"), {"jobs_failed"}),
        (lambda it: it.jobs.clear(), {"jobs_failed"}),
        (lambda it: it.files.clear(), {"artifact_failures"}),
        (lambda it: it.expired.add("plan"), {"artifact_failures"}),
        (lambda it: it.digests.update(plan=None), {"artifact_failures"}),
        (lambda it: it.digests.update(plan="sha256:" + "0" * 64), {"artifact_failures"}),
        (lambda it: it.review("asha", "rejected"), {"not-refused"}),
        (lambda it: it.odd.update({"/logs": (500, b"")}), {"logs-kept"}),
    ],
)
def test_what_is_wrong_is_named(
    github: GitHubServer, tmp_path: Path, change: Any, checks: set[str]
) -> None:
    change(github)
    run = carry_out(github, tmp_path)
    assert set(wrong(run)) == checks
    assert json.loads(run.files["section/1/workflow-run.json"])["run"]["run_number"] == 2481


def test_a_host_that_is_away_for_a_moment_says_nothing_of_its_run(
    github: GitHubServer, tmp_path: Path
) -> None:
    github.away = 3
    run = carry_out(github, tmp_path)
    assert run.record.outcome is Outcome.PASSED
    assert sum("502" in line for step in run.record.steps for line in step.log) == 3


def test_a_host_that_stays_away_ends_the_wait_in_time(github: GitHubServer, tmp_path: Path) -> None:
    github.away = 10_000
    run = carry_out(github, tmp_path, minutes=0.005)
    assert run.record.outcome is Outcome.FAILED
    assert any("502" in step.error for step in run.record.steps)


def test_who_started_it_is_no_second_person(github: GitHubServer, tmp_path: Path) -> None:
    for person in ("tom", "asha", "asha"):
        github.review(person)
    run = carry_out(github, tmp_path, reviewers=2)
    assert wrong(run) == {"reviewers": "asha"}


def test_it_waits_for_people_and_says_for_whom(github: GitHubServer, tmp_path: Path) -> None:
    github.states = [("waiting", None), ("waiting", None), ("completed", "success")]
    run = carry_out(github, tmp_path)
    (told,) = [line for step in run.record.steps for line in step.log if "waits" in line]
    assert told.endswith("waits for the approval of staging-blue")


def test_time_is_up(github: GitHubServer, tmp_path: Path) -> None:
    github.states = [("in_progress", None)]
    run = carry_out(github, tmp_path, minutes=0.001)
    assert run.check("conclusion").verdict is CheckVerdict.INCONCLUSIVE
    assert "still in_progress" in run.check("conclusion").detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, b'{"message": "Not Found"}'), "404"),
        ((422, b'{"message": "no workflow_dispatch trigger"}'), "on: workflow_dispatch"),
        ((200, b"<html>log in</html>"), "schema"),
        ((200, b'{"workflow_runs": "none"}'), "schema"),
        ((500, b""), "500"),
    ],
)
def test_a_host_that_does_something_else(
    github: GitHubServer, tmp_path: Path, answer: tuple[int, bytes], words: str
) -> None:
    github.odd = {"/workflows/": answer}
    run = carry_out(github, tmp_path)
    assert run.record.outcome is Outcome.FAILED
    assert words in run.record.steps[0].error


def test_a_token_that_is_not_accepted(github: GitHubServer, tmp_path: Path) -> None:
    run = carry_out(github, tmp_path, token="another-token")
    assert "the token isn't accepted" in run.record.steps[0].error
    assert "another-token" not in run.record.steps[0].error


def test_called_off_the_run_is_cancelled(github: GitHubServer, tmp_path: Path) -> None:
    github.states = [("in_progress", None)]
    stop = threading.Event()
    host = GitHubHost("fixnado/platform", lambda: TOKEN, api=github.url)
    target = replace(MemoryTarget().build(), code_host=host)
    threading.Timer(0.3, stop.set).start()
    run = run_drill(Workflow(), PARAMS, target, tmp_path, stop=stop, called_off=True)
    assert run.record.outcome is Outcome.ABORTED
    assert github.cancelled == [1001]


def test_before_the_day_the_workflows_are_told_or_why_they_are_not(github: GitHubServer) -> None:
    def told(token: str) -> Sign:
        host = GitHubHost("fixnado/platform", lambda: token, api=github.url)
        signs = of_target(replace(MemoryTarget().build(), code_host=host))
        return next(sign for sign in signs if sign.what.startswith("code host"))

    good = told(TOKEN)
    assert (good.grade, good.what.endswith("/repos/fixnado/platform, terraform.yml")) == (
        Grade.OK,
        True,
    )
    bad = told("another-token")
    assert (bad.grade, "the token isn't accepted" in bad.advice) == (Grade.FAIL, True)


def test_a_target_without_a_code_host(tmp_path: Path) -> None:
    run = run_drill(Workflow(), PARAMS, MemoryTarget().build(), tmp_path)
    assert "has no code host" in run.record.steps[0].error
