"""The doctor finds each thing that would spoil the day, says what to do, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from golive.adapters.memory import Fault, MemoryTarget
from golive.drillkit.drill import Drill, Params, Registry, Step
from golive.kernel.errors import BadInput
from golive.playbook.trust import TrustStore
from golive.ports.target import AccountConfig, SecretRef
from golive.rehearsal.examine import (
    Grade,
    Sign,
    of_folder,
    of_people,
    of_playbook,
    of_tools,
)
from golive.rehearsal.examine_target import of_target


class _Nothing(Params):
    run: tuple[str, ...] = ()


class _Command(Drill[_Nothing]):
    name = "command"
    summary = "Runs a program."
    params = _Nothing
    runs_code = True

    def steps(self, params: _Nothing) -> Sequence[Step[_Nothing]]:
        return ()


REGISTRY = Registry([_Command()])  # type: ignore[list-item]

PLAYBOOK = """---
golive: 1
release: "1.00"
date: 2024-05-30
timezone: Europe/London
people: people.toml
---
# A day

## Timeline
| Time | Activity | Owner | Artefacts |
| --- | --- | --- | --- |
| 09:00–09:30 | [Try](#try) | QA Lead | Log |

## Try
```yaml golive
drill: command
with: {run: [no-such-program-anywhere, --now]}
```
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "playbook.md"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path


def _grades(signs: Sequence[Sign]) -> list[str]:
    return [sign.grade.value for sign in signs]


def test_a_playbook_that_runs_code_must_be_trusted_first(file: Path, tmp_path: Path) -> None:
    trusted = TrustStore(tmp_path / "config")
    playbook, signs = of_playbook(file, REGISTRY, trusted)
    assert playbook is not None
    assert _grades(signs) == ["ok", "fail"]
    assert "golive trust" in signs[1].advice


def test_a_playbook_with_an_error_is_not_fit(file: Path, tmp_path: Path) -> None:
    file.write_text(PLAYBOOK.replace("drill: command", "drill: comand"), encoding="utf-8")
    _, signs = of_playbook(file, REGISTRY, TrustStore(tmp_path))
    assert signs[0].grade is Grade.FAIL
    assert "golive check" in signs[0].advice


def test_a_playbook_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        of_playbook(tmp_path / "nowhere.md", REGISTRY, TrustStore(tmp_path))


ROSTER = '[[person]]\nid = "asha"\nname = "Asha"\nemail = "asha@rehearsal.example"\n'


@pytest.mark.parametrize(
    ("roster", "told", "grades"),
    [
        (None, "isn't there, so only practice runs", ["warn"]),
        ("not toml [", "people:", ["fail"]),
        (ROSTER + 'roles = ["QA Lead"]\n', "asha can't take part yet: no key", ["warn"]),
        (
            ROSTER + 'roles = ["Sponsor"]\nkey = "SHA256:' + "A" * 43 + '"\n',
            "nobody holds QA Lead",
            ["warn"],
        ),
        (
            ROSTER + 'roles = ["QA Lead"]\nkey = "SHA256:' + "A" * 43 + '"\n',
            "1 on the roster, all with keys",
            ["ok"],
        ),
    ],
)
def test_people(
    file: Path, tmp_path: Path, roster: str | None, told: str, grades: list[str]
) -> None:
    playbook, _ = of_playbook(file, REGISTRY, TrustStore(tmp_path))
    assert playbook is not None
    people = tmp_path / "people.toml"
    if roster is not None:
        people.write_text(roster, encoding="utf-8")
    signs = list(of_people(playbook, people))
    assert _grades(signs) == grades
    assert any(told in sign.what for sign in signs), signs


def test_a_program_that_a_block_runs_must_be_there(file: Path, tmp_path: Path) -> None:
    playbook, _ = of_playbook(file, REGISTRY, TrustStore(tmp_path))
    assert playbook is not None
    signs = {sign.what.partition(":")[0]: sign for sign in of_tools(playbook, stage=True)}
    assert signs["no-such-program-anywhere"].grade is Grade.FAIL
    assert "playbook.md:16" in signs["no-such-program-anywhere"].what
    assert signs["caddy"].grade is Grade.OK
    assert "terraform" not in signs  # no drill of this playbook needs it


def test_a_folder_that_cannot_be_made_is_found_before_the_day(tmp_path: Path) -> None:
    assert of_folder(tmp_path / "not" / "yet", "vault").grade is Grade.OK
    assert not (tmp_path / "not").exists()
    (tmp_path / "file").write_text("")
    assert of_folder(tmp_path / "file" / "below", "vault").grade is Grade.FAIL


def _signs(memory: MemoryTarget) -> dict[str, Sign]:
    return {sign.what.partition(":")[0]: sign for sign in of_target(memory.build())}


def test_a_sound_target_gets_a_clean_bill_and_is_not_touched() -> None:
    memory = MemoryTarget()
    signs = _signs(memory)
    assert {sign.grade for sign in signs.values()} == {Grade.OK}, signs
    for part in (
        "side blue",
        "side green",
        "production",
        "validation",
        "traffic",
        "help desk",
        "wiki",
    ):
        assert part in signs
    assert memory.effects == ()


def test_a_group_that_would_not_roll_back_is_found() -> None:
    signs = _signs(MemoryTarget(rollback_events=frozenset(), has_test_listener=False))
    found = next(sign for name, sign in signs.items() if name.startswith("deployment group"))
    assert found.grade is Grade.FAIL
    assert "stopped on request and a test listener" in found.what


def test_traffic_that_is_not_all_on_the_old_side_is_told() -> None:
    memory = MemoryTarget()
    memory.world.weights.update(green=90.0, blue=10.0)
    assert _signs(memory)["traffic"].grade is Grade.WARN


def test_a_target_that_does_not_answer_is_told_part_by_part() -> None:
    signs = _signs(MemoryTarget(faults=[Fault.UNREACHABLE]))
    assert signs["side blue"].grade is Grade.FAIL
    assert signs["traffic"].grade is Grade.FAIL
    assert "nothing answers" in signs["production"].what
    assert signs["production"].advice


def test_a_credential_that_cannot_be_read_is_told_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOLIVE_TEST_ABSENT", raising=False)
    monkeypatch.setenv("GOLIVE_TEST_PASSWORD", "correct horse")
    memory = MemoryTarget()
    accounts = {
        "user": AccountConfig(
            email="u@rehearsal.example", password=SecretRef(env="GOLIVE_TEST_PASSWORD")
        ),
        "finance": AccountConfig(
            email="f@rehearsal.example", password=SecretRef(env="GOLIVE_TEST_ABSENT")
        ),
    }
    config = memory.config().model_copy(update={"accounts": accounts})
    signs = list(of_target(memory.build(config)))
    told = {sign.what.partition(":")[0]: sign for sign in signs}
    assert told["account finance"].grade is Grade.FAIL
    assert "GOLIVE_TEST_ABSENT" in told["account finance"].what
    assert told["sign-in as user"].grade is Grade.OK
    assert "sign-in as finance" not in told
    assert "correct horse" not in "".join(sign.what + sign.advice for sign in signs)


def test_what_deploys_and_what_shares_requests_out_get_a_line_each() -> None:
    signs = _signs(MemoryTarget())
    assert "memory-5xx" in signs["alarms"].what
    assert signs["listeners"].what == (
        "listeners: production 443 → green 100 %, validation 9443 → blue 100 %; "
        "targets: green 1 healthy, blue 1 healthy"
    )
    assert signs["validation listener"].what.startswith("validation listener: closed")


@pytest.mark.parametrize(
    ("memory", "part"),
    [
        (MemoryTarget(alarms=()), "alarms"),
        (MemoryTarget(strays=True), "listeners"),
        (MemoryTarget(exposed=True), "validation listener"),
    ],
    ids=["no alarm", "another way in", "open to the world"],
)
def test_what_the_preflight_would_refuse_is_told_before_the_day(
    memory: MemoryTarget, part: str
) -> None:
    signs = _signs(memory)
    assert signs[part].grade is Grade.FAIL
    assert signs[part].advice


def test_an_alarm_that_is_active_is_told_before_the_day() -> None:
    memory = MemoryTarget()
    memory.deployer.set_alarm("memory-latency", active=True, reason="last night")
    found = _signs(memory)["alarms"]
    assert (found.grade, "ALARM" in found.what) == (Grade.FAIL, True)
