"""Whatever dies in the middle of a deployment, record and traffic end up saying the same."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import pytest

from golive.adapters.aws import CodeDeploy
from golive.adapters.caddy import CaddyTraffic
from golive.kernel.errors import PortError
from golive.ports.deployer import Wait
from golive.stage import Stage, StageStatus
from golive.stage.homecoming import bring_home
from golive.stage.layout import Layout
from stage_world.bench import eventually

LINEAR = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"


@pytest.mark.endurance
@pytest.mark.parametrize("round_number", range(20))
def test_kills_in_mid_shift(up: StageStatus, round_number: int) -> None:
    config, chance = up.config, random.Random(round_number)
    assert config.deployer is not None
    port = CodeDeploy(
        config.deployer, sides={side: one.target_group for side, one in config.sides.items()}
    )
    traffic = CaddyTraffic(
        up.urls["admin"], sides={side: one.url for side, one in config.sides.items()}
    )
    key = f"endurance {round_number}"
    made = port.create(incoming="blue", version="1.00", config=LINEAR, description=key)
    for _ in range(3):
        time.sleep(chance.uniform(0.0, 1.0))  # the moment of the kill is the point of this test
        now = Stage(up.folder).status()
        assert now is not None
        with contextlib.suppress(ProcessLookupError):  # it is dead from the last time still
            os.kill(now.processes[chance.choice(["controller", "balancer"])], signal.SIGKILL)

    def over() -> None:
        with contextlib.suppress(PortError):  # it has not come to that, or is over
            port.continue_deployment(made, Wait.TERMINATION)
        found = port.get(made)
        assert found.status.final
        if found.rollback.rollback_id:
            assert port.get(found.rollback.rollback_id).status.final
        assert port.target(made).weights() == traffic.weights()

    eventually(over, (AssertionError, PortError), seconds=60)  # type: ignore[arg-type]
    bring_home(Layout(up.folder), up.urls["codedeploy"])
