"""get-subscription, in this process."""

from datetime import datetime
from typing import Any

import pytest

from stigg_actions.deps import Container
from stigg_actions.errors import InProgress
from tests.support.contexts import Context
from tests.support.crashes import CrashError, dying_container
from tests.support.days import in_days
from tests.support.faulty_dynamodb import Fault, FaultyDynamoDB, refused
from tests.support.harness import ORG, Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    RENEWAL_LINE,
    TO_BE_PAID,
    in_stigg,
    sold,
    sold_in_the_app,
    subscription,
)

ACTION = "get-subscription"
BY_RECORD = {"salesforceRecordId": LINE}
PROVISION = "create-subscription-with-return-data"
CUSTOMER = {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT}
RACE_LOST = refused("TransactionCanceledException", "ConditionalCheckFailed")


def events(body: dict[str, Any]) -> list[str]:
    """Return the events of an answered history, oldest first."""
    return [line["event"] for line in body["history"]]


def marks(body: dict[str, Any]) -> dict[str, str]:
    """Return the answered metadata as a map."""
    return {entry["key"]: entry["value"] for entry in body["subscription"]["metadata"]}


def of_the_app_for(actions: Harness, record_id: str, subscription_id: str = "sub-of-the-app", **terms: object) -> str:
    """Let somebody provision in Stigg's own app, with the marks of a record."""
    metadata = {"salesforceOrgId": ORG, "salesforceRecordId": record_id}
    return sold_in_the_app(actions, subscription_id, metadata=metadata, **terms)


def test_by_record(actions: Harness) -> None:
    """A record tells everything that Stigg shows of its subscription, its mapping and its history."""
    entitlements = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 80}]
    addons = [{"id": "addon-seats", "quantity": 3}]
    terms = {"addons": addons, "entitlements": entitlements, "paymentCollectionMethod": "INVOICE"}
    subscription_id = sold(actions, **terms, metadata={"tier": "gold"})
    actions.ok("cancel-subscription", {**BY_RECORD, "cancelWhen": "endOfBillingPeriod"})

    body = actions.ok(ACTION, {"salesforceRecordId": LINE[:15]})

    found, shown = in_stigg(actions, subscription_id), body["subscription"]
    assert (body["outcome"], body["replayed"]) == ("found", False)
    flat = {"customerId": "cust-acme", "subscriptionId": subscription_id, "status": "ACTIVE", "active": True}
    assert {name: body[name] for name in flat} == flat
    assert {name: shown[name] for name in flat} == flat
    assert (body["planId"], shown["planId"]) == ("plan-growth", "plan-growth")
    assert (shown["pricingType"], shown["paymentCollectionMethod"]) == ("PAID", "INVOICE")
    assert shown["billingPeriodEnd"][:19] == found["currentBillingPeriodEnd"][:19] == shown["cancellationDate"][:19]
    assert (shown["addons"], shown["entitlements"]) == (addons, [{"id": "feature-seats", "type": "FEATURE"}])
    assert marks(body).items() >= {"tier": "gold", "salesforceRecordId": LINE}.items()
    invoice = found["latestInvoice"]
    assert shown["latestInvoice"] == {
        "invoiceId": invoice["billingId"],
        "status": "OPEN",
        "amountDue": invoice["amountDue"],
        "currency": "usd",
        "pdfUrl": invoice["pdfUrl"],
    }
    assert body["mapping"] == {
        "salesforceOrgId": ORG,
        "salesforceRecordId": LINE,
        "customerId": "cust-acme",
        "subscriptionId": subscription_id,
        "planId": "plan-growth",
        "status": "ACTIVE",
        "cancellationDate": shown["cancellationDate"],
    }
    assert events(body) == ["created", "cancellationScheduled"]
    assert [line["changedOutside"] for line in body["history"]] == [False, False]
    assert {line["subscriptionId"] for line in body["history"]} == {subscription_id}
    assert body["history"][0]["operationKey"] == marks(body)["stiggActionsKey"]
    assert actions.writes_to_stigg() == [
        ("POST", "/api/v1/customers"),
        ("POST", "/api/v1/subscriptions"),
        ("POST", f"/api/v1/subscriptions/{subscription_id}/cancel"),
    ]


def test_scheduled_changes(actions: Harness) -> None:
    """What waits for its time is shown, with the plan that it leads to."""
    sold(actions)
    sold_in_the_app(actions, "sub-next", planId="plan-starter", startDate="2099-01-01T00:00:00Z")

    (change,) = actions.ok(ACTION, BY_RECORD)["subscription"]["scheduledChanges"]

    assert change == {
        "change": "DOWNGRADE",
        "status": "SCHEDULED",
        "takesEffectAt": "2099-01-01T00:00:00Z",
        "planId": "plan-starter",
    }


def test_what_is_to_follow(actions: Harness) -> None:
    """The mapping shows what runs, and the subscription that is to take its place, with its plan and its moment."""
    end = in_days(200)
    old = sold(actions, cancellationDate=end, resourceId="site-1")
    waiting = actions.ok("downgrade-subscription", {**BY_RECORD, "downgradeWhen": "endOfContract"})

    mapping = actions.ok(ACTION, BY_RECORD)["mapping"]

    assert mapping == {
        "salesforceOrgId": ORG,
        "salesforceRecordId": LINE,
        "customerId": "cust-acme",
        "subscriptionId": old,
        "planId": "plan-growth",
        "status": "ACTIVE",
        "cancellationDate": f"{end}T23:59:59Z",
        "resourceId": "site-1",
        "upcomingSubscriptionId": waiting["subscriptionId"],
        "upcomingPlanId": "plan-grace",
        "upcomingStartsAt": f"{end}T23:59:59Z",
    }


def test_what_awaits_payment_beside_it(actions: Harness) -> None:
    """The mapping shows the subscription that runs, and the payment page of the one that is to replace it."""
    old = sold(actions)
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    terms = {"planId": "plan-starter", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "CHARGE"}
    pending = actions.ok("renew-subscription", {**BY_RECORD, **terms, "checkoutOptions": page})

    mapping = actions.ok(ACTION, BY_RECORD)["mapping"]

    assert (mapping["subscriptionId"], mapping["status"]) == (old, "ACTIVE")
    assert (mapping["pendingSubscriptionId"], mapping["pendingCheckoutUrl"]) == (
        pending["subscriptionId"],
        pending["checkoutUrl"],
    )


def test_a_line_of_history(actions: Harness) -> None:
    """A line tells when, what, which subscription took which one's place, on which other record, by which operation."""
    old = sold(actions)
    renewed = actions.ok(
        "renew-subscription", {**BY_RECORD, "newSalesforceRecordId": OTHER_LINE, "planId": "plan-starter"}
    )

    (new_line,) = actions.ok(ACTION, {"salesforceRecordId": OTHER_LINE})["history"]

    assert datetime.fromisoformat(new_line.pop("at")).timestamp() == pytest.approx(actions.clock.now(), abs=60)
    assert new_line.pop("operationKey").startswith("renew-")
    assert new_line == {
        "event": "renewed",
        "changedOutside": False,
        "subscriptionId": renewed["subscriptionId"],
        "replacedSubscriptionId": old,
        "otherSalesforceRecordId": LINE,
    }


def test_by_id(actions: Harness) -> None:
    """A subscription id tells the same as its record."""
    subscription_id = sold(actions)
    by_record = actions.ok(ACTION, BY_RECORD | {"correlationId": "c-1"})

    assert actions.ok(ACTION, {"subscriptionId": subscription_id, "correlationId": "c-1"}) == by_record


def test_of_the_app(actions: Harness) -> None:
    """A subscription that belongs to no record has neither mapping nor history."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, {"subscriptionId": subscription_id})

    assert (body["outcome"], body["subscriptionId"], body["history"]) == ("found", subscription_id, [])
    assert "mapping" not in body
    assert "latestInvoice" not in body["subscription"]


def test_of_another_org(actions: Harness) -> None:
    """The marks of an org that was not asked for, or of no record at all, map nothing."""
    metadata = {"salesforceOrgId": "00D000000000002EAA", "salesforceRecordId": LINE}
    sold_in_the_app(actions, metadata=metadata)
    of_the_app_for(actions, "no record", "sub-2", planId="plan-workspace", resourceId="w")

    bodies = [actions.ok(ACTION, {"subscriptionId": name}) for name in ("sub-of-the-app", "sub-2")]

    assert [body["outcome"] for body in bodies] == ["found", "found"]
    assert actions.mapping(LINE) is None


def test_an_ended_subscription_of_a_renewed_record(actions: Harness) -> None:
    """An earlier subscription of a record comes with the record's present mapping."""
    old = sold(actions, planId="plan-starter")
    new = sold(actions)

    body = actions.ok(ACTION, {"subscriptionId": old})

    assert (body["status"], body["active"]) == ("CANCELED", False)
    assert body["subscription"]["cancelReason"] == "UPGRADE_OR_DOWNGRADE"
    assert "endDate" in body["subscription"]
    assert (body["mapping"]["subscriptionId"], events(body)) == (new, ["created", "replaced"])
    assert body["history"][1]["replacedSubscriptionId"] == old


def test_awaiting_payment(actions: Harness) -> None:
    """A record whose only subscription awaits payment has a mapping and no subscription; once paid it has both."""
    pending = sold(actions, **TO_BE_PAID)

    before = actions.ok(ACTION, BY_RECORD)
    actions.emulator.checkout(pending)
    after = actions.ok(ACTION, BY_RECORD)

    assert (before["outcome"], before["subscriptionId"], before["customerId"]) == ("found", pending, "cust-acme")
    assert (before["status"], before["active"], before["planId"]) == ("PAYMENT_REQUIRED", False, "plan-growth")
    assert "subscription" not in before
    assert before["mapping"]["pendingSubscriptionId"] == pending
    assert before["mapping"]["pendingCheckoutUrl"].startswith("http")
    assert "subscriptionId" not in before["mapping"]
    assert events(before) == ["paymentRequired"]
    assert (after["status"], after["active"], after["subscription"]["subscriptionId"]) == ("ACTIVE", True, pending)


def test_current_and_awaiting_payment(actions: Harness) -> None:
    """While a replacement awaits payment, the subscription is the one that runs, and the mapping shows both."""
    current = sold(actions, planId="plan-starter")
    pending = sold(actions, **TO_BE_PAID)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["subscriptionId"], body["mapping"]["subscriptionId"]) == (current, current)
    assert body["mapping"]["pendingSubscriptionId"] == pending


def test_replaced_by_another_line(actions: Harness) -> None:
    """A record whose subscription another line has taken over is not found, and both are named."""
    old = sold(actions)
    new = sold(actions, salesforceRecordId=RENEWAL_LINE)

    reply = actions.post(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert (
        f"{LINE} of org {ORG} no longer has a subscription: subscription {new} replaced {old}."
        in reply.body["errorMessage"]
    )


def test_replaced_without_history(actions: Harness) -> None:
    """Where the history does not tell what took its place, that much is said."""
    sold(actions)
    sold(actions, salesforceRecordId=RENEWAL_LINE)
    for item in actions.tables.items(actions.tables.mappings):
        if item["sk"]["S"].startswith("history#"):
            key = {name: item[name] for name in ("pk", "sk")}
            actions.tables.client.delete_item(TableName=actions.tables.mappings, Key=key)

    reply = actions.post(ACTION, BY_RECORD)

    assert "no longer has a subscription: another subscription replaced it." in reply.body["errorMessage"]


def test_long_history(actions: Harness) -> None:
    """Of a long history the latest hundred lines are told, oldest first."""
    sold(actions)
    for number in range(120):
        line = {
            "pk": f"record#{ORG}#{LINE}",
            "sk": f"history#2020-01-01T00:{number // 60:02}:{number % 60:02}.000Z#key#canceled",
            "org_id": ORG,
            "record_id": LINE,
            "at": f"2020-01-01T00:{number // 60:02}:{number % 60:02}.000Z",
            "event": "canceled",
            "subscription_id": f"sub-{number}",
            "operation_key": "key",
        }
        item = {name: {"S": value} for name, value in line.items()}
        actions.tables.client.put_item(TableName=actions.tables.mappings, Item=item)

    history = actions.ok(ACTION, BY_RECORD)["history"]

    assert [line["subscriptionId"] for line in history[:2]] == ["sub-21", "sub-22"]
    assert (len(history), history[-1]["event"]) == (100, "created")


def test_subscription_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer has is not found, by its name."""
    subscription_id = sold(actions)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    reply = actions.post(ACTION, BY_RECORD)

    assert reply.status == 404
    assert subscription_id in reply.body["errorMessage"]


@pytest.mark.parametrize("narrowed", [{}, {"customerId": "cust-acme"}, {"salesforceAccountId": ACCOUNT}])
@pytest.mark.parametrize("lost", ["", "record"])
def test_a_lost_record_is_mapped_again(actions: Harness, lost: str, narrowed: dict[str, str]) -> None:
    """A record whose mapping is lost is mapped to the subscription that bears its marks, and goes on as before."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="w")
    actions.tables.lose_mappings(lost)

    body = actions.ok(ACTION, BY_RECORD | narrowed)
    again = actions.ok(ACTION, BY_RECORD | narrowed)

    assert (body["outcome"], again["outcome"]) == ("repaired", "found")
    assert body["mapping"] == again["mapping"]
    assert body["mapping"]["subscriptionId"] == subscription_id
    assert events(body)[-1] == "repaired"
    assert actions.live("cust-acme") == [subscription_id]
    new = actions.ok(PROVISION, subscription(planId="plan-starter"))
    assert (new["outcome"], new["replacedSubscriptionId"]) == ("replaced", subscription_id)
    assert actions.history(LINE)[-2:] == ["repaired", "replaced"]


def test_a_repeat_after_a_repair(actions: Harness) -> None:
    """Once the record is mapped again, repeating what it was provisioned with finds it so, and provisions nothing."""
    subscription_id = sold(actions)
    actions.tables.lose_mappings()
    actions.ok(ACTION, BY_RECORD)

    body = actions.ok(PROVISION, subscription(customerName="Acme"))

    assert (body["outcome"], body["subscriptionId"]) == ("unchanged", subscription_id)
    assert len(actions.emulator.state()["subscriptions"]) == 1


def test_a_subscription_of_another_record(actions: Harness) -> None:
    """A subscription that belongs to a record here is not taken from it for what somebody wrote into its metadata."""
    subscription_id = sold(actions)
    stolen = {"metadata": {"salesforceOrgId": ORG, "salesforceRecordId": OTHER_LINE}}
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", stolen)

    reply = actions.post(ACTION, {"salesforceRecordId": OTHER_LINE})

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert (
        "has no subscription: the subscription that names it in Stigg is mapped to another record."
        in reply.body["errorMessage"]
    )
    assert actions.ok(ACTION, {"subscriptionId": subscription_id})["mapping"]["salesforceRecordId"] == LINE


def test_lost_twice(actions: Harness) -> None:
    """A record that was mapped again, and is lost again, is mapped once more."""
    subscription_id = sold(actions)
    for lost in ("", "record"):
        actions.tables.lose_mappings(lost)

        body = actions.ok(ACTION, BY_RECORD)

        assert (body["outcome"], body["mapping"]["subscriptionId"]) == ("repaired", subscription_id)
        assert events(body) == ["repaired"]


def test_an_unlinked_account_narrows_nothing(actions: Harness) -> None:
    """With an account that no customer is linked to, everybody's live subscriptions are searched."""
    sold(actions)
    actions.tables.lose_mappings()

    assert actions.ok(ACTION, BY_RECORD | {"salesforceAccountId": OTHER_ACCOUNT})["outcome"] == "repaired"


@pytest.mark.parametrize("lost", ["", "subscription", "record"])
def test_a_lost_subscription_is_mapped_again(actions: Harness, lost: str) -> None:
    """By its id, whichever part of its mapping is lost is restored from its marks; what is known of it stays."""
    subscription_id = sold(actions)
    actions.tables.lose_mappings(lost)

    body = actions.ok(ACTION, {"subscriptionId": subscription_id})

    assert (body["outcome"], body["mapping"]["subscriptionId"]) == ("repaired", subscription_id)
    assert ("billingPeriod" in actions.terms(subscription_id)) is (lost == "record")
    assert actions.ok(ACTION, {"subscriptionId": subscription_id})["outcome"] == "found"


def test_known_but_not_by_its_record(actions: Harness) -> None:
    """A subscription that became known here by its id alone is given its record, and keeps what was known of it."""
    subscription_id = of_the_app_for(actions, LINE)
    actions.ok("set-subscription-metadata", {"subscriptionId": subscription_id, "metadata": {"tier": "gold"}})

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], body["mapping"]["subscriptionId"]) == ("repaired", subscription_id)
    assert body["history"][0]["operationKey"] == "repair"
    assert actions.ok(ACTION, {"subscriptionId": subscription_id})["mapping"] == body["mapping"]


def test_the_record_has_another_one(actions: Harness) -> None:
    """A subscription with the marks of a record that has another one changes nothing."""
    subscription_id = sold(actions)
    stranger = of_the_app_for(actions, LINE, planId="plan-workspace", resourceId="w")

    body = actions.ok(ACTION, {"subscriptionId": stranger})

    assert (body["outcome"], body["mapping"]["subscriptionId"]) == ("found", subscription_id)
    assert actions.history(LINE) == ["created"]


def test_an_ended_one_is_mapped_too(actions: Harness) -> None:
    """Without a live subscription the newest of the customer's ended ones is the record's; it does not come alive."""
    for number in range(2):
        of_the_app_for(actions, LINE, f"sub-{number}", resourceId="w", planId="plan-workspace")
        actions.stigg_app("POST", f"/api/v1/subscriptions/sub-{number}/cancel", {"cancellationTime": "IMMEDIATE"})
        actions.emulator.advance(60)

    nowhere = actions.post(ACTION, BY_RECORD)
    body = actions.ok(ACTION, BY_RECORD | {"customerId": "cust-acme"})

    assert (nowhere.status, nowhere.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert (body["outcome"], body["subscriptionId"], body["status"]) == ("repaired", "sub-1", "CANCELED")
    assert actions.live("cust-acme", "w") == []


def test_live_before_newest(actions: Harness) -> None:
    """A live subscription of the record goes before a newer one that has ended."""
    of_the_app_for(actions, LINE, "sub-live", resourceId="w", planId="plan-workspace")
    actions.emulator.advance(60)
    of_the_app_for(actions, LINE, "sub-newer", resourceId="x", planId="plan-workspace")
    actions.stigg_app("POST", "/api/v1/subscriptions/sub-newer/cancel", {"cancellationTime": "IMMEDIATE"})

    assert actions.ok(ACTION, BY_RECORD | {"customerId": "cust-acme"})["subscriptionId"] == "sub-live"


def test_a_replaced_one_is_not_mapped(actions: Harness) -> None:
    """A record whose last subscription was replaced has none any more, mapping or not; by its id it can be seen."""
    old = sold(actions)
    sold(actions, salesforceRecordId=RENEWAL_LINE)
    actions.tables.lose_mappings()

    reply = actions.post(ACTION, BY_RECORD | {"customerId": "cust-acme"})
    body = actions.ok(ACTION, {"subscriptionId": old})

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert f"no longer has a subscription: another subscription replaced {old}." in reply.body["errorMessage"]
    assert (body["outcome"], "mapping" in body) == ("found", False)
    assert actions.mapping(LINE) is None


@pytest.mark.parametrize(
    ("narrowed", "whose", "remedy"),
    [
        (
            {},
            "no live subscription in Stigg",
            "Give customerId to search all subscriptions of a customer, or give subscriptionId",
        ),
        ({"customerId": "cust-acme"}, "no subscription of customer cust-acme in Stigg", "Give subscriptionId"),
        ({"salesforceAccountId": ACCOUNT}, "no subscription of customer cust-acme in Stigg", "Give subscriptionId"),
    ],
)
def test_nowhere(actions: Harness, narrowed: dict[str, str], whose: str, remedy: str) -> None:
    """A record without a subscription is told what was looked up, where, and what to do."""
    actions.ok("create-customer", CUSTOMER)

    reply = actions.post(ACTION, BY_RECORD | narrowed)

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (404, "MAPPING_NOT_FOUND", False)
    assert reply.body["errorMessage"] == (
        f"MAPPING_NOT_FOUND: In the development environment the Salesforce record {LINE} of org {ORG} has no "
        f"subscription: it has no mapping, and {whose} names it. {remedy}, or provision for the "
        "record."
    )


@pytest.mark.parametrize("narrowed", [{}, {"customerId": "cust-acme"}])
def test_a_search_that_is_cut_off(actions: Harness, narrowed: dict[str, str]) -> None:
    """A search ends after five pages, and says so."""
    strangers = [in_stigg(actions, sold_in_the_app(actions))] * 2
    for number in range(5):
        page = {"data": strangers, "pagination": {"next": f"more-{number}", "prev": None}}
        actions.emulator.fault("GET", "/subscriptions$", "status", {"status": 200, "body": page}, times=1)
    before = len(actions.emulator.state()["calls"])

    reply = actions.post(ACTION, BY_RECORD | narrowed)

    assert len(actions.emulator.state()["calls"]) == before + 5
    assert reply.status == 404
    assert "among the first 10, after which the search stopped." in reply.body["errorMessage"]


def test_ten_repairs_at_once(actions: Harness) -> None:
    """However many look at the same moment, the record is mapped again once."""
    sold(actions)
    actions.tables.lose_mappings()

    replies = actions.at_once(*[(ACTION, BY_RECORD)] * 10)

    assert {reply.status for reply in replies} == {200}
    assert sum(reply.body["outcome"] == "repaired" for reply in replies) == 1
    assert actions.history(LINE) == ["repaired"]


def test_a_lost_race_is_run_again(actions: Harness) -> None:
    """A repair that somebody else's write came before reads again and writes on what stands then."""
    sold(actions)
    actions.tables.lose_mappings()
    container = actions.container(dynamodb=FaultyDynamoDB(actions.tables.client, transact_write_items=[RACE_LOST]))

    reply = actions.post(ACTION, BY_RECORD, container)

    assert (reply.status, reply.body["outcome"]) == (200, "repaired")
    assert actions.history(LINE) == ["repaired"]


def test_a_repair_that_is_always_overtaken(actions: Harness) -> None:
    """A repair that never finds a quiet moment gives up in time, and can be tried again."""
    sold(actions)
    actions.tables.lose_mappings()
    faults: list[Fault | None] = [RACE_LOST] * 100
    actions.warm = actions.container(dynamodb=FaultyDynamoDB(actions.tables.client, transact_write_items=faults))

    with pytest.raises(InProgress):
        actions.invoke(ACTION, BY_RECORD, Context(12))


def test_a_repair_beside_a_write(actions: Harness) -> None:
    """A provisioning that was killed before it could be recorded is mapped by a look, and by its repeat once more."""
    with pytest.raises(CrashError):
        actions.post(PROVISION, subscription(customerName="Acme"), dying_after_provisioning(actions))

    looked = actions.ok(ACTION, BY_RECORD)
    actions.clock.skip(11)
    body = actions.ok(PROVISION, subscription(customerName="Acme"))

    assert (looked["outcome"], body["outcome"]) == ("repaired", "created")
    assert looked["subscriptionId"] == body["subscriptionId"]
    assert actions.history(LINE) == ["repaired", "created"]
    assert "billingPeriod" in actions.terms(body["subscriptionId"])
    assert actions.live("cust-acme") == [body["subscriptionId"]]


def dying_after_provisioning(actions: Harness) -> Container:
    """Return a container whose process dies once Stigg has provisioned."""
    return dying_container(actions, "POST .*/subscriptions$", after=True)
