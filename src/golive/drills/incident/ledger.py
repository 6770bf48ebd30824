"""The incident ledger: how fast people were, reckoned twice, with what the figures leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.figures import (
    DEFINITIONS,
    TOLERANCE_SECONDS,
    Figures,
    differences,
    figures,
    lived,
)
from golive.drills.incident.params import Ctx, market_of
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.incidents import Incident, Incidents

_READ = 200
"""So many incidents are read one by one at most."""
NOT_MEASURED = "not measured"
_PRACTISED = "this drill is among them: a program carried it through, in no person's time"
_NOBODY = "nobody takes part in practice: a program's milliseconds are no reaction"


@dataclass(frozen=True)
class Books:
    """What the marketplace reckons, and the incidents that it reckons from."""

    said: JsonObject
    cases: Sequence[Incident]
    since: str


def ledger(ctx: Ctx) -> Json:
    """Reckon the figures from raw events, hold the marketplace's against them, keep both."""
    market = market_of(ctx)
    case = current(ctx, market)
    books = attempted(
        ctx,
        "ledger-read",
        "the marketplace reckons MTTA, MTTR and counts",
        lambda: _books(ctx, market, case),
    )
    own = lived(case)
    known = [one for one in map(lived, books.cases) if one is not None] if books else []
    whole = books is not None and len(known) == _total(books.said) == len(books.cases)
    ours = figures(known)
    apart = differences(ours, books.said) if books is not None and whole else None
    to_acknowledge = own.acknowledged if own else None
    to_resolve = own.resolved if own else None
    mtta = None if to_acknowledge is None else round(float(to_acknowledge), 3)
    mttr = None if to_resolve is None else round(float(to_resolve), 3)
    document = {
        **_this(ctx, case, mtta, mttr),
        "period": _period(ctx, books, ours, whole=whole),
        "definitions": dict(DEFINITIONS),
        "byTheMarketplace": dict(books.said) if books else None,
        "differences": list(apart) if apart is not None else None,
        "toleranceSeconds": TOLERANCE_SECONDS,
    }
    ctx.save_json("ledger", cast(JsonObject, document), fidelity=market.fidelity)
    _judge(ctx, apart, mtta, mttr)
    return cast(JsonObject, {name: document[name] for name in ("mtta", "mttr")})


def _books(ctx: Ctx, market: Incidents, case: Incident) -> Books:
    """Everything triggered in the days before the drill, and since."""
    try:
        trigger = parse_rfc3339(case.triggered_at)
    except ValueError:
        trigger = ctx.clock.now()
    since = trigger - timedelta(days=ctx.params.period_days)
    session = market.login(ctx.params.role)
    said = market.incident_ledger(session, since=since, limit=_READ)
    rows = said.get("incidents")
    ids = [str(one["id"]) for one in rows if isinstance(one, dict) and one.get("id")] if isinstance(
        rows, list) else []  # fmt: skip
    return Books(said, [market.incident(session, one) for one in ids], rfc3339(since))


def _total(said: JsonObject) -> int:
    counts = said.get("counts")
    total = counts.get("total") if isinstance(counts, dict) else None
    return total if isinstance(total, int) else -1


def _this(ctx: Ctx, case: Incident, mtta: float | None, mttr: float | None) -> dict[str, Json]:
    """MTTA and MTTR of the drill itself."""
    people = not ctx.rehearsal.practice
    by = ctx.memo.get("acknowledge")
    why = "" if people else _NOBODY
    if people and mtta is None:
        why = "no person has acknowledged it"
    return {
        "incident": {
            "reference": case.reference,
            "severity": case.severity,
            "drill": case.drill,
            "status": case.status,
            "triggeredAt": case.triggered_at,
            "acknowledgedAt": case.acknowledged_at or None,
            "acknowledgedBy": by,
            "mitigatedAt": case.mitigated_at or None,
            "resolvedAt": case.resolved_at or None,
        },
        "mtta": {
            "seconds": mtta if people and mtta is not None else NOT_MEASURED,
            "why": why,
            "of": "this drill, from its trigger to the acknowledgement by a person",
            "confirmedAfterSeconds": _confirmed_after(case, by),
        },
        "mttr": {
            "seconds": mttr if people and mttr is not None else NOT_MEASURED,
            "why": "" if people else _NOBODY,
            "of": "this drill, from its trigger to its resolution: it has a person's reaction in "
            "it, and no repair, since the drill itself mitigates and resolves",
            "r": "resolved",
        },
    }


def _confirmed_after(case: Incident, by: Json) -> float | None:
    """From the marketplace's trigger to what the person signed, by the clock of their machine: what
    the acknowledgement on record is later, the machines took."""
    if not isinstance(by, Mapping):
        return None
    try:
        signed, trigger = parse_rfc3339(str(by.get("at"))), parse_rfc3339(case.triggered_at)
    except ValueError:
        return None
    return round((signed - trigger).total_seconds(), 3)


def _period(ctx: Ctx, books: Books | None, ours: Figures, *, whole: bool) -> Json:
    if books is None:
        return None
    return {
        "since": books.since,
        "whole": whole,
        "counts": ours.counts(),
        "mtta": ours.mtta.to_json(),
        "mttr": ours.mttr.to_json(),
        "reckonedFrom": f"the events, one by one; incidents: {ours.total}",
        "note": _PRACTISED if ctx.rehearsal.practice else "",
    }


def _judge(ctx: Ctx, apart: Sequence[str] | None, mtta: float | None, mttr: float | None) -> None:
    ctx.at_most(
        "ledger_differences",
        "the marketplace's MTTA, MTTR and counts are those that its events give",
        0,
        None if apart is None else len(apart),
        unit="differences",
        detail="the incidents of the period can't all be read with their events"
        if apart is None
        else "; ".join(apart),
    )
    if ctx.rehearsal.practice:
        ctx.log("MTTA and MTTR are not measured in practice")
        return
    ctx.at_most(
        "mtta_seconds",
        "the person on call acknowledged in time",
        ctx.params.acknowledge_within,
        mtta,
        unit="s",
    )
    if "mttr_seconds" in ctx.expect:
        ctx.at_most("mttr_seconds", "it was over in time", 0, mttr, unit="s")
