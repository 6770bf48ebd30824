"""Is this instance fit to serve? Probed, kept in a file, and exposed as a metric."""
