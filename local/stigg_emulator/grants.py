"""Credit grants: create, list and void. A grant has no caller-chosen id, and is never edited."""

from datetime import timedelta

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.checks import check_credit_currency
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.events import grant_event
from local.stigg_emulator.invoices import DAYS_UNTIL_DUE, pay
from local.stigg_emulator.paging import created_filter, page
from local.stigg_emulator.records import Grant, Invoice
from local.stigg_emulator.views import grant_view
from local.stigg_emulator.world import Call, World, new_id


def create_grant(world: World, call: Call) -> Json:
    """POST /credits/grants: grant credits; every call is a new grant."""
    world.open_customer(call.body["customerId"])
    check_credit_currency(world.catalog, call.body["currencyId"])
    _check_amounts(call.body)
    grant = _draft(world, call.body)
    if grant.expire_at is not None and grant.expire_at <= grant.effective_at:
        raise Refusal("ExpireAtMustBeLaterThanEffectiveAtError", "expireAt must be later than effectiveAt")
    _bill(world, grant)
    world.grants[grant.id] = grant
    grant_event(world, grant)
    return {"data": grant_view(grant, world.now)}


def list_grants(world: World, call: Call) -> Json:
    """GET /credits/grants: a customer's grants of one resource; without `resourceId`, those without a resource."""
    if "customerId" not in call.query:
        raise bad_input("customerId is required")
    wanted = {"customerId": call.query["customerId"], "resourceId": call.query.get("resourceId")}
    if "currencyId" in call.query:
        wanted["currencyId"] = call.query["currencyId"]
    in_time = created_filter(call.query)
    found = [
        grant
        for grant in world.grants.values()
        if all(grant.sent.get(name) == value for name, value in wanted.items()) and in_time(grant.created_at)
    ]
    return page(found, call.query, lambda grant: grant_view(grant, world.now))


def void_grant(world: World, call: Call) -> Json:
    """POST /credits/grants/{id}/void: take back what is not yet over."""
    if call.id not in world.grants:
        raise Refusal("CreditGrantNotFound", f"Credit grant not found: {call.id}", 404)
    grant = world.grants[call.id]
    status = grant.status(world.now)
    if status == "VOIDED":
        raise Refusal("CreditGrantAlreadyVoided", f"Credit grant {call.id} is already voided")
    if status == "EXPIRED":
        raise Refusal("CreditGrantCannotBeVoided", f"Credit grant {call.id} has expired")
    grant.voided_at = grant.updated_at = world.now
    return {"data": grant_view(grant, world.now)}


def _check_amounts(body: Json) -> None:
    if body["amount"] <= 0:
        raise bad_input("amount must be greater than 0")
    if "cost" in body and "paymentCollectionMethod" not in body:
        raise bad_input("paymentCollectionMethod is required when there is a cost")


def _draft(world: World, body: Json) -> Grant:
    now = world.now
    return Grant(
        id=new_id("cred-grant"),
        sent=dict(body),
        created_at=now,
        updated_at=now,
        effective_at=clock.read_optional(body.get("effectiveAt")) or now,
        expire_at=clock.read_optional(body.get("expireAt")),
    )


def _bill(world: World, grant: Grant) -> None:
    """Invoice what a grant costs. An unpaid invoice keeps the grant pending; NONE collects nothing."""
    cost, method = grant.sent.get("cost"), grant.sent.get("paymentCollectionMethod")
    if not cost or method == "NONE":
        return
    customer = world.customers[grant.sent["customerId"]]
    due = world.now + timedelta(days=DAYS_UNTIL_DUE)
    invoice = Invoice(
        new_id("in"), customer.id, grant.id, cost["amount"], cost["currency"], world.now, due, reason="MANUAL"
    )
    world.invoices[invoice.id] = grant.invoice = invoice
    noted_as_paid = (grant.sent.get("billingInformation") or {}).get("isInvoicePaid")
    if noted_as_paid or (method == "CHARGE" and customer.can_be_charged):
        pay(world, invoice)
