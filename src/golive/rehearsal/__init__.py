"""Use cases: run, resume, abort, approve, sign, export; the durable workflow."""
