"""`golive doctor` as a person has it: a line a finding, an exit code, one message for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive.kernel.errors import BadInput
from golive.main import app

PLAYBOOK = """---
golive: 1
release: "1.00"
date: 2024-05-30
timezone: Europe/London
---
# A day

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Readiness](#readiness) | QA Lead | Snapshot |

## Readiness
```yaml golive
drill: readiness
```
"""
TARGET = """
name = "staging"
[sides.green]
url = "http://127.0.0.1:1"
[accounts.user]
email = "user@rehearsal.example"
password = {env = "GOLIVE_TEST_ABSENT"}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("GOLIVE_TEST_ABSENT", raising=False)
    (tmp_path / "playbook.md").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "staging.toml").write_text(TARGET, encoding="utf-8")
    return tmp_path


def test_a_sound_playbook_on_the_stage_is_fit_and_nothing_is_written(here: Path) -> None:
    before = sorted(here.rglob("*"))
    answer = CliRunner().invoke(app, ["doctor", "playbook.md"])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].startswith("ok    playbook playbook.md: 1 activity, 1 drill")
    assert any(line.startswith("warn  people: no roster is named") for line in lines)
    assert lines[-1].endswith("0 fail: fit for the day")
    assert sorted(here.rglob("*")) == before


def test_a_target_that_does_not_answer_is_not_fit(here: Path) -> None:
    answer = CliRunner().invoke(app, ["doctor", "playbook.md", "--target", "staging.toml"])
    assert answer.exit_code == 1
    assert "fail  account user" in answer.output
    assert "→ export GOLIVE_TEST_ABSENT, then start again" in answer.output
    assert "fail  side green" in answer.output
    assert answer.output.splitlines()[-1].endswith("not fit for the day yet")


def test_json_is_one_finding_a_line(here: Path) -> None:
    answer = CliRunner().invoke(
        app, ["doctor", "playbook.md", "--target", "staging.toml", "--json"]
    )
    found = [json.loads(line) for line in answer.output.splitlines()]
    assert {one["grade"] for one in found} >= {"ok", "fail"}
    assert all(one.keys() == {"grade", "what", "advice"} for one in found)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.md"], "no such file"),
        (["."], "this is a folder"),
        (["playbook.md", "--target", "nowhere.toml"], "can't be read"),
        (["playbook.md", "--target", "playbook.md"], "not a target file"),
    ],
)
def test_bad_input_is_one_message(here: Path, arguments: list[str], told: str) -> None:
    answer = CliRunner().invoke(app, ["doctor", *arguments])
    assert isinstance(answer.exception, BadInput)
    assert told in str(answer.exception)
    assert answer.exception.exit_code == 2
