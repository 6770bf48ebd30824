"""The case is opened by its buyer, with the inspection's report, and Finance finds it."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.attempts import attempted
from golive.drills.refund.clock import judge_clock
from golive.drills.refund.params import Ctx, Desk, Ground, at_desk, grounds, opened
from golive.drills.refund.report import KIND, inspection
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json
from golive.ports.refunds import Attachment, Document, RefundCase


def open_cases(ctx: Ctx) -> Json:
    """Open each, or find it open; hold the report that it keeps against ours."""
    desk, ids = at_desk(ctx), dict[str, Json]()
    for ground in grounds(ctx):
        report = inspection(ctx, ground)
        if ground.part == "case":
            ctx.save("report", report.content, fidelity=desk.market.fidelity)
        case = attempted(
            ctx,
            ground.check("case-opened"),
            f"the buyer opened {ground.reference} over the failed milestone",
            lambda ground=ground, report=report: _opened(ctx, desk, ground, report),  # type: ignore[misc]
        )
        if case is None:
            continue
        ids[ground.part] = case.id
        _judge(ctx, desk, ground, case, report)
    if not ids:
        raise ctx.fail("no case was opened: there is nothing to queue, decide or pay")
    return ids


def _opened(ctx: Ctx, desk: Desk, ground: Ground, report: Document) -> RefundCase:
    session = desk.as_(ctx.params.buyer)
    found = desk.market.find_refund(session, ground.reference)
    if found is not None:
        ctx.log(f"{ground.reference} was open already")
        return found
    return desk.market.open_refund(
        session,
        desk.market.order(session, ground.order),
        ground.milestone,
        reference=ground.reference,
        report=report,
        key=ctx.key("open", ground.part),
    )


def _judge(ctx: Ctx, desk: Desk, ground: Ground, case: RefundCase, report: Document) -> None:
    ctx.equals(
        ground.check("reference-kept"),
        "the service keeps our reference and returns it",
        ground.reference,
        case.reference,
    )
    ctx.equals(
        ground.check("outcome-preferred"),
        "the case says which outcome the buyer would like",
        "full_refund",
        case.preferred_outcome or None,
    )
    kept = _of_kind(case.attachments)
    ours = sha256_hex(report.content)
    ctx.equals(
        ground.check("report-digest"),
        "the case names the inspection's report by its SHA-256",
        ours,
        kept.sha256 if kept else "",
    )
    if kept is None:
        return
    back = attempted(
        ctx,
        ground.check("report-read"),
        "Finance can open the report",
        lambda: desk.market.refund_file(desk.as_(ctx.params.finance), case.id, kept.id),
    )
    if back is not None:
        ctx.equals(
            ground.check("report-intact"),
            "what comes back is the report, byte for byte",
            ours,
            sha256_hex(back),
            detail=f"{len(back)} bytes",
        )


def _of_kind(attachments: Sequence[Attachment]) -> Attachment | None:
    return next((one for one in attachments if one.kind == KIND), None)


def queue(ctx: Ctx) -> Json:
    """Finance finds the case in its queue, takes it, and writes to its buyer."""
    desk = at_desk(ctx)
    for ground, identifier in opened(ctx):
        queued = attempted(
            ctx,
            ground.check("queue-read"),
            "the queue of Finance can be read",
            lambda: desk.market.refund_queue(desk.as_(ctx.params.finance), "finance"),
        )
        if queued is not None:
            ctx.holds(
                ground.check("in-finance-queue"),
                f"{ground.reference} waits in the queue of Finance",
                any(one.id == identifier and one.queue in ("", "finance") for one in queued),
                detail=f"{len(queued)} cases wait there",
            )
        taken = attempted(
            ctx,
            ground.check("case-taken"),
            "Finance takes the case, which tells its buyer so",
            lambda ground=ground, identifier=identifier: desk.market.take_refund(  # type: ignore[misc]
                desk.as_(ctx.params.finance), identifier, ctx.key("take", ground.part)
            ),
        )
        if ground.part == "case":
            updated = _update(ctx, desk, identifier)
            judge_clock(ctx, taken, updated)
    return None


def _update(ctx: Ctx, desk: Desk, identifier: str) -> RefundCase | None:
    """A word to the buyer, as a file of the case."""
    text = (
        f"Your case {ctx.params.reference} is with Finance, who have read the report.\n"
        "Written by a launch rehearsal.\n"
    )
    letter = Document("correspondence", "update-to-the-buyer.txt", "text/plain", text.encode())
    return attempted(
        ctx,
        "update-recorded",
        "a word to the buyer is put on the case",
        lambda: desk.market.attach_to_refund(
            desk.as_(ctx.params.finance), identifier, letter, ctx.key("update")
        ),
    )
