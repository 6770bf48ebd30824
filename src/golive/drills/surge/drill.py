"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.surge.cover import hours, rota
from golive.drills.surge.desk import answers, close, trial
from golive.drills.surge.params import SurgeParams


class SurgeDrill(Drill[SurgeParams]):
    name = "surge"
    summary = "The help desk has the words, the hours and the people for a launch week."
    params = SurgeParams
    fits = ("surge", "macros", "canned response", "rota", "support volume")
    outputs = (
        Output("answers", "{item}/answers.json", "application/json"),
        Output("hours", "{item}/opening-hours.json", "application/json"),
        Output("rota", "{item}/rota.csv", "text/csv"),
        Output("coverage", "{item}/coverage.json", "application/json"),
        Output("trial", "{item}/trial-conversation.json", "application/json"),
    )
    measures = (
        Measure("answers_missing", "answers", "to known questions that the help desk lacks"),
        Measure("answers_empty", "answers", "that are there and say nothing"),
        Measure(
            "minutes_closed", "minutes", "of a week in which the desk should be open and isn't"
        ),
        Measure("hours_uncovered", "hours", "of the launch week in which too few are there"),
        Measure("rota_unread", "lines", "of the rota that can't be read"),
        Measure("trials", "conversations", "that our own question has at the help desk"),
    )

    def steps(self, params: SurgeParams) -> Sequence[Step[SurgeParams]]:
        chosen = [Step("answers", answers)]
        if params.hours is not None:
            chosen.append(Step("hours", hours))
        if params.rota is not None:
            chosen.append(Step("rota", rota))
        if params.trial is not None:
            chosen.append(Step("trial", trial, undo=close))
            chosen.append(Step("close", close))
        return chosen
