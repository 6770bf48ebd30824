"""Refund cases: opened over a failed milestone, decided by people, settled through the books."""
