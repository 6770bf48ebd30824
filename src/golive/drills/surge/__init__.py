"""Many ask at once: the words are at hand, somebody is there, the desk is open."""

from golive.drills.surge.drill import SurgeDrill

__all__ = ["SurgeDrill"]
