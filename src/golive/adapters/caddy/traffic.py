"""What a Caddy in front of both sides does now, read from its admin API."""

from __future__ import annotations

from collections.abc import Mapping

from golive.adapters.caddy.admin import Admin, dial, dials, handlers, shares
from golive.kernel.errors import PortError
from golive.kernel.fidelity import Fidelity


class CaddyTraffic:
    """`golive.ports.deployer.Traffic`.

    `sides` maps a side to the URL of its instance: the balancer is the one proxy handler whose
    upstreams are all of them.
    """

    def __init__(
        self,
        admin: str,
        *,
        sides: Mapping[str, str],
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 5.0,
    ) -> None:
        self.fidelity = fidelity
        self._admin = Admin(admin, timeout)
        self._dials = {dial(url): side for side, url in sides.items()}

    def weights(self) -> Mapping[str, float]:
        """PortError where no proxy handler has exactly these sides behind it."""
        for handler in handlers(self._admin.configuration()):
            behind = dials(handler)
            if sorted(behind) == sorted(self._dials):
                found = shares(handler, self._admin.url)
                return {self._dials[one]: share for one, share in zip(behind, found, strict=True)}
        known = ", ".join(sorted(self._dials))
        raise PortError(
            f"no proxy with {known} behind it",
            where=self._admin.url,
            hint="`traffic.caddy_admin` must be the Caddy that both sides' URLs are upstreams of",
        )
