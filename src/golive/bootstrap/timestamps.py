"""Who is asked when something was there."""

from __future__ import annotations

from golive.kernel.fidelity import Fidelity
from golive.ports.timestamps import TimestampAuthority


def timestamp_authority(url: str) -> TimestampAuthority:
    """The authority at `url`; reaches nothing yet. BadInput when that is no address."""
    from golive.adapters.http import HttpxClient
    from golive.adapters.tsa import HttpTimestampAuthority

    return HttpTimestampAuthority(url, HttpxClient(None, Fidelity.LIVE))
