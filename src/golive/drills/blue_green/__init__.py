"""The cutover drill: shift, abort half-way, prove that everything came back, promote."""

from golive.drills.blue_green.drill import BlueGreen

__all__ = ["BlueGreen"]
