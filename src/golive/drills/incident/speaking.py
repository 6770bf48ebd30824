"""What the public could be told, in four stages, and that nobody told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from golive.drillkit.attempts import attempted
from golive.drills.incident.casework import current
from golive.drills.incident.params import Ctx, market_of
from golive.kernel.json import Json
from golive.ports.incidents import STAGES, Incident, Incidents, Update, Words

_WORDS: Mapping[str, tuple[str, str]] = {
    "investigating": (
        "{title}: we are looking into it",
        "Some customers can't complete what they began. We are finding out why, and write again "
        "within half an hour.",
    ),
    "identified": (
        "{title}: we know why",
        "We have found the cause and are putting it right. Nothing that you have paid is lost.",
    ),
    "monitoring": (
        "{title}: put right, and watched",
        "It works again. We keep watching before we call it over; please tell us if you still see "
        "trouble.",
    ),
    "resolved": (
        "{title}: over",
        "It is over. We will write down what happened and what we change, and publish that here.",
    ),
}


def draft(ctx: Ctx) -> Json:
    """Write the four drafts that aren't there yet, and read them back."""
    market = market_of(ctx)
    case = current(ctx, market)
    kept = attempted(
        ctx, "drafts-kept", "the marketplace keeps drafts", lambda: _drafted(ctx, market, case)
    )
    if kept is None:
        return None
    ctx.save("draft", _page(case, kept), fidelity=market.fidelity)
    there: list[Json] = [one for one in STAGES if any(up.words.stage == one for up in kept)]
    ctx.equals("draft-stages", "each of the four stages has its draft", list(STAGES), there)
    asked = {one.stage: one for one in _words(ctx)}
    changed: list[Json] = [
        one.words.stage
        for one in kept
        if one.words.stage in asked and one.words != asked[one.words.stage]
    ]
    ctx.equals("draft-words", "the drafts are kept word for word", [], changed)
    return {"drafts": len(kept)}


def _drafted(ctx: Ctx, market: Incidents, case: Incident) -> Sequence[Update]:
    session = market.login(ctx.params.role)
    there = {one.words.stage for one in market.updates(session, case.id)}
    for words in _words(ctx):
        if words.stage not in there:
            key = ctx.key("draft", case.id, words.stage)
            market.draft_update(session, case.id, words, key)
    return market.updates(session, case.id)


def _words(ctx: Ctx) -> Sequence[Words]:
    """A draft's impact falls to none with its resolution."""
    found = []
    for stage, (headline, body) in _WORDS.items():
        impact = "none" if stage == "resolved" else ctx.params.impact
        found.append(Words(stage, impact, headline.format(title=ctx.params.title), body))
    return found


def silence(ctx: Ctx) -> Json:
    """Nothing of the drill may be public, at the marketplace or by its own record."""
    market = market_of(ctx)
    case = current(ctx, market)

    def look() -> list[str]:
        public = [one.headline for one in market.public_updates() if one.incident_id == case.id]
        kept = market.updates(market.login(ctx.params.role), case.id)
        return [*public, *(one.words.headline for one in kept if one.published_at)]

    found = attempted(ctx, "public-page-read", "visitors' page of updates can be read", look)
    ctx.at_most(
        "published",
        "nothing of the drill was published",
        0,
        None if found is None else len(set(found)),
        unit="updates",
        detail="; ".join(found or ()),
    )
    return None if found is None else {"published": len(set(found))}


def _page(case: Incident, kept: Sequence[Update]) -> str:
    """Markdown, for people to read and to change."""
    lines = [
        f"# Draft: {case.title or case.reference}",
        "",
        f"Incident {case.reference}, {case.severity}. A drill: for people to read, not to publish.",
    ]
    for one in sorted(kept, key=_stage):
        published = f"PUBLISHED {one.published_at}" if one.published_at else "draft"
        lines += ["", f"## {one.words.stage} (impact: {one.words.impact}; {published})"]
        lines += ["", f"**{one.words.headline}**", "", one.words.body]
    return "\n".join([*lines, ""])


def _stage(update: Update) -> int:
    known = list(STAGES)
    return known.index(update.words.stage) if update.words.stage in known else len(known)
