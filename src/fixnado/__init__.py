"""Fixnado: the marketplace operations service that is rehearsed."""

__version__ = "1.00"
