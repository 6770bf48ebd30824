"""Pictures of the console for the documentation, taken from a real run."""
