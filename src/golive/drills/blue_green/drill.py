"""The drill: its name, steps, outputs and measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.blue_green.back import (
    prove,
    rollback,
    secure,
    undo_promotion,
    undo_shift,
    undo_validation,
)
from golive.drills.blue_green.before import preflight, snapshot
from golive.drills.blue_green.collect import collect, verify
from golive.drills.blue_green.cycles import cycles
from golive.drills.blue_green.honest import readiness, restore
from golive.drills.blue_green.load import let_go, take_up
from golive.drills.blue_green.params import BlueGreenParams, Ctx
from golive.drills.blue_green.promote import confirm, promote
from golive.drills.blue_green.shift import shift
from golive.drills.blue_green.validation import validate
from golive.drills.blue_green.verdicts import watched

_JSON = "application/json"


class BlueGreen(Drill[BlueGreenParams]):
    """A cutover under load: abort half-way, prove the return, then promote."""

    name = "blue-green"
    summary = "Traffic shifts under load, is called off half-way, is proven back, then promoted."
    params = BlueGreenParams
    deploys = True
    fits = ("blue/green", "cutover", "codedeploy", "canary", "deployment rehearsal", "promote")
    outputs = (
        Output("listeners", "codedeploy/{item}-listeners.json", _JSON),
        Output("snapshot", "codedeploy/{item}-start.json", _JSON),
        Output("lifecycle", "codedeploy/{item}-lifecycle.json", _JSON),
        Output("deployments", "codedeploy/{item}-deployments.json", _JSON),
        Output("traffic", "codedeploy/{item}-traffic.json", _JSON),
        Output("samples", "codedeploy/{item}-samples.jsonl", "application/x-ndjson"),
        Output("record", "codedeploy/{item}-record.json", _JSON),
        Output("metrics", "codedeploy/{item}-metrics.json", _JSON),
        Output("chart", "codedeploy/{item}-chart.png", "image/png"),
        Output("smoke", "codedeploy/{item}-hook-smoke.xml", "application/xml"),
    )
    measures = (
        Measure("failed_requests", "", "requests that failed through the whole drill"),
        Measure("misrouted_requests", "", "requests answered by a side that should not have"),
        Measure("rollback_seconds", "s", "from the trigger to the proof of return"),
        Measure(
            "return_seconds",
            "s",
            "from the trigger to the return, where the drill had to be called off",
        ),
        Measure("switch_ms", "ms", "from the trigger to the incoming side's last request"),
        Measure("incoming_p95_ms", "ms", "95th percentile of the incoming side's answers"),
        Measure("old_p95_ms", "ms", "95th percentile of the old side's answers"),
    )

    def steps(self, params: BlueGreenParams) -> Sequence[Step[BlueGreenParams]]:
        wanted = cycles(params)
        first = wanted[0]
        steps = [Step("preflight", preflight), Step("snapshot", snapshot)]
        steps.append(Step("validate", partial(validate, cycle=first), undo=undo_validation))
        if params.hook is None:
            steps.append(Step("readiness", readiness, undo=restore))
        for cycle in wanted:
            steps += [
                Step(cycle.named("shift"), partial(shift, cycle=cycle), undo=undo_shift),
                Step(cycle.named("rollback"), partial(rollback, cycle=cycle)),
                Step(cycle.named("prove"), partial(prove, cycle=cycle)),
            ]
        if params.then == "promote":
            steps += [Step("promote", promote, undo=undo_promotion), Step("confirm", confirm)]
        steps += [
            Step("verify", verify),
            Step("secure", secure, always=True),
            Step("collect", collect, always=True),
        ]
        return [replace(one, run=watched(one.run)) for one in steps]

    @contextmanager
    def around(self, ctx: Ctx) -> Iterator[None]:
        """The load starts when a step first needs it and ends here at the latest."""
        take_up(ctx)
        try:
            yield
        finally:
            let_go(ctx)
