"""Orders, rentals, and what they come to."""
