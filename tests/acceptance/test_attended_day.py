"""Eight people, eight processes, the whole playbook on the stage: READY, and a GO in the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import attended_day
from harness.command_line import Golive

pytestmark = pytest.mark.endurance

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
DECIDE = {
    "greta": "Compliance Lead",
    "tom": "DevOps Lead",
    "ines": "Product Engineering Lead",
    "ruth": "Executive Sponsor",
}


def signed(golive: Golive, person: str, vault: str, decision: str) -> dict[str, Any]:
    golive.env["GOLIVE_PASSPHRASE"] = attended_day.passphrase(person)
    done = golive.run(
        "sign", vault, "--as", person, "--decision", decision, "--json",
        "--comment", f"{person} has read it",
    )  # fmt: skip
    del golive.env["GOLIVE_PASSPHRASE"]
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(400)
def test_eight_people_come_to_a_go_and_one_refusal_turns_it(golive: Golive) -> None:
    people = attended_day.enrol(golive, PLAYBOOKS / "people.toml")
    playbook = str(PLAYBOOKS / "fixnado-v1.00.md")
    run = golive.start("rehearse", playbook, "--people", str(people), "--json")
    hands = [attended_day.start(golive, person) for person in attended_day.PRESENT]
    out, errors = run.communicate(timeout=300)
    events = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
    verdict = next((one for one in events if one["event"] == "verdict"), {})
    assert run.returncode == 0, (verdict.get("reasons"), errors.decode())
    # what is open yet are the four signatures, which are given over the seal
    assert (verdict["verdict"], verdict["open_human_items"]) == ("ready", len(DECIDE))
    for hand in hands:
        assert hand.wait(30) == 0

    acts = [one for one in golive.journal() if one["event"] == "act"]
    assert {one["person"] for one in acts} == set(attended_day.PRESENT)
    assert ("greta", "Legal Counsel") in {(one["person"], one["role"]) for one in acts}

    vault = verdict["vault"]
    calls = [signed(golive, person, vault, "go")["decision"]["decision"] for person in DECIDE]
    assert calls == ["open", "open", "open", "go"]
    assert golive.run("verify", vault).returncode == 0
    assert golive.run("ledger", "verify", vault).returncode == 0
    turned = signed(golive, "greta", vault, "no-go")["decision"]
    assert turned["decision"] == "no-go"
