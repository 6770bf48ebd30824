"""A stand-in for the help desk: Chatwoot's application API, as much of it as a rehearsal needs.

Simulated, and says so in every answer. It keeps what it is told in an SQLite file, tells doubles
apart, and can be told to fail. Started by `python -m golive.stage.helpdesk`.
"""
