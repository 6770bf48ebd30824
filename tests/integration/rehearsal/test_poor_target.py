"""A whole rehearsal in front of a back end that lacks almost everything: it runs to its end, every
lack is a check that doesn't pass with the answer attached, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from golive.adapters.memory import MemoryTarget
from golive.evidence.verify import State, verify
from golive.ports.target import Target, TargetConfig
from golive.rehearsal.board import fold
from golive.rehearsal.folder import RunFolder
from golive.rehearsal.journal import read_events
from golive.rehearsal.run import begin
from harness.memory_run import MemorySupplies, order
from poor_world import PoorBackEnd, always

DRILLS = {
    "synthetic": "with: {checks: [login, timeline-hub, data-request], rounds: 2}",
    "readiness": "with: {component: commerce, within_seconds: 1}",
    "data-governance": "",
    "refund": "",
    "incident": "",
    "legal": "",
    "blue-green": "with: {abort_at: 50%, hook: {checks: [login]}}",
}


def playbook() -> str:
    matter = "golive: 1\nrelease: '2'\ndate: 2024-05-30\ntimezone: UTC\nvault: vault"
    head = f"---\n{matter}\n---\n# Poor\n\n## Timeline\n"
    rows = [f"| {9 + n}:00 | [{name}](#{name}) | QA Lead | |" for n, name in enumerate(DRILLS)]
    table = "\n".join(
        ["| Time | Activity | Owner | Artefacts |", "| --- | --- | --- | --- |", *rows]
    )
    blocks = [
        f"## {name}\n\n```yaml golive\ndrill: {name}\n{params}\n```\n"
        for name, params in DRILLS.items()
    ]
    return f"{head}{table}\n\n" + "\n".join(blocks)


class PoorTarget(MemoryTarget):
    """Everything but the marketplace is as in memory."""

    def __init__(self, back_end: PoorBackEnd) -> None:
        super().__init__()
        self._back_end = back_end

    def build(self, config: TargetConfig | None = None) -> Target:
        market = self._back_end.market()
        built = super().build(config)
        sides = dict.fromkeys(built.instances, market)
        return replace(built, instances=sides, production=market, validation=market)


@pytest.fixture(
    params=[
        PoorBackEnd(always(404, '{"message": "Cannot GET"}')),
        PoorBackEnd(always(500, '{"error": "it broke"}')),
        PoorBackEnd(always(200, "<html><title>Welcome</title></html>")),
        PoorBackEnd(always(200, "[]"), asks_origin=True),
    ],
    ids=["404", "500", "html", "origin"],
)
def back_end(request: pytest.FixtureRequest) -> Iterator[PoorBackEnd]:
    with request.param as there:
        yield there


def test_a_complete_run_in_which_each_lack_is_named(
    supplies: MemorySupplies, back_end: PoorBackEnd
) -> None:
    supplies.memory = PoorTarget(back_end)
    verdict = begin(order(playbook(), supplies.folder), supplies)
    assert verdict["verdict"] == "not-ready"
    assert verify(Path(str(verdict["vault"]))).state is State.INTACT

    board = fold(read_events(RunFolder.find(supplies.folder / "state", None).events))
    assert {item.state for item in board.items.values()} <= {"failed", "passed"}
    errors = [step.error for item in board.items.values() for step in item.steps.values()]
    assert not [error for error in errors if "the drill itself broke" in error]
    for name in DRILLS:
        item = board.items[f"{name}/1"]
        wrong = [one for one in item.checks if one["verdict"] != "pass"]
        said = [str(one["detail"]) for one in wrong]
        said += [step.error for step in item.steps.values() if step.error]
        assert item.state == "failed", name
        assert any(said), f"{name} says nothing of what it met"
    assert any("/api/v1/compliance/data-requests" in one for one in back_end.seen) or (
        back_end.asks_origin
    )
