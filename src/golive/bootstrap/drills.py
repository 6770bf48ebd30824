"""Every drill that a playbook may name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from golive.drillkit.drill import Registry


@cache
def registry() -> Registry:
    """Every drill that a playbook may name."""
    from golive.drills.blue_green import BlueGreen
    from golive.drills.command import Command
    from golive.drills.dashboards import DashboardsDrill
    from golive.drills.data_governance import DataGovernanceDrill
    from golive.drills.http import HttpRequest
    from golive.drills.incident import IncidentDrill
    from golive.drills.legal import Legal
    from golive.drills.minutes import Minutes
    from golive.drills.readiness import Readiness
    from golive.drills.refund import Refund
    from golive.drills.rollback_readiness import RollbackReadiness
    from golive.drills.sign_off import SignOff
    from golive.drills.smoke import Smoke
    from golive.drills.surge import SurgeDrill
    from golive.drills.synthetic import Synthetic
    from golive.drills.terraform_plan import TerraformPlan
    from golive.drills.workflow import Workflow

    drills: Sequence[Any] = (
        BlueGreen(),
        Command(),
        DashboardsDrill(),
        DataGovernanceDrill(),
        HttpRequest(),
        IncidentDrill(),
        Legal(),
        Minutes(),
        Readiness(),
        Refund(),
        RollbackReadiness(),
        SignOff(),
        Smoke(),
        SurgeDrill(),
        Synthetic(),
        TerraformPlan(),
        Workflow(),
    )
    return Registry(drills)
