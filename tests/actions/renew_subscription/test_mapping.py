"""What a renewal does to records, their history and what is to follow."""

from copy import replace
from typing import Any

import boto3.dynamodb.types
import pytest

from stigg_actions.storage.mapping import RecordState, SubscriptionState
from stigg_actions.storage.mapping_items import subscription_item
from stigg_actions.storage.snapshot import Target
from tests.support.days import in_days
from tests.support.harness import ORG, Harness
from tests.support.renewals import ACTION, LIMITS, SEATS, made, problems, renew, renew_by_id, running, sent
from tests.support.requests import LINE, RENEWAL_LINE, in_stigg, sold, sold_in_the_app

DAY = 24 * 3600
NEXT_LINE = "00k000000000004AAA"


def record_of(actions: Harness, record_id: str = LINE) -> RecordState:
    """Return the mapping of a record, as it stands by the clock of the actions."""
    record = actions.mapping(record_id)

    assert record is not None
    return record.at(actions.clock.now())


def mapped(actions: Harness, record_id: str = LINE) -> tuple[str | None, str | None]:
    """Return the current and the upcoming subscription of a record."""
    record = record_of(actions, record_id)
    return (
        record.current.subscription_id if record.current else None,
        record.upcoming.subscription_id if record.upcoming else None,
    )


def told_of(actions: Harness, record_id: str) -> list[tuple[str, str, str | None]]:
    """Return event, subscription and other record of each line of a record's history, oldest first."""
    lines = [
        (item["sk"]["S"], item["event"]["S"], item["subscription_id"]["S"], item.get("other_record_id", {}).get("S"))
        for item in actions.tables.items(actions.tables.mappings)
        if item["pk"]["S"] == f"record#{ORG}#{record_id}" and item["sk"]["S"].startswith("history#")
    ]
    return [(event, subscription_id, other) for _, event, subscription_id, other in sorted(lines)]


def pass_time(actions: Harness, seconds: float) -> None:
    """Let time pass, here and in Stigg."""
    actions.clock.skip(seconds)
    actions.emulator.advance(seconds)


def mark(actions: Harness, subscription_id: str) -> str:
    """Return the record that Stigg's metadata names."""
    return str(in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"])


def test_an_amended_subscription_moves(actions: Harness) -> None:
    """An amended subscription passes to the new record: mapping, history of both, and the mark in Stigg."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renew(addons=SEATS, newSalesforceRecordId=RENEWAL_LINE))

    assert (body["decision"], body["outcome"], body["salesforceRecordId"]) == ("amend", "updated", RENEWAL_LINE)
    assert mapped(actions, LINE) == (None, None)
    assert mapped(actions, RENEWAL_LINE) == (subscription_id, None)
    assert told_of(actions, LINE)[1:] == [("moved", subscription_id, RENEWAL_LINE)]
    assert told_of(actions, RENEWAL_LINE) == [("renewed", subscription_id, LINE)]
    assert mark(actions, subscription_id) == RENEWAL_LINE
    assert actions.live("cust-acme") == [subscription_id]


def test_a_move_alone(actions: Harness) -> None:
    """A subscription that is as wanted passes to the new record all the same, with its metadata kept."""
    subscription_id = sold(actions, metadata={"tier": "gold"})

    body = actions.ok(ACTION, renew(newSalesforceRecordId=RENEWAL_LINE))

    assert (body["decision"], body["subscriptionId"], body["changes"]) == ("none", subscription_id, [])
    assert (mapped(actions, LINE), mapped(actions, RENEWAL_LINE)) == ((None, None), (subscription_id, None))
    assert mark(actions, subscription_id) == RENEWAL_LINE
    assert in_stigg(actions, subscription_id)["metadata"]["tier"] == "gold"
    assert told_of(actions, LINE)[1:] == [("moved", subscription_id, RENEWAL_LINE)]


def test_a_replacement_for_a_new_record(actions: Harness) -> None:
    """A replacement closes the old record and belongs to the new one; each names the other."""
    old = sold(actions)

    body = actions.ok(ACTION, renew(planId="plan-starter", newSalesforceRecordId=RENEWAL_LINE))

    new = body["subscriptionId"]
    assert (body["outcome"], body["salesforceRecordId"]) == ("replaced", RENEWAL_LINE)
    assert (mapped(actions, LINE), mapped(actions, RENEWAL_LINE)) == ((None, None), (new, None))
    assert told_of(actions, LINE)[1:] == [("closed", old, RENEWAL_LINE)]
    assert told_of(actions, RENEWAL_LINE) == [("renewed", new, LINE)]
    assert mark(actions, new) == RENEWAL_LINE
    assert actions.live("cust-acme") == running(actions) == [new]


@pytest.mark.parametrize("terms", [{"addons": SEATS}, {"planId": "plan-starter"}, {}])
def test_the_old_record_repeats(actions: Harness, terms: dict[str, object]) -> None:
    """The identical request by the old record gets the same answer again, and does nothing."""
    sold(actions)
    request = renew(newSalesforceRecordId=RENEWAL_LINE, **terms)
    first = actions.ok(ACTION, request)
    writes = actions.writes_to_stigg()

    again = actions.ok(ACTION, request)

    assert (again["replayed"], again["subscriptionId"]) == (True, first["subscriptionId"])
    assert actions.writes_to_stigg() == writes


def test_another_wish_of_the_old_record_is_not_found(actions: Harness) -> None:
    """The old record has no subscription any more: another request of it is told so."""
    sold(actions)
    actions.ok(ACTION, renew(addons=SEATS, newSalesforceRecordId=RENEWAL_LINE))

    reply = actions.post(ACTION, renew(planId="plan-starter"))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")


def test_the_new_record_goes_on(actions: Harness) -> None:
    """The new record acts on the subscription, and passes it on in turn."""
    subscription_id = sold(actions)
    actions.ok(ACTION, renew(addons=SEATS, newSalesforceRecordId=RENEWAL_LINE))

    updated = actions.ok("update-subscription", {"salesforceRecordId": RENEWAL_LINE, "billingPeriod": "ANNUALLY"})
    actions.ok(
        ACTION, renew(salesforceRecordId=RENEWAL_LINE, newSalesforceRecordId=NEXT_LINE, metadata={"tier": "gold"})
    )

    assert updated["subscriptionId"] == subscription_id
    assert mapped(actions, NEXT_LINE) == (subscription_id, None)
    assert actions.history(RENEWAL_LINE) == ["renewed", "updated", "moved"]
    assert mark(actions, subscription_id) == NEXT_LINE


def test_back_to_the_first_record(actions: Harness) -> None:
    """A record that gave its subscription away may get it back."""
    subscription_id = sold(actions)
    actions.ok(ACTION, renew(newSalesforceRecordId=RENEWAL_LINE))

    actions.ok(ACTION, renew(salesforceRecordId=RENEWAL_LINE, newSalesforceRecordId=LINE))

    assert (mapped(actions, LINE), mapped(actions, RENEWAL_LINE)) == ((subscription_id, None), (None, None))
    assert actions.history(LINE) == ["created", "moved", "renewed"]
    assert mark(actions, subscription_id) == LINE


def test_by_the_id_of_a_mapped_subscription(actions: Harness) -> None:
    """A request that names the subscription moves it from the record that it belongs to."""
    subscription_id = sold(actions)

    actions.ok(ACTION, renew_by_id(subscription_id, newSalesforceRecordId=RENEWAL_LINE))

    assert (mapped(actions, LINE), mapped(actions, RENEWAL_LINE)) == ((None, None), (subscription_id, None))
    assert told_of(actions, LINE)[1:] == [("moved", subscription_id, RENEWAL_LINE)]


@pytest.mark.parametrize("terms", [{}, {"planId": "plan-starter", "billingPeriod": "MONTHLY"}])
def test_a_subscription_of_the_app_gets_a_record(actions: Harness, terms: dict[str, object]) -> None:
    """What was sold in Stigg's app can be given to a record, amended or replaced; there is no other record."""
    app = sold_in_the_app(actions)

    body = actions.ok(ACTION, renew_by_id(app, newSalesforceRecordId=RENEWAL_LINE, **terms))

    assert mapped(actions, RENEWAL_LINE) == (body["subscriptionId"], None)
    assert told_of(actions, RENEWAL_LINE) == [("renewed", body["subscriptionId"], None)]
    assert mark(actions, body["subscriptionId"]) == RENEWAL_LINE


def test_the_same_record_is_refused(actions: Harness) -> None:
    """The new record is another one than the old."""
    sold(actions)

    details = problems(actions, renew(newSalesforceRecordId=LINE[:15]))

    assert details == [
        {
            "field": "newSalesforceRecordId",
            "problem": "is the same as salesforceRecordId; leave it out, or give the new record",
        }
    ]


def test_a_later_start_is_scheduled(actions: Harness) -> None:
    """With a start ahead the running subscription stays current, and the new one follows it when it starts."""
    old = sold(actions)

    body = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))

    new = body["subscriptionId"]
    assert (body["decision"], body["outcome"], body["status"]) == ("replace", "scheduled", "NOT_STARTED")
    assert mapped(actions) == (old, new)
    assert actions.history(LINE) == ["created", "renewalScheduled"]
    assert (running(actions), actions.live("cust-acme")) == ([old], sorted([old, new]))

    pass_time(actions, 11 * DAY)

    assert (mapped(actions), running(actions)) == ((new, None), [new])


def test_later_writes_hit_what_runs(actions: Harness) -> None:
    """By its record a write reaches the running subscription before the new one starts, and that one after."""
    old = sold(actions)
    new = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))["subscriptionId"]
    request = {"salesforceRecordId": LINE, "metadata": {"seen": "before"}}

    before = actions.ok("set-subscription-metadata", request)
    kept = mapped(actions)
    pass_time(actions, 11 * DAY)
    after = actions.ok("set-subscription-metadata", {**request, "metadata": {"seen": "after"}})

    assert (before["subscriptionId"], kept, after["subscriptionId"]) == (old, (old, new), new)
    assert mapped(actions) == (new, None)


def test_renewed_again_both_are_replaced(actions: Harness) -> None:
    """A renewal at once replaces the running one and what was to follow it."""
    old = sold(actions)
    upcoming = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))["subscriptionId"]

    body = actions.ok(ACTION, renew(planId="plan-enterprise"))

    new = body["subscriptionId"]
    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", old)
    assert mapped(actions) == (new, None)
    assert actions.live("cust-acme") == running(actions) == [new]
    assert in_stigg(actions, upcoming)["status"] == "CANCELED"


def test_a_schedule_is_replaced_by_an_earlier_one(actions: Harness) -> None:
    """An earlier start takes the place of what was to follow, and the running one stays."""
    old = sold(actions)
    actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))

    body = actions.ok(ACTION, renew(planId="plan-enterprise", startDate=in_days(5)))

    assert body["outcome"] == "scheduled"
    assert mapped(actions) == (old, body["subscriptionId"])
    assert actions.live("cust-acme") == sorted([old, body["subscriptionId"]])


def test_renewed_after_the_start(actions: Harness) -> None:
    """Once the new one has started, a renewal is of that one."""
    sold(actions)
    started = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))["subscriptionId"]
    pass_time(actions, 11 * DAY)

    body = actions.ok(ACTION, renew(addons=SEATS))

    assert (body["decision"], body["subscriptionId"]) == ("amend", started)
    assert mapped(actions) == (started, None)


def test_a_later_start_for_a_new_record(actions: Harness) -> None:
    """Until a new record's subscription starts, the old record keeps its own; both are told, and can act."""
    old = sold(actions)
    request = renew(planId="plan-starter", startDate=in_days(10), newSalesforceRecordId=RENEWAL_LINE)

    body = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)

    new = body["subscriptionId"]
    seen = actions.ok("set-subscription-metadata", {"salesforceRecordId": LINE, "metadata": {"seen": "1"}})
    assert (body["outcome"], again["replayed"], seen["subscriptionId"]) == ("scheduled", True, old)
    assert mapped(actions)[0] == old
    assert mapped(actions, RENEWAL_LINE) == (new, None)
    assert told_of(actions, LINE)[1] == ("renewalScheduled", old, RENEWAL_LINE)
    assert told_of(actions, RENEWAL_LINE) == [("renewalScheduled", new, LINE)]


@pytest.mark.parametrize("terms", [{"addons": SEATS}, {"planId": "plan-enterprise"}])
def test_a_record_with_an_upcoming_one_is_renewed_to_a_new_one(actions: Harness, terms: dict[str, object]) -> None:
    """A record with a subscription to follow passes its running one on; nobody is mapped to what has ended."""
    sold(actions)
    upcoming = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))["subscriptionId"]

    body = actions.ok(ACTION, renew(newSalesforceRecordId=RENEWAL_LINE, **terms))

    assert mapped(actions, RENEWAL_LINE)[0] == body["subscriptionId"]
    assert running(actions) == [body["subscriptionId"]]
    kept = in_stigg(actions, upcoming)["status"] == "NOT_STARTED"
    assert mapped(actions, LINE) == (None, upcoming if kept else None)
    assert actions.live("cust-acme") == sorted([body["subscriptionId"], *([upcoming] if kept else [])])


def test_a_schedule_for_a_new_record_ends_the_one_before(actions: Harness) -> None:
    """What was to follow on the old record gives way to an earlier start on a new one; the running one stays."""
    old = sold(actions)
    upcoming = actions.ok(ACTION, renew(planId="plan-starter", startDate=in_days(10)))["subscriptionId"]

    body = actions.ok(ACTION, renew(planId="plan-enterprise", startDate=in_days(5), newSalesforceRecordId=RENEWAL_LINE))

    new = body["subscriptionId"]
    assert (mapped(actions, LINE), mapped(actions, RENEWAL_LINE)) == ((old, None), (new, None))
    assert sorted(told_of(actions, LINE)[2:]) == [
        ("closed", upcoming, RENEWAL_LINE),
        ("renewalScheduled", old, RENEWAL_LINE),
    ]


def test_a_change_at_the_end_of_the_period_is_scheduled(actions: Harness) -> None:
    """A change in place that waits is told as scheduled, by answer and history; the record keeps its subscription."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renew(addons=SEATS, scheduleStrategy="END_OF_BILLING_PERIOD"))

    assert (body["decision"], body["outcome"]) == ("amend", "scheduled")
    assert [one["change"] for one in body["scheduledChanges"]] == ["ADDON"]
    assert mapped(actions) == (subscription_id, None)
    assert actions.history(LINE) == ["created", "renewalScheduled"]


def test_terms_are_remembered(actions: Harness) -> None:
    """Amended, replaced and amended again, the terms that Stigg does not show are known each time."""
    first = sold(actions, entitlements=LIMITS)
    more = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 100}]

    actions.ok(ACTION, renew(entitlements=more))
    second = actions.ok(ACTION, renew(planId="plan-starter"))["subscriptionId"]
    third = actions.ok(ACTION, renew(minimumSpend={"amount": 20, "currency": "USD"}))

    assert actions.terms(first)["entitlements"] == more
    assert sent(actions, second)["entitlements"] == more
    assert (third["decision"], third["subscriptionId"]) == ("amend", second)
    assert actions.terms(second)["entitlements"] == more
    assert actions.terms(second)["planId"] == "plan-starter"
    assert actions.terms(second)["billingPeriod"] == "MONTHLY"


@pytest.mark.parametrize(
    ("terms", "other"),
    [
        ({"entitlements": LIMITS}, {"entitlements": [{**LIMITS[0], "usageLimit": 9}]}),
        ({"addons": SEATS}, {"addons": [{**SEATS[0], "quantity": 9}]}),
    ],
)
def test_renewed_updated_and_renewed(actions: Harness, terms: dict[str, Any], other: dict[str, Any]) -> None:
    """The same body by renewal, undone by an update, and by renewal again, is carried out twice."""
    subscription_id = sold(actions)

    answers = [
        actions.ok(ACTION, renew(**terms)),
        actions.ok("update-subscription", {"salesforceRecordId": LINE, **other}),
        actions.ok(ACTION, renew(**terms)),
    ]

    assert [(answer["outcome"], answer["replayed"]) for answer in answers] == [("updated", False)] * 3
    ((name, wanted),) = terms.items()
    assert sent(actions, subscription_id)[name] == wanted
    assert actions.history(LINE) == ["created", "renewed", "updated", "renewed"]


def downgraded(actions: Harness, **terms: object) -> tuple[str, str]:
    """Sell the growth plan, replace it by the starter plan, and note what was before; return both ids."""
    before = sold(actions, **terms)
    after = actions.ok(ACTION, renew(planId="plan-starter", addons=[], entitlements=[]))["subscriptionId"]
    state = actions._ledger().snapshot(Target(ORG, subscription_id=after), None).subscription  # noqa: SLF001
    assert state is not None
    put(actions, replace(state, before_downgrade=before))
    return before, after


def put(actions: Harness, state: SubscriptionState) -> None:
    """Write the item of a subscription."""
    serializer = boto3.dynamodb.types.TypeSerializer()
    item = {name: serializer.serialize(value) for name, value in subscription_item(state).items()}
    actions.tables.client.put_item(TableName=actions.tables.mappings, Item=item)


def test_what_was_before_a_downgrade_is_restored(actions: Harness) -> None:
    """A restoring renewal brings the terms from before the downgrade back, entitlements with their limits too."""
    price = {"amount": 150, "currency": "USD"}
    before, after = downgraded(actions, addons=SEATS, entitlements=LIMITS, planBaseChargeOverride=price)

    rehearsed = actions.ok(ACTION, renew(restore=True, dryRun=True))
    body = actions.ok(ACTION, renew(restore=True))

    restored = sent(actions, body["subscriptionId"])
    assert (rehearsed["decision"], rehearsed["reasons"], rehearsed["changes"]) == (
        body["decision"],
        body["reasons"],
        body["changes"],
    )
    assert (body["outcome"], body["planId"], body["replacedSubscriptionId"]) == ("replaced", "plan-growth", after)
    assert body["reasons"][0] == "The terms before the downgrade are restored: plan plan-growth."
    names = ("planId", "addons", "entitlements", "priceOverrides", "billingPeriod")
    assert {name: restored[name] for name in names} == {name: sent(actions, before)[name] for name in names}


def test_a_restored_term_can_be_given_anew(actions: Harness) -> None:
    """What the request gives goes before what is restored."""
    downgraded(actions, addons=SEATS)

    body = actions.ok(ACTION, renew(restore=True, addons=[{"id": "addon-seats", "quantity": 7}]))

    assert (body["planId"], body["addons"]) == ("plan-growth", [{"id": "addon-seats", "quantity": 7}])


def test_nothing_to_restore(actions: Harness) -> None:
    """What was not downgraded, or is not known here, cannot be restored."""
    sold(actions)
    app = sold_in_the_app(actions, "sub-w", planId="plan-workspace", resourceId="w")

    problem = [{"field": "restore", "problem": "there is nothing to restore: it was not downgraded"}]
    assert problems(actions, renew(restore=True)) == problem
    assert problems(actions, renew_by_id(app, restore=True)) == problem


def test_a_past_end_is_refused(actions: Harness) -> None:
    """A date on which a subscription cannot end is refused, before anything is sent."""
    sold(actions)

    details = problems(actions, renew(cancellationDate="2020-01-31"))

    assert details[0]["field"] == "cancellationDate"
    assert len(made(actions)) == 1
