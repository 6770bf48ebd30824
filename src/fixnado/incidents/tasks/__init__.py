"""What is done for incidents beyond an answer: telling the help desk."""

from fixnado.incidents.tasks.escalation import routes

__all__ = ["routes"]
