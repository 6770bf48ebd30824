"""Every way in which CodeDeploy can fail becomes the port's error; answers become its records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive.adapters.aws import CodeDeploy
from golive.adapters.aws.answers import side_of
from golive.kernel.errors import NotConfigured, PortError, Unreachable
from golive.ports.target import DeployerConfig

CONFIG = {"application": "shop", "group": "production", "region": "eu-west-2"}
WHAT = {
    "task_definition": "arn:task-definition/shop-{incoming}:{revision}",
    "container": "web",
    "container_port": 8080,
}


def codedeploy(endpoint: str | None, **changes: Any) -> CodeDeploy:
    config = DeployerConfig.model_validate({**CONFIG, "endpoint": endpoint, **changes})
    return CodeDeploy(config, sides={"blue": "", "green": ""}, timeout=2)


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No credentials of this machine's, and no waiting between attempts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_an_error_of_awss_names_itself(server: Any, answer: Any) -> None:
    body = b'{"__type":"DeploymentGroupDoesNotExistException","message":"no group"}'
    server.respond = lambda _: answer(status=400, body=body)
    with pytest.raises(PortError, match="DeploymentGroupDoesNotExistException: no group") as caught:
        codedeploy(server.url).group()
    assert "deployer.group" in caught.value.hint
    assert caught.value.answer.startswith("DeploymentGroupDoesNotExistException")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_page_instead_of_an_answer_is_a_port_error(server: Any, answer: Any, status: int) -> None:
    html = {"Content-Type": "text/html"}
    server.respond = lambda _: answer(status=status, body=b"<html>hello</html>", headers=html)
    with pytest.raises(PortError):
        codedeploy(server.url).group()
    assert len(server.asked) <= 3


def test_an_answer_without_its_parts_is_a_port_error(server: Any) -> None:
    with pytest.raises(PortError, match="holds no deploymentGroupInfo"):
        codedeploy(server.url).group()


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        codedeploy("http://127.0.0.1:9").get("d-AAAAAAAAA")


def test_without_credentials_aws_is_not_asked() -> None:
    with pytest.raises(NotConfigured, match="credentials"):
        codedeploy(None).group()


def test_an_unknown_profile_is_not_configured() -> None:
    with pytest.raises(NotConfigured, match="nobody"):
        codedeploy(None, profile="nobody").group()


def test_without_a_region_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(NotConfigured, match="region"):
        codedeploy("http://127.0.0.1:9", region=None).group()


def test_an_emulator_here_never_sees_real_credentials(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(PortError):
        codedeploy(server.url).group()
    assert "Credential=stage/" in server.asked[0].headers["authorization"]


def test_what_to_deploy_must_be_said(server: Any) -> None:
    with pytest.raises(NotConfigured, match="does not say what to deploy"):
        codedeploy(server.url).create(incoming="blue", version="1", config="c", description="d")
    assert server.asked == []


def test_the_appspec_names_side_version_and_hooks(server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(body=b'{"deploymentId":"d-AAAAAAAAA"}')
    port = codedeploy(server.url, **WHAT, hooks={"AfterAllowTestTraffic": "validate"})
    port.create(incoming="blue", version="1.00", config="c", description="key")
    sent = json.loads(server.asked[0].body)
    assert sent["description"] == "key"
    spec = json.loads(sent["revision"]["appSpecContent"]["content"])
    properties = spec["Resources"][0]["TargetService"]["Properties"]
    assert properties["TaskDefinition"] == "arn:task-definition/shop-blue:100"
    assert spec["Hooks"] == [{"AfterAllowTestTraffic": "validate"}]


def test_a_creation_whose_answer_was_lost_is_found_again(server: Any, answer: Any) -> None:
    """AWS made the deployment; the first answer never came, the second attempt is one too many."""

    def respond(asked: Any) -> Any:
        operation = asked.headers["x-amz-target"].split(".")[1]
        if operation == "CreateDeployment":
            body = b'{"__type":"DeploymentLimitExceededException","message":"active"}'
            return answer(status=400, body=body)
        if operation == "ListDeployments":
            return answer(body=b'{"deployments":["d-OTHEROONE","d-AAAAAAAAA"]}')
        mine = {"deploymentId": "d-AAAAAAAAA", "description": "key"}
        other = {"deploymentId": "d-OTHEROONE", "description": "not mine"}
        return answer(body=json.dumps({"deploymentsInfo": [other, mine]}).encode())

    server.respond = respond
    port = codedeploy(server.url, **WHAT)
    made = port.create(incoming="blue", version="1", config="c", description="key")
    assert made == "d-AAAAAAAAA"
    with pytest.raises(PortError, match="DeploymentLimitExceeded"):
        port.create(incoming="blue", version="1", config="c", description="somebody else's")


def test_a_lambda_target_is_refused_in_plain_words(server: Any, answer: Any) -> None:
    def respond(asked: Any) -> Any:
        if asked.headers["x-amz-target"].endswith("ListDeploymentTargets"):
            return answer(body=b'{"targetIds":["one"]}')
        return answer(body=b'{"deploymentTarget":{"deploymentTargetType":"LambdaTarget"}}')

    server.respond = respond
    with pytest.raises(PortError, match="LambdaTarget, not an ECS service"):
        codedeploy(server.url).target("d-AAAAAAAAA")


@pytest.mark.parametrize(
    ("group", "sides", "expected"),
    [
        ("shop-blue", {"blue": "", "green": ""}, "blue"),
        ("Shop_Green-2", {"blue": "", "green": ""}, "green"),
        ("bluebird", {"blue": "", "green": ""}, "bluebird"),
        ("tg-1", {"blue": "tg-2", "green": "tg-1"}, "green"),
        ("blue-green", {"blue": "", "green": ""}, "blue-green"),
        ("shop-blue", {"blue": "tg-2", "green": ""}, "shop-blue"),
    ],
)
def test_target_groups_are_told_by_name_or_by_word(
    group: str, sides: dict[str, str], expected: str
) -> None:
    assert side_of(group, sides) == expected
