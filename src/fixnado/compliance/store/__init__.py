"""Data requests, exports and purge plans in the database."""
