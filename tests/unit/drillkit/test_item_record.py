"""What an item's record says of the people who had a part in it."""

from __future__ import annotations

from golive.drillkit.records import Act, ItemRecord, Outcome, StepRecord

NOW = "2024-05-30T08:00:00.000Z"


def test_whoever_made_it_or_ran_it_again_is_barred_from_approving_it() -> None:
    reviewed = StepRecord("review", Outcome.FAILED, NOW, NOW, value={"authors": ["priya"]})
    read = StepRecord("read", Outcome.PASSED, NOW, NOW, value=["tom"])
    acts = [Act(action, who, "QA Lead", "", NOW) for action, who in
            (("retry", "asha"), ("refuse", "nadia"))]  # fmt: skip
    item = ItemRecord("plan/1", Outcome.FAILED, NOW, NOW, steps=(read, reviewed), acts=acts)
    assert item.barred == ["priya", "asha"]
