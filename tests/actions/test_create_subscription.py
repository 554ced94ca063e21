"""create-subscription and create-subscription-with-return-data, in this process."""

from typing import Any

import pytest

from tests.resilience.mishaps import no_connection
from tests.resilience.scenarios import CUSTOMER, Request, Scenario
from tests.resilience.stage import Stage
from tests.support.harness import OTHER_ORG, Harness
from tests.support.network import FOR_EVER, Network
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, RENEWAL_LINE, TO_BE_PAID, subscription

WITH_DATA = "create-subscription-with-return-data"
AT_SITE_1: Request = (WITH_DATA, subscription(planId="plan-workspace", resourceId="site-1"))


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """The customer of all requests, linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})


def live(actions: Harness) -> dict[str, str]:
    """Plans of the subscriptions that are active in Stigg, by id."""
    return {
        one["id"]: one["planId"]
        for one in actions.emulator.state()["subscriptions"]
        if one["status"] in {"ACTIVE", "IN_TRIAL"}
    }


def test_provisions_and_maps_the_record(actions: Harness) -> None:
    """The subscription is active in Stigg, answered with its data, and mapped to the record."""
    body = actions.ok(WITH_DATA, subscription(addons=[{"id": "addon-seats", "quantity": 3.0}]))

    mapped = actions.mapping(LINE)

    assert (body["outcome"], body["status"], body["active"], body["planId"]) == (
        "created",
        "ACTIVE",
        True,
        "plan-growth",
    )
    assert body["addons"] == [{"id": "addon-seats", "quantity": 3}]
    assert live(actions) == {body["subscriptionId"]: "plan-growth"}
    assert mapped is not None
    assert mapped.current is not None
    assert (mapped.current.subscription_id, mapped.customer_id) == (body["subscriptionId"], "cust-acme")
    assert actions.terms(body["subscriptionId"])["billingPeriod"] == "MONTHLY"
    assert actions.history(LINE) == ["created"]


def test_answers_success_only(actions: Harness) -> None:
    """create-subscription tells whether it worked, not the subscription."""
    body = actions.ok("create-subscription", subscription())

    assert set(body) == {"success", "outcome", "correlationId", "replayed", "active"}


def test_both_actions_are_one_write(actions: Harness) -> None:
    """The same request through the other action is answered again, with its data, and does nothing."""
    actions.ok("create-subscription", subscription())

    body = actions.ok(WITH_DATA, subscription(salesforceRecordId=LINE[:15]))

    assert body["replayed"] is True
    assert list(live(actions)) == [body["subscriptionId"]]


def test_traces_lead_from_stigg_to_salesforce(actions: Harness) -> None:
    """Record, org, account, operation and correlation id are in the subscription's metadata beside the caller's own."""
    actions.ok(
        "create-subscription",
        subscription(salesforceAccountId=ACCOUNT, metadata={"deal": 7}, correlationId="flow-1"),
    )

    (found,) = actions.emulator.state()["subscriptions"]

    expected = {"deal": "7", "salesforceRecordId": LINE, "salesforceAccountId": ACCOUNT, "correlationId": "flow-1"}

    assert found["metadata"].items() >= expected.items()
    assert found["metadata"]["stiggActionsKey"].startswith("provision-")


def test_replaces_and_says_what(actions: Harness) -> None:
    """Another plan for the same record ends the subscription before, which the answer and the history name."""
    first = actions.ok(WITH_DATA, subscription())

    second = actions.ok(WITH_DATA, subscription(planId="plan-starter"))

    assert (second["outcome"], second["replacedSubscriptionId"]) == ("replaced", first["subscriptionId"])
    assert live(actions) == {second["subscriptionId"]: "plan-starter"}
    assert actions.live("cust-acme") == [second["subscriptionId"]]
    assert actions.history(LINE) == ["created", "replaced"]


def test_a_displaced_record_is_closed(actions: Harness) -> None:
    """When a renewal line's subscription replaces that of the old line, the old line is mapped to nothing any more."""
    first = actions.ok(WITH_DATA, subscription())

    second = actions.ok(WITH_DATA, subscription(salesforceRecordId=RENEWAL_LINE, planId="plan-starter"))

    old, new = actions.mapping(LINE), actions.mapping(RENEWAL_LINE)

    assert second["replacedSubscriptionId"] == first["subscriptionId"]
    assert old is not None
    assert old.current is None
    assert new is not None
    assert new.current is not None
    assert new.current.subscription_id == second["subscriptionId"]
    assert actions.history(LINE) == ["created", "closed"]


def test_resources_do_not_replace_each_other(actions: Harness) -> None:
    """Subscriptions to two workspaces live side by side."""
    for line, workspace in ((LINE, "ws-1"), (OTHER_LINE, "ws-2")):
        body = actions.ok(
            WITH_DATA, subscription(planId="plan-workspace", resourceId=workspace, salesforceRecordId=line)
        )

        assert body["outcome"] == "created"

    assert len(live(actions)) == 2


def test_going_back_to_the_plan_before_is_a_new_intent(actions: Harness) -> None:
    """Growth, then starter, then growth again ends with growth."""
    actions.ok(WITH_DATA, subscription())
    actions.ok(WITH_DATA, subscription(planId="plan-starter"))

    body = actions.ok(WITH_DATA, subscription())

    assert (body["outcome"], body["replayed"]) == ("replaced", False)
    assert live(actions) == {body["subscriptionId"]: "plan-growth"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"planBaseChargeOverride": {"amount": 40, "currency": "USD"}},
         {"planBaseChargeOverride": {"amount": 30, "currency": "USD"}}),
        ({"billingPeriod": "MONTHLY"}, {"billingPeriod": "ANNUALLY"}),
        ({"entitlements": [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 75}]},
         {"entitlements": [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 100}]}),
    ],
)  # fmt: skip
def test_going_back_to_terms_that_stigg_does_not_read_back(
    actions: Harness, first: dict[str, object], second: dict[str, object]
) -> None:
    """Terms A, then B, then A again are provisioned anew, though plan and add-ons of B look as asked."""
    actions.ok(WITH_DATA, subscription(**first))
    actions.ok(WITH_DATA, subscription(**second))

    body = actions.ok(WITH_DATA, subscription(**first))

    sent = next(one["sent"] for one in actions.emulator.state()["subscriptions"] if one["id"] == body["subscriptionId"])

    assert body["outcome"] == "replaced"
    assert list(live(actions)) == [body["subscriptionId"]]
    assert sent.get("billingPeriod") == first.get("billingPeriod", "MONTHLY")


def test_without_a_record_the_resource_is_the_subject(actions: Harness) -> None:
    """Without a record a request is replayed while it is the latest for its resource, and later carried out anew."""
    request = subscription(salesforceRecordId=None)
    first = actions.ok(WITH_DATA, request)
    repeat = actions.ok(WITH_DATA, request)
    actions.ok(WITH_DATA, subscription(salesforceRecordId=None, planId="plan-starter"))

    again = actions.ok(WITH_DATA, request)

    assert (repeat["replayed"], again["replayed"], again["outcome"]) == (True, False, "replaced")
    assert again["subscriptionId"] != first["subscriptionId"]


@pytest.mark.parametrize("recorded", [True, False])
def test_an_old_request_that_still_stands_is_unchanged(actions: Harness, *, recorded: bool) -> None:
    """A day later the subscription is read first: live and as asked, it is not provisioned again."""
    request = subscription(salesforceRecordId=LINE if recorded else None)
    first = actions.ok(WITH_DATA, request)
    actions.clock.skip(25 * 3600)

    second = actions.ok(WITH_DATA, request)

    assert (second["outcome"], second["subscriptionId"]) == ("unchanged", first["subscriptionId"])
    assert len(actions.emulator.state()["subscriptions"]) == 1
    assert actions.history(LINE) == (["created"] if recorded else [])


def test_a_late_repeat_after_one_that_failed(actions: Harness) -> None:
    """A repeat of another day that failed provisions nothing new when it is sent once more."""
    first = actions.ok(WITH_DATA, subscription())
    actions.clock.skip(25 * 3600)
    actions.emulator.set_key(actions.emulator.key, "expired")
    failed = actions.post(WITH_DATA, subscription())
    actions.emulator.set_key(actions.emulator.key, "active")

    body = actions.ok(WITH_DATA, subscription())

    assert failed.body["errorCode"] == "STIGG_KEY_REJECTED"
    assert (body["outcome"], body["subscriptionId"]) == ("unchanged", first["subscriptionId"])
    assert len(actions.emulator.state()["subscriptions"]) == 1


@pytest.mark.parametrize("gone", [True, False])
def test_an_old_request_that_no_longer_stands_is_carried_out(actions: Harness, *, gone: bool) -> None:
    """A day later, when the record's subscription has ended or is unknown to Stigg, it is provisioned anew."""
    first = actions.ok(WITH_DATA, subscription())
    actions.clock.skip(25 * 3600)
    if gone:
        actions.emulator.reset()
        actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme again"})
    else:
        cancel(actions, first["subscriptionId"])

    second = actions.ok(WITH_DATA, subscription())

    assert (second["outcome"], second["replayed"]) == ("created", False)
    assert live(actions) == {second["subscriptionId"]: "plan-growth"}


def test_the_account_names_the_customer(actions: Harness) -> None:
    """A linked account is enough to name the customer."""
    body = actions.ok(WITH_DATA, subscription(customerId=None, salesforceAccountId=ACCOUNT))

    assert body["customerId"] == "cust-acme"


def test_an_account_without_a_customer_is_not_found(actions: Harness) -> None:
    """An account that no customer is linked to is answered with what to do."""
    reply = actions.post(WITH_DATA, subscription(customerId=None, salesforceAccountId="001000000000009AAA"))

    assert (reply.status, reply.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")
    assert "create-customer" in reply.body["errorMessage"]


def test_name_or_email_upserts_the_customer_first(actions: Harness) -> None:
    """With a customer's name, customer and subscription are made in one request, and the account is linked."""
    account = "001000000000005AAA"
    request = subscription(customerId=None, salesforceAccountId=account, customerName="Globex")

    body = actions.ok(WITH_DATA, request)
    later = actions.ok(WITH_DATA, subscription(customerId=None, salesforceAccountId=account, planId="plan-starter"))

    assert body["customerId"] == account
    assert (later["outcome"], later["customerId"]) == ("replaced", account)
    assert {one["name"] for one in actions.emulator.state()["customers"]} == {"Acme", "Globex"}


def test_a_new_link_is_remembered_by_a_subscription_too(actions: Harness) -> None:
    """A request that names customer and account links them, if the account was not linked."""
    account = "001000000000006AAA"
    actions.ok(WITH_DATA, subscription(salesforceAccountId=account))

    body = actions.ok(WITH_DATA, subscription(customerId=None, salesforceAccountId=account, planId="plan-starter"))

    assert body["customerId"] == "cust-acme"


def test_payment_comes_first(actions: Harness) -> None:
    """Without a payment method nothing is active: a payment page is answered, and the record's mapping is pending."""
    body = actions.ok("create-subscription", subscription(**TO_BE_PAID))

    mapped = actions.mapping(LINE)

    assert (body["outcome"], body["active"]) == ("paymentRequired", False)
    assert body["checkoutUrl"].startswith("https://")
    assert mapped is not None
    assert mapped.current is None
    assert mapped.pending is not None
    assert live(actions) == {}


def test_a_paid_checkout_is_promoted(actions: Harness) -> None:
    """After payment the same request finds the subscription active, and maps the record to it."""
    request = subscription(**TO_BE_PAID)
    waiting = actions.ok(WITH_DATA, request)
    still_waiting = actions.ok(WITH_DATA, request)
    actions.emulator.checkout(waiting["subscriptionId"])

    paid = actions.ok(WITH_DATA, request)

    mapped = actions.mapping(LINE)

    assert (waiting["status"], waiting["active"]) == ("PAYMENT_REQUIRED", False)
    assert still_waiting["checkoutUrl"] == waiting["checkoutUrl"]
    assert (paid["outcome"], paid["active"], paid["subscriptionId"]) == ("created", True, waiting["subscriptionId"])
    assert mapped is not None
    assert mapped.current is not None
    assert mapped.pending is None
    assert actions.history(LINE)[-1] == "created"


def test_an_ended_checkout_gives_way_to_a_new_one(actions: Harness) -> None:
    """A subscription that ended before its request was repeated gives way to a new one, with a page of its own."""
    request = subscription(**TO_BE_PAID)
    waiting = actions.ok(WITH_DATA, request)
    actions.emulator.checkout(waiting["subscriptionId"])
    cancel(actions, waiting["subscriptionId"])

    again = actions.ok(WITH_DATA, request)

    assert again["subscriptionId"] != waiting["subscriptionId"]


def test_a_payment_page_stands_for_a_day(actions: Harness) -> None:
    """While a page is unpaid a repeat gives it again; a day later, unpaid and unknown to Stigg, it gives way."""
    request = subscription(**TO_BE_PAID)
    first = actions.ok(WITH_DATA, request)
    actions.clock.skip(23 * 3600)
    same = actions.ok(WITH_DATA, request)
    actions.clock.skip(2 * 3600)

    other = actions.ok(WITH_DATA, request)

    assert (same["checkoutUrl"], same["replayed"]) == (first["checkoutUrl"], True)
    assert other["checkoutUrl"] != first["checkoutUrl"]
    assert other["replayed"] is False


def test_a_subscription_awaiting_its_payment_keeps_its_page(actions: Harness) -> None:
    """When Stigg shows the subscription as pending, the answer and the mapping still tell where to pay."""
    request = subscription(**TO_BE_PAID)
    first = actions.ok(WITH_DATA, request)
    pending = {"id": first["subscriptionId"], "customerId": "cust-acme", "planId": "plan-growth"}
    answer = {"status": 200, "body": {"data": {**pending, "status": "PAYMENT_PENDING"}}}
    actions.emulator.fault("GET", f"/subscriptions/{first['subscriptionId']}$", "status", answer)

    again = actions.ok(WITH_DATA, request)

    mapped = actions.mapping(LINE)

    assert (again["outcome"], again["checkoutUrl"]) == ("paymentRequired", first["checkoutUrl"])
    assert mapped is not None
    assert mapped.pending is not None
    assert mapped.pending.checkout_url == first["checkoutUrl"]


def test_no_payment_page(actions: Harness) -> None:
    """Without checkoutOptions Stigg makes no page: the answer says what to do, and a repeat tries again at once."""
    request = subscription(paymentCollectionMethod="CHARGE")
    asked, again = actions.ok(WITH_DATA, request), actions.ok(WITH_DATA, request)
    card = {"passthrough": {"stripe": {"paymentMethodId": "pm_1"}}}
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", card)
    paid = actions.ok(WITH_DATA, request)

    assert (asked["outcome"], asked["active"]) == ("paymentRequired", False)
    assert "checkoutUrl" not in asked
    assert "checkoutOptions" in asked["whatToDo"]
    assert (again["outcome"], again["replayed"]) == ("paymentRequired", False)
    assert (paid["outcome"], paid["active"], "whatToDo" in paid) == ("created", True, False)
    assert list(live(actions)) == [paid["subscriptionId"]]
    assert actions.mapping(LINE).current.subscription_id == paid["subscriptionId"]  # type: ignore[union-attr]


def test_a_page_has_its_address_and_no_advice(actions: Harness) -> None:
    """With checkoutOptions the address of the page is told whole, however long it is."""
    body = actions.ok(WITH_DATA, subscription(**TO_BE_PAID))

    assert len(body["checkoutUrl"]) >= 260
    assert "whatToDo" not in body


def accepted(shown: object) -> dict[str, Any]:
    """Return Stigg's answer of success with a subscription as it is shown."""
    return {"status": 201, "body": {"data": {"id": "sub-x", "status": "SUCCESS", "subscription": shown}}}


DUPLICATE = {"status": 409, "body": {"message": "Subscription already exists", "code": "DuplicatedEntityNotAllowed"}}


@pytest.mark.parametrize(
    "faults",
    [
        [("statusAfter", accepted(None))],
        [("statusAfter", accepted({"id": "x"}))],
        [("statusAfter", 503), ("status", DUPLICATE)],
    ],
    ids=["without the subscription", "with an unreadable one", "as a duplicate"],
)
def test_an_accepted_subscription_that_cannot_be_read(actions: Harness, faults: list[tuple[str, Any]]) -> None:
    """What Stigg has accepted, but does not show, is unknown, and never taken for undone: the repeat finds it."""
    for fault, value in faults:
        actions.emulator.fault("POST", "/subscriptions$", fault, value, times=1)
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    lost = actions.post(WITH_DATA, subscription())
    actions.emulator.clear_faults()
    found = actions.ok(WITH_DATA, subscription())

    assert (lost.status, lost.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert found["outcome"] == "created"
    assert list(live(actions)) == [found["subscriptionId"]]
    assert len(actions.emulator.state()["subscriptions"]) == 1


def test_an_accepted_subscription_without_data_is_read(actions: Harness) -> None:
    """When Stigg answers success without the subscription, it is read; one that is not shown yet is unknown."""
    bare = {"status": 201, "body": {"data": {"id": "sub-x", "status": "SUCCESS", "subscription": None}}}
    actions.emulator.fault("POST", "/subscriptions$", "status", bare, times=1)
    actions.emulator.fault("POST", "/subscriptions$", "statusAfter", bare, times=1)

    not_shown = actions.post(WITH_DATA, subscription())
    shown = actions.ok(WITH_DATA, subscription())

    assert (not_shown.status, not_shown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert shown["outcome"] == "created"
    assert list(live(actions)) == [shown["subscriptionId"]]


def test_a_closed_record_is_not_answered_from_before(actions: Harness) -> None:
    """A line whose subscription another line has replaced is provisioned anew when it is asked for again."""
    first = actions.ok(WITH_DATA, subscription())
    actions.ok(WITH_DATA, subscription(salesforceRecordId=RENEWAL_LINE, planId="plan-starter"))

    body = actions.ok(WITH_DATA, subscription())

    assert (body["outcome"], body["replayed"]) == ("replaced", False)
    assert body["subscriptionId"] != first["subscriptionId"]
    assert list(live(actions)) == [body["subscriptionId"]]


def test_a_resource_remembers_what_a_record_did_to_it(actions: Harness) -> None:
    """A request without a record is not replayed once a record's subscription has taken the place of its own."""
    bare = subscription(salesforceRecordId=None)
    actions.ok(WITH_DATA, bare)
    actions.ok(WITH_DATA, subscription(planId="plan-starter"))

    body = actions.ok(WITH_DATA, bare)

    assert (body["outcome"], body["replayed"]) == ("replaced", False)


def test_records_of_two_orgs_are_told_apart(actions: Harness) -> None:
    """The same record id in another org is another record, which closes when its subscription is replaced."""
    both = actions.with_settings(allowed_org_ids=frozenset({actions.settings.default_org_id, OTHER_ORG}))
    both.ok(WITH_DATA, subscription())

    body = both.ok(WITH_DATA, subscription(salesforceOrgId=OTHER_ORG, planId="plan-starter"))

    first, second = actions.mapping(LINE), actions.mapping(LINE, OTHER_ORG)

    assert body["outcome"] == "replaced"
    assert first is not None
    assert first.current is None
    assert second is not None
    assert second.current is not None


def test_a_future_start_is_scheduled(actions: Harness) -> None:
    """A subscription that starts later is scheduled, not active, and the record is mapped to it."""
    body = actions.ok(WITH_DATA, subscription(startDate="2099-01-01"))

    assert (body["outcome"], body["status"], body["active"]) == ("scheduled", "NOT_STARTED", False)
    assert body["startDate"] == "2099-01-01T00:00:00Z"


def test_an_open_invoice_blocks_and_is_explained(actions: Harness) -> None:
    """A replacement blocked by an overdue invoice is refused with the invoice; paid, the same request works."""
    first = actions.ok(WITH_DATA, subscription(paymentCollectionMethod="INVOICE"))
    actions.emulator.invoice(first["subscriptionId"], "OPEN")
    renewal = subscription(planId="plan-starter", salesforceRecordId=RENEWAL_LINE)

    blocked = actions.post(WITH_DATA, renewal)
    actions.emulator.invoice(first["subscriptionId"], "PAID")
    renewed = actions.ok(WITH_DATA, renewal)

    assert (blocked.status, blocked.body["errorCode"], blocked.body["retryable"]) == (409, "OPEN_INVOICE", False)
    assert blocked.body["openInvoice"]["subscriptionId"] == first["subscriptionId"]
    assert set(blocked.body["openInvoice"]) == {"subscriptionId", "invoiceId", "amountDue", "currency", "pdfUrl"}
    assert (renewed["outcome"], renewed["replacedSubscriptionId"]) == ("replaced", first["subscriptionId"])


@pytest.mark.parametrize(
    ("request_changes", "status", "code"),
    [
        ({"planId": "plan-nowhere"}, 404, "PLAN_NOT_FOUND"),
        ({"customerId": "cust-nobody"}, 404, "CUSTOMER_NOT_FOUND"),
        ({"billingPeriod": None}, 422, "REFUSED_BY_STIGG"),
        ({"addons": [{"id": "addon-nowhere", "quantity": 1}]}, 404, "ADDON_NOT_FOUND"),
    ],
)
def test_refusals_name_what_is_wrong(
    actions: Harness, request_changes: dict[str, object], status: int, code: str
) -> None:
    """What Stigg does not know or allow is answered with its code; nothing is mapped."""
    reply = actions.post(WITH_DATA, subscription(**request_changes))

    assert (reply.status, reply.body["errorCode"]) == (status, code)
    assert "development" in reply.body["errorMessage"] or reply.body["stiggErrorCode"] == "BillingPeriodMissingError"
    assert actions.mapping(LINE) is None


def test_a_corrected_cause_lets_the_same_request_work(actions: Harness) -> None:
    """A refusal is not replayed: once its cause is gone, the same request succeeds."""
    request = subscription(customerId="cust-late")
    refused = actions.post(WITH_DATA, request)
    actions.ok("create-customer", {"customerId": "cust-late", "name": "Late"})

    body = actions.ok(WITH_DATA, request)

    assert refused.status == 404
    assert body["outcome"] == "created"


def test_a_predecessor_that_cannot_be_read_leaves_the_outcome_unknown(actions: Harness) -> None:
    """When what was replaced cannot be read, the answer is unknown, and the repeat makes the mapping true."""
    first = actions.ok(WITH_DATA, subscription())
    actions.emulator.fault("GET", f"/subscriptions/{first['subscriptionId']}$", "status", 503)

    unknown = actions.post(WITH_DATA, subscription(planId="plan-starter"))
    actions.emulator.clear_faults()
    body = actions.ok(WITH_DATA, subscription(planId="plan-starter"))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", first["subscriptionId"])
    assert actions.live("cust-acme") == [body["subscriptionId"]]


def test_a_predecessor_that_ended_otherwise_was_not_replaced(actions: Harness) -> None:
    """A subscription canceled in the Stigg app is no longer the customer's, but it was not replaced by the next one."""
    first = actions.ok(WITH_DATA, subscription())
    cancel(actions, first["subscriptionId"])

    body = actions.ok(WITH_DATA, subscription(planId="plan-starter"))

    assert body["outcome"] == "created"
    assert actions.live("cust-acme") == [body["subscriptionId"]]


def cancel(actions: Harness, subscription_id: str) -> None:
    """Cancel a subscription as somebody would in the Stigg app."""
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})


@pytest.mark.parametrize(("elsewhere", "reconciled"), [(None, False), ("site-2", False), ("site-2", True)])
def test_what_ended_on_another_resource_is_no_longer_listed(
    actions: Harness, elsewhere: str | None, *, reconciled: bool
) -> None:
    """A record whose subscription was canceled in the Stigg app is sold elsewhere: both lists are right."""
    place = {"planId": "plan-workspace", "resourceId": "site-1"}
    sold = actions.ok(WITH_DATA, subscription(**place))["subscriptionId"]
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{sold}/cancel", {"cancellationTime": "IMMEDIATE"})
    if reconciled:
        actions.invoke("reconcile", {})
    again = {"planId": "plan-workspace", "resourceId": elsewhere} if elsewhere else {}
    new = actions.ok(WITH_DATA, subscription(**again))["subscriptionId"]

    assert (actions.live("cust-acme", "site-1"), actions.live("cust-acme", elsewhere)) == ([], [new])


def test_what_cannot_be_read_stays_listed(actions: Harness) -> None:
    """If Stigg does not show whether the record's former subscription has ended, it stays in its list."""
    elsewhere = Scenario(
        "", WITH_DATA, subscription(planId="plan-workspace", resourceId="site-2"), before=(CUSTOMER, AT_SITE_1)
    )
    stage, undisturbed = Stage(actions), Network()
    canceled_in_the_app(stage, elsewhere)
    stage.serve(elsewhere, undisturbed)
    last = max(number for number, call in enumerate(undisturbed.calls) if call == "Stigg GET /subscriptions/{id}")
    canceled_in_the_app(stage, elsewhere)
    reply = stage.serve(elsewhere, Network(no_connection, last, FOR_EVER, "Stigg GET"))

    assert (reply.status, len(actions.live("cust-acme", "site-1"))) == (200, 1)
    assert actions.live("cust-acme", "site-2") == [reply.body["subscriptionId"]]


def canceled_in_the_app(stage: Stage, scenario: Scenario) -> None:
    """Arrange a scenario, and cancel its one subscription as a user of the Stigg app does."""
    stage.arrange(scenario)
    (sold,) = stage.actions.emulator.state()["subscriptions"]
    path = f"/api/v1/subscriptions/{sold['id']}/cancel"
    stage.actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
