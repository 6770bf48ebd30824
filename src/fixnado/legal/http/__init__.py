"""`/v1/legal`, `/v1/acknowledgements` and `/v1/admin/legal`."""

from fixnado.legal.http.desk import desk_routes
from fixnado.legal.http.public import public_routes

__all__ = ["desk_routes", "public_routes"]
