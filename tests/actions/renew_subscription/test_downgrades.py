"""Renewals of what was downgraded, or is about to be."""

from typing import Any

import pytest

from tests.support.crashes import CrashError, crash, dying_container
from tests.support.days import in_days
from tests.support.harness import Harness
from tests.support.renewals import (
    A_DAY,
    ACTION,
    ANOTHER_PLAN,
    ENTITLEMENTS,
    MORE_SEATS,
    SEATS,
    by_id,
    renewal,
    sent,
)
from tests.support.requests import LINE, OTHER_LINE, current, grant, in_stigg, sold, sold_in_the_app, upcoming

A_YEAR = 366 * 24 * 3600
BY_RECORD = {"salesforceRecordId": LINE}
CONTRACT_END, EXTENDED_END = in_days(200), in_days(565)
EXTENDED = BY_RECORD | {"cancellationDate": EXTENDED_END}


def renew(actions: Harness, **changes: object) -> dict[str, Any]:
    """Renew the subscription of the line."""
    return actions.ok("renew-subscription", BY_RECORD | changes)


def downgrade(actions: Harness, **changes: object) -> dict[str, Any]:
    """Downgrade it."""
    return actions.ok("downgrade-subscription", BY_RECORD | changes)


def about_to_be_downgraded(actions: Harness, **terms: object) -> tuple[str, str]:
    """Sell a contract, and let it fall to the grace plan at its end; return both ids."""
    old = sold(actions, cancellationDate=CONTRACT_END, **terms)
    return old, str(downgrade(actions, downgradeWhen="endOfContract")["subscriptionId"])


def running(actions: Harness) -> list[str]:
    """Return the plans that run, or are about to."""
    found = actions.emulator.state()["subscriptions"]
    return [one["planId"] for one in found if one["status"] in {"ACTIVE", "NOT_STARTED"}]


def test_a_renewal_calls_off_a_downgrade_that_waits(actions: Harness) -> None:
    """Who renews does not fall to the grace plan: the downgrade is canceled, and the answer and the mapping say so."""
    old, waiting = about_to_be_downgraded(actions)

    body = actions.ok("renew-subscription", EXTENDED)
    again = actions.ok("renew-subscription", EXTENDED)

    assert (body["outcome"], body["decision"], body["subscriptionId"]) == ("updated", "amend", old)
    assert "The scheduled downgrade to plan-grace is called off." in body["reasons"]
    assert (body["scheduledChanges"], again["replayed"]) == ([], True)
    assert in_stigg(actions, waiting)["status"] == "CANCELED"
    assert (upcoming(actions), actions.live("cust-acme")) == (None, [old])
    assert actions.history(LINE) == ["created", "downgradeScheduled", "renewed"]
    actions.emulator.advance(A_YEAR)
    assert running(actions) == ["plan-growth"]


def test_to_call_it_off_is_enough_to_do(actions: Harness) -> None:
    """A renewal of a subscription that is as wanted but for the downgrade that waits is no empty one."""
    old, _ = about_to_be_downgraded(actions)

    body = renew(actions, restore=True)

    assert (body["outcome"], body["decision"], body["subscriptionId"]) == ("updated", "amend", old)
    assert running(actions) == ["plan-growth"]


def test_one_that_is_gone_already_is_as_wanted(actions: Harness) -> None:
    """A downgrade that was canceled in Stigg's app, or that Stigg no longer knows, need not be called off."""
    old, waiting = about_to_be_downgraded(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{waiting}/cancel", {"cancellationTime": "IMMEDIATE"})

    body = actions.ok("renew-subscription", EXTENDED)

    assert (body["outcome"], actions.live("cust-acme")) == ("updated", [old])


def test_stigg_may_refuse_to_call_it_off(actions: Harness) -> None:
    """Another refusal of Stigg is passed on, and nothing else is done."""
    old, _ = about_to_be_downgraded(actions)
    refusal = {"status": 400, "body": {"message": "Not now", "code": "IntegrityViolation"}}
    actions.emulator.fault("POST", "/cancel$", "status", refusal, times=1)

    reply = actions.post("renew-subscription", EXTENDED)

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert in_stigg(actions, old)["cancellationDate"].startswith(CONTRACT_END)


@pytest.mark.parametrize("call", ["POST .*/cancel$", "PATCH .*/subscriptions/"])
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_one_is_carried_on(actions: Harness, call: str, *, after: bool) -> None:
    """Killed around either call, the repeat ends with the downgrade called off and the contract extended."""
    old, _ = about_to_be_downgraded(actions)
    crash(actions, "renew-subscription", EXTENDED, call, after=after)
    actions.clock.skip(11)

    body = actions.ok("renew-subscription", EXTENDED)

    assert (body["outcome"], running(actions), actions.live("cust-acme")) == ("updated", ["plan-growth"], [old])
    assert in_stigg(actions, old)["cancellationDate"].startswith(EXTENDED_END)
    assert upcoming(actions) is None


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds a renewal done as a whole, and drops the downgrade from the mapping."""
    old, waiting = about_to_be_downgraded(actions)
    container = dying_container(actions, "PATCH .*/subscriptions/", after=True)
    with pytest.raises(CrashError):
        actions.post("renew-subscription", EXTENDED | {"billingPeriod": "ANNUALLY"}, container)
    actions.emulator.fault("GET", f"/subscriptions/{waiting}$", "status", 404, times=1)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("renew", "SUCCEEDED") in actions.operations()
    assert actions.live("cust-acme") == [old]


def test_a_renewal_that_waits_is_not_called_off(actions: Harness) -> None:
    """What is to follow by another renewal stays: only a downgrade contradicts a renewal."""
    sold(actions, cancellationDate=CONTRACT_END)
    ahead = renew(actions, planId="plan-starter", startDate=in_days(201))

    body = renew(actions, addons=SEATS)

    assert (body["outcome"], body["decision"], upcoming(actions)) == ("updated", "amend", ahead["subscriptionId"])


def test_all_of_it_is_restored(actions: Harness) -> None:
    """What was there comes back whole: add-ons, entitlements with their limits, metadata, and the contract's end."""
    limits = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 77}]
    sold(actions, addons=SEATS, entitlements=limits, cancellationDate="2099-06-30", metadata={"po": "4711"})
    downgrade(actions)

    body = renew(actions, restore=True)

    found = in_stigg(actions, body["subscriptionId"])
    assert (body["planId"], body["addons"], body["cancellationDate"]) == ("plan-growth", SEATS, "2099-06-30T23:59:59Z")
    assert (found["sent"]["entitlements"], found["metadata"]["po"]) == (limits, "4711")


def test_an_end_that_was_moved_is_restored_as_moved(actions: Harness) -> None:
    """The end that Stigg showed when the downgrade was made is the one that comes back."""
    sold(actions, cancellationDate="2099-06-30")
    actions.ok("reschedule-cancellation", BY_RECORD | {"cancellationDate": "2099-09-30"})
    downgrade(actions)

    assert renew(actions, restore=True)["cancellationDate"] == "2099-09-30T23:59:59Z"


def test_entitlements_that_nobody_knows_are_not_dropped(actions: Harness) -> None:
    """Entitlements that were changed in Stigg's app before the downgrade must be given to restore it."""
    old = sold(actions, entitlements=[{"type": "FEATURE", "id": "feature-seats", "usageLimit": 77}])
    changed = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 90}, {"type": "FEATURE", "id": "feature-sso"}]
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{old}", {"entitlements": changed})
    downgrade(actions)

    refused = actions.post("renew-subscription", BY_RECORD | {"restore": True})
    body = renew(actions, restore=True, entitlements=changed)

    assert (refused.status, refused.body["details"][0]["field"]) == (400, "entitlements")
    assert "feature-seats, feature-sso" in refused.body["details"][0]["problem"]
    assert in_stigg(actions, body["subscriptionId"])["sent"]["entitlements"] == changed


def test_the_grace_plan_itself_may_be_renewed(actions: Harness) -> None:
    """A grace subscription that was replaced by another of its plan still leads back to what was before."""
    sold(actions, addons=SEATS)
    downgrade(actions)
    renew(actions, strategy="replace")

    body = renew(actions, restore=True)

    assert (body["planId"], body["addons"], running(actions)) == ("plan-growth", SEATS, ["plan-growth"])


def test_what_is_paid_is_the_records_from_then_on(actions: Harness) -> None:
    """A page that was paid while other things went on: the next write by the record acts on what was paid."""
    sold(actions)
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    terms = {"planId": "plan-starter", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "CHARGE"}
    waiting = renew(actions, **terms, checkoutOptions=page)
    actions.ok("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}})
    again = renew(actions, **terms, checkoutOptions=page)
    actions.emulator.checkout(waiting["subscriptionId"])

    shown = actions.ok("get-subscription", BY_RECORD)
    canceled = actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})

    assert (again["subscriptionId"], again["replayed"]) == (waiting["subscriptionId"], True)
    assert (shown["subscriptionId"], shown["status"]) == (waiting["subscriptionId"], "ACTIVE")
    assert (canceled["subscriptionId"], canceled["outcome"]) == (waiting["subscriptionId"], "canceled")
    assert (running(actions), actions.live("cust-acme")) == ([], [])
    assert actions.history(LINE) == ["created", "paymentRequired", "metadataSet", "renewed", "canceled"]


def test_a_renewal_ahead_that_was_canceled_is_wanted_anew(actions: Harness) -> None:
    """The same words after the renewal that waited was canceled on its own line provision again."""
    sold(actions)
    ahead = {"newSalesforceRecordId": OTHER_LINE, "startDate": in_days(100), "planId": "plan-starter"}
    first = renew(actions, **ahead, billingPeriod="MONTHLY")
    actions.ok("cancel-subscription", {"salesforceRecordId": OTHER_LINE, "cancelWhen": "now"})

    again = renew(actions, **ahead, billingPeriod="MONTHLY")

    assert (again["outcome"], again["replayed"]) == ("scheduled", False)
    assert first["subscriptionId"] != again["subscriptionId"]
    assert running(actions) == ["plan-growth", "plan-starter"]


def awaiting_payment(actions: Harness) -> str:
    """Let the record wait for a payment page; return the subscription to come."""
    sold(actions)
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    terms = {"planId": "plan-starter", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "CHARGE"}
    return str(renew(actions, **terms, checkoutOptions=page)["subscriptionId"])


def test_what_was_paid_and_ended_is_not_waited_for(actions: Harness) -> None:
    """What was paid, and has ended in Stigg's app since, changes no mapping, however often the record is written."""
    waiting = awaiting_payment(actions)
    actions.emulator.checkout(waiting)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{waiting}/cancel", {"cancellationTime": "IMMEDIATE"})

    bodies = [
        actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now", "prorate": prorate})
        for prorate in (True, False)
    ]

    assert [body["outcome"] for body in bodies] == ["unchanged", "unchanged"]
    assert waiting not in {body["subscriptionId"] for body in bodies}


def test_a_payment_is_not_settled_past_another_write(actions: Harness) -> None:
    """While another write of the customer is unsettled, what was paid has to wait for it."""
    waiting = awaiting_payment(actions)
    actions.emulator.checkout(waiting)
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=True)
    actions.clock.skip(31)

    body = actions.ok("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}})

    assert ("grant", "SUCCEEDED") in actions.operations()
    assert body["subscriptionId"] == waiting


def test_a_successor_that_stigg_has_lost_protects_nothing(actions: Harness) -> None:
    """An old line whose renewal Stigg no longer knows may be downgraded."""
    sold(actions, cancellationDate=CONTRACT_END)
    ahead = renew(actions, newSalesforceRecordId=OTHER_LINE, startDate=in_days(201))
    actions.ok("cancel-subscription", {"subscriptionId": ahead["subscriptionId"], "cancelWhen": "now"})
    actions.emulator.advance(A_YEAR)
    actions.clock.skip(A_YEAR)
    actions.emulator.fault("GET", f"/subscriptions/{ahead['subscriptionId']}$", "status", 404)

    body = downgrade(actions)

    assert (body["planId"], running(actions)) == ("plan-grace", ["plan-grace"])


def downgraded(actions: Harness, **terms: Any) -> tuple[str, str]:  # noqa: ANN401 - any field of a request
    """Sell, then put the grace plan in its place; return both ids, the second of which can be restored."""
    before = sold(actions, **terms)
    grace = actions.ok("downgrade-subscription", {"salesforceRecordId": LINE, "downgradeWhen": "now"})
    return before, str(grace["subscriptionId"])


def test_restores_the_terms_before_a_downgrade(actions: Harness) -> None:
    """What the grace plan took away comes back, with what is asked for on top; metadata stays as it is."""
    terms = {
        "addons": SEATS,
        "entitlements": ENTITLEMENTS,
        "planBaseChargeOverride": {"amount": 150, "currency": "usd"},
    }
    before, grace = downgraded(actions, **terms)

    rehearsed = actions.ok(ACTION, renewal(restore=True, addons=MORE_SEATS, dryRun=True))
    body = actions.ok(ACTION, renewal(restore=True, addons=MORE_SEATS))

    explained = ("decision", "reasons", "changes")
    assert [rehearsed[name] for name in explained] == [body[name] for name in explained]
    new = sent(actions, body["subscriptionId"])
    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", grace)
    assert body["reasons"] == [
        "The terms before the downgrade are restored: plan plan-growth.",
        "Its end date is not restored; give cancellationDate if it should end.",
        "paymentCollectionMethod: Stigg cannot change the payment collection method of a subscription in place.",
        ANOTHER_PLAN,
    ]
    kept = ("planId", "billingPeriod", "entitlements", "priceOverrides")
    assert {name: new[name] for name in kept} == {name: sent(actions, before)[name] for name in kept}
    assert (new["addons"], current(actions)) == (MORE_SEATS, body["subscriptionId"])


def test_a_restoration_is_given_its_end(actions: Harness) -> None:
    """A restored subscription ends when the request says so: its earlier end is not known after a downgrade."""
    downgraded(actions, cancellationDate="2099-12-31")

    body = actions.ok(ACTION, renewal(restore=True, cancellationDate="2099-12-31"))

    assert body["cancellationDate"] == "2099-12-31T23:59:59Z"
    assert len(body["reasons"]) == 3


def test_a_restoration_is_repeated(actions: Harness) -> None:
    """Restored once, the same request is replayed, and a day later finds what it restored."""
    downgraded(actions, addons=SEATS)
    first = actions.ok(ACTION, renewal(restore=True))
    replayed = actions.ok(ACTION, renewal(restore=True))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, renewal(restore=True))

    assert replayed["replayed"]
    assert (again["outcome"], again["subscriptionId"]) == ("unchanged", first["subscriptionId"])


@pytest.mark.parametrize("dry_run", [False, True])
def test_nothing_to_restore_is_refused(actions: Harness, *, dry_run: bool) -> None:
    """A subscription that was not downgraded has nothing to restore, nor has one of Stigg's app."""
    sold(actions)
    elsewhere = sold_in_the_app(actions, planId="plan-workspace", resourceId="site-1")

    replies = [
        actions.post(ACTION, wish | {"restore": True, "dryRun": dry_run}) for wish in (renewal(), by_id(elsewhere))
    ]

    problem = {"field": "restore", "problem": "must be false, because the subscription was not downgraded"}
    assert [(reply.status, reply.body["details"]) for reply in replies] == [(400, [problem])] * 2
