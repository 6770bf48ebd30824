"""The people of a rehearsal day, each a process with a key and a passphrase of its own."""

from attended_day.people import PRESENT, enrol, passphrase, start

__all__ = ["PRESENT", "enrol", "passphrase", "start"]
