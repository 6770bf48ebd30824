"""The report on a sealed release: one page, made from the vault alone. Nothing is decided here."""

from golive.report.page import render

__all__ = ["render"]
