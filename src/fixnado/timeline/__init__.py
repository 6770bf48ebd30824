"""The timeline hub: what happened lately, from everywhere, for the one who looks."""
