"""Refund cases and payouts in the database."""
