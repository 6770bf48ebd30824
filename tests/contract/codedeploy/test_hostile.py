"""Malformed, oversized and foreign requests: AWS's error shape, and nothing changed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golive.stage.controller import shapes
from golive.stage.signature import SKEW, Key, Request, signed
from stage_world import bench
from stage_world.deploying import OWN, appspec, revision
from stage_world.shapes import COMMON

SCOPE = "eu-west-2/codedeploy"


def send(
    controller: bench.Controller,
    operation: str,
    body: bytes,
    *,
    method: str = "POST",
    path: str = "/",
    **headers: str | None,
) -> tuple[int, dict[str, Any]]:
    """Signed as it should be."""
    sent: dict[str, str | None] = {
        "host": f"127.0.0.1:{controller.port}",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"CodeDeploy_20141006.{operation}",
    }
    sent |= {name.replace("_", "-").lower(): text for name, text in headers.items()}
    kept = {name: text for name, text in sent.items() if text is not None}
    proven = signed(Request(method, path, kept, body), bench.KEY, SCOPE, datetime.now(UTC))
    return raw(controller, method, path, body, proven)


def raw(
    controller: bench.Controller, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", controller.port, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def code(answer: tuple[int, dict[str, Any]], status: int = 400) -> str:
    assert answer[0] == status, answer
    assert set(answer[1]) == {"__type", "message"}
    assert "Traceback" not in answer[1]["message"]
    found: str = answer[1]["__type"]
    return found


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"[]", b"1", b'"x"', b"null", b"[" * 50_000, b'{"nextToken": NaN}'],
    ids=["cut", "not-utf8", "list", "number", "text", "null", "deep", "nan"],
)
def test_what_is_no_json_object_is_refused(controller: bench.Controller, body: bytes) -> None:
    assert code(send(controller, "ListApplications", body)) == "SerializationException"


def test_unknown_operations_and_protocols_are_refused(controller: bench.Controller) -> None:
    unknown = "UnknownOperationException"
    assert code(send(controller, "LaunchRockets", b"{}")) == unknown
    assert code(send(controller, "ListApplications", b"", method="GET")) == unknown
    assert code(send(controller, "ListApplications", b"{}", path="/other")) == unknown
    cbor = "/service/CodeDeploy_20141006/operation/ListApplications"
    headers: dict[str, str | None] = {"smithy_protocol": "rpc-v2-cbor", "X_Amz_Target": None}
    assert code(send(controller, "", b"\xbf\xff", path=cbor, **headers)) == unknown
    assert (
        code(send(controller, "x", b"{}", X_Amz_Target="DynamoDB_20120810.ListTables")) == unknown
    )
    form: dict[str, str | None] = {"Content_Type": "application/x-www-form-urlencoded"}
    assert code(send(controller, "ListApplications", b"Action=x", **form)) == (
        "SerializationException"
    )


OTHER = "UnrecognizedClientException"
WRONG = "InvalidSignatureException"
HALF = "IncompleteSignatureException"


@pytest.mark.parametrize(
    ("key", "change", "expected"),
    [
        (bench.KEY, {"authorization": ""}, "MissingAuthenticationTokenException"),
        (bench.KEY, {"authorization": "AWS4-HMAC-SHA256 Credential=any"}, HALF),
        (bench.KEY, {"authorization": "Basic c3RhZ2U6c3RhZ2U="}, HALF),
        (Key("stage", "stage"), {}, OTHER),
        (Key(bench.KEY.id.lower(), bench.KEY.secret), {}, OTHER),
        (Key(bench.KEY.id, "guessed"), {}, WRONG),
        (bench.KEY, {"x-amz-date": "20260101T000000Z"}, WRONG),
        (bench.KEY, {"x-amz-target": "CodeDeploy_20141006.DeleteApplication"}, WRONG),
        (bench.KEY, {"x-amz-later": "unsigned"}, HALF),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("POST", "/stage/home"), ("GET", "/stage/hooks")]
)
def test_who_has_not_the_key_is_answered_nothing(
    controller: bench.Controller,
    method: str,
    path: str,
    key: Key,
    change: dict[str, str],
    expected: str,
) -> None:
    headers = {
        "host": f"127.0.0.1:{controller.port}",
        "content-type": "application/x-amz-json-1.1" if path == "/" else "application/json",
        "x-amz-target": "CodeDeploy_20141006.ListApplications",
    }
    proven = signed(Request(method, path, headers, b"{}"), key, SCOPE, datetime.now(UTC))
    assert code(raw(controller, method, path, b"{}", {**proven, **change})) == expected


def test_a_signature_is_for_one_body_and_for_five_minutes(controller: bench.Controller) -> None:
    headers = {
        "host": f"127.0.0.1:{controller.port}",
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "CodeDeploy_20141006.ListApplications",
    }
    asked = Request("POST", "/", headers, b"{}")
    now = datetime.now(UTC)
    proven = signed(asked, bench.KEY, SCOPE, now)
    assert raw(controller, "POST", "/", b"{}", proven)[0] == 200
    assert code(raw(controller, "POST", "/", b'{"a":1}', proven)) == WRONG
    for away in (SKEW + timedelta(seconds=5), -SKEW - timedelta(seconds=5)):
        late = signed(asked, bench.KEY, SCOPE, now + away)
        assert code(raw(controller, "POST", "/", b"{}", late)) == WRONG
    claimed = signed(
        Request("POST", "/", {**headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, b"{}"),
        bench.KEY, SCOPE, now,
    )  # fmt: skip
    assert code(raw(controller, "POST", "/", b"{}", claimed)) == WRONG


def test_botocore_signs_as_we_do(controller: bench.Controller) -> None:
    """Its own signer is the judge of ours, of whatever it makes of a request."""
    body = b'{"includeOnlyStatuses":["Created"]}'
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "CodeDeploy_20141006.ListDeployments",
        "X-Amz-Odd": "  two   words ",
    }
    asked = AWSRequest("POST", f"{controller.url}/", headers=headers, data=body)
    SigV4Auth(Credentials(*astuple(bench.KEY)), "codedeploy", "eu-west-2").add_auth(asked)
    proven = dict(asked.headers.items())
    assert raw(controller, "POST", "/", body, proven) == (200, {"deployments": []})
    at = datetime.strptime(proven["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = {name.lower(): text for name, text in headers.items()}
    ours["host"] = f"127.0.0.1:{controller.port}"
    own = signed(Request("POST", "/", ours, body), bench.KEY, SCOPE, at)
    assert own["authorization"] == proven["Authorization"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}],
)
def test_a_browsers_page_can_not_reach_it(
    controller: bench.Controller, headers: dict[str, str]
) -> None:
    assert code(send(controller, "ListApplications", b"{}", **headers)) == "AccessDeniedException"
    answer = send(
        controller, "", b"{}", path="/stage/home", Content_Type="application/json", **headers
    )
    assert code(answer) == "AccessDeniedException"
    plain = send(controller, "", b"{}", path="/stage/home", Content_Type="text/plain")
    assert code(plain) == "AccessDeniedException"


def test_ten_megabytes_are_too_many(controller: bench.Controller) -> None:
    body = json.dumps({"applicationName": "x" * 10_000_000}).encode()
    assert code(send(controller, "CreateApplication", body), 413) == (
        "RequestEntityTooLargeException"
    )
    assert send(controller, "ListApplications", b"{}")[1] == {"applications": ["fixnado"]}


@pytest.mark.parametrize(
    ("operation", "members", "expected"),
    [
        ("GetDeployment", {}, "DeploymentIdRequiredException"),
        ("GetDeployment", {"deploymentId": ""}, "DeploymentIdRequiredException"),
        ("GetDeployment", {"deploymentId": "x"}, "InvalidDeploymentIdException"),
        ("GetDeployment", {"deploymentId": "d-AAAAAAAAA"}, "DeploymentDoesNotExistException"),
        ("GetDeployment", {"deploymentId": 7}, "SerializationException"),
        ("StopDeployment", {"deploymentId": "d-AAAAAAAAA"}, "DeploymentDoesNotExistException"),
        (
            "StopDeployment",
            {"deploymentId": "d-AAAAAAAAA", "autoRollbackEnabled": "yes"},
            "SerializationException",
        ),
        (
            "ContinueDeployment",
            {"deploymentId": "d-AAAAAAAAA", "deploymentWaitType": "TEA_BREAK"},
            "InvalidDeploymentWaitTypeException",
        ),
        ("GetDeploymentTarget", {"deploymentId": "x"}, "DeploymentTargetIdRequiredException"),
        ("GetApplication", {"applicationName": None}, "ApplicationNameRequiredException"),
        ("GetApplication", {"applicationName": "gone"}, "ApplicationDoesNotExistException"),
        ("ListDeployments", {"applicationName": "fixnado"}, "DeploymentGroupNameRequiredException"),
        ("ListDeployments", {"deploymentGroupName": "x"}, "ApplicationNameRequiredException"),
        (
            "ListDeployments",
            {"includeOnlyStatuses": ["Dreaming"]},
            "InvalidDeploymentStatusException",
        ),
        (
            "ListDeployments",
            {"createTimeRange": {"start": 2, "end": 1}},
            "InvalidTimeRangeException",
        ),
        ("ListDeployments", {"createTimeRange": {"start": True}}, "SerializationException"),
        ("ListDeployments", {"nextToken": "x"}, "InvalidNextTokenException"),
        ("CreateDeployment", {"applicationName": "gone"}, "ApplicationDoesNotExistException"),
        (
            "CreateDeployment",
            {"applicationName": "fixnado"},
            "DeploymentGroupNameRequiredException",
        ),
        ("CreateDeployment", OWN, "RevisionRequiredException"),
        (
            "CreateDeployment",
            {**OWN, "deploymentConfigName": "gone", "revision": revision()},
            "DeploymentConfigDoesNotExistException",
        ),
        (
            "CreateDeployment",
            {**OWN, "revision": {"revisionType": "S3", "s3Location": {"bucket": "b"}}},
            "InvalidRevisionException",
        ),
        (
            "CreateDeployment",
            {**OWN, "revision": {"revisionType": "Pigeon"}},
            "InvalidRevisionException",
        ),
        ("CreateDeployment", {**OWN, "revision": revision("a: [")}, "InvalidRevisionException"),
        ("CreateDeployment", {**OWN, "revision": revision("{}")}, "InvalidRevisionException"),
        (
            "CreateDeployment",
            {
                **OWN,
                "revision": {
                    "revisionType": "AppSpecContent",
                    "appSpecContent": {"content": json.dumps(appspec()), "sha256": "0" * 64},
                },
            },
            "InvalidRevisionException",
        ),
        (
            "CreateDeployment",
            {**OWN, "revision": revision(hooks=[{"AllowTraffic": "f"}])},
            "InvalidRevisionException",
        ),
        (
            "CreateDeployment",
            {**OWN, "revision": revision(), "fileExistsBehavior": "EXPLODE"},
            "InvalidFileExistsBehaviorException",
        ),
    ],
)
def test_each_operation_has_its_own_errors(
    controller: bench.Controller, operation: str, members: dict[str, Any], expected: str
) -> None:
    assert code(send(controller, operation, json.dumps(members).encode())) == expected
    declared = shapes.service().operation_model(operation).error_shapes
    assert expected in {shape.name for shape in declared} | COMMON
    assert send(controller, "ListDeployments", b"{}")[1] == {"deployments": []}


def test_unknown_members_and_nulls_are_ignored(controller: bench.Controller) -> None:
    body = {"applicationName": "shop", "computePlatform": "ECS", "tags": None, "colour": "red"}
    status, answer = send(controller, "CreateApplication", json.dumps(body).encode())
    assert status == 200
    assert set(answer) == {"applicationId"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
READING = [
    name
    for name in shapes.service().operation_names
    if name.startswith(("Get", "List", "BatchGet", "Stop", "Continue", "Put", "CreateDeployment"))
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_comes_is_answered_in_awss_shape(
    controller: bench.Controller, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(READING))
    shape = shapes.service().operation_model(operation).input_shape
    members = list(shape.members) if shape else []
    body = data.draw(st.dictionaries(st.sampled_from(members) if members else st.text(), VALUES))
    status, answer = send(controller, operation, json.dumps(body).encode())
    assert status in (200, 400)
    assert status == 200 or set(answer) == {"__type", "message"}
    assert answer.get("__type") != "InternalFailure"
