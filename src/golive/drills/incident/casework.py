"""The incident on its way: raised, acknowledged by a person, mitigated, resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from golive.drillkit.attempts import attempted
from golive.drills.incident.params import Ctx, asked, confirmed, filed, market_of, references
from golive.drills.incident.thread import thread_of
from golive.kernel.errors import PortError
from golive.kernel.json import Json
from golive.ports.helpdesk import Message
from golive.ports.incidents import Incident, Incidents

_LOOK = 1.0
"""Seconds between two looks for an acknowledgement."""
_STATES = ("open", "acknowledged", "mitigated", "resolved")
_DESCRIPTION = (
    "A launch rehearsal raised this to see who is told, how fast, and in which words. "
    "Nobody is affected."
)


def raise_it(ctx: Ctx) -> Json:
    """Raise the incident, or find it raised."""
    market = market_of(ctx)
    raised = attempted(
        ctx,
        "incident-raised",
        f"a {ctx.params.severity} incident was raised",
        lambda: _raised(ctx, market),
    )
    if raised is None:
        raise ctx.fail("without an incident there is nothing to escalate, acknowledge or resolve")
    wanted = ctx.params.severity
    ctx.equals("incident-severity", f"its severity is {wanted}", wanted, raised.severity or None)
    known = raised.reference in references(ctx)
    ctx.holds(
        "incident-reference", "the marketplace keeps our reference", known, detail=raised.reference
    )
    ctx.holds("incident-drill", "it is marked as a drill", raised.drill)
    ctx.log(f"incident {raised.reference} was raised at {raised.triggered_at or '(not said)'}")
    return {"id": raised.id, "reference": raised.reference}


def _raised(ctx: Ctx, market: Incidents) -> Incident:
    session = market.login(ctx.params.role)
    earlier = filed(ctx, market, session)
    if earlier and earlier[-1].status != "resolved":
        ctx.log(f"incident {earlier[-1].reference} was there already")
        return earlier[-1]
    reference = references(ctx)[min(len(earlier), len(references(ctx)) - 1)]
    return market.open_incident(
        session,
        reference=reference,
        severity=ctx.params.severity,
        title=ctx.params.title,
        description=_DESCRIPTION,
        key=ctx.key("raise", reference),
    )


def call_off(ctx: Ctx) -> Json:
    """The undo of raising: resolved, so that no drill stays open behind a rehearsal that ended."""
    market = market_of(ctx)
    session = market.login(ctx.params.role)
    open_ones = [one for one in filed(ctx, market, session) if one.status != "resolved"]
    for one in open_ones:
        market.resolve_incident(session, one.id, "the drill ended early", ctx.key("off", one.id))
    return [one.reference for one in open_ones]


def current(ctx: Ctx, market: Incidents) -> Incident:
    """The incident of this rehearsal with its events; StepFailed where there is none."""
    session = market.login(ctx.params.role)
    raised = ctx.memo.get("raise")
    if isinstance(raised, Mapping):
        return market.incident(session, str(raised["id"]))
    found = filed(ctx, market, session)
    if not found:
        raise ctx.fail(
            f"there is no incident {references(ctx)[0]}; is the block with `part: raise` before?"
        )
    return market.incident(session, found[-1].id)


def acknowledge(ctx: Ctx) -> Json:
    """By a person, and measured on that person; in practice by a program, and not measured."""
    market = market_of(ctx)
    now = attempted(ctx, "incident-read", "the incident can be read", lambda: current(ctx, market))
    if now is None:
        raise ctx.fail("there is no incident to acknowledge")
    if ctx.rehearsal.practice:
        return _by_program(ctx, market, now)
    return _by_person(ctx, market, now)


def _by_program(ctx: Ctx, market: Incidents, now: Incident) -> Json:
    def act() -> Incident:
        session = market.login(ctx.params.role)
        if now.status == "open":
            market.acknowledge_incident(
                session,
                now.id,
                automated=True,
                note="practice: no person took part",
                key=ctx.key("acknowledge"),
            )
        return market.incident(session, now.id)

    after = attempted(ctx, "acknowledgement-taken", "the marketplace takes an acknowledgement", act)
    if after is not None:
        ctx.holds(
            "program-is-nobody",
            "the acknowledgement by a program counts as nobody's reaction",
            after.acknowledged_at == "",
        )
    ctx.log("MTTA is not measured: nobody takes part in practice")
    return None


def _by_person(ctx: Ctx, market: Incidents, now: Incident) -> Json:
    act, heard = confirmed(ctx), list[Message]()

    def ask() -> Incident:
        session = market.login(ctx.params.role)
        if not now.acknowledged_at and act is not None:
            note = f"{act.role}, by {act.person}'s own key at {act.at}"
            market.acknowledge_incident(
                session, now.id, automated=False, note=note, key=ctx.key("acknowledge")
            )
        elif not now.acknowledged_at:
            heard.extend(_await_person(ctx, market, now))
        return market.incident(session, now.id)

    after = attempted(ctx, "acknowledgement-taken", "the marketplace takes an acknowledgement", ask)
    at = after.acknowledged_at if after is not None else ""
    ctx.holds(
        "acknowledged-by-person",
        "a person acknowledged it",
        bool(at),
        detail="" if at else _nobody(ctx),
    )
    if act is None:
        return {"helpDeskMessage": heard[0].id, "at": heard[0].at} if heard else None
    return {"person": act.person, "role": act.role, "at": act.at}


def _nobody(ctx: Ctx) -> str:
    if asked(ctx):
        return "the person on call was asked, and did not confirm it"
    return f"nobody did within {ctx.params.acknowledge_within:g} s"


def _await_person(ctx: Ctx, market: Incidents, now: Incident) -> Sequence[Message]:
    """Until the marketplace has a person's acknowledgement, or somebody writes one at the help desk
    (which is then put on record, and given), or time is up. Whoever was asked at an item of the
    playbook is not waited for again."""
    began = ctx.clock.now()
    session = market.login(ctx.params.role)
    limit = 0.0 if asked(ctx) else ctx.params.acknowledge_within
    while True:
        if market.incident(session, now.id).acknowledged_at:
            return ()
        heard = _at_the_desk(ctx, now)
        if heard is not None:
            note = f"at the help desk, by message {heard.id} of {heard.at or 'an unknown moment'}"
            key = ctx.key("acknowledge")
            market.acknowledge_incident(session, now.id, automated=False, note=note, key=key)
            return (heard,)
        waited = (ctx.clock.now() - began).total_seconds()
        if waited >= limit:
            return ()
        ctx.progress(
            f"{now.reference} waits for the person on call, in {market.url} or at the help desk",
            waited_s=round(waited),
        )
        ctx.pause(_LOOK)


def _at_the_desk(ctx: Ctx, now: Incident) -> Message | None:
    """None as well where the desk can't be asked: the marketplace still can."""
    if ctx.target.helpdesk is None:
        return None
    try:
        return thread_of(ctx.target.helpdesk, now).acknowledgement()
    except PortError as error:
        ctx.progress(f"the help desk can't be asked: {error.what}")
        return None


def resolve(ctx: Ctx) -> Json:
    """Mitigated, then resolved: each where it isn't already."""
    market = market_of(ctx)

    def reach(state: str) -> Incident:
        session = market.login(ctx.params.role)
        now = current(ctx, market)
        if now.status in _STATES[_STATES.index(state) :]:
            return now
        move = market.mitigate_incident if state == "mitigated" else market.resolve_incident
        move(session, now.id, "what broke was put right, in the drill", ctx.key(state))
        return market.incident(session, now.id)

    for state, moment in (("mitigated", "mitigated_at"), ("resolved", "resolved_at")):
        after = attempted(
            ctx, f"incident-{state}", f"the incident was {state}", partial(reach, state)
        )
        if after is not None:
            said = bool(getattr(after, moment))
            ctx.holds(f"{state}-at", f"the marketplace keeps when it was {state}", said)
    return None
