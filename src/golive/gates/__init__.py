"""Pure: (playbook, evidence) to a verdict with reasons."""
