"""cancel-subscription, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionCancelParams

from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import (
    LINE,
    OTHER_LINE,
    grant,
    in_stigg,
    mapped_status,
    sold,
    sold_in_the_app,
    subscription,
)

ACTION = "cancel-subscription"
PROVISION = "create-subscription-with-return-data"
POST_CANCEL = "POST .*/cancel$"
TRIAL = {"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2099-01-31"}}
CUSTOM = {"planId": "plan-enterprise", "billingPeriod": None, "paymentCollectionMethod": None}


def cancel(**changes: object) -> dict[str, Any]:
    """Cancel the subscription of the line at once; None drops a field."""
    request = {"salesforceRecordId": LINE, "cancelWhen": "now", **changes}
    return {name: value for name, value in request.items() if value is not None}


def crash(actions: Harness, *, after: bool, **changes: object) -> None:
    """Send a cancellation whose process dies before or after its POST."""
    crashes.crash(actions, ACTION, cancel(**changes), POST_CANCEL, after=after)


def cancellations(actions: Harness) -> int:
    """How often Stigg has canceled something."""
    return sum(path.endswith("/cancel") for _, path in actions.writes_to_stigg())


def test_cancels_at_once(actions: Harness) -> None:
    """Canceled now, it has ended in Stigg, and record, history and the customer's resource say so."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, cancel())

    assert (body["outcome"], body["status"], body["active"]) == ("canceled", "CANCELED", False)
    assert body["subscriptionId"] == subscription_id
    assert in_stigg(actions, subscription_id)["status"] == "CANCELED"
    assert mapped_status(actions) == "CANCELED"
    assert actions.history(LINE) == ["created", "canceled"]
    assert actions.live("cust-acme") == []


def test_cancels_at_the_end_of_the_period(actions: Harness) -> None:
    """A picklist label asks for the period's end: it stays active until then, and its terms are remembered."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, cancel(cancelWhen="End of billing period"))

    found = in_stigg(actions, subscription_id)

    assert (body["outcome"], body["active"]) == ("scheduled", True)
    assert body["cancellationDate"].startswith(found["currentBillingPeriodEnd"][:19])
    assert (mapped_status(actions), actions.live("cust-acme")) == ("ACTIVE", [subscription_id])
    assert actions.history(LINE) == ["created", "cancellationScheduled"]
    assert actions.terms(subscription_id)["billingPeriod"] == "MONTHLY"


def test_cancels_on_a_date(actions: Harness) -> None:
    """A date without a time is the end of that day."""
    sold(actions)

    body = actions.ok(ACTION, cancel(cancelWhen="onDate", endDate="2099-06-30"))

    assert (body["outcome"], body["cancellationDate"]) == ("scheduled", "2099-06-30T23:59:59Z")


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {"cancellationTime": "IMMEDIATE", "cancellationAction": "DEFAULT"}),
        (
            {"revokeEntitlements": True, "prorate": True},
            {"cancellationTime": "IMMEDIATE", "cancellationAction": "REVOKE_ENTITLEMENTS", "prorate": True},
        ),
        (
            {"cancelWhen": "onDate", "endDate": "2099-06-30T12:00:00Z", "prorate": False},
            {
                "cancellationTime": "SPECIFIC_DATE",
                "cancellationAction": "DEFAULT",
                "endDate": "2099-06-30T12:00:00Z",
                "prorate": False,
            },
        ),
    ],
)
def test_what_is_sent(actions: Harness, asked: dict[str, object], sent: dict[str, object]) -> None:
    """Time and kind of the cancellation are always sent, proration where it is asked for; all as the SDK types it."""
    sold(actions)
    sent_bodies: list[dict[str, Any]] = []

    actions.post(ACTION, cancel(**asked), listening_container(actions, POST_CANCEL, sent_bodies))

    assert sent_bodies == [sent]
    assert body_problems(SubscriptionCancelParams, sent) == []


def test_what_has_ended_already_is_unchanged(actions: Harness) -> None:
    """A subscription that was canceled in Stigg meanwhile is as asked: nothing is noted in its history."""
    subscription_id = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})

    body = actions.ok(ACTION, cancel())

    assert (body["outcome"], body["status"]) == ("unchanged", "CANCELED")
    assert (mapped_status(actions), actions.history(LINE)) == ("CANCELED", ["created"])


def test_a_refusal_that_is_not_true_is_passed_on(actions: Harness) -> None:
    """When Stigg says that it has ended, but shows it running, that stays a refusal."""
    sold(actions)
    ended = {"status": 400, "body": {"message": "It is over", "code": "SubscriptionAlreadyCanceledOrExpired"}}
    actions.emulator.fault("POST", "/cancel$", "status", ended, times=1)

    reply = actions.post(ACTION, cancel())

    assert (reply.status, reply.body["stiggErrorCode"]) == (422, "SubscriptionAlreadyCanceledOrExpired")


@pytest.mark.parametrize(
    ("terms", "code"),
    [(TRIAL, "TrialMustBeCancelledImmediately"), (CUSTOM, "SubscriptionDoesNotHaveBillingPeriod")],
)
def test_what_stigg_forbids_is_explained(actions: Harness, terms: dict[str, object], code: str) -> None:
    """A trial or a custom plan has no period to end at: the refusal says what is possible, and nothing changes."""
    subscription_id = sold(actions, **terms)

    reply = actions.post(ACTION, cancel(cancelWhen="endOfBillingPeriod"))

    assert (reply.status, reply.body["errorCode"], reply.body["stiggErrorCode"]) == (422, "REFUSED_BY_STIGG", code)
    assert reply.body["errorMessage"].endswith(
        ". Stigg can cancel this subscription only at once: send cancelWhen now, or fallback true."
    )
    assert ".." not in reply.body["errorMessage"]
    assert in_stigg(actions, subscription_id)["status"] in {"IN_TRIAL", "ACTIVE"}


@pytest.mark.parametrize("terms", [TRIAL, CUSTOM])
def test_the_fallback_cancels_at_once(actions: Harness, terms: dict[str, object]) -> None:
    """With fallback, what cannot end at a period's end ends now, and the answer says so."""
    sold(actions, **terms)

    body = actions.ok(ACTION, cancel(cancelWhen="endOfBillingPeriod", fallback=True))

    assert (body["outcome"], body["fallbackUsed"], body["status"]) == ("canceled", "now", "CANCELED")


def test_the_fallback_forgets_the_date(actions: Harness) -> None:
    """A trial that was to end on a date is canceled now: the date is not sent along."""
    sold(actions, **TRIAL)

    body = actions.ok(ACTION, cancel(cancelWhen="onDate", endDate="2099-06-30", fallback=True))

    assert (body["outcome"], body["fallbackUsed"]) == ("canceled", "now")


def test_the_fallback_is_not_needed(actions: Harness) -> None:
    """Where Stigg does what is asked, fallback changes nothing."""
    sold(actions)

    body = actions.ok(ACTION, cancel(cancelWhen="endOfBillingPeriod", fallback=True))

    assert body["outcome"] == "scheduled"
    assert "fallbackUsed" not in body


def test_cancel_resume_and_cancel_again(actions: Harness) -> None:
    """The same cancellation after a resumption is a new wish; a plain repeat gets the first answer."""
    subscription_id = sold(actions)
    request = cancel(cancelWhen="endOfBillingPeriod")

    first = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)
    resumed = actions.ok("reschedule-cancellation", {"salesforceRecordId": LINE, "clear": True})
    second = actions.ok(ACTION, request)

    assert (first["replayed"], again["replayed"], second["replayed"]) == (False, True, False)
    assert resumed["outcome"] == "updated"
    assert in_stigg(actions, subscription_id)["cancellationDate"] is not None
    assert second["cancellationDate"] == first["cancellationDate"]
    assert cancellations(actions) == 2


def test_a_date_in_the_past_is_refused_by_us(actions: Harness) -> None:
    """A date that has passed never goes to Stigg."""
    sold(actions)

    reply = actions.post(ACTION, cancel(cancelWhen="onDate", endDate="2020-01-31"))

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, ["endDate"])
    assert cancellations(actions) == 0


def test_a_subscription_of_the_app_is_named_by_its_id(actions: Harness) -> None:
    """What was sold in Stigg's app can be canceled by its id, and a repeat is answered again."""
    subscription_id = sold_in_the_app(actions)
    request = cancel(salesforceRecordId=None, subscriptionId=subscription_id)

    body = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)

    assert (body["outcome"], body["customerId"], again["replayed"]) == ("canceled", "cust-acme", True)


def test_our_own_subscription_is_named_by_its_id(actions: Harness) -> None:
    """Named by its id, the subscription's record and history follow all the same."""
    subscription_id = sold(actions)

    actions.ok(ACTION, cancel(salesforceRecordId=None, subscriptionId=subscription_id))

    assert mapped_status(actions) == "CANCELED"
    assert actions.history(LINE) == ["created", "canceled"]


def test_a_subscription_without_record_is_canceled(actions: Harness) -> None:
    """A subscription sold for no record is taken from its customer's live ones."""
    subscription_id = sold(actions, salesforceRecordId=None)

    body = actions.ok(ACTION, cancel(salesforceRecordId=None, subscriptionId=subscription_id))

    assert (body["outcome"], actions.live("cust-acme")) == ("canceled", [])


def test_a_replaced_subscription_leaves_its_successors_record_alone(actions: Harness) -> None:
    """The old subscription of a record, named by its id, is over; the record's present one stays as it is."""
    old = sold(actions)
    sold(actions, planId="plan-starter")

    body = actions.ok(ACTION, cancel(salesforceRecordId=None, subscriptionId=old))

    assert body["outcome"] == "unchanged"
    assert mapped_status(actions) == "ACTIVE"


def test_an_unknown_subscription_is_named(actions: Harness) -> None:
    """An id that Stigg does not know is not found, by name."""
    reply = actions.post(ACTION, cancel(salesforceRecordId=None, subscriptionId="sub-nowhere"))

    assert (reply.status, reply.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert "sub-nowhere" in reply.body["errorMessage"]


def test_a_record_without_subscription(actions: Harness) -> None:
    """A record for which nothing was sold is told with its org and environment."""
    reply = actions.post(ACTION, cancel())

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert reply.body["errorMessage"] == (
        f"MAPPING_NOT_FOUND: In the development environment the Salesforce record {LINE} of org 00D000000000001EAA "
        "has no subscription."
    )


def test_a_record_that_awaits_payment(actions: Harness) -> None:
    """A subscription that awaits payment is no subscription yet; it is named."""
    page = {"successUrl": "https://acme.example/thanks", "cancelUrl": "https://acme.example/back"}
    body = actions.ok(
        PROVISION, subscription(customerName="Acme", paymentCollectionMethod="CHARGE", checkoutOptions=page)
    )

    reply = actions.post(ACTION, cancel())

    assert body["outcome"] == "paymentRequired"
    assert reply.body["errorCode"] == "MAPPING_NOT_FOUND"
    assert f"has only the subscription {body['subscriptionId']}, which awaits payment" in reply.body["errorMessage"]


def test_a_record_whose_subscription_was_replaced(actions: Harness) -> None:
    """A line that another line replaced has no subscription any more."""
    sold(actions)
    sold(actions, salesforceRecordId=OTHER_LINE)

    reply = actions.post(ACTION, cancel())

    assert reply.body["errorCode"] == "MAPPING_NOT_FOUND"
    assert (
        "no longer has a subscription: it moved to another record, or another subscription replaced it"
        in reply.body["errorMessage"]
    )


def test_an_explicit_key_outlives_the_mapping(actions: Harness) -> None:
    """With a key of its own the answer stands, even when the record has no subscription any more."""
    sold(actions)
    request = cancel(cancelWhen="endOfBillingPeriod", idempotencyKey="contract-1")
    first = actions.ok(ACTION, request)
    sold(actions, salesforceRecordId=OTHER_LINE)

    again = actions.ok(ACTION, request)

    assert (again["replayed"], again["subscriptionId"]) == (True, first["subscriptionId"])


def test_provisioning_again_after_a_cancellation(actions: Harness) -> None:
    """The provisioning that came before the cancellation, repeated after it, sells anew; then the cancel is new too."""
    first = sold(actions)
    actions.ok(ACTION, cancel())

    second = sold(actions)
    body = actions.ok(ACTION, cancel())

    assert first != second
    assert (body["subscriptionId"], body["outcome"], body["replayed"]) == (second, "canceled", False)


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers_are_settled_by_reading(actions: Harness, fault: str) -> None:
    """When every answer to the POST is lost after its effect, reading tells it within the same call."""
    sold(actions)
    actions.emulator.fault("POST", "/cancel$", fault)

    body = actions.ok(ACTION, cancel(cancelWhen="endOfBillingPeriod"))

    assert body["outcome"] == "scheduled"
    assert actions.history(LINE) == ["created", "cancellationScheduled"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ({"cancelWhen": "now"}, "canceled"),
        ({"cancelWhen": "endOfBillingPeriod"}, "scheduled"),
        ({"cancelWhen": "onDate", "endDate": "2099-06-30"}, "scheduled"),
    ],
)
def test_a_killed_process_is_carried_on(
    actions: Harness, asked: dict[str, object], outcome: str, *, after: bool
) -> None:
    """Killed before or after the POST, the repeat ends with one cancellation and a true mapping."""
    sold(actions)
    crash(actions, after=after, **asked)
    actions.clock.skip(11)

    body = actions.ok(ACTION, cancel(**asked))

    assert (body["outcome"], body["replayed"]) == (outcome, False)
    assert cancellations(actions) == 1
    assert mapped_status(actions) == body["status"]


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds the cancellation of a killed process, and records it."""
    sold(actions)
    crash(actions, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("cancel", "SUCCEEDED") in actions.operations()
    assert (mapped_status(actions), actions.history(LINE)) == ("CANCELED", ["created", "canceled"])


def test_another_write_gives_up_a_killed_one_that_never_came(actions: Harness) -> None:
    """A cancellation that is not there after ninety seconds has failed; others go on, and so does its repeat."""
    sold(actions)
    crash(actions, after=False)
    actions.clock.skip(91)

    actions.ok("create-credit-grant", grant())
    failed = ("cancel", "FAILED") in actions.operations()
    body = actions.ok(ACTION, cancel())

    assert failed
    assert body["outcome"] == "canceled"


def test_a_killed_one_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been canceled by the killed process."""
    subscription_id = sold(actions)
    crash(actions, after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    body = actions.ok("create-credit-grant", grant())

    assert body["outcome"] == "created"
    assert ("cancel", "FAILED") in actions.operations()


def test_a_killed_one_whose_date_has_passed_since(actions: Harness) -> None:
    """A killed cancellation whose date has passed when it is repeated is refused, and holds nobody up."""
    sold(actions)
    asked = {"cancelWhen": "onDate", "endDate": "2099-06-30T12:00:00Z"}
    crash(actions, after=False, **asked)
    actions.clock.skip(80 * 365 * 24 * 3600)

    reply = actions.post(ACTION, cancel(**asked))

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST")
    assert ("cancel", "FAILED") in actions.operations()
