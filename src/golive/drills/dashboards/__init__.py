"""Dashboards: timeline hub, commerce and infrastructure over the cutover's hour."""

from golive.drills.dashboards.drill import DashboardsDrill

__all__ = ["DashboardsDrill"]
