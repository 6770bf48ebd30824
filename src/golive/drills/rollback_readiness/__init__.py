"""Rollback readiness: the side that was live before is frozen, and the way back to it works."""

from golive.drills.rollback_readiness.drill import RollbackReadiness

__all__ = ["RollbackReadiness"]
