"""The request on its way: filed, verified, exported. Each looks before it acts."""

from __future__ import annotations

from golive.drillkit.attempts import attempted
from golive.drills.data_governance.manifests import to_json
from golive.drills.data_governance.params import Ctx, case_id, desk
from golive.kernel.json import Json
from golive.ports.data_governance import DataGovernance, DataRequest, Manifest


def request(ctx: Ctx) -> Json:
    """File the access request as its subject, or find it filed."""
    market = desk(ctx)
    email = market.address(ctx.params.role)
    filed = attempted(
        ctx,
        "request-filed",
        f"the subject filed access request {ctx.params.reference}",
        lambda: _filed(ctx, market, email),
    )
    if filed is None:
        raise ctx.fail("without a request there is nothing to verify, export or close")
    ctx.equals("request-kind", "the case is an access request", "access", filed.kind)
    ctx.equals(
        "request-reference",
        "the service keeps our reference and returns it",
        ctx.params.reference,
        filed.reference,
    )
    same = filed.subject_email.casefold() == email.casefold()
    ctx.holds("request-subject", "the case is about the account that asked", same)
    return {"id": filed.id, "status": filed.status}


def _filed(ctx: Ctx, market: DataGovernance, email: str) -> DataRequest:
    session = market.login(ctx.params.role)
    found = market.find_request(session, email, ctx.params.reference)
    if found is not None:
        ctx.log(f"request {ctx.params.reference} was there already, {found.status}")
        return found
    return market.file_request(
        session,
        kind="access",
        email=email,
        reference=ctx.params.reference,
        key=ctx.key("request"),
    )


def verify(ctx: Ctx) -> Json:
    """The officer says that the subject is who they say they are."""
    market, identifier = desk(ctx), case_id(ctx)

    def act() -> DataRequest:
        session = market.login(ctx.params.officer)
        now = market.data_request(session, identifier)
        if now.status != "received":
            return now
        return market.verify_request(session, identifier, ctx.key("verify"))

    verified = attempted(ctx, "request-verified", "the subject's identity was verified", act)
    if verified is not None:
        taken_up = verified.status in ("in_progress", "completed")
        ctx.holds("request-in-progress", "the verified request is in progress", taken_up)
    return {"status": verified.status if verified else None}


def export(ctx: Ctx) -> Json:
    """Have the export made, or find it made; keep its manifest."""
    market, identifier = desk(ctx), case_id(ctx)

    def act() -> Manifest:
        session = market.login(ctx.params.officer)
        if market.data_request(session, identifier).status == "completed":
            ctx.log("the export had been made before; its manifest is read again")
            return market.manifest(session, identifier)
        return market.make_export(session, identifier, ctx.key("export"))

    made = attempted(ctx, "export-made", "the export was made on request", act)
    if made is None:
        return None
    ctx.save_json("manifest", dict(made.raw) or to_json(made), fidelity=market.fidelity)
    return to_json(made)
