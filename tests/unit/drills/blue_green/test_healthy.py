"""A good launch: there, back, proven, promoted."""

from __future__ import annotations

import json

from golive.drillkit.records import CheckVerdict, Outcome
from golive.playbook.model import Limit

HOME = {"green": 100.0, "blue": 0.0}


def test_there_and_back_and_promoted(bench):
    day = bench()
    assert day.run() is Outcome.PASSED
    assert {check.verdict for check in day.checks.values()} == {CheckVerdict.PASS}
    assert day.weights == {"green": 0.0, "blue": 100.0}
    assert day.memory.count("deployment-created") == 2
    assert day.memory.count("deployment-stopped") == 1
    assert day.checks["aborted_at_percent"].measured == 50
    assert day.checks["state_as_before"].claim == (
        "after the return, 18 of 18 properties are as before"
    )
    assert day.checks["rollback_seconds"].measured > 0


def test_everything_shown_says_which_side_is_new(bench):
    day = bench()
    day.run()
    shown = [text for text, figures in day.news.progressed if "blue_weight" in figures]
    assert shown
    assert all("green (old)" in text and "incoming blue (new)" in text for text in shown)
    figures = next(one for _, one in day.news.progressed if one.get("blue_weight") == 30)
    assert {"green_p95_ms", "blue_p95_ms", "failed"} <= set(figures)


def test_artefacts(bench):
    day = bench()
    day.run()
    files = {path.rpartition("-")[2]: data for path, data in day.keep.files.items()}
    log = json.loads(files["lifecycle.json"])
    assert [one["creator"] for one in log] == ["user", "codeDeployRollback", "user"]
    assert log[0]["status"] == "Stopped"
    assert log[1]["rollbackOf"] == log[0]["deployment"]
    traffic = json.loads(files["traffic.json"])
    steps = [row["weights"]["blue"] for row in traffic["byStep"]]
    assert steps[:8] == [0, 10, 20, 30, 40, 50, 60, 0]
    assert traffic["bySide"].keys() == {"green", "blue"}
    samples = [json.loads(line) for line in files["samples.jsonl"].splitlines()]
    assert len(samples) == traffic["whole"]["requests"] > 1000
    record = json.loads(files["record.json"])
    assert record["weightsAtTheEnd"] == {"green": 0.0, "blue": 100.0}
    assert [one["event"] for one in record["events"] if one["event"] != "weights"] == [
        *(
            "snapshot",
            "toggled",
            "restored",
            "ordered",
            "triggered",
            "stopped",
            "returned",
            "proved",
        ),
        *("ordered", "kept", "promoted"),
    ]
    assert record["rollbackCommand"].startswith("aws deploy stop-deployment --deployment-id d-")
    assert "chart.png" not in files, "nobody sent this traffic"
    assert json.loads(files["metrics.json"])["sides"].keys() == {"green", "blue"}


def test_then_stay(bench):
    day = bench()
    assert day.run({"then": "stay"}) is Outcome.PASSED
    assert day.weights == HOME
    assert day.memory.count("deployment-created") == 1
    assert "promoted_weights" not in day.checks


def test_waits_are_continued(bench):
    day = bench(ready_wait=True, termination_wait=True)
    assert day.run() is Outcome.PASSED
    assert [effect.detail for effect in day.effects("deployment-continued")] == [
        *("READY_WAIT", "READY_WAIT", "TERMINATION_WAIT"),
    ]


def test_the_sides_may_bear_either_name(bench):
    day = bench(old="blue", incoming="green")
    assert day.run({"incoming": "green"}) is Outcome.PASSED
    assert day.weights == {"blue": 0.0, "green": 100.0}
    assert "incoming green (new)" in day.checks["shift_healthy"].claim


def test_abort_at_another_share(bench):
    day = bench()
    assert day.run({"abort_at": "20%"}) is Outcome.PASSED
    assert day.checks["aborted_at_percent"].measured == 20


def test_all_at_once_may_be_called_off_while_it_waits(bench):
    day = bench(termination_wait=True)
    params = {"config": "CodeDeployDefault.ECSAllAtOnce", "abort_at": 100}
    assert day.run(params) is Outcome.PASSED
    assert day.checks["aborted_at_percent"].measured == 100


def test_a_tighter_limit_of_the_playbook_counts(bench):
    day = bench()
    day.run(expect={"rollback_seconds": Limit(at_most=0.0001)})
    assert day.checks["rollback_seconds"].verdict is CheckVerdict.FAIL
    assert day.memory.count("deployment-created") == 1, "nothing is promoted after that"
    assert day.weights == HOME


def test_no_request_no_pass(bench):
    """A target that answers no probe request proves nothing, however good its records look."""
    day = bench()

    class Silent:
        fidelity = day.memory.build().probe.fidelity

        def start(self, url, *, rate, log):
            return self

        def recent(self):
            return {}

        def samples(self):
            return []

        def stop(self):
            return []

    whole = day.memory.build
    day.memory.build = lambda: _with_probe(whole(), Silent())
    assert day.run() is Outcome.FAILED
    assert day.checks["validation_failed"].verdict is CheckVerdict.INCONCLUSIVE
    assert day.memory.count("deployment-created") == 0


def _with_probe(target, probe):
    from dataclasses import replace

    return replace(target, probe=probe)
