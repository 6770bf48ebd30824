"""What a playbook may say."""

from __future__ import annotations

from pydantic import Field

from golive.drillkit.context import Context
from golive.drillkit.drill import Params
from golive.drillkit.durations import Duration


class DashboardsParams(Params):
    before: Duration = Field(900.0, description="how long before the cutover's first event to show")
    after: Duration = Field(2700.0, description="how long after its last event, if that has passed")
    rate_over: Duration | None = Field(
        None,
        description="what rates look back over: at least four scrapes; 3s on the stage, else 60s",
    )


Ctx = Context[DashboardsParams]
