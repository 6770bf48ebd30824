"""Requests, their clocks, figures and purge plans: rules that need no database."""
