"""The playbook: a Markdown document parsed once into a frozen model."""
