"""The page on verdicts: every rule is on it, its policy loads, and its recipe proves an entry."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from decision_world import World
from golive.gates.policy import default_policy, load_policy, parse_policy
from golive.rehearsal.ledger import check_proof, prove

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


def test_every_rule_is_on_the_page_in_its_order() -> None:
    told = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.M)
    assert told == [rule.shape.id for rule in default_policy().rules]


def test_the_example_is_a_policy() -> None:
    assert parse_policy(block("toml").encode(), "example").name == "quick"


def test_the_policy_for_a_launch_differs_in_its_floor_alone() -> None:
    live = load_policy(ROOT / "policies" / "live-launch.toml")
    assert live.params == {"fidelity_floor": "live"}
    assert [one.shape for one in live.rules] == [one.shape for one in default_policy().rules]


@pytest.mark.parametrize("spoil", [False, True])
def test_the_recipe_checks_a_proof_without_us(tmp_path: Path, spoil: bool) -> None:
    world = World(tmp_path)
    world.seal()
    world.everybody()
    proof = dict(prove(world.root, 3))
    assert check_proof(json.dumps(proof).encode()).seq == 3
    if spoil:
        proof["entry"] = prove(world.root, 2)["entry"]
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    (tmp_path / "check.py").write_text(block("python"))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "check.py", "proof.json"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is not spoil, done.stderr
    command = block("sh")
    (line,) = [one for one in PAGE.splitlines() if one.startswith("openssl pkeyutl")]
    assert command
    if not spoil and shutil.which("openssl"):
        proved = subprocess.run(
            line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Verified Successfully" in proved.stdout, proved.stderr
