"""What every context stands on: database, access, problems, settings, the outbox."""
