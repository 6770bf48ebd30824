"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.refund.balancing import balance
from golive.drills.refund.by_hand import by_hand, reconcile, undo
from golive.drills.refund.closing import notes
from golive.drills.refund.deciding import confirm, decide
from golive.drills.refund.ground import choose, milestone
from golive.drills.refund.opening import open_cases, queue
from golive.drills.refund.params import Ctx, RefundParams
from golive.drills.refund.paying import bounce, settle
from golive.drills.refund.refusals import refusals
from golive.drills.refund.trail import trail
from golive.drills.refund.withdrawing import withdraw
from golive.kernel.json import Json


class Refund(Drill[RefundParams]):
    name = "refund"
    summary = "A refund goes from a failed milestone to balanced books, and nobody is paid twice."
    params = RefundParams
    fits = ("refund", "payout", "finance queue", "ledger", "milestone")
    outputs = (
        Output("notes", "{item}/case-notes.md", "text/markdown"),
        Output("ledger", "{item}/ledger-entries.csv", "text/csv"),
        Output("acknowledgements", "{item}/acknowledgement-trail.csv", "text/csv"),
        Output("payouts", "{item}/manual-payouts.html", "text/html"),
        Output("report", "{item}/inspection-report.pdf", "application/pdf"),
        Output("case", "{item}/case.json", "application/json"),
        Output("risk", "{item}/risk-note.json", "application/json"),
    )
    measures = (
        Measure("acknowledgement_promise_hours", "h", "within which the case says it is taken up"),
        Measure("acknowledgement_hours", "h", "from opening the case to its acknowledgement"),
        Measure("update_working_days", "working days", "from the last word to the next one's date"),
        Measure("unreadable_entries", "entries", "without an amount in whole minor units"),
        Measure("ledger_imbalance", "transactions", "whose legs don't sum to zero"),
        Measure("currency_imbalance", "currencies", "whose entries don't sum to zero"),
        Measure("accounts_imbalance", "currencies", "whose accounts don't sum to zero"),
        Measure("entries_added_by_repeats", "entries", "put into the books by asking again"),
        Measure("entries_changed", "entries", "gone, or other than they were"),
        Measure("foreign_entries", "entries", "of the case that name another"),
        Measure("acks_missing", "people", "with a part and no acknowledgement of what is in force"),
    )

    def steps(self, params: RefundParams) -> Sequence[Step[RefundParams]]:
        hand = [
            Step("by-hand", _heeding(by_hand), undo=undo),
            Step("reconcile", _heeding(reconcile)),
        ]
        return (
            Step("choose", _heeding(choose)),
            Step("milestone", _heeding(milestone)),
            Step("open", _heeding(open_cases), undo=withdraw),
            Step("queue", _heeding(queue)),
            Step("refusals", _heeding(refusals)),
            Step("decide", _heeding(decide)),
            Step("confirm", _heeding(confirm)),
            Step("settle", _heeding(settle)),
            Step("bounce", _heeding(bounce)),
            *(hand if params.provider_down else ()),
            Step("balance", _heeding(balance)),
            Step("trail", _heeding(trail)),
            Step("notes", notes, always=True),
        )


def _heeding(run: Callable[[Ctx], Json]) -> Callable[[Ctx], Json]:
    """`run`, unless the run was called off in the meantime: money moves in between."""

    def step(ctx: Ctx) -> Json:
        ctx.pause(0)
        return run(ctx)

    return step
