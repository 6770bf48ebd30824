"""Open-loop load over HTTP/1.1 and TLS, from a process of its own.

The rehearsal's interpreter lock would make the target look slow, so the requests are made by a
child (`python -m golive.adapters.probe`) that appends every sample to the log; the parent reads
that log and nothing else. The child ends when its standard input does: by `stop`, or because the
rehearsal was killed.
"""

from golive.adapters.probe.parent import OpenLoopProbe

__all__ = ["OpenLoopProbe"]
