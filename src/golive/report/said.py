"""What people have said by the moment that an approval page is made: conditions, waivers, and who
bears which risk. What they say later stands in their signatures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC

from golive.drillkit.approval_sheet import Line, Listing
from golive.governance.decision import Decision, Heard
from golive.kernel.json import JsonObject
from golive.report.wording import day, moment, risk_badge

NONE_SAID = "None had been said when this page was made; later ones stand in the signatures."


def ties(decided: Decision | None) -> Listing:
    """The conditions that stand, in the order of the seats, then what is waived."""
    if decided is None:
        return Listing([], NONE_SAID)
    return Listing([*_conditions(decided), *map(_waiver, decided.waivers)], NONE_SAID)


def _conditions(decided: Decision) -> Iterator[Line]:
    for seat in decided.seats:
        for one in seat.signatures:
            earlier = f", over seal {one.seal}" if one.seal != decided.seal else ""
            for condition in () if one.stale else one.conditions:
                yield Line("only if", condition, "open", f"{one.person}, {seat.seat.role}{earlier}")


def _waiver(one: Heard) -> Line:
    return Line("waived", one.word.about, "open", _by(one))


def _by(one: Heard) -> str:
    """Who, in which role, until when and why."""
    word = one.word
    return f"{word.person}, {word.role}, until {day(moment(word.until), UTC)}: {word.comment}"


def bearers(decided: Decision | None) -> Mapping[str, str]:
    """Who bears what is left of a risk, by the risk's id; the last word on each."""
    return {one.word.about: _by(one) for one in decided.acceptances} if decided else {}


def risk_line(one: JsonObject, borne: Mapping[str, str]) -> Line:
    """One entry of the sealed register, with who bears it."""
    badge = risk_badge(str(one["state"]))
    by = borne.get(str(one["id"]))
    owner = f"owner {one['owner']}: " if one.get("owner") else ""
    note = f"borne by {by}" if by else f"{owner}{one['residual']}"
    return Line(badge.word, str(one["risk"]), badge.kind, note)
