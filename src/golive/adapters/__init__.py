"""The outside, behind the ports. Named by bootstrap alone."""
