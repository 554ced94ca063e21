"""adopt-subscription, in this process: subscriptions that were not made here get a record, and nothing else changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.deals import APP, deal, of, plan
from tests.support.harness import Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    current,
    grant,
    in_stigg,
    mapped_status,
    sold,
    sold_in_the_app,
    subscription,
    upcoming,
)

ACTION = "adopt-subscription"
APPS = "sub-of-the-app"
ADOPT = {"subscriptionId": APPS, "salesforceRecordId": LINE, "salesforceAccountId": ACCOUNT}
BY_RECORD = {"salesforceRecordId": LINE}
SEATS = [{"id": "addon-seats", "quantity": 3}]
PATCH = "PATCH .*/subscriptions/"
OLD = "2020-01-01T00:00:00Z"


def without_metadata(actions: Harness, subscription_id: str = APPS) -> dict[str, Any]:
    """Return a subscription as Stigg has it, without its metadata and the record of what was sent."""
    found = in_stigg(actions, subscription_id)
    return {name: value for name, value in found.items() if name not in {"metadata", "sent"}}


def patches(actions: Harness) -> int:
    """How often a subscription was changed in Stigg."""
    return sum(method == "PATCH" for method, path in actions.writes_to_stigg() if "/subscriptions/" in path)


def test_adopted(actions: Harness) -> None:
    """A subscription of Stigg's own app gets its record: mapping, list, account and history; metadata alone change."""
    sold_in_the_app(actions, metadata={"tier": "gold"})
    before = without_metadata(actions)

    body = actions.ok(ACTION, ADOPT)

    metadata = in_stigg(actions, APPS)["metadata"]
    assert (body["outcome"], body["subscriptionId"], body["customerId"]) == ("adopted", APPS, "cust-acme")
    assert without_metadata(actions) == before
    assert metadata["tier"] == "gold"
    assert (metadata["salesforceRecordId"], metadata["salesforceAccountId"]) == (LINE, ACCOUNT)
    assert (current(actions, LINE), mapped_status(actions, LINE)) == (APPS, "ACTIVE")
    assert (actions.live("cust-acme"), actions.history(LINE)) == ([APPS], ["adopted"])
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNT})["customerId"] == "cust-acme"
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_what_is_sent(actions: Harness) -> None:
    """The metadata are sent as the SDK types them, and nothing else is."""
    sold_in_the_app(actions)
    sent: list[dict[str, Any]] = []

    actions.post(ACTION, ADOPT, listening_container(actions, PATCH, sent))

    assert [list(body) for body in sent] == [["metadata"]]
    assert body_problems(SubscriptionUpdateParams, sent[0]) == []


@pytest.mark.parametrize(
    ("action", "change", "outcome"),
    [
        ("update-subscription", {"addons": SEATS}, "updated"),
        ("renew-subscription", {"addons": SEATS}, "updated"),
        ("renew-subscription", {"planId": "plan-starter"}, "replaced"),
        ("reschedule-cancellation", {"cancellationDate": "2099-12-31"}, "updated"),
        ("set-subscription-metadata", {"metadata": {"tier": "gold"}}, "updated"),
        ("downgrade-subscription", {}, "replaced"),
        ("transfer-subscription", {"destinationResourceId": "site-2"}, "updated"),
        ("cancel-subscription", {"cancelWhen": "now"}, "canceled"),
        ("get-subscription", {}, "found"),
    ],
)
def test_other_actions_afterwards(actions: Harness, action: str, change: dict[str, Any], outcome: str) -> None:
    """Every action works on the record as if the subscription had been sold here."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT)

    body = actions.ok(action, BY_RECORD | change)

    assert body["outcome"] == outcome
    live = actions.live("cust-acme", body.get("resourceId"))
    assert live == ([] if action == "cancel-subscription" else [current(actions, LINE)])


def test_the_deal_afterwards(actions: Harness) -> None:
    """An opportunity whose line was adopted changes the subscription, and sells no other one."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT | {"salesforceRecordId": APP})

    body = actions.ok("provision-opportunity", deal(plan(), customerId="cust-acme", endDate="2099-12-31"))

    assert of(body, APP)["subscriptionId"] == APPS
    assert [one["id"] for one in actions.emulator.state()["subscriptions"]] == [APPS]


@pytest.mark.parametrize("name", [{}, {"customerId": "cust-acme"}])
def test_without_an_account(actions: Harness, name: dict[str, Any]) -> None:
    """Without an account, none is linked and none is marked."""
    sold_in_the_app(actions)

    body = actions.ok(ACTION, {"subscriptionId": APPS, "salesforceRecordId": LINE, **name})

    assert body["outcome"] == "adopted"
    assert "salesforceAccountId" not in in_stigg(actions, APPS)["metadata"]
    assert actions.post("get-customer", {"salesforceAccountId": ACCOUNT}).body["errorCode"] == "CUSTOMER_NOT_FOUND"


def test_once(actions: Harness) -> None:
    """The same request again is answered again; in another form it is unchanged; nothing is sent twice."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT)

    again = actions.ok(ACTION, ADOPT)
    other = actions.ok(ACTION, ADOPT | {"customerId": "cust-acme"})

    assert (again["outcome"], again["replayed"]) == ("adopted", True)
    assert (other["outcome"], other["replayed"]) == ("unchanged", False)
    assert (patches(actions), actions.history(LINE)) == (1, ["adopted"])


def test_of_a_record_that_has_it(actions: Harness) -> None:
    """A subscription that was sold here for the record is unchanged."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)

    body = actions.ok(ACTION, ADOPT | {"subscriptionId": subscription_id})

    assert (body["outcome"], patches(actions), actions.history(LINE)) == ("unchanged", 0, ["created"])


def test_a_lost_mapping(actions: Harness) -> None:
    """A subscription that was sold here is adopted again after its mapping was lost, without a change in Stigg."""
    subscription_id = sold(actions, salesforceAccountId=ACCOUNT)
    actions.tables.lose_mappings()

    body = actions.ok(ACTION, ADOPT | {"subscriptionId": subscription_id})

    assert (body["outcome"], patches(actions), current(actions, LINE)) == ("adopted", 0, subscription_id)


def test_terms_that_are_known(actions: Harness) -> None:
    """What is known of a subscription's terms is kept when it is adopted for another record."""
    sso = [{"type": "FEATURE", "id": "feature-sso"}]
    subscription_id = sold(actions, entitlements=sso)
    wanted = {"subscriptionId": subscription_id, "salesforceRecordId": OTHER_LINE, "replaceMapping": True}

    actions.ok(ACTION, wanted)
    body = actions.ok("update-subscription", {"salesforceRecordId": OTHER_LINE, "entitlements": sso})

    assert body["outcome"] == "unchanged"


def test_a_downgrade_that_waits(actions: Harness) -> None:
    """What is scheduled in Stigg stays scheduled, and the answer shows it."""
    sold_in_the_app(actions)
    later = {"billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{APPS}", later)
    before = without_metadata(actions)

    body = actions.ok(ACTION, ADOPT)

    assert [change["change"] for change in body["scheduledChanges"]] == ["BILLING_PERIOD"]
    assert without_metadata(actions) == before


@pytest.mark.parametrize("runs_before", [False, True])
def test_a_scheduled_subscription(actions: Harness, *, runs_before: bool) -> None:
    """A subscription that starts later follows the one that the record has, or is the record's own until then."""
    if runs_before:
        sold_in_the_app(actions)
        actions.ok(ACTION, ADOPT)
    start = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    ahead = sold_in_the_app(actions, "sub-ahead", planId="plan-starter", startDate=start)

    body = actions.ok(ACTION, ADOPT | {"subscriptionId": ahead})

    assert (body["outcome"], body["status"]) == ("adopted", "NOT_STARTED")
    assert (current(actions, LINE), upcoming(actions)) == ((APPS, ahead) if runs_before else (ahead, None))
    assert actions.ok(ACTION, ADOPT | {"subscriptionId": ahead})["replayed"] is True


def test_a_record_with_another_subscription(actions: Harness) -> None:
    """A record that has another live subscription is refused with both named; asked to, it changes hands."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    refused = actions.post(ACTION, ADOPT)

    body = actions.ok(ACTION, ADOPT | {"replaceMapping": True})

    assert (refused.status, refused.body["errorCode"]) == (409, "RECORD_IN_USE")
    assert own in refused.body["errorMessage"]
    assert APPS in refused.body["errorMessage"]
    assert "replaceMapping true" in refused.body["errorMessage"]
    assert (body["outcome"], body["releasedSubscriptionId"], current(actions, LINE)) == ("adopted", own, APPS)
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([own], [APPS])
    assert actions.history(LINE) == ["created", "adopted"]
    assert in_stigg(actions, own)["status"] == "ACTIVE"
    reconciled = actions.invoke("reconcile", {"rebuild": True, "customerId": "cust-acme"})
    assert (reconciled["mended"], current(actions, LINE)) == ([], APPS)
    assert actions.ok("update-subscription", {"subscriptionId": own, "addons": SEATS})["outcome"] == "updated"
    assert actions.ok(ACTION, {"subscriptionId": own, "salesforceRecordId": OTHER_LINE})["outcome"] == "adopted"


def test_a_released_subscription_is_not_given_back(actions: Harness) -> None:
    """A record whose mapping is lost gets its own back, and not what it has released, which still names it in Stigg."""
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    own = sold(actions)
    actions.ok(ACTION, ADOPT | {"replaceMapping": True})
    key = {"pk": {"S": f"record#00D000000000001EAA#{LINE}"}, "sk": {"S": "record"}}
    actions.tables.client.delete_item(TableName=actions.tables.mappings, Key=key)

    body = actions.ok("get-subscription", BY_RECORD)

    assert (body["subscriptionId"], current(actions, LINE)) == (APPS, APPS)
    assert in_stigg(actions, own)["metadata"]["salesforceRecordId"] == LINE


def test_a_released_subscription_that_is_alone(actions: Harness) -> None:
    """A record whose own subscription is gone from Stigg is not given what it has released, either."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    actions.ok(ACTION, ADOPT | {"replaceMapping": True})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{APPS}", {"metadata": {}})
    key = {"pk": {"S": f"record#00D000000000001EAA#{LINE}"}, "sk": {"S": "record"}}
    actions.tables.client.delete_item(TableName=actions.tables.mappings, Key=key)

    reply = actions.post("get-subscription", BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert in_stigg(actions, own)["status"] == "ACTIVE"


def test_a_released_subscription_on_the_same_resource(actions: Harness) -> None:
    """A released subscription of another product on the same resource stays on the list, without a record."""
    own = sold(actions, resourceId="desk")
    sold_in_the_app(actions, planId="plan-workspace", resourceId="desk")

    actions.ok(ACTION, ADOPT | {"replaceMapping": True})

    assert sorted(actions.live("cust-acme", "desk")) == sorted([own, APPS])


def test_a_released_subscription_that_ends(actions: Harness) -> None:
    """Once a released subscription has ended in the app, the reconciliation takes it off its customer's list, once."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    actions.ok(ACTION, ADOPT | {"replaceMapping": True})
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{own}/cancel", {"cancellationTime": "IMMEDIATE"})

    (mended,) = actions.invoke("reconcile", {})["mended"]

    assert (mended["subscriptionId"], mended["problem"], mended["mended"]) == (own, "unlisted", True)
    assert (actions.live("cust-acme"), actions.live("cust-acme", "desk")) == ([], [APPS])
    assert (actions.invoke("reconcile", {})["mended"], current(actions, LINE)) == ([], APPS)


def test_a_released_subscription_without_a_state(actions: Harness) -> None:
    """A released subscription of which the tables know the record alone is given no record again, either."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    key = {"pk": {"S": f"subscription#{own}"}, "sk": {"S": "subscription"}}
    actions.tables.client.delete_item(TableName=actions.tables.mappings, Key=key)

    actions.ok(ACTION, ADOPT | {"replaceMapping": True})
    reconciled = actions.invoke("reconcile", {"rebuild": True, "customerId": "cust-acme"})

    assert (reconciled["mended"], current(actions, LINE)) == ([], APPS)


def test_a_released_subscription_that_is_not_listed(actions: Harness) -> None:
    """A released subscription that the lists do not have changes no list."""
    own = sold(actions)
    sold_in_the_app(actions, planId="plan-workspace", resourceId="desk")
    key = {"pk": {"S": "customer#cust-acme"}, "sk": {"S": "resource#"}}
    actions.tables.client.delete_item(TableName=actions.tables.mappings, Key=key)

    body = actions.ok(ACTION, ADOPT | {"replaceMapping": True})

    assert (body["releasedSubscriptionId"], actions.live("cust-acme", "desk")) == (own, [APPS])


@pytest.mark.parametrize("ended", ["here", "in the app"])
def test_a_record_whose_subscription_has_ended(actions: Harness, ended: str) -> None:
    """A record whose own subscription has ended takes another one without being asked twice."""
    own = sold(actions)
    if ended == "here":
        actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})
    else:
        path = f"/api/v1/subscriptions/{own}/cancel"
        actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
    sold_in_the_app(actions)

    body = actions.ok(ACTION, ADOPT)

    assert (body["outcome"], "releasedSubscriptionId" in body, current(actions, LINE)) == ("adopted", False, APPS)
    assert actions.live("cust-acme") == [APPS]


@pytest.mark.parametrize("place", [{}, {"planId": "plan-workspace", "resourceId": "site-1"}], ids=["same", "another"])
def test_a_record_whose_subscription_was_replaced_in_the_app(actions: Harness, place: dict[str, str]) -> None:
    """The customer's list drops what the app has ended, so that no later write takes it for the one that runs."""
    own = sold(actions, **place)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{own}/cancel", {"cancellationTime": "IMMEDIATE"})
    sold_in_the_app(actions)

    actions.ok(ACTION, ADOPT)
    renewed = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter"))

    assert (actions.live("cust-acme", "site-1"), actions.live("cust-acme")) == ([], [renewed["subscriptionId"]])
    assert renewed["replacedSubscriptionId"] == APPS
    assert actions.invoke("reconcile", {})["mended"] == []


def test_a_subscription_of_another_record(actions: Harness) -> None:
    """A subscription that belongs to another record is refused with both named; asked to, it moves, with history."""
    own = sold(actions)
    wanted = {"subscriptionId": own, "salesforceRecordId": OTHER_LINE}
    refused = actions.post(ACTION, wanted)

    body = actions.ok(ACTION, wanted | {"replaceMapping": True})

    assert (refused.status, refused.body["errorCode"]) == (409, "RECORD_IN_USE")
    assert f"belongs to the Salesforce record {LINE}" in refused.body["errorMessage"]
    assert (body["previousRecordId"], current(actions, OTHER_LINE)) == (LINE, own)
    assert (actions.history(LINE), actions.history(OTHER_LINE)) == (["created", "moved"], ["adopted"])
    assert actions.post("update-subscription", BY_RECORD | {"addons": SEATS}).body["errorCode"] == "MAPPING_NOT_FOUND"
    assert actions.live("cust-acme") == [own]


@pytest.mark.parametrize("linked", [True, False])
def test_another_customers(actions: Harness, *, linked: bool) -> None:
    """An account, a record or a customer that does not fit the subscription is refused with the customers named."""
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex", "salesforceAccountId": OTHER_ACCOUNT})
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    sold_in_the_app(actions)
    wanted = ADOPT | ({"salesforceAccountId": OTHER_ACCOUNT} if linked else {"customerId": "cust-globex"})

    reply = actions.post(ACTION, wanted)

    assert (reply.status, reply.body["errorCode"], patches(actions)) == (409, "CUSTOMER_MISMATCH", 0)
    assert "cust-acme" in reply.body["errorMessage"]


def test_a_record_of_another_customer(actions: Harness) -> None:
    """A record whose live subscription is another customer's is not taken from it, even if it may be replaced."""
    sold(actions)
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    others = sold_in_the_app(actions, "sub-globex", customerId="cust-globex")

    reply = actions.post(ACTION, {"subscriptionId": others, "salesforceRecordId": LINE, "replaceMapping": True})

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")


def test_an_ended_subscription(actions: Harness) -> None:
    """A subscription that has ended is not adopted, and the error says so."""
    sold_in_the_app(actions)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{APPS}/cancel", {"cancellationTime": "IMMEDIATE"})

    reply = actions.post(ACTION, ADOPT)

    (problem,) = reply.body["details"]
    assert (reply.status, problem["field"]) == (400, "subscriptionId")
    assert "which is CANCELED" in problem["problem"]


def test_an_unknown_subscription(actions: Harness) -> None:
    """A subscription that Stigg does not have is refused, and no operation is left behind."""
    reply = actions.post(ACTION, ADOPT)

    assert (reply.status, reply.body["errorCode"], actions.intents()) == (404, "SUBSCRIPTION_NOT_FOUND", [])


def test_a_dry_run(actions: Harness) -> None:
    """A dry run says what would be adopted and released, refuses what would be refused, and writes nothing."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    before = len(actions.writes_to_stigg()), actions.tables.items(actions.tables.mappings)
    wanted = ADOPT | {"dryRun": True}

    refused = actions.post(ACTION, wanted)
    body = actions.ok(ACTION, wanted | {"replaceMapping": True})

    assert (refused.status, refused.body["errorCode"]) == (409, "RECORD_IN_USE")
    assert (body["outcome"], body["releasedSubscriptionId"]) == ("dryRun", own)
    assert (len(actions.writes_to_stigg()), actions.tables.items(actions.tables.mappings)) == before
    actions.ok(ACTION, ADOPT | {"replaceMapping": True})
    assert actions.ok(ACTION, wanted)["outcome"] == "unchanged"
    assert actions.ok(ACTION, wanted | {"asOf": OLD})["outcome"] == "superseded"


def test_an_older_request(actions: Harness) -> None:
    """A request from older data than the record's latest change is superseded, with what the record has now."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")

    body = actions.ok(ACTION, ADOPT | {"asOf": OLD, "replaceMapping": True})

    assert (body["outcome"], body["subscriptionId"], patches(actions)) == ("superseded", own, 0)


def test_an_older_request_for_a_record_that_has_none_now(actions: Harness) -> None:
    """If the record has lost its subscription by a newer change, the answer shows the one that the request names."""
    own = sold(actions)
    wanted = {"subscriptionId": own, "salesforceRecordId": OTHER_LINE, "replaceMapping": True}
    actions.ok(ACTION, wanted)

    body = actions.ok(ACTION, ADOPT | {"subscriptionId": own, "asOf": OLD, "replaceMapping": True})

    assert (body["outcome"], body["subscriptionId"], current(actions, OTHER_LINE)) == ("superseded", own, own)


def test_metadata_that_are_not_shown(actions: Harness) -> None:
    """If Stigg accepts the metadata but does not show them, the outcome is unknown; the repeat finds out."""
    sold_in_the_app(actions)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, APPS)}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", accepted, times=1)

    unknown = actions.post(ACTION, ADOPT)
    body = actions.ok(ACTION, ADOPT)

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], current(actions, LINE)) == ("adopted", APPS)


def test_a_lost_answer(actions: Harness) -> None:
    """A lost answer is found by reading, within the same call."""
    sold_in_the_app(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "cutAfter", times=1)

    assert actions.ok(ACTION, ADOPT)["outcome"] == "adopted"
    assert (current(actions, LINE), actions.history(LINE)) == (APPS, ["adopted"])


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed before or after the first call to Stigg, the repeat ends with one adoption, recorded once."""
    own = sold(actions)
    sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")
    wanted = ADOPT | {"replaceMapping": True}
    crashes.crash(actions, ACTION, wanted, PATCH, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, wanted)

    assert (body["outcome"], body["replayed"], body["releasedSubscriptionId"]) == ("adopted", False, own)
    assert (patches(actions), actions.history(LINE)) == (1, ["created", "adopted"])


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds the adoption of a killed process, and records it."""
    sold_in_the_app(actions)
    crashes.crash(actions, ACTION, ADOPT, PATCH, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert (current(actions, LINE), actions.history(LINE)) == (APPS, ["adopted"])


def test_one_that_ends_before_it_is_recorded(actions: Harness) -> None:
    """A subscription that a killed process adopted and that has ended since is not mapped."""
    sold_in_the_app(actions)
    crashes.crash(actions, ACTION, ADOPT, PATCH, after=True)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{APPS}/cancel", {"cancellationTime": "IMMEDIATE"})
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    assert (actions.live("cust-acme"), actions.history(LINE)) == ([], [])


def test_two_subscriptions_for_one_record_at_once(actions: Harness) -> None:
    """Of two subscriptions of different customers that are adopted for one record at once, one gets it."""
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    sold_in_the_app(actions, customerId="cust-globex")
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    others = sold_in_the_app(actions, "sub-acme")
    wanted = [(ACTION, {"subscriptionId": one, "salesforceRecordId": LINE}) for one in (APPS, others)]

    replies = actions.at_once(*wanted)

    (winner,) = [reply.body["subscriptionId"] for reply in replies if reply.status == 200]
    assert current(actions, LINE) == winner


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, "unchanged"),
        ({"customerName": "Acme"}, "unchanged"),
        ({"addons": SEATS}, "replaced"),
        ({"entitlements": [{"type": "FEATURE", "id": "feature-sso"}]}, "replaced"),
    ],
)
def test_the_sale_of_what_is_adopted(actions: Harness, change: dict[str, Any], outcome: str) -> None:
    """A sale that asks for what was adopted sells nothing again, as far as Stigg shows that it is the same."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT)

    body = actions.ok("create-subscription-with-return-data", subscription(**change))

    assert (body["outcome"], body["subscriptionId"] == APPS) == (outcome, outcome == "unchanged")
    assert current(actions, LINE) == body["subscriptionId"]


@pytest.mark.parametrize("lost", [False, True])
def test_metadata_of_the_sale_of_what_is_adopted(actions: Harness, *, lost: bool) -> None:
    """The adopted subscription gets the metadata of a sale that asks for the same, beside its own."""
    sold_in_the_app(actions, metadata={"tier": "gold"})
    actions.ok(ACTION, ADOPT)
    sale = subscription(metadata={"deal": "17"})
    if lost:
        actions.emulator.fault("PATCH", "/subscriptions/", "cutAfter")
        assert actions.post("create-subscription-with-return-data", sale).body["errorCode"] == "OUTCOME_UNKNOWN"
        actions.emulator.clear_faults()

    body = actions.ok("create-subscription-with-return-data", sale)

    metadata = in_stigg(actions, APPS)["metadata"]
    assert (body["outcome"], body["subscriptionId"]) == ("unchanged", APPS)
    assert (metadata["deal"], metadata["tier"], metadata["salesforceRecordId"]) == ("17", "gold", LINE)


def test_a_record_that_comes_back_from_another_customer(actions: Harness) -> None:
    """The list of the customer whose subscription the record had drops it, if it has ended, and so does a sale."""
    own = sold(actions, customerId="cust-other")
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{own}/cancel", {"cancellationTime": "IMMEDIATE"})
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme"})
    sold_in_the_app(actions)

    actions.ok(ACTION, ADOPT)
    adopted = (actions.live("cust-other"), actions.live("cust-acme"))
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{APPS}/cancel", {"cancellationTime": "IMMEDIATE"})
    back = sold(actions, customerId="cust-other")

    assert adopted == ([], [APPS])
    assert (actions.live("cust-other"), actions.live("cust-acme")) == ([back], [])


def test_the_sale_of_what_has_ended(actions: Harness) -> None:
    """A sale for a record whose adopted subscription has ended in the Stigg app is a new one."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{APPS}/cancel", {"cancellationTime": "IMMEDIATE"})

    body = actions.ok("create-subscription-with-return-data", subscription())

    assert (body["outcome"], body["subscriptionId"] == APPS) == ("created", False)


def test_a_sale_for_a_record_that_is_adopted(actions: Harness) -> None:
    """A later sale for the record replaces the adopted subscription, as it would one that was sold here."""
    sold_in_the_app(actions)
    actions.ok(ACTION, ADOPT)

    body = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter"))

    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", APPS)
