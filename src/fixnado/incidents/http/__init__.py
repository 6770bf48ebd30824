"""`/v1/incidents`."""

from fixnado.incidents.http.casework import routes
from fixnado.incidents.http.speaking import speaking_routes

__all__ = ["routes", "speaking_routes"]
