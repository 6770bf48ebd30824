"""When the desk is open, and who is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from golive.drillkit.aliases import aliases
from golive.drillkit.attempts import attempted
from golive.drills.surge.params import Ctx, helpdesk_of, window, zone_of
from golive.drills.surge.params import Rota as RotaParams
from golive.drills.surge.rota import DAY_END, Columns, Gap, Table, gaps, read, slots, under_aliases
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.ids import sha256_hex
from golive.kernel.json import Json
from golive.ports.helpdesk import OpeningHours

_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LARGEST = 5_000_000
_SHOWN = 12


def hours(ctx: Ctx) -> Json:
    """The desk's own opening hours, against those that the launch asks for."""
    found = attempted(
        ctx, "hours-read", "the help desk states its opening hours", lambda: _stated(ctx)
    )
    if found is None:
        return None
    document: dict[str, Json] = {
        "zone": found.zone,
        "open": {
            _WEEK[day]: [begin.isoformat("minutes"), end.isoformat("minutes")]
            for day, (begin, end) in sorted(found.days.items())
        },
        "wanted": [one.isoformat("minutes") for one in window(ctx)],
    }
    ctx.save_json("hours", document, fidelity=helpdesk_of(ctx).fidelity)
    ctx.equals(
        "hours-zone",
        "its hours are in the zone that the launch reckons in",
        str(zone_of(ctx)),
        found.zone or None,
    )
    short = {_WEEK[day]: _closed(found, day, window(ctx)) for day in range(7)}
    ctx.at_most(
        "minutes_closed",
        "it is open whenever the launch week needs it",
        0,
        sum(short.values()),
        unit="minutes",
        detail=", ".join(f"{day}: {minutes}" for day, minutes in short.items() if minutes),
    )
    return None


def _stated(ctx: Ctx) -> OpeningHours:
    desk = helpdesk_of(ctx)
    found = desk.hours()
    if found is None:
        raise PortError(
            "the help desk keeps no opening hours for this inbox",
            where=desk.url,
            hint="turn working hours on for the inbox, and set them",
        )
    return found


def _closed(found: OpeningHours, day: int, wanted: tuple[time, time]) -> int:
    """Minutes of `wanted` outside that day's hours."""
    begin, end = (_minutes(one) for one in wanted)
    if day not in found.days:
        return end - begin
    opens, closes = (_minutes(one) for one in found.days[day])
    return (end - begin) - max(0, min(end, closes) - max(begin, opens))


def _minutes(at: time) -> int:
    """Since midnight; the last minute of a day counts as its end."""
    return 24 * 60 if at == DAY_END else at.hour * 60 + at.minute


def rota(ctx: Ctx) -> Json:
    """Every hour of the launch week has people; each gap is named. People get pseudonyms."""
    wanted = ctx.params.rota
    assert wanted is not None
    content = attempted(ctx, "rota-there", "the rota can be read", lambda: _content(ctx, wanted))
    if content is None:
        return None
    columns = Columns(wanted.start, wanted.end, wanted.person, wanted.header_rows, wanted.delimiter)
    table = read(content, columns, zone_of(ctx))
    first = ctx.params.first_day or ctx.rehearsal.day
    asked = list(slots(first, ctx.params.days, window(ctx), zone_of(ctx)))
    found = gaps(
        table.shifts,
        first=first,
        days=ctx.params.days,
        window=window(ctx),
        zone=zone_of(ctx),
        agents=ctx.params.agents,
    )
    _keep(ctx, content, table, found, len(asked))
    _judge(ctx, table, found)
    return {"gaps": len(found)}


def _content(ctx: Ctx, wanted: RotaParams) -> bytes:
    path = ctx.playbook_folder / wanted.file
    try:
        if path.stat().st_size > _LARGEST:
            raise PortError("the rota is larger than 5 MB", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise PortError(f"the rota can't be read: {error.strerror}", where=str(path)) from error


def _keep(ctx: Ctx, content: bytes, table: Table, found: Sequence[Gap], asked: int) -> None:
    """The original's hash is sealed; names stay outside."""
    ctx.save("rota", under_aliases(table, aliases()), fidelity=Fidelity.MANUAL)
    document: dict[str, Json] = {
        "originalSha256": sha256_hex(content),
        "zone": str(zone_of(ctx)),
        "firstDay": (ctx.params.first_day or ctx.rehearsal.day).isoformat(),
        "days": ctx.params.days,
        "window": [one.isoformat("minutes") for one in window(ctx)],
        "agents": ctx.params.agents,
        "hours": asked,
        "shifts": len(table.shifts),
        "people": len({one.person for one in table.shifts}),
        "unread": list(table.unread),
        "gaps": [
            {
                "from": _local(ctx, one.start),
                "to": _local(ctx, one.end),
                "there": one.there,
            }
            for one in found
        ],
    }
    ctx.save_json("coverage", document, fidelity=Fidelity.MANUAL)


def _judge(ctx: Ctx, table: Table, found: Sequence[Gap]) -> None:
    ctx.at_most(
        "rota_unread", "every line of the rota can be read", 0, len(table.unread),
        unit="lines", detail="; ".join(table.unread[:_SHOWN]),
    )  # fmt: skip
    lost = sum((one.end - one.start for one in found), timedelta())
    named = [f"{_local(ctx, one.start)} to {_local(ctx, one.end)}: {one.there}" for one in found]
    ctx.at_most(
        "hours_uncovered",
        f"in every hour of the launch week at least {ctx.params.agents} of the rota are there",
        0,
        round(lost / timedelta(hours=1), 2) if table.shifts else None,
        unit="hours",
        detail="; ".join(named[:_SHOWN]),
    )


def _local(ctx: Ctx, moment: datetime) -> str:
    return moment.astimezone(zone_of(ctx)).isoformat(timespec="minutes")
