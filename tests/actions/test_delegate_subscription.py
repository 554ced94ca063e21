"""delegate-subscription, in this process: to another customer, under the leases of both."""

from collections.abc import Callable
from typing import Any

import pytest
from stigg.types.v1 import SubscriptionDelegateParams

from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.deals import APP, deal, of, plan
from tests.support.faulty_dynamodb import FaultyDynamoDB
from tests.support.harness import Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    grant,
    in_stigg,
    sold,
    sold_in_the_app,
    subscription,
)

ACTION = "delegate-subscription"
BY_RECORD = {"salesforceRecordId": LINE}
THERE = BY_RECORD | {"destinationCustomerId": "cust-globex"}
BACK = BY_RECORD | {"destinationCustomerId": "cust-acme"}
TO_THE_ACCOUNT = BY_RECORD | {"destinationSalesforceAccountId": OTHER_ACCOUNT}
PROVISION = "create-subscription-with-return-data"
POST = "POST .*/delegate"
MARK = "PATCH .*/subscriptions/"
OF_GLOBEX = subscription(customerId="cust-globex", salesforceRecordId=OTHER_LINE, resourceId="site-9")
OLD = "2020-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _customers(actions: Harness) -> None:
    """Two customers, each linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex", "salesforceAccountId": OTHER_ACCOUNT})


def lists(actions: Harness) -> tuple[list[str], list[str]]:
    """Return what the tables list of the two customers."""
    return actions.live("cust-acme"), actions.live("cust-globex")


def moves(actions: Harness) -> int:
    """How often Stigg has moved a subscription to another customer."""
    return sum(path.endswith("/delegate") for _, path in actions.writes_to_stigg())


def owner(actions: Harness) -> str:
    """Return the customer to whom the tables give the record."""
    record = actions.mapping(LINE)
    assert record is not None
    return record.customer_id


@pytest.mark.parametrize("request_body", [THERE, TO_THE_ACCOUNT, THERE | TO_THE_ACCOUNT])
def test_moves(actions: Harness, request_body: dict[str, Any]) -> None:
    """Subscription, mapping, lists and history follow the move to a customer, by its id or its account."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, request_body)

    moved = in_stigg(actions, subscription_id)
    assert (body["outcome"], body["subscriptionId"], body["customerId"]) == ("updated", subscription_id, "cust-globex")
    assert (body["previousCustomerId"], body["payingCustomerId"]) == ("cust-acme", "cust-acme")
    assert body["changes"] == [
        {"field": "customerId", "before": "cust-acme", "after": "cust-globex"},
        {"field": "payingCustomerId", "after": "cust-acme"},
    ]
    assert moved["customerId"] == "cust-globex"
    assert (owner(actions), lists(actions)) == ("cust-globex", ([], [subscription_id]))
    assert actions.history(LINE) == ["created", "delegated"]
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


@pytest.mark.parametrize(("request_body", "account"), [(THERE, None), (TO_THE_ACCOUNT, OTHER_ACCOUNT)])
def test_its_marks(actions: Harness, request_body: dict[str, Any], account: str | None) -> None:
    """The metadata name the account that the request names, and never the account of the customer before."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    assert in_stigg(actions, subscription_id)["metadata"]["salesforceAccountId"] == ACCOUNT

    actions.ok(ACTION, request_body)

    metadata = in_stigg(actions, subscription_id)["metadata"]
    assert (metadata.get("salesforceAccountId"), metadata["salesforceRecordId"]) == (account, LINE)


def test_there_already(actions: Harness) -> None:
    """A subscription of the customer is unchanged, and that is no event."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, BACK)

    assert (body["outcome"], body["changes"], moves(actions)) == ("unchanged", [], 0)
    assert "previousCustomerId" not in body
    assert (lists(actions), actions.history(LINE)) == (([subscription_id], []), ["created"])


def test_moved_in_the_app_before(actions: Harness) -> None:
    """A move that somebody made in the Stigg app is recorded, and is not made again."""
    subscription_id = sold(actions)
    path = f"/api/v1/subscriptions/{subscription_id}/delegate"
    actions.emulator.by_hand("POST", path, {"targetCustomerId": "cust-globex"})

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], owner(actions), lists(actions)) == ("unchanged", "cust-globex", ([], [subscription_id]))


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("update-subscription", {"addons": [{"id": "addon-seats", "quantity": 3}]}),
        ("reschedule-cancellation", {"cancellationDate": "2099-12-31"}),
        ("renew-subscription", {"planId": "plan-starter"}),
        ("downgrade-subscription", {}),
        ("transfer-subscription", {"destinationResourceId": "site-2"}),
        ("cancel-subscription", {"cancelWhen": "now"}),
    ],
)
@pytest.mark.parametrize("by", ["record", "subscription"])
def test_other_actions_afterwards(actions: Harness, action: str, change: dict[str, Any], by: str) -> None:
    """Every action on the record or the subscription works for the new customer after the move."""
    subscription_id = sold(actions)
    actions.ok(ACTION, THERE)

    named = BY_RECORD if by == "record" else {"subscriptionId": subscription_id}
    body = actions.ok(action, named | change)

    assert body["customerId"] == "cust-globex"
    live = actions.live("cust-globex", body.get("resourceId"))
    assert live == ([] if action == "cancel-subscription" else [body["subscriptionId"]])
    assert actions.live("cust-acme") == []


def test_the_lists_are_used(actions: Harness) -> None:
    """Afterwards the first customer can be sold the same, and the second one's next sale replaces what it was given."""
    moved = sold(actions)
    actions.ok(ACTION, THERE)

    beside = sold(actions, salesforceRecordId=OTHER_LINE)
    after = actions.ok(PROVISION, subscription(customerId="cust-globex", planId="plan-starter"))

    assert (after["outcome"], after["replacedSubscriptionId"]) == ("replaced", moved)
    assert lists(actions) == ([beside], [after["subscriptionId"]])


@pytest.mark.parametrize("customer_id", ["cust-acme", "cust-globex"])
def test_an_older_request_of_either_customer(actions: Harness, customer_id: str) -> None:
    """An older sale without a record to either customer does not undo the move."""
    subscription_id = sold(actions)
    actions.ok(ACTION, THERE)

    request = subscription(customerId=customer_id, salesforceRecordId=None, planId="plan-starter", asOf=OLD)
    body = actions.ok(PROVISION, request)

    assert (body["outcome"], body["subscriptionId"]) == ("superseded", subscription_id)
    assert lists(actions) == ([], [subscription_id])


def test_the_sale_again(actions: Harness) -> None:
    """The sale that was made before the move is refused if its Flow fires again, with the way to move it back."""
    sold(actions)
    actions.ok(ACTION, THERE)

    reply = actions.post(PROVISION, subscription())

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert "move it to cust-acme (delegate-subscription)" in reply.body["errorMessage"]


def test_the_deal_again(actions: Harness) -> None:
    """A deal whose line was moved to another customer is refused with the way to move it back, and sells nothing."""
    sold_before = of(actions.ok("provision-opportunity", deal(plan())), APP)["subscriptionId"]
    actions.ok(ACTION, {"salesforceRecordId": APP, "destinationCustomerId": "cust-globex"})

    reply = actions.post("provision-opportunity", deal(plan()))

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert sold_before in reply.body["errorMessage"]
    assert "delegate-subscription" in reply.body["errorMessage"]
    assert [one["customerId"] for one in actions.emulator.state()["subscriptions"]] == ["cust-globex"]


def test_there_back_and_there_again(actions: Harness) -> None:
    """The same move after another one is made again; a plain repeat moves nothing."""
    sold(actions)

    answers = [actions.ok(ACTION, body) for body in (THERE, THERE, BACK, THERE)]

    assert [body["replayed"] for body in answers] == [False, True, False, False]
    assert moves(actions) == 3


def test_an_account_that_was_linked_anew(actions: Harness) -> None:
    """The same request for an account that has another customer since moves the subscription there."""
    sold(actions)
    actions.ok(ACTION, TO_THE_ACCOUNT)
    link = {"customerId": "cust-initech", "salesforceAccountId": OTHER_ACCOUNT, "relinkAccount": True}
    actions.ok("create-customer", link | {"name": "Initech"})

    body = actions.ok(ACTION, TO_THE_ACCOUNT)

    assert (body["replayed"], body["customerId"], owner(actions)) == (False, "cust-initech", "cust-initech")


def test_what_is_sent(actions: Harness) -> None:
    """The customer is sent as the SDK types it."""
    sold(actions)
    sent: list[dict[str, Any]] = []

    actions.post(ACTION, THERE, listening_container(actions, POST, sent))

    assert sent == [{"targetCustomerId": "cust-globex"}]
    assert body_problems(SubscriptionDelegateParams, sent[0]) == []


def test_an_ended_subscription_is_refused(actions: Harness) -> None:
    """A subscription that has ended is refused before Stigg is asked, with its status."""
    sold(actions)
    actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})

    reply = actions.post(ACTION, THERE)

    (problem,) = reply.body["details"]
    assert (reply.status, problem["field"], moves(actions)) == (400, "salesforceRecordId", 0)


def test_a_scheduled_successor(actions: Harness) -> None:
    """A subscription that is to be replaced does not leave its successor behind; once that is dropped, it moves."""
    sold(actions)
    actions.ok("downgrade-subscription", BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"})
    refused = actions.post(ACTION, THERE)
    actions.ok("cancel-scheduled-update", BY_RECORD)

    body = actions.ok(ACTION, THERE)

    assert (refused.status, refused.body["details"][0]["field"]) == (400, "salesforceRecordId")
    assert "cancel-scheduled-update" in refused.body["errorMessage"]
    assert body["outcome"] == "updated"


def test_a_payment_page(actions: Harness) -> None:
    """A record whose next subscription awaits payment by its customer stays; once that is dropped, it moves."""
    sold(actions)
    page = {"checkoutOptions": {"successUrl": "https://a.example/ok", "cancelUrl": "https://a.example/no"}}
    to_be_paid = subscription(planId="plan-starter", paymentCollectionMethod="CHARGE", **page)
    assert actions.ok("create-subscription", to_be_paid)["outcome"] == "paymentRequired"
    refused = actions.post(ACTION, THERE)
    actions.ok("cancel-scheduled-update", BY_RECORD | {"waitsFor": "payment"})

    assert (refused.status, refused.body["details"][0]["field"]) == (400, "salesforceRecordId")
    assert "awaits payment" in refused.body["errorMessage"]
    assert actions.ok(ACTION, THERE)["outcome"] == "updated"


@pytest.mark.parametrize(
    ("destination", "status", "code"),
    [
        ({"destinationCustomerId": "cust-unknown"}, 404, "CUSTOMER_NOT_FOUND"),
        ({"destinationSalesforceAccountId": "001000000000009AAA"}, 404, "CUSTOMER_NOT_FOUND"),
        (
            {"destinationCustomerId": "cust-acme", "destinationSalesforceAccountId": OTHER_ACCOUNT},
            409,
            "CUSTOMER_MISMATCH",
        ),
        ({}, 400, "INVALID_REQUEST"),
    ],
)
def test_refused_destinations(actions: Harness, destination: dict[str, Any], status: int, code: str) -> None:
    """A destination that is unknown, unlinked, contradictory or missing is refused, and nothing moves."""
    subscription_id = sold(actions)

    reply = actions.post(ACTION, BY_RECORD | destination)

    assert (reply.status, reply.body["errorCode"]) == (status, code)
    assert (owner(actions), lists(actions)) == ("cust-acme", ([subscription_id], []))
    assert actions.ok(ACTION, THERE)["outcome"] == "updated"


def test_an_unknown_subscription(actions: Harness) -> None:
    """A subscription that Stigg does not have is refused under its own code."""
    reply = actions.post(ACTION, {"subscriptionId": "sub-4711", "destinationCustomerId": "cust-globex"})

    assert (reply.status, reply.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")


def test_a_subscription_that_is_gone(actions: Harness) -> None:
    """A subscription that Stigg lost between look and move is refused as such, not as an unknown customer."""
    sold(actions)
    gone = {"status": 404, "body": {"code": "SubscriptionNotFound", "message": "Subscription not found"}}
    actions.emulator.fault("POST", "/delegate", "status", gone, times=1)

    reply = actions.post(ACTION, THERE)

    assert (reply.status, reply.body["errorCode"], reply.body["details"]) == (404, "SUBSCRIPTION_NOT_FOUND", [])


def test_an_archived_customer(actions: Harness) -> None:
    """A subscription is not moved to an archived customer; the error says how to restore it."""
    sold(actions)
    actions.ok("archive-customer", {"customerId": "cust-globex"})

    reply = actions.post(ACTION, THERE)

    assert (reply.status, reply.body["errorCode"]) == (422, "CUSTOMER_ARCHIVED")
    assert "Customer cust-globex is archived" in reply.body["errorMessage"]


def test_a_place_in_use(actions: Harness) -> None:
    """Stigg's refusal of a customer that has such a subscription is passed on; nothing moves."""
    own = sold(actions)
    other = sold(actions, customerId="cust-globex", salesforceRecordId=OTHER_LINE)

    reply = actions.post(ACTION, THERE)

    assert (reply.status, reply.body["stiggErrorCode"]) == (422, "TooManySubscriptionsPerCustomer")
    assert (owner(actions), lists(actions)) == ("cust-acme", ([own], [other]))


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that was sold in the Stigg app is moved by its id, and listed."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, {"subscriptionId": subscription_id, "destinationCustomerId": "cust-globex"})

    assert (body["outcome"], lists(actions)) == ("updated", ([], [subscription_id]))


def test_an_answer_that_does_not_show_it(actions: Harness) -> None:
    """If Stigg accepts a move but does not show it, the outcome is unknown; the repeat finds out."""
    subscription_id = sold(actions)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("POST", "/delegate", "status", accepted, times=1)

    unknown = actions.post(ACTION, THERE)
    body = actions.ok(ACTION, THERE)

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], lists(actions)) == ("updated", ([], [subscription_id]))


def test_a_lost_answer(actions: Harness) -> None:
    """A lost answer is found by reading, within the same call."""
    subscription_id = sold(actions)
    actions.emulator.fault("POST", "/delegate", "cutAfter", times=1)

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], body["previousCustomerId"]) == ("updated", "cust-acme")
    assert lists(actions) == ([], [subscription_id])


def test_marks_that_cannot_be_set(actions: Harness) -> None:
    """If the marks of a moved subscription cannot be set, the outcome is unknown, and the repeat sets them."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", 503)

    unknown = actions.post(ACTION, THERE)
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, THERE)

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert "metadata could not be set" in unknown.body["errorMessage"]
    assert (body["outcome"], moves(actions), lists(actions)) == ("updated", 1, ([], [subscription_id]))
    assert "salesforceAccountId" not in in_stigg(actions, subscription_id)["metadata"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [POST, MARK])
def test_a_killed_process_is_carried_on(actions: Harness, at: str, *, after: bool) -> None:
    """Killed before or after a call to Stigg, the repeat ends with one move, recorded once."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    crashes.crash(actions, ACTION, THERE, at, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], body["replayed"], lists(actions)) == ("updated", False, ([], [subscription_id]))
    assert (moves(actions), actions.history(LINE), owner(actions)) == (1, ["created", "delegated"], "cust-globex")


@pytest.mark.parametrize(
    ("action", "request_body"),
    [
        ("create-credit-grant", grant(salesforceRecordId=OTHER_LINE)),
        ("create-credit-grant", grant(customerId="cust-globex", salesforceRecordId=OTHER_LINE)),
        ("update-subscription", BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": 3}]}),
        (PROVISION, OF_GLOBEX),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_a_write_of_either_customer_settles_a_killed_one(
    actions: Harness, action: str, request_body: dict[str, Any], *, after: bool
) -> None:
    """A write of either customer waits for a killed move, then finds it or its absence, and records it."""
    subscription_id = sold(actions)
    crashes.crash(actions, ACTION, THERE, POST, after=after)
    waits = actions.post(action, request_body)
    actions.clock.skip(100)

    actions.ok(action, request_body)

    assert (waits.status, waits.body["errorCode"]) == (409, "IN_PROGRESS")
    assert owner(actions) == ("cust-globex" if after else "cust-acme")
    assert lists(actions) == (([], [subscription_id]) if after else ([subscription_id], []))
    assert actions.history(LINE).count("delegated") == int(after)


@pytest.mark.parametrize("customer_id", ["cust-acme", "cust-globex"])
def test_it_is_listed_for_both(actions: Harness, customer_id: str) -> None:
    """An operator finds a move that needs attention under either customer."""
    sold(actions)
    actions.emulator.fault("POST", "/delegate", "status", {"status": 422, "body": {"code": "No"}}, times=1)
    actions.post(ACTION, THERE)

    body = actions.invoke("list-operations", {"customerId": customer_id})

    assert [(one["kind"], one["status"]) for one in body["operations"]] == [("delegate", "FAILED")]


@pytest.mark.parametrize("asked", [{}, {"customerId": "cust-acme"}, {"customerId": "cust-globex"}])
def test_reconcile_settles_a_killed_one(actions: Harness, asked: dict[str, str]) -> None:
    """Without any further call, reconcile of all or of either customer records a killed move and frees both."""
    subscription_id = sold(actions)
    crashes.crash(actions, ACTION, THERE, POST, after=True)
    actions.clock.skip(100)

    actions.invoke("reconcile", asked)

    assert (owner(actions), lists(actions)) == ("cust-globex", ([], [subscription_id]))
    assert [actions.customer(name).lease for name in ("cust-acme", "cust-globex")] == [None, None]


def test_marks_that_a_killed_process_has_left(actions: Harness) -> None:
    """A move that was settled by another call keeps the old account in its metadata, until the request comes again."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    crashes.crash(actions, ACTION, THERE, POST, after=True)
    actions.clock.skip(31)
    actions.ok("create-credit-grant", grant(salesforceRecordId=OTHER_LINE))
    left = in_stigg(actions, subscription_id)["metadata"]["salesforceAccountId"]

    body = actions.ok(ACTION, THERE)

    assert (left, body["outcome"], body["customerId"], moves(actions)) == (ACCOUNT, "unchanged", "cust-globex", 1)
    assert "salesforceAccountId" not in in_stigg(actions, subscription_id)["metadata"]
    assert actions.ok(ACTION, THERE)["replayed"] is True


@pytest.mark.parametrize("by", ["record", "subscription"])
def test_a_subscription_that_moves_between_two_reads(actions: Harness, by: str) -> None:
    """A change of a subscription that is moved meanwhile is made under the lease of the customer that has it now."""
    subscription_id = sold(actions)
    request = BY_RECORD if by == "record" else {"subscriptionId": subscription_id}

    def after_the_move(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is read
        actions.ok(ACTION, THERE)
        return call()

    client = FaultyDynamoDB(actions.tables.client, batch_get_item=[None, after_the_move])
    more = request | {"addons": [{"id": "addon-seats", "quantity": 3}]}
    reply = actions.post("update-subscription", more, actions.container(dynamodb=client))

    (operation,) = [one for one in actions.intents() if one["kind"]["S"] == "update"]
    assert (reply.status, reply.body["customerId"]) == (200, "cust-globex")
    assert operation["customer_id"]["S"] == "cust-globex"
