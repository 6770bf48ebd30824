"""What the export says about a member of the staff, and about nobody else."""

from __future__ import annotations

from fixnado.incidents.privacy import SOURCES
from fixnado.platform.personal_data import Subject
from fixnado_world import Running


def test_a_person_gets_what_they_did_and_nothing_of_others(market: Running) -> None:
    made = market.as_("support").post("/v1/incidents", json={"severity": "SEV2", "title": "x"})
    url = f"/v1/incidents/{made.json()['id']}/acknowledge"
    market.as_("operations").post(url, json={"note": "mine"}).raise_for_status()
    me = market.login("operations").json()["user"]
    subject = Subject(me["id"], me["email"])
    (source,) = SOURCES
    with market.db.snapshot() as unit:
        (row,) = source.rows(unit, subject)
        assert (row["action"], row["note"]) == ("acknowledged", "mine")
        assert row["incident"] == made.json()["reference"]
        assert (source.count(unit, subject), source.total(unit)) == (1, 2)
        kept = source.retained(unit, subject)
        assert kept is not None
        assert (kept.rows, "Art. 17(3)(e)" in kept.reason) == (1, True)
        assert list(source.erasable(unit, subject)) == []
