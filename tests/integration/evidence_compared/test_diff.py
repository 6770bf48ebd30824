"""Two rehearsals side by side, and many in a row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from typer.testing import Result

from golive.evidence.day import CheckFact, Day, ItemFact, RiskFact, read_day
from golive.evidence.diff import Trend, difference
from golive.evidence.verify.choose import intact_release
from golive.kernel.errors import BadInput

BEFORE = Day(
    rehearsal="1.00-a",
    number=1,
    digest="0" * 64,
    sealed_at="2024-05-30T10:00:00.000Z",
    release="1.00",
    target="stage",
    practice=True,
    verdict="ready",
    headline="READY (practice: 2 human items open)",
    reasons=[],
    machine_items=2,
    machine_ready=2,
    open_human_items=2,
    items={
        "cutover/1": ItemFact(
            "passed",
            20.0,
            {
                "p95": CheckFact("p95 stays low", "pass", 120.0, "ms"),
                "back": CheckFact("it came back", "pass", True, ""),
                "gone": CheckFact("only before", "pass", 1, ""),
            },
        ),
        "smoke/1": ItemFact("passed", 3.0, {}),
        "people/1": ItemFact("open", None, {}),
    },
    evidence={"a.json": ("1", "local"), "b.json": ("2", "local"), "c.json": ("3", "simulated")},
    risks={"risk-1": RiskFact("It fails", "exercised", "Low")},
)
AFTER = replace(
    BEFORE,
    rehearsal="1.00-b",
    sealed_at="2024-06-02T10:00:00.000Z",
    verdict="not-ready",
    reasons=["p95 is too high"],
    machine_ready=1,
    items={
        "cutover/1": ItemFact(
            "failed",
            31.0,
            {
                "p95": CheckFact("p95 stays low", "fail", 640.0, "ms"),
                "back": CheckFact("it came back", "pass", True, ""),
            },
        ),
        "smoke/1": ItemFact("passed", 3.1, {}),
        "new/1": ItemFact("passed", 1.0, {}),
    },
    evidence={"a.json": ("1", "local"), "b.json": ("9", "local"), "d.json": ("4", "live")},
    risks={"risk-1": RiskFact("It fails", "failed", "Higher", "owen (Finance) until 2199-12-31")},
)


def test_every_section_tells_what_changed_and_nothing_else() -> None:
    found = difference(BEFORE, AFTER)
    told = {name: [(one.what, one.before, one.after) for one in changes]
            for name, changes in found.sections().items()}  # fmt: skip
    assert told["verdict"] == [
        ("verdict", "ready (practice)", "not-ready (practice)"),
        ("machine items ready", "2 of 2", "1 of 2"),
        ("p95 is too high", "", "a reason"),
    ]
    assert told["durations"] == [
        ("cutover/1", "20.0 s", "31.0 s"),
        ("new/1", "", "1.0 s"),
        ("all drills together", "23.0 s", "35.1 s"),
    ]
    assert told["checks"] == [
        ("cutover/1:p95", "pass (120 ms)", "fail (640 ms)"),
        ("cutover/1:gone", "pass (1)", ""),
    ]
    assert told["evidence"] == [("c.json", "simulated", ""), ("d.json", "", "live")]
    assert (found.same_evidence, found.renewed_evidence) == (1, 1)
    assert told["risks"] == [
        ("risk-1", "exercised: Low", "failed: Higher, accepted by owen (Finance) until 2199-12-31")
    ]


def test_a_day_beside_itself_differs_in_nothing() -> None:
    found = difference(BEFORE, BEFORE)
    changes = [change for section in found.sections().values() for change in section]
    assert [one.what for one in changes] == ["all drills together"]
    assert found.same_evidence == len(BEFORE.evidence)


def test_a_trend_holds_one_figure_a_day_of_what_two_days_share() -> None:
    trend = Trend([BEFORE, AFTER])
    assert trend.measures() == {"cutover/1:p95": ("ms", [120.0, 640.0])}
    assert [day["checks"] for day in trend.to_json()["days"]] == [  # type: ignore[index,union-attr,call-overload]
        {"pass": 3, "fail": 0, "inconclusive": 0},
        {"pass": 1, "fail": 1, "inconclusive": 0},
    ]


def test_a_sealed_rehearsal_is_read_from_its_release_alone(rehearsed: Path) -> None:
    day = read_day(intact_release(rehearsed))
    assert day.verdict in ("ready", "not-ready")
    assert day.machine_items == 2
    assert day.items["readiness/2"].seconds is not None
    assert "out/readiness.json" in day.evidence
    assert not [path for path in day.evidence if path.startswith("golive/")]


def test_the_command_fits_a_narrow_terminal_and_speaks_json(
    rehearsed: Path, vault: Path, golive: Callable[..., Result], tmp_path: Path
) -> None:
    done = golive("diff", rehearsed, vault)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.output.splitlines())) <= 80
    assert [line for line in done.output.splitlines() if line == "Risks"]
    data = json.loads(golive("diff", rehearsed, vault, "--json").output)
    assert data["verdict"] == []
    over = golive("diff", "--trend", rehearsed.parent)
    assert over.exit_code == 0, over.output
    assert max(map(len, over.output.splitlines())) <= 80
    told = json.loads(golive("diff", "--trend", rehearsed.parent, "--json").output)
    assert [day["seal"] for day in told["days"]] == [1]
    assert isinstance(golive("diff", rehearsed).exception, BadInput)
    assert isinstance(golive("diff", rehearsed, tmp_path).exception, BadInput)
    assert isinstance(golive("diff", "--trend", tmp_path / "none").exception, BadInput)


def test_what_was_changed_is_neither_compared_nor_part_of_a_trend(
    rehearsed: Path, vault: Path, golive: Callable[..., Result]
) -> None:
    paper = next((vault / "releases").rglob("data/golive/verdict.json"))
    paper.chmod(0o644)
    data = paper.read_bytes().replace(b"ready", b"reedy", 1)
    paper.unlink()
    paper.write_bytes(data)
    done = golive("diff", rehearsed, vault)
    assert done.exception is not None
    assert getattr(done.exception, "exit_code", None) == 1
    over = json.loads(golive("diff", "--trend", vault.parent, "--json").output)
    assert over["days"] == []
    assert "verdict.json" in over["unreadable"][0]["why"]


def test_a_trend_is_a_page_too(
    rehearsed: Path, golive: Callable[..., Result], tmp_path: Path
) -> None:
    from golive.bootstrap import trend_page

    hostile = replace(AFTER, release="<script>alert(1)</script>")
    page = trend_page(Trend([BEFORE, hostile], [("/vaults/x", "changed: <b>")])).decode()
    assert page == trend_page(Trend([BEFORE, hostile], [("/vaults/x", "changed: <b>")])).decode()
    assert "<script>" not in page
    assert "changed: &lt;b&gt;" in page
    assert "cutover/1:p95: from 120 to 640 ms" in page, "the line in words"
    file = tmp_path / "trend.html"
    done = golive("diff", "--trend", rehearsed.parent, "-o", file)
    assert done.exit_code == 0, done.output
    assert "1 sealed rehearsal," in file.read_text()
