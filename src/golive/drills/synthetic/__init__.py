"""What a person would do first, many times over."""

from golive.drills.synthetic.drill import Synthetic

__all__ = ["Synthetic"]
