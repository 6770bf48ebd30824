"""The incident form: one page that needs nothing else, for the vault, a screen and a printer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from jinja2 import Environment

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.ledger import NOT_MEASURED
from golive.drills.incident.params import Ctx, market_of
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.ports.incidents import Escalation, Incident, Incidents, Update

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_KINDS: Mapping[str, str] = {
    "opened": "Raised",
    "acknowledged": "Acknowledged",
    "escalated": "Escalated to the help desk",
    "mitigated": "Mitigated",
    "resolved": "Resolved",
    "reopened": "Reopened",
    "update-drafted": "An update was drafted",
    "update-published": "An update was published",
}
Rows = Sequence[tuple[str, str]]


def form(ctx: Ctx) -> Json:
    """Fill the form from what the marketplace keeps now, whatever came before."""
    market = market_of(ctx)
    filled = attempted(
        ctx, "form-filled", "the incident form could be filled in", lambda: _filled(ctx, market)
    )
    if filled is not None:
        ctx.save("form", filled, fidelity=market.fidelity)
    return None


def _filled(ctx: Ctx, market: Incidents) -> str:
    session = market.login(ctx.params.role)
    case = current(ctx, market)
    calls = market.escalations(session, case.id)
    updates = market.updates(session, case.id)
    return page(
        case,
        people=_people(ctx),
        public=_public(ctx),
        times=_times(ctx),
        calls=calls,
        updates=updates,
        rehearsal=ctx.rehearsal.id,
        fidelity=market.fidelity,
    )


def _people(ctx: Ctx) -> str:
    by = ctx.memo.get("acknowledge")
    if ctx.rehearsal.practice:
        return "nobody: this was practice, and a program went through the motions"
    if isinstance(by, Mapping) and "helpDeskMessage" in by:
        return f"somebody at the help desk, by message {by['helpDeskMessage']} of {by.get('at')}"
    if isinstance(by, Mapping):
        return (
            f"{by.get('person')}, {by.get('role')}, confirmed with their own key at {by.get('at')}"
        )
    return "see the timeline below"


def _public(ctx: Ctx) -> str:
    """What the drill itself found on the visitors' page."""
    seen = ctx.memo.get("silence")
    if not isinstance(seen, Mapping):
        return "could not be told"
    return "nothing" if seen.get("published") == 0 else f"{seen.get('published')} updates"


def _times(ctx: Ctx) -> Rows:
    kept = ctx.memo.get("ledger")
    said: Mapping[str, Json] = kept if isinstance(kept, Mapping) else {}
    rows = []
    for name, words in (("mtta", "Time to acknowledge"), ("mttr", "Time to resolve")):
        figure = said.get(name)
        seconds = figure.get("seconds") if isinstance(figure, Mapping) else NOT_MEASURED
        shown = f"{seconds} s" if isinstance(seconds, int | float) else str(seconds)
        rows.append((words, shown))
    return rows


def page(
    case: Incident,
    *,
    people: str,
    public: str,
    times: Rows,
    calls: Sequence[Escalation],
    updates: Sequence[Update],
    rehearsal: str,
    fidelity: Fidelity,
) -> str:
    """HTML in which whatever others wrote is text and nothing else."""
    source = resources.files(__package__).joinpath("form.html").read_text(encoding="utf-8")
    html = Environment(autoescape=True).from_string(source).render(
        case=case,
        people=people,
        public=public,
        times=times,
        calls=calls,
        updates=updates,
        rehearsal=rehearsal,
        fidelity=fidelity.value,
        events=[
            (one.at or "(not said)", _KINDS.get(one.kind, one.kind),
             "a program" if one.automated else "")
            for one in case.events or ()
        ],
    )  # fmt: skip
    return _CONTROL.sub("", html) + "\n"
