"""A Caddy in front of both sides, read from its admin API and its sockets."""

from golive.adapters.caddy.balancer import CaddyBalancer
from golive.adapters.caddy.traffic import CaddyTraffic

__all__ = ["CaddyBalancer", "CaddyTraffic"]
