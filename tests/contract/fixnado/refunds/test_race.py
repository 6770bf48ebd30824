"""Several of Finance at once, each with a key of their own: one of them pays."""

from __future__ import annotations

import base64
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from fixnado_world import Running

RUSH = 6


def _approved(market: Running) -> str:
    user, finance = market.as_("user"), market.as_("finance")
    orders = user.get("/v1/orders?limit=200").json()["orders"]
    small = next(one for one in orders if one["amountMinor"] == 18_450)
    order = user.get(f"/v1/orders/{small['id']}").json()
    failed = next(one for one in order["milestones"] if one["status"] == "failed")
    report = {"fileName": "r.pdf", "mediaType": "application/pdf",
              "contentBase64": base64.b64encode(b"%PDF-1.7").decode()}  # fmt: skip
    body = {"orderId": order["id"], "milestoneId": failed["id"], "reason": "It leaks.",
            "inspectionReport": report, "preferredOutcome": "full_refund",
            "reference": "RF-RACE"}  # fmt: skip
    case = user.post("/v1/refunds", json=body, headers={"Idempotency-Key": "open"})
    identifier = str(case.raise_for_status().json()["id"])
    decision = {"outcome": "full_refund", "note": "clear"}
    path = f"/v1/refunds/{identifier}/decide"
    finance.post(path, json=decision, headers={"Idempotency-Key": "d"}).raise_for_status()
    return identifier


def test_one_of_many_pays(market: Running) -> None:
    identifier = _approved(market)
    token = market.as_("finance").headers["Authorization"]
    together = Barrier(RUSH)

    def pay(number: int) -> int:
        headers = {"Authorization": token, "Idempotency-Key": f"rush-{number}"}
        with httpx.Client(base_url=market.url, headers=headers, timeout=30) as client:
            together.wait(timeout=30)
            if number % 2:
                body = {"case": "RF-RACE", "reason": "The provider is down"}
                return client.post("/v1/payouts/manual", json=body).status_code
            return client.post(f"/v1/refunds/{identifier}/settle").status_code

    with ThreadPoolExecutor(RUSH) as pool:
        answers = Counter(pool.map(pay, range(RUSH)))
    assert sum(answers[status] for status in (200, 201)) == 1, answers
    assert answers[409] == RUSH - 1, answers
    said = market.as_("finance").get("/v1/ledger/entries?case=RF-RACE").json()
    assert said["totals"] == {"GBP": 0}
    assert len(said["entries"]) == 4
