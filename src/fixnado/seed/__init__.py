"""A synthetic marketplace: same seed, same people, same business."""

from fixnado.seed.run import run

__all__ = ["run"]
