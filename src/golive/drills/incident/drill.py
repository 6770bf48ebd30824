"""The drill and its steps."""

from __future__ import annotations

from collections.abc import Sequence

from golive.drillkit.drill import Drill, Measure, Output, Step
from golive.drills.incident.bridge import bridge, tidy
from golive.drills.incident.calling import escalate
from golive.drills.incident.casework import acknowledge, call_off, raise_it, resolve
from golive.drills.incident.form import form
from golive.drills.incident.ledger import ledger
from golive.drills.incident.params import IncidentParams
from golive.drills.incident.speaking import draft, silence

Steps = Sequence[Step[IncidentParams]]


class IncidentDrill(Drill[IncidentParams]):
    name = "incident"
    summary = (
        "A grave incident reaches the help desk once, a person takes it on, nothing is public."
    )
    params = IncidentParams
    fits = ("incident", "escalation", "chatwoot", "on call", "mtta")
    outputs = (
        Output("escalation", "{item}/escalation.json", "application/json"),
        Output("conversation", "{item}/helpdesk-conversation.json", "application/json"),
        Output("draft", "{item}/public-draft.md", "text/markdown"),
        Output("ledger", "{item}/incident-ledger.json", "application/json"),
        Output("form", "{item}/incident-form.html", "text/html"),
    )
    measures = (
        Measure("delivery_seconds", "s", "from the call to its delivery at the help desk"),
        Measure("contacts", "contacts", "that the incident has at the help desk"),
        Measure("threads", "conversations", "that the incident has at the help desk"),
        Measure("notes", "notes", "private ones in that conversation"),
        Measure("published", "updates", "of the drill that the public can read"),
        Measure("mtta_seconds", "s", "until a person acknowledged; not measured in practice"),
        Measure("mttr_seconds", "s", "until it was resolved; not measured in practice"),
        Measure("ledger_differences", "differences", "between the marketplace's figures and ours"),
    )

    def steps(self, params: IncidentParams) -> Steps:
        before: Steps = (
            Step("raise", raise_it, undo=call_off),
            Step("escalate", escalate),
            Step("bridge", bridge),
            Step("draft", draft),
        )
        after: Steps = (
            Step("acknowledge", acknowledge),
            Step("resolve", resolve),
            Step("silence", silence),
            Step("tidy", tidy),
            Step("ledger", ledger),
            Step("form", form, always=True),
        )
        return {"raise": before, "close": after, "all": (*before, *after)}[params.part]
