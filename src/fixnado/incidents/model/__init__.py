"""Incidents and what follows from their events. Decided without a database."""
