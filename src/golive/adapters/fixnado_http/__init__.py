"""The marketplace over its HTTP contract."""

from golive.adapters.fixnado_http.marketplace import FixnadoMarketplace

__all__ = ["FixnadoMarketplace"]
