"""Minutes: a template filled with where the day stands, for people to complete.

What happened is written down from the run's own records. What was said, decided and by whom is
people's: those places are left blank, and the drill proves that they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from golive.drillkit.attempts import attempted, told
from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.paper import (
    BLANK,
    Block,
    Bullets,
    Heading,
    Paper,
    Table,
    Words,
    markdown,
    storage,
    text_of,
)
from golive.drillkit.standing import Row, Standing
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import Json
from golive.ports.wiki import Wiki, WikiPage

_BLANKS = 4
"""Lines for people under each question."""


class MinutesParams(Params):
    kind: Literal["contingency", "retrospective"] = "contingency"
    title: str = Field("", max_length=200, description="of the paper; by its kind where empty")


Ctx = Context[MinutesParams]
_TITLES = {"contingency": "Contingency review", "retrospective": "Retrospective"}


class Minutes(Drill[MinutesParams]):
    name = "minutes"
    summary = "Minutes are begun with where the day stands; what people say stays theirs to write."
    params = MinutesParams
    fits = ("minutes", "contingency", "retrospective", "review meeting")
    outputs = (
        Output("minutes", "{item}/minutes.md", "text/markdown"),
        Output("page", "{item}/minutes-page.json", "application/json"),
    )
    measures = (
        Measure("rows_left_out", "rows", "of the timeline that the template doesn't name"),
        Measure("troubles_left_out", "findings", "of the day that the template doesn't name"),
    )

    def steps(self, params: MinutesParams) -> Sequence[Step[MinutesParams]]:  # noqa: ARG002
        return (Step("fill", _fill), Step("page", _page))


# -- the paper -------------------------------------------------------------------------------


def paper(ctx: Ctx, at: datetime) -> Paper:
    """The template as of `at`."""
    zone = ZoneInfo(ctx.rehearsal.timezone)
    standing, kind = ctx.standing, ctx.params.kind
    blocks: list[Block] = [
        Words(
            f"{standing.title or 'A rehearsal'}, {ctx.rehearsal.id}. Where the day stood at "
            f"{at.astimezone(zone):%H:%M} ({ctx.rehearsal.timezone}), from the run's own records. "
            "Empty cells and lines are for the people in the room; none of them was filled in by "
            "a program."
        ),
        Heading("Who is here"),
        Table(
            ("Role", "Person", "In person or deputy"),
            [(role, BLANK, BLANK) for role in _roles(standing)],
        ),
        Heading("Where the day stands"),
        Table(
            ("", "Activity", "Owner", "Planned", "Began", "Ended", "State"),
            [_row(one, zone) for one in standing.rows],
        ),
        *_late(standing),
        Heading("What went wrong"),
        Bullets(_troubles(standing) or ["Nothing so far, by the checks that have run."]),
        *(_ahead(standing, ctx.item) if kind == "contingency" else _behind(standing, ctx.item)),
        Heading("Decisions"),
        Table(("Decision", "Who carries it out", "By when"), [(BLANK,) * 3] * _BLANKS),
        Words(f"Reference: {_reference(ctx)}"),
    ]
    return Paper(_title(ctx), blocks)


def _title(ctx: Ctx) -> str:
    name = ctx.params.title or _TITLES[ctx.params.kind]
    return f"{name}, {ctx.rehearsal.day.isoformat()} ({ctx.rehearsal.id})"


def _reference(ctx: Ctx) -> str:
    """What says that a page is this item's: the same for every attempt at it."""
    return f"golive {ctx.rehearsal.id} {ctx.item}"


def _roles(standing: Standing) -> Sequence[str]:
    owners = [row.owner for row in standing.rows] + [one.role for one in standing.scopes]
    return list(dict.fromkeys(one for one in owners if one and one.casefold() != "all"))


def _row(row: Row, zone: ZoneInfo) -> Sequence[str]:
    def clock(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%H:%M}" if at else "–"

    ended = clock(row.ended) if row.word != "under way" else "–"
    times = (clock(row.planned), clock(row.started), ended)
    return (str(row.number), row.title, row.owner, *times, row.word)


def _late(standing: Standing) -> Sequence[Block]:
    if not standing.on_schedule:
        return [Words("The rows run back to back in this rehearsal, so that none can be late.")]
    late = [
        f"{row.number}. {row.title}: began {_minutes(row)} min late"
        for row in standing.rows
        if _minutes(row) >= 1
    ]
    return [Bullets(late)] if late else [Words("No row has begun late.")]


def _minutes(row: Row) -> int:
    return int(row.late.total_seconds() // 60) if row.late else 0


def _troubles(standing: Standing) -> list[str]:
    return [f"{one.title} ({one.id}): {text}" for one in standing.items for text in one.troubles]


def _ahead(standing: Standing, here: str) -> Sequence[Block]:
    coming = [row for row in standing.rows if row.word in ("not begun", "under way")]
    coming = [row for row in coming if all(one.id != here for one in row.items)]
    return [
        Heading("What comes next"),
        Bullets([f"{row.number}. {row.title}: {row.owner}" for row in coming] or ["Nothing."]),
        Heading("Risks"),
        Table(
            ("Risk", "Impact", "Likelihood", "By the evidence", "Nearer than this morning?"),
            [
                (one.risk, one.impact, one.likelihood, one.word, BLANK)
                for one in standing.risks
            ],
        ),
        Heading("If it gets worse"),
        Table(
            ("What would make us stop or wait", "Who says so", "Until when"),
            [(BLANK,) * 3] * _BLANKS,
        ),
    ]  # fmt: skip


def _behind(standing: Standing, here: str) -> Sequence[Block]:
    kinds = {one.value: 0 for one in Fidelity}
    for artefact in standing.artefacts:
        kinds[artefact.fidelity.value] += 1
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    still = [f"{one.title}: {one.unapproved or one.who}" for one in standing.open_people(here)]
    return [
        Heading("What the day left"),
        Words(f"Pieces of evidence so far: {counted}."),
        Heading("What only people can still give"),
        Bullets(still or ["Nothing."]),
        Heading("What went well"),
        Bullets([BLANK] * _BLANKS),
        Heading("What did not"),
        Bullets([BLANK] * _BLANKS),
        Heading("What we change before the launch"),
        Table(("Change", "Who", "By when"), [(BLANK,) * 3] * _BLANKS),
    ]


# -- steps -----------------------------------------------------------------------------------


def _fill(ctx: Ctx) -> Json:
    made = paper(ctx, ctx.clock.now().astimezone(UTC))
    text = markdown(made)
    ctx.save("minutes", text, fidelity=Fidelity.LOCAL)
    standing = ctx.standing
    lines = [one.split(" | ") for one in text.splitlines() if one.startswith("| ")]
    named = {cells[0].removeprefix("| ") for cells in lines}
    rows = [str(row.number) for row in standing.rows]
    ctx.at_most(
        "rows_left_out",
        "rows of the timeline that the template doesn't name",
        0,
        len(set(rows) - named) if rows else None,
        unit="rows",
        detail=f"of {len(rows)}",
    )
    told_of = {block for part in made.blocks if isinstance(part, Bullets) for block in part.lines}
    ctx.at_most(
        "troubles_left_out",
        "things that went wrong which the template doesn't name",
        0,
        len(set(_troubles(standing)) - told_of) if rows else None,
        unit="findings",
        detail=f"of {len(_troubles(standing))}",
    )
    return {"title": made.title, "storage": storage(made)}


def _page(ctx: Ctx) -> Json:
    """Look, then create; what people have written since is never touched."""
    wiki = ctx.target.wiki
    if wiki is None:
        ctx.log(
            "no wiki is configured, so no page was made: add [wiki] to the target file, or take "
            "the template from the vault"
        )
        return {"page": None}
    said = ctx.memo["fill"]
    assert isinstance(said, dict)
    title, body = str(said["title"]), str(said["storage"])
    found = _there(ctx, wiki, title)
    claim = f"the page is there, in {wiki.where}"
    if found is None:
        found = attempted(ctx, "page_created", claim, lambda: wiki.create(title, body))
    else:
        ctx.holds("page_created", claim, True, detail=f"already: {found.url}")
    if found is not None:
        _compare(ctx, wiki, title, body)
    return {"page": found.url if found else None}


def _there(ctx: Ctx, wiki: Wiki, title: str) -> WikiPage | None:
    """The page that an earlier attempt made; StepFailed where the title is somebody else's, or the
    wiki doesn't answer."""
    try:
        found = wiki.find(title)
    except PortError as error:
        ctx.holds("page_created", f"{wiki.where} says what is there", None, detail=told(error))
        raise ctx.fail("the wiki can't be read, so nothing was written to it") from error
    if found is not None and _reference(ctx) not in text_of(found.storage):
        ctx.holds(
            "page_created", "no other page bears this title", False, detail=f"it is {found.url}"
        )
        raise ctx.fail(f"a page {title!r} is there and is not ours: it was left as it is")
    return found


def _compare(ctx: Ctx, wiki: Wiki, title: str, body: str) -> None:
    """What the wiki now has, read back. A page that people have begun to complete is theirs."""
    claim = "the page holds what the template says, word for word"
    try:
        kept = wiki.find(title)
    except PortError as error:
        ctx.holds("page_as_written", claim, None, detail=told(error))
        return
    if kept is None:
        ctx.holds("page_as_written", claim, False, detail="it can't be found again")
        return
    record: Json = {
        "id": kept.id, "title": kept.title, "url": kept.url, "version": kept.version,
        "storage": kept.storage,
    }  # fmt: skip
    ctx.save_json("page", record, fidelity=wiki.fidelity)
    if kept.version > 1:
        ctx.log(f"{kept.url} is at version {kept.version}: people have begun to complete it")
        return
    same = text_of(kept.storage) == text_of(body)
    ctx.holds("page_as_written", claim, same, detail=kept.url)
