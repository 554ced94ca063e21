"""The imports: of customers at once, of subscriptions by a task that runs later and skips what does not fit.

No operation shows a task, and none calls it off.
"""

from contextlib import suppress
from datetime import timedelta

from local.stigg_emulator import clock
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.customers import check_fields
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.events import customer_event, subscription_event
from local.stigg_emulator.provision import check_choice, draft
from local.stigg_emulator.records import Customer, ImportTask, Subscription
from local.stigg_emulator.replacement import admit
from local.stigg_emulator.world import Call, World, new_id

MOST = 1000
_CARD = {"cardExpiryMonth": 12, "cardExpiryYear": 2099, "cardLast4Digits": "4242", "type": "CARD"}


def import_customers(world: World, call: Call) -> Json:
    """POST /customers/import: create or update; one that was changed after its `updatedAt` is skipped."""
    items = _some(call.body["customers"], "customers")
    for item in items:
        check_fields(world, item["id"], item)
    return {"data": {"newCustomers": [item["id"] for item in items if _import_customer(world, item)]}}


def _import_customer(world: World, item: Json) -> bool:
    """Import one customer, and tell whether it is new."""
    present, sent = world.customers.get(item["id"]), _fields_of(item)
    if present is None:
        customer = Customer(item["id"], sent, created_at=world.now, updated_at=world.now)
        world.customers[customer.id] = customer
        customer_event(world, "created", customer)
        return True
    seen = clock.read_optional(item.get("updatedAt"))
    if present.archived_at is None and (seen is None or seen >= present.updated_at):
        present.sent.update(sent)
        present.updated_at = world.now
        customer_event(world, "updated", present)
    return False


def _fields_of(item: Json) -> Json:
    """Return what is kept of a customer. The payment method becomes the default one; no Salesforce id comes back."""
    sent = {name: value for name, value in item.items() if name not in {"id", "paymentMethodId", "updatedAt"}}
    if "paymentMethodId" in item:
        sent["defaultPaymentMethod"] = {"billingId": item["paymentMethodId"], **_CARD}
    return sent


def import_subscriptions(world: World, call: Call) -> Json:
    """POST /subscriptions/import: note a task, whose id is all that the answer has."""
    items = _some(call.body["subscriptions"], "subscriptions")
    task = ImportTask(new_id("task"), world.now + timedelta(seconds=world.import_seconds), items)
    world.import_tasks.append(task)
    return {"data": {"taskId": task.id}}


def run_tasks(world: World) -> None:
    """Carry out the tasks that have come due, each subscription by itself."""
    due = [task for task in world.import_tasks if task.at <= world.now]
    world.import_tasks = [task for task in world.import_tasks if task not in due]
    for task in due:
        for item in task.items:
            with suppress(Refusal):  # what does not fit is skipped without an answer
                _import_subscription(world, item)


def _import_subscription(world: World, item: Json) -> None:
    """Create a subscription, or update the one that has its id."""
    body = {name: value for name, value in item.items() if name != "endDate"}
    if item.get("endDate") is not None:
        body["cancellationDate"] = item["endDate"]
    _, plan = check_choice(world, body)
    present, new = world.subscriptions.get(item["id"]), draft(world, plan, body)
    if new.cancellation_date is not None and new.cancellation_date <= max(world.now, new.start):
        raise Refusal("InvalidCancellationDate", "endDate must be after the start and in the future")
    if present is None:
        admit(world, new)
    else:
        _update(world, present, new)


def _update(world: World, present: Subscription, new: Subscription) -> None:
    if present.customer_id != new.customer_id or present.end is not None:
        raise bad_input(f"Subscription {present.id} is of another customer or has ended")
    present.plan, present.cancellation_date = new.plan, new.cancellation_date
    present.sent.update(new.sent)
    world.remind(present)
    subscription_event(world, "updated", present)


def _some(items: list[Json], name: str) -> list[Json]:
    if not 1 <= len(items) <= MOST:
        raise bad_input(f"{name} must contain 1 to {MOST} elements")
    return items
