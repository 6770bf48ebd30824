"""Golive: rehearses a product launch and proves the result."""

__version__ = "0.1.0"
