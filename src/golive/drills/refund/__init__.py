"""A refund from the failed milestone to balanced books, and by hand while nobody else can pay."""

from golive.drills.refund.drill import Refund

__all__ = ["Refund"]
