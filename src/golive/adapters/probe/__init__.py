"""Open-loop load over HTTP/1.1 and TLS, from a process of its own.

The rehearsal's interpreter lock would make the target look slow, so the requests are made by a
child (`python -m golive.adapters.probe`) that appends every sample to the log; the parent reads
that log and nothing else. The child ends when it is told to, or when its standard input ends
because the rehearsal was killed.
"""

from golive.adapters.probe.parent import OpenLoopProbe

__all__ = ["OpenLoopProbe"]
