"""Incidents from trigger to resolution, what is said about them, and how fast people reacted."""
