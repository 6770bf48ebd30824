"""What a playbook may write."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from golive.drills.blue_green import BlueGreen


@pytest.mark.parametrize("written", ["50%", "50 %", "50", 50, 50.0])
def test_percentages(written):
    assert BlueGreen().parse({"abort_at": written}).abort_at == 50


@pytest.mark.parametrize(
    "params",
    [
        {"abort_at": "half"},
        {"abort_at": 0},
        {"abort_at": "101%"},
        {"abort_at": True},
        {"abort_at": float("nan")},
        {"abort_by": []},
        {"abort_by": ["whim"]},
        {"then": "perhaps"},
        {"rate": 0},
        {"rate": 1e9},
        {"path": "no-slash"},
        {"path": "/a b"},
        {"colour": "blue"},
        {"config": "CodeDeployDefault.ECSAllAtOnce"},
        {"config": "CodeDeployDefault.ECSCanary10Percent5Minutes", "abort_at": "50%"},
    ],
)
def test_refused(params):
    with pytest.raises(ValidationError):
        BlueGreen().parse(params)


def test_the_playbook_of_the_docs():
    params = BlueGreen().parse(
        {
            "incoming": "blue",
            "validation_port": 9443,
            "insist_port": False,
            "abort_at": "50%",
            "abort_by": ["request"],
            "then": "promote",
        }
    )
    assert params.config == "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
    assert params.rate == 200
