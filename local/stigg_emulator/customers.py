"""Customers: create, read, update, archive, and their payment method."""

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.events import customer_event
from local.stigg_emulator.paging import created_filter, page
from local.stigg_emulator.records import Customer
from local.stigg_emulator.replacement import close
from local.stigg_emulator.views import customer_view
from local.stigg_emulator.world import Call, World


def create_customer(world: World, call: Call) -> Json:
    """POST /customers: create, never update; a known id or a billing id in use is refused."""
    if call.body["id"] in world.customers:
        raise _duplicate(f"Customer already exists: {call.body['id']}")
    check_fields(world, call.body["id"], call.body)
    sent = {name: value for name, value in call.body.items() if name != "id"}
    customer = Customer(call.body["id"], sent, created_at=world.now, updated_at=world.now)
    world.customers[customer.id] = customer
    customer_event(world, "created", customer)
    return {"data": customer_view(customer)}


def get_customer(world: World, call: Call) -> Json:
    """GET /customers/{id}."""
    return {"data": customer_view(world.customer(call.id, status=404))}


def list_customers(world: World, call: Call) -> Json:
    """GET /customers: oldest first, filtered by exact name and e-mail address."""
    in_time = created_filter(call.query)
    found = [
        customer
        for customer in world.customers.values()
        if in_time(customer.created_at)
        and all(customer.sent.get(name) == call.query[name] for name in ("name", "email") if name in call.query)
    ]
    return page(found, call.query, customer_view)


def update_customer(world: World, call: Call) -> Json:
    """PATCH /customers/{id}: replace the fields that are present; metadata is never merged."""
    customer = _unarchived(world, call.id)
    check_fields(world, call.id, call.body)
    customer.sent.update(call.body)
    return _changed(world, customer)


def archive_customer(world: World, call: Call) -> Json:
    """POST /customers/{id}/archive: block new subscriptions and cancel the live ones."""
    customer = _unarchived(world, call.id)
    customer.archived_at = world.now
    for subscription in world.subscriptions_of(customer.id):
        close(world, subscription, "CustomerArchived")
    return _changed(world, customer, "deleted")


def unarchive_customer(world: World, call: Call) -> Json:
    """POST /customers/{id}/unarchive."""
    customer = world.customer(call.id, status=404)
    customer.archived_at = None
    return _changed(world, customer)


def attach_payment_method(world: World, call: Call) -> Json:
    """POST /customers/{id}/payment-method: put a card on file."""
    customer = _unarchived(world, call.id)
    card = {"cardExpiryMonth": 12, "cardExpiryYear": 2099, "cardLast4Digits": "4242", "type": "CARD"}
    customer.sent["defaultPaymentMethod"] = {"billingId": call.body["paymentMethodId"], **card}
    return _changed(world, customer)


def detach_payment_method(world: World, call: Call) -> Json:
    """DELETE /customers/{id}/payment-method: forget the card."""
    customer = _unarchived(world, call.id)
    customer.sent["defaultPaymentMethod"] = None
    return _changed(world, customer)


def _unarchived(world: World, customer_id: str) -> Customer:
    customer = world.customer(customer_id, status=404)
    if customer.archived_at is not None:
        raise Refusal("CustomerNotFound", f"Customer not found: {customer_id}", 404)
    return customer


def _changed(world: World, customer: Customer, kind: str = "updated") -> Json:
    customer.updated_at = world.now
    customer_event(world, kind, customer)
    return {"data": customer_view(customer)}


def check_fields(world: World, customer_id: str, body: Json) -> None:
    """Refuse an unknown coupon, a billing id in use and a second link to one integration."""
    if body.get("couponId") and body["couponId"] not in world.catalog.coupons:
        raise Refusal("CouponNotFound", f"Coupon not found: {body['couponId']}")
    billing_id = body.get("billingId")
    others = (other for other in world.customers.values() if other.id != customer_id)
    if billing_id and any(other.sent.get("billingId") == billing_id for other in others):
        raise _duplicate(f"Another customer has billingId {billing_id}")
    ids = [link["id"] for link in body.get("integrations", [])]
    if len(set(ids)) < len(ids):
        raise Refusal("DuplicateIntegrationNotAllowed", "A customer has at most one link per integration")


def _duplicate(message: str) -> Refusal:
    return Refusal("DuplicatedEntityNotAllowed", message, 409)
