"""The cutover drill in front of a real stage."""
