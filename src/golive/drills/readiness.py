"""Readiness: does the snapshot on disk follow the health of the components, quickly and always?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import cycle, islice

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Drill, Measure, Output, Params, Step
from golive.drillkit.durations import Duration
from golive.drillkit.figures import percentile
from golive.drillkit.readiness import (
    GAUGE,
    FileWatch,
    Snapshot,
    SnapshotError,
    Watcher,
    gauge,
    is_subsequence,
)
from golive.drillkit.sides import side_name
from golive.kernel.json import Json, JsonObject
from golive.kernel.times import parse_rfc3339, rfc3339
from golive.ports.marketplace import Marketplace, ReadinessFile

_LOOK = 0.004
"""Seconds between two looks at the file."""
_TOGGLES = ("degraded", "ready", "error", "ready", "initialising", "ready", "stopping", "ready")
_BURST = ("degraded", "error", "initialising", "stopping", "ready")


class ReadinessParams(Params):
    side: str = Field("incoming", description="incoming, old, or the name of a side")
    component: str | None = Field(
        None, min_length=1, description="the component to toggle; the first by name by default"
    )
    within_seconds: Duration = Field(5.0, description="how soon the file must show a change")
    burst: int = Field(12, ge=2, le=500, description="toggles sent as fast as they are accepted")


Ctx = Context[ReadinessParams]


class Readiness(Drill[ReadinessParams]):
    name = "readiness"
    summary = "The readiness snapshot follows health changes in time, loses none, and is measured."
    params = ReadinessParams
    fits = ("readiness", "health", "snapshot")
    outputs = (
        Output("snapshot", "{item}/readiness-snapshot.json", "application/json"),
        Output("toggles", "{item}/readiness-toggles.json", "application/json"),
        Output("metrics", "{item}/readiness-metrics.txt", "text/plain; version=0.0.4"),
    )
    measures = (
        Measure("readiness_seconds", "s", "slowest toggle, from the request to the file"),
        Measure("readiness_p50_seconds", "s", "median over the toggles"),
        Measure("readiness_p95_seconds", "s", "95th percentile over the toggles"),
        Measure("burst_seconds", "s", "from the last toggle of the burst to the file"),
    )

    def steps(self, params: ReadinessParams) -> Sequence[Step[ReadinessParams]]:  # noqa: ARG002
        return (
            Step("snapshot", _snapshot),
            Step("toggle", _toggle, undo=_restore),
            Step("burst", _burst, undo=_restore),
            Step("restore", _restore),
        )


# -- steps ----------------------------------------------------------------------------------------


def _snapshot(ctx: Ctx) -> Json:
    """Keep the file as it is; judge its form, and whether the running instance wrote it."""
    file = _file(ctx)
    data = file.read()
    ctx.save("snapshot", data, fidelity=file.fidelity)
    claim, problem = "the readiness snapshot is whole and knows the component to toggle", ""
    try:
        snapshot = Snapshot.parse(data)
        component = ctx.params.component or min(snapshot.components, default="")
        if component not in snapshot.components:
            problem = f"it has no component {component!r}, but {', '.join(snapshot.components)}"
    except SnapshotError as error:
        problem = str(error)
    ctx.holds("snapshot_structure", claim, not problem, detail=problem)
    if problem:
        raise ctx.fail(f"the readiness snapshot can't be used: {problem}")
    _judge_freshness(ctx, snapshot)
    original = _original(ctx, component, snapshot.components[component])
    return {"component": component, "original": original}


def _original(ctx: Ctx, component: str, in_file: str) -> str:
    """What to put back at the end. The metric comes from the running process; a file that is no
    longer written may still say `initialising`, and putting that back would break the instance."""
    _, told = _scraped(ctx, component)
    measured = next((status for status, value in GAUGE.items() if value == told), None)
    ctx.equals(
        "snapshot_agrees",
        f"the file says of {component!r} what the instance's metric says",
        measured,
        in_file if measured else None,
        detail="" if measured else "the gauge could not be read",
    )
    return measured or in_file


def _judge_freshness(ctx: Ctx, snapshot: Snapshot) -> None:
    """A file that an earlier process left behind would pass every look at its form."""
    now = ctx.clock.now()
    ctx.holds(
        "snapshot_dated",
        "the snapshot was generated after the instance started and not in the future",
        snapshot.started <= snapshot.generated and (snapshot.generated - now).total_seconds() < 2,
        detail=f"started {rfc3339(snapshot.started)}, generated {rfc3339(snapshot.generated)}, "
        f"read {rfc3339(now)}",
    )
    wrote, answers = rfc3339(snapshot.started), _started(_instance(ctx).health().raw)
    ctx.equals(
        "snapshot_process",
        "the instance that answers started when the snapshot says: it is the one that wrote it",
        wrote,
        answers,
        detail="" if answers else "the instance does not say when it started",
    )


def _toggle(ctx: Ctx) -> Json:
    """One change at a time, each followed until file and metric show it."""
    instance, watch = _instance(ctx), _watch(ctx)
    session = instance.login("operations")
    rows: list[JsonObject] = []
    exposition = b""
    try:
        for number, status in enumerate(_TOGGLES, 1):
            ctx.progress(f"toggle {number} of {len(_TOGGLES)}: {status}")
            began = time.monotonic()
            instance.toggle_component(session, _component(ctx), status)
            took = _until_shown(ctx, watch, status, began)
            exposition, told = _scraped(ctx, _component(ctx))
            shown = None if took is None else round(took, 4)
            rows.append({"status": status, "seconds": shown, "metric": told})
            if took is None:
                break  # it does not follow: more toggles would only wait as long again
    finally:
        _keep_toggles(ctx, rows, exposition)
    _judge_times(ctx, rows)
    _judge_metric(ctx, rows)
    _judge_whole(ctx, "snapshot_whole", watch)
    if rows[-1]["seconds"] is None:
        raise ctx.fail(f"the readiness file does not follow the component {_component(ctx)!r}")
    return {"toggles": len(rows)}


def _keep_toggles(ctx: Ctx, rows: Sequence[JsonObject], exposition: bytes) -> None:
    document: Json = {
        "side": _side(ctx),
        "component": _component(ctx),
        "limitSeconds": ctx.params.within_seconds,
        "toggles": rows,
    }
    ctx.save_json("toggles", document, fidelity=_file(ctx).fidelity)
    metrics = ctx.target.metrics.get(_side(ctx))
    if exposition and metrics is not None:
        ctx.save("metrics", exposition, fidelity=metrics.fidelity)


def _judge_times(ctx: Ctx, rows: Sequence[JsonObject]) -> None:
    within = ctx.params.within_seconds
    late = [str(row["status"]) for row in rows if row["seconds"] is None]
    missing = f"{late[0]} was not shown, the ones after it were not tried" if late else ""
    ctx.equals(
        "toggles_shown",
        f"every toggle reached the readiness file within {within:g} s",
        len(_TOGGLES),
        len(rows) - len(late),
        detail=missing,
    )
    # One that never came has no time: no figure can be given, rather than one that leaves it out.
    times = [one for row in rows if isinstance(one := row["seconds"], float)] if not late else []
    for name, claim, share in (
        ("readiness_seconds", "the slowest toggle is in the file in time", 1.0),
        ("readiness_p50_seconds", "half of the toggles are in the file in time", 0.5),
        ("readiness_p95_seconds", "19 of 20 toggles are in the file in time", 0.95),
    ):
        figure = percentile(times, share)
        ctx.at_most(name, claim, within, None if figure is None else round(figure, 4), unit="s")


def _judge_metric(ctx: Ctx, rows: Sequence[JsonObject]) -> None:
    absent = any(row["metric"] is None for row in rows)
    wrong = [
        f"{row['status']} showed {row['metric']}"
        for row in rows
        if row["metric"] != GAUGE[str(row["status"])]
    ]
    ctx.holds(
        "metric_agrees",
        f"after each toggle, fixnado_readiness_status of {_component(ctx)!r} shows it",
        None if absent or not rows else not wrong,
        detail="the gauge could not be read" if absent else "; ".join(wrong),
    )


def _burst(ctx: Ctx) -> Json:
    """Many changes at once: they may be coalesced, but the last one must be what stays."""
    instance, component, watch = _instance(ctx), _component(ctx), _watch(ctx)
    session = instance.login("operations")
    before = watch.look()
    sent = _states(before, ctx.params.burst)
    with Watcher(watch, _LOOK / 2):
        for status in sent:
            ctx.pause(0)
            instance.toggle_component(session, component, status)
        took = _until_shown(ctx, _watch(ctx), sent[-1], time.monotonic())
        _, told = _scraped(ctx, _component(ctx))
    final = watch.look()
    ctx.equals(
        "burst_last",
        f"after {len(sent)} toggles in one go, the file holds the last state",
        sent[-1],
        final,
    )
    ctx.at_most(
        "burst_seconds",
        "the burst's last state is in the file in time",
        ctx.params.within_seconds,
        None if took is None else round(took, 4),
        unit="s",
    )
    ctx.holds(
        "burst_order",
        "the file showed states in the order in which they were sent, and no others",
        is_subsequence(watch.seen, [before, *sent]) if watch.seen else None,
        detail=f"sent {', '.join(sent)}; seen {', '.join(watch.seen)}",
    )
    ctx.holds(
        "burst_metric",
        "after the burst, the metric agrees with the file",
        None if told is None else told == GAUGE.get(final),
    )
    _judge_whole(ctx, "burst_whole", watch)
    return {"sent": sent, "seen": watch.seen}


def _judge_whole(ctx: Ctx, check: str, watch: FileWatch) -> None:
    ctx.equals(
        check,
        "no look at the file met a missing or half-written one",
        0,
        watch.broken if watch.looks else None,
        detail=f"{watch.looks} looks",
    )


def _restore(ctx: Ctx) -> Json:
    """The state found at first, proven by the metric; by the file where there is no metric. Safe
    to run again."""
    original, instance = _found(ctx, "original"), _instance(ctx)
    session = instance.login("operations")
    instance.toggle_component(session, _component(ctx), original)
    _, told = _scraped(ctx, _component(ctx))
    if told is None:
        back = _until_shown(ctx, _watch(ctx), original, time.monotonic()) is not None
    else:
        back = told == GAUGE.get(original)
    ctx.holds("restored", f"the component is {original!r} again, as found", back)
    return {"restored": original}


# -- what they share ------------------------------------------------------------------------------


def _until_shown(ctx: Ctx, watch: FileWatch, status: str, began: float) -> float | None:
    """Seconds from `began` (monotonic) until the file shows `status`; None when out of time."""
    while True:
        shown = watch.look() == status
        took = time.monotonic() - began
        if shown:
            return took
        if took > ctx.params.within_seconds:
            return None
        ctx.pause(_LOOK)


def _scraped(ctx: Ctx, component: str) -> tuple[bytes, float | None]:
    """The exposition and the component's gauge; None where the target has no metrics for it."""
    metrics = ctx.target.metrics.get(_side(ctx))
    if metrics is None:
        return b"", None
    data, samples = metrics.scrape()
    return data, gauge(samples, component)


def _states(before: str, number: int) -> Sequence[str]:
    """`number` states, none the same as the one before it. The last is in there once, and isn't
    the one found at first: seen in the file, it can't be an earlier one that was written late."""
    *others, last = (one for one in _BURST if one != before)
    return [*islice(cycle(others), number - 1), last]


def _started(raw: JsonObject) -> str | None:
    said = raw.get("startedAt")
    try:
        return rfc3339(parse_rfc3339(said)) if isinstance(said, str) else None
    except ValueError:
        return None


def _found(ctx: Ctx, name: str) -> str:
    """What the first step noted."""
    memo = ctx.memo.get("snapshot")
    if not isinstance(memo, Mapping):
        raise ctx.fail("the readiness snapshot was not read")
    return str(memo[name])


def _component(ctx: Ctx) -> str:
    return _found(ctx, "component")


def _watch(ctx: Ctx) -> FileWatch:
    return FileWatch(_file(ctx), _component(ctx))


def _side(ctx: Ctx) -> str:
    return side_name(ctx.target, ctx.params.side)


def _instance(ctx: Ctx) -> Marketplace:
    side = _side(ctx)
    return ctx.target.need(
        ctx.target.instances.get(side), f"side {side!r}", f"add [sides.{side}] with its url"
    )


def _file(ctx: Ctx) -> ReadinessFile:
    side = _side(ctx)
    return ctx.target.need(
        ctx.target.readiness_files.get(side),
        f"readiness file for side {side!r}",
        f"add readiness_file under [sides.{side}]",
    )
