"""What legal has published, whether it is fit to be, and who has acknowledged it."""

from golive.drills.legal.drill import Legal

__all__ = ["Legal"]
