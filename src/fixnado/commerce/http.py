"""`/v1/commerce`, `/v1/orders` and `/v1/rentals`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from fixnado.commerce import service
from fixnado.commerce.model import Milestone, Order
from fixnado.platform.access import SIGNED_IN, Role
from fixnado.platform.database import UnitOfWork
from fixnado.platform.idempotency import Ask, IdempotencyKey, once
from fixnado.platform.moments import Moment
from fixnado.platform.web import Caller, Db, Identifier, Routes
from fixnado.platform.wire import Incoming, Outgoing

routes = Routes("commerce")
Persona = Literal[
    "user",
    "serviceman",
    "provider",
    "enterprise",
    "provider_admin",
    "operations",
    "finance",
    "compliance",
    "legal",
    "support",
    "admin",
]


class TallyView(Outgoing):
    total: int
    by_status: dict[str, int]


class MoneyView(Outgoing):
    currency: str
    amount_minor: int


class EscrowView(Outgoing):
    held: tuple[MoneyView, ...]
    released: tuple[MoneyView, ...]
    refunded: tuple[MoneyView, ...]


class AlertView(Outgoing):
    kind: str
    severity: str
    count: int
    message: str


class SnapshotView(Outgoing):
    persona: str
    generated_at: Moment
    orders: TallyView
    rentals: TallyView
    revenue: tuple[MoneyView, ...]
    escrow: EscrowView
    alerts: tuple[AlertView, ...]


class MilestoneView(Outgoing):
    id: str
    title: str
    status: str
    due_at: Moment


class OrderView(Outgoing):
    id: str
    reference: str
    buyer_id: str
    provider_id: str
    service: str
    status: str
    amount_minor: int
    currency: str
    escrow_status: str
    escrow_minor: int
    placed_at: Moment
    due_at: Moment
    completed_at: Moment | None


class OrderDetail(OrderView):
    milestones: tuple[MilestoneView, ...] = ()


class Inspection(Incoming):
    result: Literal["passed", "failed"]


class OrderList(Outgoing):
    orders: tuple[OrderView, ...]


class RentalView(Outgoing):
    id: str
    reference: str
    renter_id: str
    owner_id: str
    asset: str
    status: str
    daily_rate_minor: int
    deposit_minor: int
    currency: str
    starts_at: Moment
    ends_at: Moment


class RentalList(Outgoing):
    rentals: tuple[RentalView, ...]


@routes.add("GET", "/commerce/snapshot", roles=SIGNED_IN, summary="The business at a glance")
def snapshot(db: Db, caller: Caller, persona: Persona | None = None) -> SnapshotView:
    """Orders, rentals, revenue, escrow and alerts: the market's for staff, else one's own."""
    found = db.read(lambda unit: service.snapshot(unit, caller, persona))
    return SnapshotView.model_validate(found)


@routes.add("GET", "/orders", roles=SIGNED_IN, summary="Recent orders")
def orders(db: Db, caller: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> OrderList:
    """The newest orders that the caller may see."""
    found = db.read(lambda unit: service.recent_orders(unit, caller, limit))
    return OrderList(orders=tuple(OrderView.model_validate(order) for order in found))


@routes.add("GET", "/rentals", roles=SIGNED_IN, summary="Recent rentals")
def rentals(db: Db, caller: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> RentalList:
    """The newest rentals that the caller may see."""
    found = db.read(lambda unit: service.recent_rentals(unit, caller, limit))
    return RentalList(rentals=tuple(RentalView.model_validate(rental) for rental in found))


@routes.add("GET", "/orders/{order_id}", roles=SIGNED_IN, refusals=(404,), summary="One order")
def order(db: Db, caller: Caller, order_id: Identifier) -> OrderDetail:
    """An order by id or reference, with its milestones."""
    return _detail(*db.read(lambda unit: service.order(unit, caller, order_id)))


@routes.add(
    "POST",
    "/orders/{order_id}/milestones/{milestone_id}/inspection",
    roles=frozenset({Role.OPERATIONS, Role.SUPPORT}),
    refusals=(404, 409),
    response_model=OrderDetail,
    summary="Note an inspection",
)
def inspect(
    db: Db,
    caller: Caller,
    order_id: Identifier,
    milestone_id: Identifier,
    body: Inspection,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """What an inspection of a milestone found. A failure puts the order in dispute."""

    def work(unit: UnitOfWork) -> OrderDetail:
        passed = body.result == "passed"
        return _detail(*service.inspect(unit, caller, order_id, milestone_id, passed=passed))

    operation = f"orders.inspect:{milestone_id}"
    return once(db, Ask(caller, idempotency_key, operation, body, status=200), work)


def _detail(found: Order, milestones: list[Milestone]) -> OrderDetail:
    view = OrderDetail.model_validate(found)
    return view.model_copy(
        update={"milestones": tuple(MilestoneView.model_validate(one) for one in milestones)}
    )
