"""The one check that leaves something behind: a data-subject request, filed and withdrawn again."""

from __future__ import annotations

from golive.drillkit.attempts import attempted
from golive.drillkit.sides import way_in
from golive.drills.synthetic.params import Ctx
from golive.kernel.errors import NotConfigured
from golive.kernel.json import Json, JsonObject
from golive.ports.data_governance import DataGovernance
from golive.ports.marketplace import Marketplace, Session


class Filing:
    """Files the same request in every round under one key: there must only ever be one of it."""

    def __init__(self, ctx: Ctx, market: Marketplace) -> None:
        self._ctx, self._market = ctx, market
        self._first = ""
        self._doubled = False

    def file(self, session: Session) -> JsonObject:
        """What the desk answers. PortError when it doesn't, NotConfigured without a desk."""
        if self._doubled:
            return {}  # a desk that files it anew each time isn't asked for more of the same
        market, params = _desk(self._market), self._ctx.params
        filed = market.file_request(
            session,
            kind="access",
            email=market.address(params.role),
            reference=_reference(self._ctx),
            key=self._ctx.key("synthetic-request"),
        )
        return {"id": filed.id, "reference": filed.reference}

    def problem(self, filed: JsonObject) -> str:
        """Why this is not the one request that was asked for, or nothing."""
        identifier = str(filed.get("id") or "")
        if self._doubled:
            return "not tried: the request was filed twice"
        if not identifier:
            return "the request that was filed has no id"
        self._first = self._first or identifier
        self._doubled = identifier != self._first
        return "the same request was filed twice" if self._doubled else ""


def withdraw(ctx: Ctx) -> Json:
    """Close what this drill has filed. Looks first, so it may run twice."""

    def close() -> Json:
        market, params = _desk(way_in(ctx.target, ctx.params.through)), ctx.params
        officer = market.login(params.officer)
        found = market.find_request(officer, market.address(params.role), _reference(ctx))
        if found is None or found.status in ("rejected", "completed"):
            return None
        note = "Rehearsal: a synthetic check asked for this; nobody wants it."
        market.reject_request(officer, found.id, note, ctx.key("synthetic-withdraw"))
        return found.id

    claim = "the request that the checks filed is closed again"
    return attempted(ctx, "data-request-withdrawn", claim, close)


def _desk(market: Marketplace) -> DataGovernance:
    if isinstance(market, DataGovernance):
        return market
    raise NotConfigured(
        "the target's marketplace adapter knows no data-governance desk",
        where=market.url,
        hint="leave `data-request` out of the checks, or implement the port in the adapter",
    )


def _reference(ctx: Ctx) -> str:
    """Its own for every rehearsal and attempt."""
    return f"SYNTHETIC-{ctx.key('synthetic')[:12].upper()}"
