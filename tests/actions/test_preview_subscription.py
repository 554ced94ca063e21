"""preview-subscription, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionPreviewParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import ORG, Harness
from tests.support.requests import ACCOUNT, LINE, RENEWAL_LINE, in_stigg, sold, sold_in_the_app

ACTION = "preview-subscription"
PROVISION = "create-subscription-with-return-data"
SEATS = [{"id": "addon-seats", "quantity": 2}]
CUSTOMER = {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT}


def preview(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Ask for the starter plan of ``cust-acme``; None drops a field."""
    request = {"customerId": "cust-acme", "planId": "plan-starter", "billingPeriod": "MONTHLY", **changes}
    return {name: value for name, value in request.items() if value is not None}


def codes(body: dict[str, Any]) -> list[str]:
    """Return the codes of an answer's blockers."""
    return [blocker["code"] for blocker in body["blockers"]]


def awaiting_payment(actions: Harness) -> str:
    """Let a change of a subscription wait for its payment, because the card is gone; return the subscription's id."""
    card = {"passthrough": {"stripe": {"paymentMethodId": "pm_1"}}}
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", **card})
    subscription_id = sold(actions, paymentCollectionMethod="CHARGE")
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {}})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": SEATS})
    return subscription_id


@pytest.fixture
def customer(actions: Harness) -> None:
    """The customer, linked to an account."""
    actions.ok("create-customer", CUSTOMER)


@pytest.mark.usefixtures("customer")
def test_price(actions: Harness) -> None:
    """Base charge and add-ons are priced now and for each period, with what is taken off; nothing is changed."""
    before = actions.writes_to_stigg(), actions.operations()

    body = actions.ok(ACTION, preview(addons=SEATS, appliedCoupon={"couponId": "coupon-welcome"}))

    assert (body["outcome"], body["possible"], body["blockers"], body["replaces"]) == ("previewed", True, [], [])
    amounts = {"Total": 55.04, "SubTotal": 68.8, "Discount": 13.76, "Tax": 0, "Currency": "usd"}
    for moment in ("immediate", "recurring"):
        assert {name: body[f"{moment}{name}"] for name in amounts} == amounts
        assert body[f"{moment}Lines"] == [
            {"description": "Starter", "quantity": 1, "unitPrice": 49, "subTotal": 49, "currency": "usd"},
            {"description": "Extra seats", "quantity": 2, "unitPrice": 9.9, "subTotal": 19.8, "currency": "usd"},
        ]
    assert body["billingPeriodStart"] < body["billingPeriodEnd"]
    assert (body["isPlanDowngrade"], body["hasScheduledUpdates"], body["notPriced"]) == (False, False, [])
    previews = ("POST", "/api/v1/subscriptions/preview")
    assert ([call for call in actions.writes_to_stigg() if call != previews], actions.operations()) == before


@pytest.mark.usefixtures("customer")
def test_what_is_sent(actions: Harness) -> None:
    """Only what the preview takes is sent, as the SDK types it; the rest is named."""
    sent: list[dict[str, Any]] = []
    request = preview(
        salesforceRecordId=LINE,
        addons=[*SEATS, *SEATS],
        billableFeatures=[{"featureId": "feature-api-calls", "quantity": 2.5}],
        planBaseChargeOverride={"amount": 39, "currency": "USD"},
        entitlements=[{"type": "FEATURE", "id": "feature-seats", "usageLimit": 5}],
        metadata={"tier": "gold"},
        cancellationDate="2099-12-31",
        correlationId="c-1",
    )

    reply = actions.post(ACTION, request, listening_container(actions, "/preview$", sent))

    assert sent == [
        {
            "customerId": "cust-acme",
            "planId": "plan-starter",
            "billingPeriod": "MONTHLY",
            "addons": [{"id": "addon-seats", "quantity": 4}],
            "billableFeatures": [{"featureId": "feature-api-calls", "quantity": 2.5}],
        }
    ]
    assert body_problems(SubscriptionPreviewParams, sent[0]) == []
    assert reply.body["notPriced"] == ["cancellationDate", "entitlements", "metadata", "planBaseChargeOverride"]
    assert reply.body["recurringTotal"] == 88.6


@pytest.mark.usefixtures("customer")
def test_by_account(actions: Harness) -> None:
    """The customer of a linked account is priced for."""
    assert actions.ok(ACTION, preview(customerId=None, salesforceAccountId=ACCOUNT))["recurringTotal"] == 49


def test_an_unlinked_account(actions: Harness) -> None:
    """An account that no customer is linked to is a blocker, and nothing is asked of Stigg."""
    body = actions.ok(ACTION, preview(customerId=None, salesforceAccountId=ACCOUNT))

    assert (body["outcome"], body["possible"], codes(body)) == ("previewed", False, ["CUSTOMER_NOT_FOUND"])
    assert body["blockers"][0]["message"] == (
        f"No customer is linked to the Salesforce account {ACCOUNT} of org {ORG} in the development environment. "
        "Call create-customer first, or give customerId."
    )
    assert actions.emulator.state()["calls"] == []


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"customerId": "cust-nobody"}, "CUSTOMER_NOT_FOUND", "cust-nobody"),
        ({"planId": "plan-platinum"}, "PLAN_NOT_FOUND", "plan-platinum"),
        ({"addons": [{"id": "addon-none", "quantity": 1}]}, "ADDON_NOT_FOUND", "addon-none"),
        ({"billingPeriod": None}, "REFUSED_BY_STIGG", "Billing period"),
    ],
)
@pytest.mark.usefixtures("customer")
def test_what_stigg_refuses(actions: Harness, change: dict[str, object], code: str, word: str) -> None:
    """What Stigg does not price is blocked for Stigg's reason, without a price."""
    body = actions.ok(ACTION, preview(**change))

    assert (body["outcome"], body["possible"], codes(body)) == ("previewed", False, [code])
    assert word in body["blockers"][0]["message"]
    assert not [name for name in body if name.startswith(("immediate", "recurring", "billing", "is", "has"))]


def test_what_is_replaced(actions: Harness) -> None:
    """What runs of the same product and resource would be replaced; other products and resources go on."""
    running = sold(actions, cancellationDate="2099-12-31")
    sold(actions, planId="plan-workspace", resourceId="w", salesforceRecordId=RENEWAL_LINE)
    sold_in_the_app(actions, "sub-w2", planId="plan-workspace", resourceId="w2")

    body = actions.ok(ACTION, preview())
    other_resource = actions.ok(ACTION, preview(planId="plan-workspace", resourceId="w2"))

    assert body["replaces"] == [
        {
            "subscriptionId": running,
            "planId": "plan-growth",
            "salesforceRecordId": LINE,
            "status": "ACTIVE",
            "endsAt": "2099-12-31T23:59:59Z",
        }
    ]
    assert (body["possible"], body["isPlanDowngrade"]) == (True, True)
    assert other_resource["replaces"] == [{"subscriptionId": "sub-w2", "planId": "plan-workspace", "status": "ACTIVE"}]


def test_another_product_on_the_same_resource(actions: Harness) -> None:
    """What runs of another product on the same resource goes on."""
    sold(actions, planId="plan-workspace", resourceId="w")

    assert actions.ok(ACTION, preview(resourceId="w"))["replaces"] == []


def test_a_plan_that_is_not_shown_any_more(actions: Harness) -> None:
    """What runs by a plan that Stigg no longer shows may be of the same product: it is told."""
    running = sold(actions)
    actions.emulator.fault("GET", "/plans/plan-growth$", "status", 404)

    assert [one["subscriptionId"] for one in actions.ok(ACTION, preview())["replaces"]] == [running]


def test_a_trial_replaces_trials(actions: Harness) -> None:
    """A trial does not end what is paid for; another plan ends a trial."""
    sold(actions)
    trial = {"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2099-01-31T00:00:00Z"}}
    beside = actions.ok(ACTION, preview(**trial))
    running_trial = sold_in_the_app(actions, "sub-trial", **trial)

    body = actions.ok(ACTION, preview(**trial))
    paid = actions.ok(ACTION, preview(trialOverrideConfiguration={"isTrial": False}))

    assert beside["replaces"] == []
    assert [(one["subscriptionId"], one["status"]) for one in body["replaces"]] == [(running_trial, "IN_TRIAL")]
    assert len(paid["replaces"]) == 2


def test_an_open_invoice(actions: Harness) -> None:
    """An open invoice of what would be replaced blocks, with everything that is needed to have it paid."""
    running = sold(actions, paymentCollectionMethod="INVOICE")
    invoice = in_stigg(actions, running)["latestInvoice"]

    body = actions.ok(ACTION, preview())

    assert (body["possible"], codes(body), body["recurringTotal"]) == (False, ["OPEN_INVOICE"], 49)
    assert body["blockers"][0]["message"] == (
        f"Stigg does not make this change while an invoice of subscription {running} is unpaid. "
        "Have the invoice paid or voided, or mark it as paid with mark-invoice-paid, then send the same request again. "
        f"The invoice is {invoice['billingId']} over 199 usd ({invoice['pdfUrl']}). "
        "If it is not due yet, Stigg may make the change."
    )


def test_a_change_that_awaits_payment(actions: Harness) -> None:
    """A change of what would be replaced that awaits payment blocks."""
    running = awaiting_payment(actions)

    body = actions.ok(ACTION, preview())

    assert (body["possible"], codes(body)) == (False, ["PENDING_PAYMENT"])
    assert body["blockers"][0]["message"] == (
        f"Stigg does not make this change while another change of subscription {running} awaits payment. "
        "Have that change paid, or drop it with cancel-scheduled-update, then send the same request again."
    )


def test_provisioning_beside_a_change_that_awaits_payment(actions: Harness) -> None:
    """Where Stigg refuses a provisioning for it, the error is PENDING_PAYMENT and names the subscription."""
    running = awaiting_payment(actions)
    refusal = {"message": "The customer has a pending payment", "code": "SomethingNew"}
    actions.emulator.fault("POST", "/subscriptions$", "status", {"status": 400, "body": refusal}, times=1)

    reply = actions.post(PROVISION, {**preview(), "salesforceRecordId": LINE})

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "PENDING_PAYMENT", False)
    assert running in reply.body["errorMessage"]
    assert (reply.body["stiggErrorCode"], reply.body["details"]) == ("SomethingNew", [])


@pytest.mark.parametrize(
    ("code", "words"),
    [("OPEN_INVOICE", "There is an unpaid invoice"), ("PENDING_PAYMENT", "An update awaits its payment")],
)
def test_a_refused_preview(actions: Harness, code: str, words: str) -> None:
    """A preview that Stigg refuses for a payment is blocked once, in the words of the refused provisioning."""
    if code == "OPEN_INVOICE":
        sold(actions, paymentCollectionMethod="INVOICE")
    else:
        awaiting_payment(actions)
    refusal = {"status": 400, "body": {"message": words, "code": "SomethingNew"}}
    actions.emulator.fault("POST", "/subscriptions(/preview)?$", "status", refusal, times=2)

    (blocker,) = actions.ok(ACTION, preview())["blockers"]
    reply = actions.post(PROVISION, {**preview(), "salesforceRecordId": LINE})

    assert (blocker["code"], reply.body["errorCode"]) == (code, code)
    assert f"{code}: {blocker['message']}".startswith(reply.body["errorMessage"])
    assert ("The invoice is" in blocker["message"]) is (code == "OPEN_INVOICE")


@pytest.mark.usefixtures("customer")
@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_a_lost_answer_is_asked_for_again(actions: Harness, fault: str) -> None:
    """Asking twice is harmless: a lost answer goes unnoticed, and Stigg's silence has surely changed nothing."""
    actions.emulator.fault("POST", "/preview$", fault, times=1)
    noticed = actions.post(ACTION, preview())
    actions.emulator.fault("POST", "/preview$", fault)
    silent = actions.post(ACTION, preview())

    assert (noticed.status, noticed.body["recurringTotal"]) == (200, 49)
    assert (silent.status, silent.body["errorCode"], silent.body["retryable"]) == (503, "STIGG_UNAVAILABLE", True)


@pytest.mark.usefixtures("customer")
@pytest.mark.parametrize("answer", [{}, {"immediateInvoice": None, "recurringInvoice": {"lines": None}}])
def test_a_bare_preview(actions: Harness, answer: dict[str, object]) -> None:
    """A preview that lacks everything is answered as far as it goes."""
    actions.emulator.fault("POST", "/preview$", "status", {"status": 200, "body": {"data": answer}})

    body = actions.ok(ACTION, preview())

    assert (body["possible"], "immediateTotal" in body, "recurringTotal" in body) == (True, False, False)
