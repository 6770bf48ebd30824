"""`/v1/refunds` and `/v1/payouts`."""

from fixnado.refunds.http.cases import routes as case_routes
from fixnado.refunds.http.payouts import routes as payout_routes

routes = (case_routes, payout_routes)

__all__ = ["routes"]
