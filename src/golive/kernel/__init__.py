"""What every room may use: errors, identifiers, time, JSON, fidelity."""
