"""The memory target and the real service keep the same two ports: one suite, both back ends."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from golive.adapters.memory import MemoryTarget
from golive.ports.data_governance import DataGovernance, DataRequest
from golive.ports.legal_pages import LegalPages
from golive.ports.marketplace import Refused
from golive.ports.target import Target


@pytest.fixture(params=["memory", "service"])
def market(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTarget().build().production
    target: Target = request.getfixturevalue("target")
    return target.production


def file(market: DataGovernance, reference: str = "REF-1", kind: str = "access") -> DataRequest:
    session = market.login("user")
    email = market.address("user")
    return market.file_request(
        session, kind=kind, email=email, reference=reference, key=f"key-{reference}"
    )


def status(ask: Any) -> int:
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value.status


def test_they_say_that_they_are_both(market: Any) -> None:
    assert isinstance(market, DataGovernance)
    assert isinstance(market, LegalPages)


def test_a_request_is_found_by_its_reference_and_filed_once(market: DataGovernance) -> None:
    session, email = market.login("user"), market.address("user")
    assert market.find_request(session, email, "REF-1") is None
    filed = file(market)
    assert (filed.reference, filed.kind, filed.status) == ("REF-1", "access", "received")
    assert filed.subject_email == email
    assert file(market).id == filed.id, "the same key again"
    found = market.find_request(session, email, "REF-1")
    assert found is not None
    assert found.id == filed.id
    another = {"kind": "access", "email": email, "reference": "REF-1", "key": "another-key"}
    assert status(lambda: market.file_request(session, **another)) == 409


def test_an_export_is_what_its_manifest_says(market: DataGovernance) -> None:
    officer, filed = market.login("compliance"), file(market)
    assert status(lambda: market.make_export(officer, filed.id, "too-early")) == 409
    assert market.verify_request(officer, filed.id, "v").status == "in_progress"
    made = market.make_export(officer, filed.id, "e")
    assert {"user", "conversations", "rentals", "orders"} <= made.datasets.keys()
    parts = [market.chunk(officer, filed.id, one.index) for one in made.chunks]
    for chunk, data in zip(made.chunks, parts, strict=True):
        assert (len(data), hashlib.sha256(data).hexdigest()) == (chunk.bytes, chunk.sha256)
    assert hashlib.sha256(b"".join(parts)).hexdigest() == made.sha256
    assert market.payload(officer, filed.id) == b"".join(parts)
    again = market.manifest(market.login("user"), filed.id)
    assert replace(again, raw={}) == replace(made, raw={})
    assert market.data_request(officer, filed.id).status == "completed"
    for name, holding in market.holdings(market.login("user")).items():
        assert holding.rows == made.datasets[name]


def test_a_purge_is_planned_and_the_same_again(market: DataGovernance) -> None:
    officer, filed = market.login("compliance"), file(market, kind="erasure")
    market.verify_request(officer, filed.id, "v")
    first, second = (market.plan_purge(officer, filed.id, key) for key in ("p1", "p2"))
    assert first.dry_run is True
    assert first.groups == second.groups
    assert first.groups
    assert all(one.dataset and one.reason and one.rows for one in first.groups)
    assert market.reject_request(officer, filed.id, "not wanted", "r").status == "rejected"


def test_who_may_not_is_refused(market: DataGovernance) -> None:
    user, other, filed = market.login("user"), market.login("finance"), file(market)
    assert status(lambda: market.make_export(user, filed.id, "k")) == 403
    assert status(lambda: market.plan_purge(user, "", "k")) == 403
    assert status(lambda: market.data_request(other, filed.id)) in (403, 404)
    assert status(lambda: market.desk_figures(user)) == 403
    stranger = {"kind": "access", "email": market.address("finance"), "reference": "X-1"}
    assert status(lambda: market.file_request(user, **stranger, key="k")) == 403
    nobody = replace(user, user_id="", authorisation={})
    assert status(lambda: market.data_request(nobody, filed.id)) == 401


def test_what_is_read_is_what_was_published(market: LegalPages) -> None:
    session = market.login("legal")
    document = market.legal_document("refund-policy")
    assert hashlib.sha256(document.content.encode()).hexdigest() == document.content_sha256
    (current,) = [one for one in market.legal_versions(session, "refund-policy") if one.current]
    assert current.content_sha256 == document.content_sha256
    assert market.legal_content(session, "refund-policy", current.id) == document.content
    assert b"refund-policy" in market.legal_audit(session)
    assert market.legal_acknowledgements(session).startswith(b"person_id,email,name,role,policy,")
    assert status(lambda: market.legal_document("no-such-policy")) == 404
    assert status(lambda: market.legal_audit(market.login("user"))) == 403
