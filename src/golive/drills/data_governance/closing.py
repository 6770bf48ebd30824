"""The case record, the law's clock, and the privacy office's notice."""

from __future__ import annotations

from datetime import date

from golive.drillkit.attempts import attempted
from golive.drillkit.privacy_clock import REGIMES, due_date, local_date
from golive.drills.data_governance.params import Ctx, case_id, desk
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339
from golive.ports.data_governance import DataRequest


def case(ctx: Ctx) -> Json:
    """Keep the case as it stands now, whatever came before, and judge its due date and trail."""
    market, identifier = desk(ctx), case_id(ctx)
    now = attempted(
        ctx,
        "case-read",
        "the case can be read by the officer",
        lambda: market.data_request(market.login(ctx.params.officer), identifier),
    )
    if now is None:
        raise ctx.fail("there is no case to keep")
    expected, measured = _due(ctx, now)
    document: JsonObject = {
        "reference": ctx.params.reference,
        "request": now.raw or _plain(now),
        "due": {
            "region": now.region,
            "law": REGIMES[now.region].name if now.region in REGIMES else None,
            "byOurReckoning": expected.isoformat() if expected else None,
            "byTheService": measured.isoformat() if measured else None,
        },
        "export": ctx.memo.get("contents"),
        "refusals": ctx.memo.get("refusals"),
        "purge": ctx.memo.get("purge"),
    }
    ctx.save_json("case", document, fidelity=market.fidelity)
    ctx.equals("request-closed", "the case is completed by its export", "completed", now.status)
    _judge_due(ctx, now, expected, measured)
    if ctx.params.oversize:
        _notify(ctx, now, measured or expected)
    return {"status": now.status, "due": measured.isoformat() if measured else None}


def _due(ctx: Ctx, request: DataRequest) -> tuple[date | None, date | None]:
    """The last day by our own reckoning, and by the service's, in the region's calendar."""
    try:
        received = parse_rfc3339(request.requested_at)
        due = parse_rfc3339(request.due_at)
    except ValueError:
        return None, None
    return due_date(request.region, received, ctx.params.holidays), local_date(request.region, due)


def _judge_due(
    ctx: Ctx, request: DataRequest, expected: date | None, measured: date | None
) -> None:
    detail = f"received {request.requested_at or '(not said)'} in {request.region or '(not said)'}"
    if expected is None:
        detail += f"; clocks are known for {', '.join(sorted(REGIMES))}"
    ctx.equals(
        "due-date",
        "the case is due on the day that its law names",
        expected.isoformat() if expected else None,
        measured.isoformat() if measured and expected else None,
        detail=detail,
    )


def _notify(ctx: Ctx, request: DataRequest, due: date | None) -> None:
    """A draft: whether it was sent, a person says."""
    contents = ctx.memo.get("contents")
    figures = contents if isinstance(contents, dict) else {}
    size = f"{figures.get('bytes', 'unknown')} bytes in {figures.get('chunks', 'unknown')} chunks"
    day = due.isoformat() if due else "(the due date is not known)"
    text = (
        f"To the privacy office\n\n"
        f"Case {ctx.params.reference}, access, region {request.region or '(not said)'}.\n"
        f"Its export has {size}.\n"
        f"If it can't be delivered as it is, it must be fulfilled by hand by {day}.\n\n"
        f"Drafted by the rehearsal. It has not been sent.\n"
    )
    ctx.save("notice", text, fidelity=desk(ctx).fidelity)
    ctx.holds(
        "notice-dated",
        "the notice to the privacy office names the day by which the law wants an answer",
        True if due else None,
    )


def _plain(request: DataRequest) -> JsonObject:
    return {
        "id": request.id,
        "status": request.status,
        "requestType": request.kind,
        "subjectEmail": request.subject_email,
        "requestedAt": request.requested_at,
        "dueAt": request.due_at,
    }
