"""reconcile, in this process."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stigg_actions.clock import Deadline
from stigg_actions.errors import Refused
from stigg_actions.storage.dynamodb import Database
from stigg_actions.storage.mapping_store import MappingStore, Round
from tests.support.contexts import Context
from tests.support.crashes import crash
from tests.support.days import in_days
from tests.support.faulty_dynamodb import FaultyDynamoDB, refused
from tests.support.harness import Harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_LINE,
    current,
    grant,
    in_stigg,
    mapped_status,
    sold,
    subscription,
    upcoming,
)

ACTION = "reconcile"
POST_SUBSCRIPTION = "POST .*/subscriptions$"


def run(actions: Harness, **request: object) -> dict[str, Any]:
    """Run it as the schedule does."""
    body: dict[str, Any] = actions.invoke(ACTION, request)
    return body


def killed(actions: Harness, *, after: bool, seconds: float) -> None:
    """Kill a provisioning before or after its POST, and let time pass."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    crash(actions, "create-subscription-with-return-data", subscription(), POST_SUBSCRIPTION, after=after)
    actions.clock.skip(seconds)


def test_nothing_to_do(actions: Harness) -> None:
    """Where all is well, nothing is settled and nothing mended."""
    sold(actions)

    body = run(actions)

    assert (body["settled"], body["mended"], body["subscriptionsCompared"]) == ([], [], 1)
    assert (body["outcome"], body["complete"]) == ("reconciled", True)


def test_finds_what_a_killed_process_did(actions: Harness) -> None:
    """An effect whose recording was lost is found, and mapped; the repeat of its request is answered from there."""
    killed(actions, after=True, seconds=91)

    body = run(actions)

    (settled,) = body["settled"]
    again = actions.ok("create-subscription-with-return-data", subscription())
    assert (settled["kind"], settled["result"]) == ("provision", "succeeded")
    assert (again["replayed"], actions.live("cust-acme")) == (True, [again["subscriptionId"]])


def test_gives_up_what_never_happened(actions: Harness) -> None:
    """What surely never took effect is recorded as failed, and never sent by reconcile."""
    killed(actions, after=False, seconds=91)

    body = run(actions)

    assert body["settled"][0]["result"] == "failed"
    assert actions.emulator.state()["subscriptions"] == []
    assert ("provision", "FAILED") in actions.operations()


def test_leaves_young_operations_alone(actions: Harness) -> None:
    """What may still be running is not looked at, however young operations are allowed to be."""
    killed(actions, after=True, seconds=5)

    assert run(actions, minimumAgeSeconds=0)["settled"] == []
    actions.clock.skip(30)
    assert run(actions)["settled"] == []
    assert run(actions, minimumAgeSeconds=0)["settled"][0]["result"] == "succeeded"


def test_cannot_tell_yet(actions: Harness) -> None:
    """An absent effect that may still come is left unsettled."""
    killed(actions, after=False, seconds=40)

    assert run(actions, minimumAgeSeconds=31)["settled"][0]["result"] == "unsettled"


def test_a_dry_run_writes_nothing(actions: Harness) -> None:
    """A dry run tells what would be looked at and mended, and changes no item."""
    one = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{one}/cancel", {"cancellationTime": "IMMEDIATE"})
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=True)
    actions.clock.skip(91)
    before = [actions.tables.items(actions.tables.mappings), actions.tables.items(actions.tables.operations)]

    body = run(actions, dryRun=True)

    assert body["outcome"] == "dryRun"
    assert [one["result"] for one in body["settled"]] == ["wouldBeLookedUp"]
    assert [(one["problem"], one["mended"]) for one in body["mended"]] == [("status", False)]
    assert [actions.tables.items(actions.tables.mappings), actions.tables.items(actions.tables.operations)] == before


def test_a_workflow_is_left_to_people(actions: Harness) -> None:
    """Nobody can find out whether a workflow has run: it is not looked at again and again."""
    request = {"triggerId": "notify-customer", "idempotencyKey": "deal-1"}
    crash(actions, "trigger-workflow", request, "POST .*/graphql$", after=True)
    actions.clock.skip(1000)

    assert run(actions)["settled"] == []


def test_a_change_made_in_the_app_is_noticed(actions: Harness) -> None:
    """A subscription that was canceled in Stigg's app: the mapping follows, and the history tells."""
    one = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{one}/cancel", {"cancellationTime": "IMMEDIATE"})

    (mended,) = run(actions)["mended"]

    assert (mended["subscriptionId"], mended["problem"], mended["mended"]) == (one, "status", True)
    assert (mended["salesforceRecordId"], mended["customerId"]) == (LINE, "cust-acme")
    assert (mapped_status(actions), actions.live("cust-acme")) == ("CANCELED", [])
    assert actions.history(LINE) == ["created", "changedOutside"]
    assert run(actions)["mended"] == []


def test_a_lost_mapping_is_restored(actions: Harness) -> None:
    """A record without a mapping, whose subscription runs in Stigg, is mapped again."""
    one = sold(actions)
    actions.tables.lose_mappings("record")
    actions.tables.lose_mappings("subscription")

    (mended,) = run(actions)["mended"]

    assert (mended["problem"], mended["mended"], current(actions)) == ("missing", True, one)


def test_a_payment_is_noticed(actions: Harness) -> None:
    """A subscription whose payment page was paid becomes the record's, though nobody asks again."""
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    waiting = sold(actions, paymentCollectionMethod="CHARGE", checkoutOptions=page)
    actions.emulator.checkout(waiting)

    (mended,) = run(actions)["mended"]

    mapped = actions.mapping(LINE)
    assert (mended["problem"], mended["mended"]) == ("paid", True)
    assert mapped
    assert (current(actions), mapped.pending) == (waiting, None)
    assert actions.live("cust-acme") == [waiting]


def test_rebuilds_a_customer(actions: Harness) -> None:
    """All mappings of a customer are lost: they are written anew from Stigg's metadata, account included."""
    one = sold(actions, salesforceAccountId=ACCOUNT)
    other = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="site-1")
    actions.tables.lose_mappings()

    first = run(actions, customerId="cust-acme", rebuild=True)
    assert {mended["problem"] for mended in first["mended"]} == {"missing"}
    assert run(actions, customerId="cust-acme", rebuild=True)["mended"] == []
    assert (actions.live("cust-acme"), actions.live("cust-acme", "site-1")) == ([one], [other])
    body = actions.ok("create-credit-grant", grant(customerId=None, salesforceAccountId=ACCOUNT))
    assert body["customerId"] == "cust-acme"


def test_an_older_copy_of_the_tables(actions: Harness) -> None:
    """After an older copy was restored, a record leads to its live subscription again, not to the one it replaced."""
    sold(actions)
    older = {name: actions.tables.items(name) for name in (actions.tables.mappings, actions.tables.operations)}
    changed = actions.ok("renew-subscription", {"salesforceRecordId": LINE, "planId": "plan-starter"})
    actions.tables.clear()
    for name, items in older.items():
        for item in items:
            actions.tables.client.put_item(TableName=name, Item=item)

    problems = [mended["problem"] for _ in range(3) for mended in run(actions)["mended"]]

    assert problems == ["status", "displaced"]
    assert current(actions) == changed["subscriptionId"]
    assert actions.live("cust-acme") == [changed["subscriptionId"]]
    assert actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})["outcome"] == "canceled"


def test_a_request_that_is_no_longer_read(actions: Harness) -> None:
    """An operation whose stored request this version does not read is left, and keeps no other one waiting."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    crash(actions, "create-subscription-with-return-data", subscription(), POST_SUBSCRIPTION, after=True)
    others = grant(customerId="cust-globex", salesforceRecordId=OTHER_LINE)
    crash(actions, "create-credit-grant", others, "POST .*/grants$", after=True)
    (unread,) = (one for one in actions.tables.items(actions.tables.operations) if one["kind"]["S"] == "provision")
    actions.tables.client.put_item(
        TableName=actions.tables.operations, Item={**unread, "request": {"S": '{"planId": 7, "unknown": true}'}}
    )
    actions.clock.skip(91)

    results = {settled["kind"]: settled["result"] for settled in run(actions)["settled"]}

    assert results == {"provision": "unsettled", "grant": "succeeded"}


def test_nobody_waits_for_what_is_no_longer_read(actions: Harness) -> None:
    """A write of the same customer is told at once to come back: waiting would not make it readable."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    crash(actions, "create-subscription-with-return-data", subscription(), POST_SUBSCRIPTION, after=True)
    (unread,) = (one for one in actions.tables.items(actions.tables.operations) if one["kind"]["S"] == "provision")
    actions.tables.client.put_item(
        TableName=actions.tables.operations, Item={**unread, "request": {"S": '{"planId": 7, "unknown": true}'}}
    )
    actions.clock.skip(31)
    waits: list[str] = []
    actions.clock.meanwhile = lambda: waits.append("a wait")

    reply = actions.post("create-credit-grant", grant())

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "IN_PROGRESS", True)
    assert waits == []


def test_goes_on_where_it_stopped(actions: Harness) -> None:
    """A run compares what its time allows; the next one goes on from there, and in the end starts over."""
    one = sold(actions)
    for number in range(520):
        terms = {"customerId": "cust-acme", "planId": "plan-workspace", "billingPeriod": "MONTHLY"}
        body = {"id": f"sub-{number}", **terms, "resourceId": f"site-{number}", "paymentCollectionMethod": "NONE"}
        actions.stigg_app("POST", "/api/v1/subscriptions", body)
        if number % 25 == 24:
            actions.emulator.advance(61)

    # 3 s are kept for the answer, and another page needs 8 s
    parts = [actions.invoke(ACTION, {}, Context(11)) for _ in range(7)]
    at_once = [run(actions) for _ in range(2)]

    assert [part["subscriptionsCompared"] for part in parts] == [100, 100, 100, 100, 100, 21, 100]
    assert [part["complete"] for part in parts] == [False] * 5 + [True, False]
    assert [part["subscriptionsCompared"] for part in at_once] == [421, 521]
    assert in_stigg(actions, one)["status"] == "ACTIVE"


def test_whom_somebody_works_on_is_left_alone(actions: Harness) -> None:
    """A customer whose lease is held is not touched: the next run looks again."""
    one = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{one}/cancel", {"cancellationTime": "IMMEDIATE"})
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=False)

    (mended,) = run(actions)["mended"]
    actions.clock.skip(91)
    (later,) = run(actions)["mended"]

    assert (mended["mended"], later["mended"]) == (False, True)


@pytest.mark.parametrize(
    ("request_body", "field"),
    [({"rebuild": True}, "customerId"), ({"minimumAgeSeconds": -1}, "minimumAgeSeconds")],
)
def test_refusals(actions: Harness, request_body: dict[str, Any], field: str) -> None:
    """What makes no sense is refused by name."""
    reply = actions.post(ACTION, request_body)

    assert (reply.status, reply.body["details"][0]["field"]) == (400, field)


def changed_in_the_app(actions: Harness) -> str:
    """Sell a subscription, and let somebody cancel it in Stigg's app."""
    one = sold(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{one}/cancel", {"cancellationTime": "IMMEDIATE"})
    return one


def test_what_is_gone_meanwhile_is_not_mended(actions: Harness) -> None:
    """A subscription that Stigg lists, but no longer shows, is left for the next run."""
    one = changed_in_the_app(actions)
    actions.emulator.fault("GET", f"/subscriptions/{one}$", "status", 404)

    (mended,) = run(actions)["mended"]

    assert mended["mended"] is False


@pytest.mark.parametrize("lost", ["status", "unlisted"])
def test_who_is_faster_wins(actions: Harness, lost: str) -> None:
    """What somebody changes between the reading and the writing is not overwritten."""
    one = sold(actions)
    if lost == "status":
        actions.stigg_app("POST", f"/api/v1/subscriptions/{one}/cancel", {"cancellationTime": "IMMEDIATE"})
    else:
        actions.tables.lose_mappings("customer")
    client = FaultyDynamoDB(
        actions.tables.client, transact_write_items=[refused("TransactionCanceledException", "ConditionalCheckFailed")]
    )
    container = actions.container(dynamodb=client)
    request = {"customerId": "cust-acme", "rebuild": True}

    (mended,) = actions.post(ACTION, request, container).body["mended"]

    assert (mended["problem"], mended["mended"]) == (lost, False)


def test_an_upcoming_one_follows_stigg_too(actions: Harness) -> None:
    """A subscription that was to follow, and was canceled in Stigg's app, follows no more; the other stays."""
    one = sold(actions, cancellationDate=in_days(200))
    ahead = actions.ok("downgrade-subscription", {"salesforceRecordId": LINE, "downgradeWhen": "endOfContract"})
    path = f"/api/v1/subscriptions/{ahead['subscriptionId']}/cancel"
    actions.stigg_app("POST", path, {"cancellationTime": "IMMEDIATE"})

    (mended,) = run(actions)["mended"]

    assert (mended["problem"], mended["mended"]) == ("status", True)
    assert (current(actions), upcoming(actions)) == (one, None)


def test_a_trial_that_became_a_subscription(actions: Harness) -> None:
    """A status that changes by itself, as when a trial ends, is followed; what runs stays among what runs."""
    one = sold(actions, trialOverrideConfiguration={"isTrial": True})
    actions.emulator.advance(15 * 24 * 3600)

    (mended,) = run(actions)["mended"]

    assert (mended["problem"], mended["mended"]) == ("status", True)
    assert (mapped_status(actions), actions.live("cust-acme")) == ("ACTIVE", [one])


def test_what_somebody_has_mended_meanwhile(actions: Harness) -> None:
    """Two runs at once mend a mapping once."""
    changed_in_the_app(actions)

    def after_another_run(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is read
        run(actions)
        return call()

    client = FaultyDynamoDB(actions.tables.client, batch_get_item=[None, None, after_another_run])
    request = {"customerId": "cust-acme"}

    (mended,) = actions.post(ACTION, request, actions.container(dynamodb=client)).body["mended"]

    assert mended["mended"] is False
    assert actions.history(LINE) == ["created", "changedOutside"]


def test_what_has_ended_is_not_rebuilt(actions: Harness) -> None:
    """A subscription that has ended, and is mapped as such, needs no place among those that run."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    assert run(actions, customerId="cust-acme", rebuild=True)["mended"] == []


def test_whom_somebody_works_on_is_not_rebuilt(actions: Harness) -> None:
    """A rebuild, too, leaves a customer alone whose lease is held."""
    sold(actions)
    actions.tables.lose_mappings("customer")
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=False)

    (mended,) = run(actions, customerId="cust-acme", rebuild=True)["mended"]

    assert (mended["problem"], mended["mended"]) == ("unlisted", False)


def test_another_customers_operations_are_left_alone(actions: Harness) -> None:
    """With a customer given, only that customer's operations are settled."""
    killed(actions, after=True, seconds=91)

    assert run(actions, customerId="cust-other")["settled"] == []


def test_stops_in_time(actions: Harness) -> None:
    """With little time left nothing is begun; the next run does it."""
    killed(actions, after=True, seconds=91)

    assert actions.invoke(ACTION, {}, Context(9))["settled"] == []


def test_a_place_that_stigg_no_longer_knows(actions: Harness) -> None:
    """A cursor that Stigg refuses ends the comparison of one run; the next one starts over and finds all."""
    sold(actions)
    database = Database(actions.tables.client, Deadline.after(actions.clock, 60))
    MappingStore(database, actions.settings, actions.clock).keep_round(Round("a place of yesterday"))

    first, second = run(actions), run(actions)

    assert (first["outcome"], first["subscriptionsCompared"], first["complete"]) == ("reconciled", 0, False)
    assert (second["subscriptionsCompared"], second["complete"]) == (1, True)


def test_a_comparison_that_stigg_refuses_from_the_start(actions: Harness) -> None:
    """A refusal of the first page is no matter of the cursor: the run fails, so that its alarm is raised."""
    refusal = {"status": 400, "body": {"message": "No.", "code": "InvalidArgumentError"}}
    actions.emulator.fault("GET", "/subscriptions$", "status", refusal)

    with pytest.raises(Refused):
        run(actions)


def test_workflows_take_nobodys_place(actions: Harness) -> None:
    """However many workflows stay unknown, what can be settled is."""
    actions.emulator.fault("POST", "/graphql", "cutAfter")
    for number in range(105):
        actions.post("trigger-workflow", {"triggerId": "notify-customer", "idempotencyKey": str(number)})
    actions.emulator.clear_faults()
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=True)
    actions.clock.skip(91)

    (settled,) = run(actions)["settled"]

    assert (settled["kind"], settled["result"]) == ("grant", "succeeded")


def test_counts_what_it_did(actions: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    """What was settled, compared and mended is counted as metrics."""
    sold(actions)
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=True)
    actions.clock.skip(91)
    capsys.readouterr()

    run(actions)

    (counts,) = (line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line)
    message = ("OperationsSettled", "OperationsUnsettled", "SubscriptionsCompared", "MappingsMended")
    assert [counts[name] for name in message] == [[1.0], [0.0], [1.0], [0.0]]
