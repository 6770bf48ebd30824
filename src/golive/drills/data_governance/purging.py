"""A purge that is only planned: what it would take, and that it took nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from golive.drillkit.attempts import attempted, told
from golive.drills.data_governance.params import Ctx, case_id, desk
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.kernel.times import rfc3339
from golive.ports.data_governance import DataGovernance, DataRequest, PurgePlan
from golive.ports.marketplace import Session

Figures = dict[str, int]
_Twice = tuple[PurgePlan | None, PurgePlan | None]
"""A plan and the one made right after it; None where none was made."""
Plans = Mapping[str, _Twice]
"""By what is purged."""


@dataclass
class _Counted:
    """What there was at one moment, without the purge's own words."""

    figures: Figures = field(default_factory=dict)
    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    """By dataset of the subject's, where their pages list it."""


def purge(ctx: Ctx) -> Json:
    """Count, plan, plan again, count. The log is kept before anything is judged."""
    market = desk(ctx)
    lines = [f"{rfc3339(ctx.clock.now())} purge of {ctx.params.reference}, dry run"]
    before = _counts(ctx, market)
    plans: dict[str, _Twice] = {}
    try:
        for scope in ctx.params.purge:
            plans[scope] = _planned(ctx, market, scope, lines)
    finally:
        if "subject" in ctx.params.purge:
            attempted(
                ctx,
                "erasure-withdrawn",
                "the erasure request that the plan needed is closed again",
                lambda: withdraw(ctx),
            )
        after = _counts(ctx, market)
        lines += [
            f"{name}: {count} before, {after.figures.get(name, 'not counted')} after"
            for name, count in before.figures.items()
        ]
        lines.append(f"{rfc3339(ctx.clock.now())} end of the dry run; no plan was executed here")
        ctx.save("purge_log", "\n".join(lines) + "\n", fidelity=market.fidelity)
    _judge(ctx, plans)
    _judge_losses(ctx, plans, before, _lost(before, after, plans))
    still = attempted(
        ctx,
        "subject-still-there",
        "the subject can sign in and sees their export after the dry run",
        lambda: market.manifest(market.login(ctx.params.role), case_id(ctx)),
    )
    return {"rows": _rows(plans), "stillThere": still is not None}


def withdraw(ctx: Ctx) -> Json:
    """Close the erasure request that the plan needed, undone: there is nothing to erase. Looks
    first, so it may run twice."""
    market = desk(ctx)
    officer = market.login(ctx.params.officer)
    email, reference = market.address(ctx.params.role), _reference(ctx)
    found = market.find_request(officer, email, reference)
    if found is None or found.status in ("rejected", "completed"):
        return None
    note = "Rehearsal: the erasure was planned only, and is not wanted."
    market.reject_request(officer, found.id, note, ctx.key("withdraw"))
    return reference


def _reference(ctx: Ctx) -> str:
    """Its own for every rehearsal and attempt: a closed erasure can't be planned again."""
    return f"{ctx.params.reference}-E{ctx.key('erasure')[:8].upper()}"


def _planned(ctx: Ctx, market: DataGovernance, scope: str, lines: list[str]) -> _Twice:
    """The plan, and another one right after it: a dry run that deleted has less to plan."""

    def plan(turn: str) -> PurgePlan:
        officer = market.login(ctx.params.officer)
        request = _erasure(ctx, market, officer).id if scope == "subject" else ""
        return market.plan_purge(officer, request, ctx.key("purge", scope, turn))

    first = attempted(
        ctx,
        f"purge-planned-{scope}",
        f"a dry run answers with what a purge would take ({scope})",
        lambda: plan("first"),
    )
    if first is None:
        lines.append(f"{scope}: no plan was made")
        return None, None
    lines += _told(scope, first)
    try:
        return first, plan("second")
    except PortError as error:
        lines.append(f"{scope}: planning again failed: {told(error)}")
        return first, None


def _erasure(ctx: Ctx, market: DataGovernance, officer: Session) -> DataRequest:
    """An erasure request of the subject's, verified; found where it is there already."""
    email, reference = market.address(ctx.params.role), _reference(ctx)
    found = market.find_request(officer, email, reference)
    if found is None:
        found = market.file_request(
            market.login(ctx.params.role),
            kind="erasure",
            email=email,
            reference=reference,
            key=ctx.key("erasure"),
        )
    if found.status == "received":
        return market.verify_request(officer, found.id, ctx.key("erasure-verified"))
    return found


def _told(scope: str, plan: PurgePlan) -> Sequence[str]:
    lines = [f"{scope}: plan {plan.id or '(no id)'}, SHA-256 {plan.sha256 or 'not given'}"]
    for one in plan.groups or ():
        lines.append(f"{scope}: would {one.action} {one.rows} of {one.dataset}: {one.reason}")
    if plan.groups is not None and not plan.groups:
        lines.append(f"{scope}: there is nothing to purge")
    kept = plan.raw.get("retained")
    for one in kept if isinstance(kept, list) else ():
        if isinstance(one, Mapping):
            about = f"{one.get('rows')} of {one.get('dataset')}: {one.get('reason')}"
            lines.append(f"{scope}: would keep {about}")
    return lines


def _counts(ctx: Ctx, market: DataGovernance) -> _Counted:
    """By the subject, and over the market: a subject who is gone hides nothing of the rest."""
    found = _Counted()
    for look in (_of_subject, _of_market):
        try:
            look(ctx, market, found)
        except PortError as error:
            ctx.log(f"not everything could be counted: {told(error)}")
    return found


def _of_subject(ctx: Ctx, market: DataGovernance, found: _Counted) -> None:
    for name, holding in market.holdings(market.login(ctx.params.role)).items():
        if holding.rows is not None:
            found.figures[f"the subject's {name}"] = holding.rows
        if holding.ids is not None:
            found.ids[name] = holding.ids


def _of_market(ctx: Ctx, market: DataGovernance, found: _Counted) -> None:
    officer = market.login(ctx.params.officer)
    snapshot = market.commerce_snapshot(officer, ctx.params.officer)
    for name in ("orders", "rentals"):
        _add(found.figures, f"the market's {name}", snapshot.get(name), "total")
    _add(found.figures, "data requests", market.desk_figures(officer), "totalRequests")


def _add(figures: Figures, name: str, said: Json, member: str) -> None:
    found = said.get(member) if isinstance(said, Mapping) else None
    if isinstance(found, int) and not isinstance(found, bool):
        figures[name] = found


def _lost(
    before: _Counted,
    after: _Counted,
    plans: Plans,
) -> Sequence[str]:
    """What there is less of. More is other people's business: the market goes on."""
    lost = [
        f"{name}: {count} before, {after.figures.get(name, 'not counted')} after"
        for name, count in before.figures.items()
        if after.figures.get(name, -1) < count
    ]
    # others in their place would leave the counts as they were
    for name, ids in before.ids.items():
        if gone := ids - after.ids.get(name, ids):
            lost.append(f"the subject's {name}: {len(gone)} of those before are gone")
    for scope, (first, second) in plans.items():
        if first is None or second is None:
            continue
        rows = {(one.dataset, one.action, one.reason): one.rows for one in second.groups or ()}
        for one in first.groups or ():
            left = rows.get((one.dataset, one.action, one.reason), 0)
            if left < one.rows:
                lost.append(f"{scope} {one.dataset}: {one.rows} planned, then {left}")
    return lost


def _judge(ctx: Ctx, plans: Plans) -> None:
    for scope, (first, second) in plans.items():
        if first is None:
            continue
        ctx.holds(f"purge-dry-{scope}", f"the answer says it is a dry run ({scope})", first.dry_run)
        reasoned = first.groups is not None and all(
            one.dataset and one.reason for one in first.groups
        )
        ctx.holds(
            f"purge-reasons-{scope}",
            f"every row to go has its dataset and reason ({scope})",
            reasoned,
        )
        ctx.holds(
            f"purge-repeats-{scope}",
            f"planning again can be done ({scope})",
            True if second is not None else None,
        )


def _judge_losses(ctx: Ctx, plans: Plans, before: _Counted, lost: Sequence[str]) -> None:
    """A plan without rows would pass whatever the service does: so each plan must have some, and
    something must have been counted beside them."""
    rows = {scope: _planned_rows(first) for scope, (first, _) in plans.items()}
    empty = [scope for scope, count in rows.items() if not count]
    ctx.at_least(
        "purge_rows",
        "each plan had something to purge, so that leaving it alone means something",
        1,
        None if empty or not rows else sum(rows.values()),
        unit="rows",
        detail="; ".join(f"nothing is planned to go ({scope})" for scope in empty),
    )
    shown = any(rows.values()) and bool(before.figures)
    ctx.at_most(
        "purge_losses",
        "nothing is gone after the dry run: counts before and after, and the same plan again",
        0,
        len(lost) if shown or lost else None,
        unit="differences",
        detail="; ".join(lost),
    )


def _rows(plans: Plans) -> int:
    return sum(_planned_rows(first) for first, _ in plans.values())


def _planned_rows(plan: PurgePlan | None) -> int:
    return sum(one.rows for one in (plan.groups if plan else None) or ())
