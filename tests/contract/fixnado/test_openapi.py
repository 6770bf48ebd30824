"""The whole of the API document against the running service, with values nobody thought of.

No 5xx, no status that isn't documented, no body that isn't what its schema says. Every operation is
called as generated and about things that exist, by a role that may call it and by one that may not.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fixnado_world import ROLES, Running, Sqlite, email

EXAMPLES = [2, pytest.param(20, marks=pytest.mark.endurance)]
"""For each operation: with right values, and as many with wrong ones."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def target(sqlite_kind: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(sqlite_kind.fresh(), tmp_path_factory.mktemp("fuzzed"))
    yield running
    running.close()


def _made(target: Running, role: str, path: str, body: Any, key: str) -> dict[str, Any]:
    answer = target.as_(role).post(path, json=body, headers={"Idempotency-Key": key})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _things(target: Running) -> dict[str, Any]:
    """One real thing for each kind of path parameter."""
    user = target.as_("user")
    orders = user.get("/v1/orders?limit=200").json()["orders"]
    order = user.get(
        "/v1/orders/" + next(one["id"] for one in orders if one["amountMinor"] == 18_450)
    ).json()
    failed = next(one["id"] for one in order["milestones"] if one["status"] == "failed")
    report = {
        "fileName": "report.txt",
        "mediaType": "text/plain",
        "contentBase64": base64.b64encode(b"It leaks.").decode(),
    }
    opening = {
        "orderId": order["id"],
        "milestoneId": failed,
        "inspectionReport": report,
        "preferredOutcome": "full_refund",
        "reason": "It leaks.",
    }
    case = _made(target, "user", "/v1/refunds", opening, "open")
    request = {"requestType": "access", "subjectEmail": email("user")}
    filed = _made(target, "user", "/v1/compliance/data-requests", request, "file")
    plan = _made(target, "compliance", "/v1/compliance/purges", {"dryRun": True}, "plan")
    incident = {"severity": "SEV2", "title": "Rehearsed"}
    raised = _made(target, "operations", "/v1/incidents", incident, "raise")
    versions = target.as_("legal").get("/v1/admin/legal/terms/versions").json()["versions"]
    entries = target.as_("finance").get("/v1/ledger/entries").json()["entries"]
    return {
        "order_id": order["id"],
        "milestone_id": failed,
        "case_id": case["id"],
        "evidence_id": case["evidence"][0]["id"],
        "request_id": filed["id"],
        "plan_id": plan["id"],
        "incident_id": raised["id"],
        "conversation_id": user.get("/v1/conversations").json()["conversations"][0]["id"],
        "slug": "terms",
        "version_id": versions[0]["id"],
        "transaction_id": entries[0]["transactionId"],
        "component": "commerce",
        "index": 0,
    }


class Fuzz:
    """Calls operations and keeps what was wrong with their answers."""

    def __init__(self, target: Running, examples: int) -> None:
        self.target, self.examples = target, examples
        self.things = _things(target)
        self.findings: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()

    def operation(self, operation: Any) -> None:
        allowed = operation.definition.raw["x-roles"]
        inside = next((one for one in ROLES if one in allowed), None)
        outside = next((one for one in ROLES if one not in allowed), None)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                self._generate(operation, mode, (inside, outside))
            except Unsatisfiable:
                continue  # it takes no parameters, so none of them can be wrong

    def _generate(
        self, operation: Any, mode: GenerationMode, roles: tuple[str | None, ...]
    ) -> None:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def run(case: Any) -> None:
            for role in roles:
                self._call(case, role)
            known = {name: self.things[name] for name in case.path_parameters or {}}
            if known:
                case.path_parameters.update(known)
                self._call(case, roles[0])

        run()

    def _call(self, case: Any, role: str | None) -> None:
        if case.operation.path == "/v1/auth/logout":
            self.target.sign_out()  # it ends the session that it is called with
        headers = {}
        if role:
            headers["Authorization"] = self.target.as_(role).headers["authorization"]
        answer = case.call(headers=headers, timeout=20)
        self.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            where = f"{case.operation.label} as {role}: {answer.status_code}"
            self.findings[where] = str(found.exceptions[0])[:500]


@pytest.mark.parametrize("examples", EXAMPLES)
def test_every_operation_keeps_to_its_document(target: Running, examples: int) -> None:
    document = schemathesis.openapi.from_url(f"{target.url}/openapi.json", timeout=60)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 60
    fuzz = Fuzz(target, examples)
    fuzz.things |= {"update_id": "none", "payout_id": "none"}
    for operation in operations:
        fuzz.operation(operation)
    target.sign_out()
    # it got as far as doing things, not only as far as being refused
    assert fuzz.statuses[200] > 30 * examples
    assert fuzz.statuses[201] >= 4 * examples
    assert fuzz.statuses.keys() >= {400, 401, 403, 404, 409, 422}
    assert not fuzz.findings, "\n\n".join(f"{at}\n{what}" for at, what in fuzz.findings.items())
