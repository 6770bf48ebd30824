"""Which deployments there were: by what their descriptions mention, with their rollbacks."""

from __future__ import annotations

import json
from typing import Any

from golive.adapters.aws import CodeDeploy
from golive.adapters.memory import MemoryTarget
from golive.ports.dashboards import DeploymentLog
from golive.ports.target import DeployerConfig

KNOWN = {
    "d-4": {"description": "somebody else's"},
    "d-3": {"description": "golive run-1 cutover/1 promote"},
    "d-2": {"description": "rolled back"},
    "d-1": {
        "description": "golive run-1 cutover/1 shift",
        "rollbackInfo": {"rollbackDeploymentId": "d-2"},
    },
}


def test_codedeploys_pages_are_read_newest_first_and_told_oldest_first(
    server: Any, answer: Any
) -> None:
    def respond(asked: Any) -> Any:
        sent = json.loads(asked.body)
        if asked.headers["x-amz-target"].endswith("ListDeployments"):
            first = {"deployments": ["d-4", "d-3"], "nextToken": "more"}
            rest = {"deployments": ["d-2", "d-1"]}
            said: dict[str, Any] = rest if sent.get("nextToken") else first
        else:
            found = [{"deploymentId": one, **KNOWN[one]} for one in sent["deploymentIds"]]
            said = {"deploymentsInfo": found[::-1]}  # AWS promises no order
        return answer(body=json.dumps(said).encode())

    server.respond = respond
    config = DeployerConfig(application="shop", group="g", region="eu-west-2", endpoint=server.url)
    log: DeploymentLog = CodeDeploy(config, sides={"blue": "", "green": ""}, timeout=5)
    assert log.mentioning("run-1") == ["d-1", "d-2", "d-3"]
    assert log.mentioning("run-2") == []


def test_a_memory_target_tells_the_same() -> None:
    deployer = MemoryTarget().deployer
    log: DeploymentLog = deployer
    config = "CodeDeployDefault.ECSAllAtOnce"
    made = deployer.create(incoming="blue", version="1", config=config, description="a run-1 b")
    deployer.stop(made, rollback=True)
    assert log.mentioning("run-1") == [made, deployer.get(made).rollback.rollback_id]
    assert log.mentioning("run-2") == []
