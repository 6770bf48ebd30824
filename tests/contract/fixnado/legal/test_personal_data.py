"""What the export says about a person's acknowledgements."""

from __future__ import annotations

from fixnado.legal.privacy import SOURCES
from fixnado.platform.personal_data import Subject
from fixnado_world import Running


def test_a_person_gets_their_own_acknowledgements(shared_market: Running) -> None:
    me = shared_market.login("provider").json()["user"]
    subject = Subject(me["id"], me["email"])
    (source,) = SOURCES
    with shared_market.db.snapshot() as unit:
        rows = list(source.rows(unit, subject))
        assert {row["document"] for row in rows} == {
            "terms",
            "refund-policy",
            "community-guidelines",
        }
        assert source.count(unit, subject) == len(rows) < source.total(unit)
        kept = source.retained(unit, subject)
        assert kept is not None
        assert kept.rows == len(rows)
        nobody = Subject("00000000-0000-4000-8000-000000000000", "nobody@x.invalid")
        assert list(source.rows(unit, nobody)) == []
        assert source.retained(unit, nobody) is None
