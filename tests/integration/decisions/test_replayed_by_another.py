"""A verdict that another engine, or another Golive, reached: replayed, compared, told in a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from decision_world import RUN, World
from golive import __version__
from golive.drillkit.records import CheckVerdict
from golive.evidence.release import Release
from golive.evidence.vault import Vault
from golive.gates.evaluate import engine_version
from golive.gates.policy import DEFAULT, parse_policy
from golive.main import app
from golive.rehearsal.decide import replay
from golive.rehearsal.judging import VERDICT

OLD = "common-expression-language 0.0.1"
Change = Callable[[dict[str, Any]], None]


def decide(world: World, *words: str) -> Result:
    return CliRunner().invoke(app, ["decide", str(world.root), *words])


def sealed_otherwise(world: World, change: Change, *, golive: str = __version__) -> None:
    """Seal again what was sealed, with the verdict as another engine or Golive might have had
    it."""
    vault = Vault(world.root)
    release = vault.release(RUN)
    verdict = json.loads(release.bytes_of(VERDICT))
    change(verdict)
    kept = vault.objects.put(json.dumps(verdict, indent=2, ensure_ascii=False).encode() + b"\n")
    artefacts = [
        replace(one, sha256=kept.sha256, size=kept.size) if one.path == VERDICT else one
        for one in release.artefacts
    ]
    tags = {**release.statement.tags, "goliveVersion": golive}
    vault.seal(Release(RUN, artefacts, tags), world.seal_key)


def older_engine(verdict: dict[str, Any]) -> None:
    verdict["basis"]["engine"] = OLD


def test_another_engine_is_told_in_one_line_and_the_decision_is_compared(world: World) -> None:
    world.seal()
    sealed_otherwise(world, older_engine)
    found = replay(world.root)
    assert not found.same
    assert found.agrees
    done = decide(world, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["basis"]["engine"] == engine_version()
    (line,) = done.stderr.splitlines()
    assert line.startswith("golive: the same decision in every rule and reason, in other bytes:")
    assert f"sealed by Golive {__version__} with {OLD}" in line
    assert f"replayed by Golive {__version__} with {engine_version()}" in line


def test_another_golive_may_word_it_otherwise(world: World) -> None:
    world.seal(CheckVerdict.FAIL)

    def worded(verdict: dict[str, Any]) -> None:
        verdict["headline"] = "NOT READY, as we used to say"
        verdict["reasons"][0]["text"] += ", in other words"

    sealed_otherwise(world, worded, golive="0.0.1")
    done = decide(world)
    assert done.exit_code == 1, "not ready, as it was"
    assert "the same decision" in done.stderr
    assert "sealed by Golive 0.0.1" in done.stderr


def _verdict(verdict: dict[str, Any]) -> None:
    verdict["verdict"] = "not-ready"


def _rule(verdict: dict[str, Any]) -> None:
    verdict["rules"][0]["holds"] = False


def _reason(verdict: dict[str, Any]) -> None:
    verdict["reasons"].append({"rule": "drills-run", "item": "x/1", "blocks": "incomplete"})


def _count(verdict: dict[str, Any]) -> None:
    verdict["machine_ready"] += 1


def _facts(verdict: dict[str, Any]) -> None:
    verdict["basis"]["facts"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_verdict, "verdict: not-ready, now ready"),
        (_rule, "rule not-called-off: doesn't hold, now holds"),
        (_reason, "reasons: gone: drills-run x/1"),
        (_count, "machine ready: 3, now 2"),
        (_facts, "it rests on another facts"),
    ],
)
def test_another_decision_is_another_whoever_reached_it(
    world: World, change: Change, said: str
) -> None:
    world.seal()
    sealed_otherwise(world, lambda verdict: (older_engine(verdict), change(verdict))[0])
    done = decide(world)
    assert done.exit_code == 1
    assert "another decision than the one sealed" in done.stderr
    assert said in done.stderr


def test_other_bytes_by_the_same_engine_are_another_verdict(world: World) -> None:
    world.seal()
    sealed_otherwise(world, lambda verdict: verdict.update(headline="READY, and how"))
    done = decide(world)
    assert done.exit_code == 1
    assert "the verdict that was sealed is another one" in done.stderr


def test_the_headline_names_a_policy_that_is_not_golive_s_default(world: World) -> None:
    own = DEFAULT.read_bytes() + b"\n# ours\n"
    world.policy = own
    world.seal()
    digest = parse_policy(own, "ours").digest
    told = decide(world).stdout.splitlines()[0]
    assert told.endswith(f"judged by a policy of its own: sha256 {digest[:16]}…")
    assert str(Vault(world.root).release(RUN).statement.tags["headline"]) == told
    live = DEFAULT.with_name("live-launch.toml")
    by_live = decide(world, "--policy", str(live)).stdout.splitlines()[0]
    assert by_live.endswith("judged by Golive's live-launch policy")
    by_default = decide(world, "--policy", str(DEFAULT)).stdout.splitlines()[0]
    assert "judged by" not in by_default
