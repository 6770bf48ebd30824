"""Something breaks, for practice: raised, escalated, acknowledged, put into words, and over."""

from golive.drills.incident.drill import IncidentDrill

__all__ = ["IncidentDrill"]
