"""What the compliance desk does."""
