"""POST /subscriptions: validate, find what is replaced, ask for payment or start.

The answer's `status` is the outcome of the call: SUCCESS, or PAYMENT_REQUIRED with nothing active.
"""

from datetime import datetime, timedelta

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json, Plan
from local.stigg_emulator.checks import check_billing_period, check_parts, check_resource
from local.stigg_emulator.coupons import applied_at
from local.stigg_emulator.entitlements import granted_by
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.invoices import refuse_unpaid
from local.stigg_emulator.periods import current_month, current_period
from local.stigg_emulator.records import Checkout, Customer, Subscription
from local.stigg_emulator.replacement import admit, displaced_by, running
from local.stigg_emulator.views import subscription_view
from local.stigg_emulator.world import Call, World, new_id

TRIAL_DAYS = 14
CHECKOUT_HOURS = 24


def provision(world: World, call: Call) -> Json:
    """POST /subscriptions: create a subscription, in place of the one the customer has."""
    new = checked(world, call.body)
    if _needs_payment(world.customers[new.customer_id], new):
        return {"data": _payment_required(new, _payment_page(world, new))}
    admit(world, new)
    return {"data": _success(world, new)}


def checked(world: World, body: Json) -> Subscription:
    """Make the subscription that a request describes, after every check that needs no payment."""
    if body.get("id") in world.subscriptions:
        raise Refusal("DuplicatedEntityNotAllowed", f"Subscription already exists: {body['id']}", 409)
    _, plan = check_choice(world, body)
    new = draft(world, plan, body)
    displaced = displaced_by(world, new)
    new.start = _start(world, new, running(displaced))
    _check_dates(world, new)
    refuse_unpaid(displaced)
    return new


def check_choice(world: World, body: Json) -> tuple[Customer, Plan]:
    """Find customer and plan, and refuse parts that do not fit the plan."""
    customer = world.open_customer(body["customerId"])
    if body.get("payingCustomerId"):
        world.customer(body["payingCustomerId"])
    plan = world.catalog.plan(body["planId"])
    check_resource(plan, body)
    check_billing_period(plan, body)
    check_parts(world.catalog, plan, body)
    return customer, plan


def draft(world: World, plan: Plan, body: Json) -> Subscription:
    """Make the subscription that the request describes, not started and not yet known to anyone."""
    now = world.now
    start = clock.read_optional(body.get("startDate")) or now
    trial = body.get("trialOverrideConfiguration", {})
    trial_end = clock.read_optional(trial.get("trialEndDate")) or start + timedelta(days=TRIAL_DAYS)
    return Subscription(
        id=body.get("id") or new_id("subscription"),
        customer_id=body["customerId"],
        plan=plan,
        sent=dict(body),
        created_at=now,
        start=start,
        anchor=start,
        trial_end=trial_end if trial.get("isTrial") else None,
        trial_end_behavior=trial.get("trialEndBehavior", "CONVERT_TO_PAID"),
        cancellation_date=clock.read_optional(body.get("cancellationDate")),
        coupon_since=applied_at(body.get("appliedCoupon", {}), start),
    )


def complete_checkout(world: World, subscription_id: str) -> Subscription:
    """Let the customer pay: the subscription starts, and the payment method stays on file."""
    checkout = world.checkouts.pop(subscription_id, None)
    if checkout is None or checkout.expires_at <= world.now:
        raise Refusal("SubscriptionNotFound", f"No checkout is open for subscription {subscription_id}", 404)
    new = checkout.subscription
    world.customers[new.customer_id].sent["defaultPaymentMethod"] = _paid_card(new)
    new.start = max(new.start, world.now)
    new.anchor = new.start
    admit(world, new)
    return new


def _start(world: World, new: Subscription, displaced: list[Subscription]) -> datetime:
    """A date that was asked for wins, then the schedule strategy; a paid plan lets a trial run out."""
    if "startDate" in new.sent or not displaced:
        return new.start
    old, strategy = displaced[0], new.sent.get("scheduleStrategy")
    if strategy is not None:
        return strategic_moment(world, old, strategy)
    waits = old.is_trial and not new.is_trial and new.plan.pricing_type != "FREE"
    return old.trial_end if waits and old.trial_end else new.start


def strategic_moment(world: World, subscription: Subscription, strategy: str) -> datetime:
    """Tell when a change takes effect by a schedule strategy; without a billing period, at once."""
    period = current_period(subscription, world.now)
    if strategy == "IMMEDIATE" or period is None:
        return world.now
    return period[1] if strategy == "END_OF_BILLING_PERIOD" else current_month(subscription, world.now)[1]


def _check_dates(world: World, new: Subscription) -> None:
    new.anchor = new.trial_end or new.start
    if new.trial_end is not None and new.trial_end <= max(world.now, new.start):
        raise bad_input("trialOverrideConfiguration.trialEndDate must be in the future")
    if new.cancellation_date is not None and new.cancellation_date <= max(world.now, new.start):
        raise Refusal("InvalidCancellationDate", "cancellationDate must be after the start and in the future")


def _needs_payment(customer: Customer, new: Subscription) -> bool:
    charged = new.plan.pricing_type == "PAID" and new.collection_method == "CHARGE"
    paid = (new.sent.get("billingInformation") or {}).get("isInvoicePaid", False)
    return charged and not new.is_trial and not customer.can_be_charged and not paid


def _payment_page(world: World, new: Subscription) -> Checkout | None:
    """Make a payment page, where the request says where it leads; without one nothing is remembered."""
    if "checkoutOptions" not in new.sent:
        return None
    checkout = Checkout(new, world.now + timedelta(hours=CHECKOUT_HOURS))
    world.checkouts[new.id] = checkout
    return checkout


def _payment_required(new: Subscription, checkout: Checkout | None) -> Json:
    return {
        "id": new.id,
        "status": "PAYMENT_REQUIRED",
        "subscription": None,
        "entitlements": None,
        "checkoutUrl": checkout and checkout.url,
        "checkoutBillingId": checkout and checkout.billing_id,
        "isScheduled": False,
    }


def _success(world: World, new: Subscription) -> Json:
    return {
        "id": new.id,
        "status": "SUCCESS",
        "subscription": subscription_view(world, new),
        "entitlements": granted_by(world, new),
        "checkoutUrl": None,
        "checkoutBillingId": None,
        "isScheduled": new.status == "NOT_STARTED",
    }


def _paid_card(new: Subscription) -> Json:
    return {
        "billingId": f"pm_{new.id}",
        "cardExpiryMonth": 12,
        "cardExpiryYear": 2099,
        "cardLast4Digits": "4242",
        "type": "CARD",
    }
