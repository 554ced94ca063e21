"""The emulator's own routes under `/_emulator`: see everything, move the clock, pay, break things."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from local.stigg_emulator import clock, updates
from local.stigg_emulator.answers import Answer
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.events import payment_failed_event, test_event
from local.stigg_emulator.faults import Fault, Faults
from local.stigg_emulator.gateway import Gateway, Request
from local.stigg_emulator.invoices import issue, pay
from local.stigg_emulator.passing_time import catch_up
from local.stigg_emulator.provision import complete_checkout
from local.stigg_emulator.records import Invoice, Subscription
from local.stigg_emulator.shapes import admin as shapes
from local.stigg_emulator.shapes.fields import Record
from local.stigg_emulator.snapshot import DESCRIPTION, state
from local.stigg_emulator.variety import Variety
from local.stigg_emulator.views import grant_view, invoice_view, subscription_view
from local.stigg_emulator.webhooks import LOCAL_SECRET, Target
from local.stigg_emulator.world import World

PREFIX = "/_emulator"
FLUSH = ("POST", f"{PREFIX}/webhooks/flush")

type Routes = dict[tuple[str, str], tuple[Record, Callable[[Json], Json]]]


class Admin:
    """Answers the admin routes; they need no key and meet no fault."""

    def __init__(self, gateway: Gateway, faults: Faults) -> None:
        self._gateway = gateway
        self._faults = faults
        self._routes: Routes = {
            ("GET", ""): (Record(), lambda _: DESCRIPTION),
            ("GET", "/state"): (Record(), self._state),
            ("POST", "/reset"): (Record(), self._reset),
            ("POST", "/clock"): (shapes.CLOCK, self._set_clock),
            ("POST", "/invoices"): (shapes.INVOICE, self._set_invoice),
            ("POST", "/consumption"): (shapes.CONSUMPTION, self._consume),
            ("POST", "/checkout"): (shapes.CHECKOUT, self._checkout),
            ("POST", "/imports"): (shapes.IMPORTS, self._set_imports),
            ("POST", "/keys"): (shapes.KEY, self._set_key),
            ("POST", "/plans"): (shapes.PLAN_VERSION, self._publish_plan),
            ("POST", "/variety"): (shapes.VARIETY, self._set_variety),
            ("POST", "/webhooks"): (shapes.WEBHOOKS, self._set_webhooks),
            ("POST", "/webhooks/test"): (shapes.TEST_EVENT, self._send_test_event),
            ("POST", "/app"): (shapes.APP, self._by_hand),
            ("POST", "/faults"): (shapes.FAULT, self._add_fault),
            ("DELETE", "/faults"): (Record(), self._delete_faults),
        }

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Method and path of every admin route."""
        return {(method, f"{PREFIX}{path}") for method, path in self._routes} | {FLUSH}

    @property
    def _world(self) -> World:
        return self._gateway.world

    def answer(self, request: Request) -> Answer:
        """Answer an admin request."""
        if (request.method, request.path) == FLUSH:
            with self._gateway.turn():  # what has come due goes with it
                pass
            return Answer(200, {"waitForALaterTry": self._gateway.webhooks.flush()})  # not in the turn: it waits
        with self._gateway.turn():
            try:
                return Answer(200, self._act(request))
            except Refusal as refusal:
                return Answer(refusal.status, refusal.body)

    def _act(self, request: Request) -> Json:
        name = request.method, request.path.removeprefix(PREFIX)
        if name not in self._routes:
            raise Refusal("NotFound", f"Cannot {request.method} {request.path}", 404)
        shape, act = self._routes[name]
        body = request.json()
        problems = list(shape.problems(body))
        if problems:
            raise bad_input("; ".join(problems))
        return act(body)

    def _state(self, _body: Json) -> Json:
        return {**state(self._world), "webhookDeliveries": list(self._gateway.webhooks.log)}

    def _reset(self, _body: Json) -> Json:
        self._gateway.reset()
        self._faults.clear()
        return {"reset": True}

    def _set_clock(self, body: Json) -> Json:
        if "now" in body:
            self._world.clock.set(clock.read(body["now"]))
        self._world.clock.advance(body.get("advanceSeconds", 0))
        catch_up(self._world)
        return {"now": clock.write(self._world.now)}

    def _set_invoice(self, body: Json) -> Json:
        if body["status"] == "NEW":
            return invoice_view(issue(self._world, self._subscription(body), "BILLING_CYCLE"))
        invoice = self._invoice(body)
        if body["status"] == "PAID":
            pay(self._world, invoice)
        else:
            invoice.status, invoice.overdue, invoice.paid_at = "OPEN", True, None
            invoice.due_at = invoice.created_at
            if "subscriptionId" in body:
                payment_failed_event(self._world, self._subscription(body))
        return invoice_view(invoice)

    def _invoice(self, body: Json) -> Invoice:
        """Find the latest invoice of a subscription or a grant; a subscription that has none gets one."""
        if "grantId" in body:
            grant = self._world.grants.get(body["grantId"])
            if grant is None or grant.invoice is None:
                raise Refusal("CreditGrantNotFound", "No such grant, or it has no invoice", 404)
            return grant.invoice
        subscription = self._subscription(body)
        return subscription.invoice or issue(self._world, subscription, "MANUAL")

    def _consume(self, body: Json) -> Json:
        """Let the customer use credits of a grant."""
        grant = self._world.grants.get(body["grantId"])
        if grant is None:
            raise Refusal("CreditGrantNotFound", f"Credit grant not found: {body['grantId']}", 404)
        grant.consumed += body["amount"]
        return grant_view(grant, self._world.now)

    def _checkout(self, body: Json) -> Json:
        """Let the customer pay for a provision, or for an update that waits for its payment."""
        if body["subscriptionId"] in self._world.checkouts:
            return subscription_view(self._world, complete_checkout(self._world, body["subscriptionId"]))
        subscription = self._subscription(body)
        updates.settle_payment(self._world, subscription)
        return subscription_view(self._world, subscription)

    def _subscription(self, body: Json) -> Subscription:
        return self._world.subscription(str(body.get("subscriptionId")))

    def _set_imports(self, body: Json) -> Json:
        """Let the next imports of subscriptions take so many seconds; until a reset, or another order."""
        self._world.import_seconds = float(body["seconds"])
        return body

    def _set_key(self, body: Json) -> Json:
        self._world.keys[body["key"]] = body["status"]
        return body

    def _publish_plan(self, body: Json) -> Json:
        """Publish a new version of a plan: new subscriptions have it, and existing ones once they are migrated."""
        self._world.catalog = self._world.catalog.with_new_version(body["planId"], body.get("prices", {}))
        return {"planId": body["planId"], "versionNumber": self._world.catalog.plan(body["planId"]).version}

    def _set_variety(self, body: Json) -> Json:
        """Vary the answers of the API from now on, until a reset or another order."""
        kinds, share, seed = frozenset(body["kinds"]), float(body.get("share", 1)), int(body.get("seed", 0))
        self._gateway.variety = Variety(kinds, share, seed)
        return body

    def _set_webhooks(self, body: Json) -> Json:
        """Send events to a URL from now on, or to none; a reset does not change it."""
        if body["url"] and not _is_address(body["url"]):
            raise bad_input("url must be an address with a host")
        self._gateway.webhooks.target = body["url"] and Target(
            body["url"],
            body.get("secret", LOCAL_SECRET),
            nested=body.get("envelope") == "nested",
            copies=int(body.get("copies", 1)),
            newest_first=body.get("order") == "newestFirst",
        )
        return body

    def _send_test_event(self, body: Json) -> Json:
        """Send an event about things that do not exist, as Stigg's app does on request."""
        return test_event(self._world, body.get("type", "subscription.created"))

    def _by_hand(self, body: Json) -> Json:
        """Let a person do an operation in Stigg's app."""
        answer = self._gateway.by_hand(body["method"], body["path"], body.get("body", {}))
        if answer.status >= 300:
            raise Refusal("RefusedByStigg", str(answer.body), answer.status)
        return dict(answer.body) if isinstance(answer.body, dict) else {}

    def _add_fault(self, body: Json) -> Json:
        try:
            path = re.compile(body["path"])
        except re.error as error:
            raise bad_input(f"path must be a regular expression: {error}") from None
        fault = Fault(body.get("method", "*"), path, body["fault"], body.get("value"), body.get("times"))
        if fault.kind.startswith("status") and not _names_status(fault.value):
            raise bad_input("value must be a status, or an object with one")
        self._faults.add(fault)
        return body

    def _delete_faults(self, _body: Json) -> Json:
        self._faults.clear()
        return {"faults": []}


def _names_status(value: object) -> bool:
    status = value.get("status") if isinstance(value, dict) else value
    return isinstance(status, int)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port beyond 65535
        return False
