"""Data governance and legal pages over back ends that speak the contract poorly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive.adapters.fixnado_http import FixnadoMarketplace
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.ports.data_governance import DataGovernance
from golive.ports.legal_pages import LegalPages
from golive.ports.marketplace import Refused, Session

SESSION = Session("7", "compliance", {"Authorization": "Bearer tok-compliance"})
WHO = "u@rehearsal.fixnado.example"


@pytest.fixture
def market(server: Any) -> FixnadoMarketplace:
    accounts = {"user": (WHO, lambda: "a password")}
    return FixnadoMarketplace(server.url, "/v1", accounts, None, Fidelity.LOCAL)


def says(answer: Any, document: object, status: int = 200) -> Any:
    return answer(status, json.dumps(document).encode())


def calls(market: FixnadoMarketplace) -> dict[str, Any]:
    return {
        "find": lambda: market.find_request(SESSION, WHO, "R-1"),
        "file": lambda: market.file_request(
            SESSION, kind="access", email=WHO, reference="R-1", key="k"
        ),
        "read": lambda: market.data_request(SESSION, "1"),
        "verify": lambda: market.verify_request(SESSION, "1", "k"),
        "reject": lambda: market.reject_request(SESSION, "1", "no", "k"),
        "export": lambda: market.make_export(SESSION, "1", "k"),
        "manifest": lambda: market.manifest(SESSION, "1"),
        "figures": lambda: market.desk_figures(SESSION),
        "purge": lambda: market.plan_purge(SESSION, "", "k"),
        "document": lambda: market.legal_document("terms"),
        "versions": lambda: market.legal_versions(SESSION, "terms"),
        "content": lambda: market.legal_content(SESSION, "terms", "1"),
        "audit": lambda: market.legal_audit(SESSION),
        "acknowledgements": lambda: market.legal_acknowledgements(SESSION),
    }


NAMES = sorted(calls(FixnadoMarketplace("http://x", "", {}, None, Fidelity.LOCAL)))


def test_it_is_both_a_desk_and_legal_pages(market: FixnadoMarketplace) -> None:
    assert isinstance(market, DataGovernance)
    assert isinstance(market, LegalPages)
    assert market.address("user") == WHO


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "body"), [(404, b""), (500, b"{}"), (200, b"<html>hi</html>")])
def test_whatever_comes_back_is_a_port_error(
    market: FixnadoMarketplace, server: Any, answer: Any, name: str, status: int, body: bytes
) -> None:
    server.respond = lambda _: answer(status, body)
    with pytest.raises(PortError) as caught:
        calls(market)[name]()
    if status != 200:
        assert isinstance(caught.value, Refused)
        assert caught.value.status == status
    else:
        assert "<html>" in caught.value.answer


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"audit", "acknowledgements"}))
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": 5, "status": None, "datasets": 3, "export": [], "rows": "many", "sections": {}},
        {"requests": [1, None], "datasets": {"user": None}, "chunks": [{}, 4], "dryRun": "yes"},
        {"datasets": [{"name": "user", "chunks": [{"index": -1, "sha256": 9}]}], "versions": "x"},
    ],
)
def test_fields_of_any_kind_never_crash_it(
    market: FixnadoMarketplace, server: Any, answer: Any, name: str, said: object
) -> None:
    server.respond = lambda _: says(answer, said)
    calls(market)[name]()


def test_a_manifest_without_digests_has_none(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    server.respond = lambda _: says(
        answer,
        {
            "id": "1",
            "payloadLocation": "s3://exports/1",
            "export": {"datasets": [{"name": "user", "rows": 1, "chunks": [{"rows": 1}, {}]}]},
        },
    )
    found = market.manifest(SESSION, "1")
    assert found.datasets == {"user": 1}
    assert [(one.index, one.dataset, one.sha256) for one in found.chunks] == [
        (0, "user", ""),
        (1, "user", ""),
    ]
    assert (found.sha256, found.location) == ("", "s3://exports/1")


def test_a_purge_that_does_not_say_that_it_is_dry(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    server.respond = lambda _: says(answer, {"deleted": 12})
    plan = market.plan_purge(SESSION, "", "k")
    assert (plan.dry_run, plan.groups) == (None, None)
    assert json.loads(server.asked[0].body) == {"dryRun": True}


def test_keys_go_along_and_roles_are_never_claimed(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    server.respond = lambda _: says(answer, {"id": "1"})
    market.make_export(SESSION, "a/b", "key-7")
    asked = server.asked[-1]
    assert asked.path == "/v1/compliance/data-requests/a%2Fb/export"
    assert asked.headers["idempotency-key"] == "key-7"
    assert not [name for name in asked.headers if "role" in name]


def test_a_back_end_that_knows_no_references(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    """It refuses the field, and the filter; the reference is in the words."""
    kept: list[Any] = []

    def respond(asked: Any) -> Any:
        if asked.method == "POST":
            body = json.loads(asked.body)
            if "reference" in body:
                return says(answer, {"detail": "unknown field"}, 422)
            kept.append({"id": "9", "metadata": {"justification": body["justification"]}})
            return says(answer, kept[-1], 201)
        return says(answer, {}, 400) if "reference=" in asked.path else says(answer, kept)

    server.respond = respond
    assert market.find_request(SESSION, WHO, "R-1") is None
    market.file_request(SESSION, kind="access", email=WHO, reference="R-1", key="k")
    found = market.find_request(SESSION, WHO, "R-1")
    assert found is not None
    assert found.id == "9"
    assert market.find_request(SESSION, WHO, "R-11") is None
    keys = [one.headers["idempotency-key"] for one in server.asked if one.method == "POST"]
    assert len(set(keys)) == 2, "another payload has another key"


def test_pages_that_fail_are_told_one_by_one(
    market: FixnadoMarketplace, server: Any, answer: Any
) -> None:
    def respond(asked: Any) -> Any:
        if asked.path.startswith("/v1/conversations"):
            return says(answer, {}, 500)
        if asked.path.startswith("/v1/orders"):
            return says(answer, {"orders": [{"id": "o1"}] * 200})
        return says(answer, {"orders": {"total": 250}, "rentals": {"total": -1}})

    server.respond = respond
    found = market.holdings(SESSION)
    assert "500" in found["conversations"].problem
    assert (found["orders"].rows, found["orders"].ids) == (250, None), "a full page may not be all"
    assert found["rentals"].rows is None


@pytest.mark.parametrize("known", [True, False])
def test_rentals_are_told_one_by_one_where_there_is_a_list_of_them(
    market: FixnadoMarketplace, server: Any, answer: Any, known: bool
) -> None:
    def respond(asked: Any) -> Any:
        if asked.path.startswith("/v1/rentals"):
            return says(answer, {"rentals": [{"id": "r1"}, {"id": "r2"}]}, 200 if known else 404)
        if asked.path.startswith("/v1/commerce"):
            return says(answer, {"rentals": {"total": 2}})
        return says(answer, [])

    server.respond = respond
    found = market.holdings(SESSION)["rentals"]
    assert (found.rows, found.ids) == (2, frozenset({"r1", "r2"}) if known else None)


def test_bytes_come_as_they_are(market: FixnadoMarketplace, server: Any, answer: Any) -> None:
    server.respond = lambda _: answer(200, b"\xff\x00\xfe", {"Content-Type": "x/y"})
    assert market.chunk(SESSION, "1", 3) == b"\xff\x00\xfe"
    assert server.asked[0].path.endswith("/export/chunks/3")
    assert market.payload(SESSION, "1") == b"\xff\x00\xfe"
