"""`/v1/compliance`."""

from fixnado.compliance.http.exports import routes as export_routes
from fixnado.compliance.http.purges import routes as purge_routes
from fixnado.compliance.http.requests import routes as request_routes

routes = (request_routes, export_routes, purge_routes)

__all__ = ["routes"]
