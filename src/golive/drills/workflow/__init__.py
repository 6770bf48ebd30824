"""A workflow of the team's code host, run and kept."""

from golive.drills.workflow.drill import Workflow

__all__ = ["Workflow"]
