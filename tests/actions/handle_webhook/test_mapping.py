"""handle-webhook: what a webhook tells is read afresh, and the mappings are made true of it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from stigg_actions.deps import Container
from stigg_actions.stigg.transport import Transport
from tests.support.crashes import CrashError, dying_container
from tests.support.fakes import Answer, data
from tests.support.faulty_dynamodb import FaultyDynamoDB, died_after, died_before, refused
from tests.support.harness import ORG, Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, mapped_status, sold, sold_in_the_app, subscription
from tests.support.some import some
from tests.support.webhooks import Doorway, FakeQueue, Webhooks, another, followed_webhooks, nested

NOW = {"cancellationTime": "IMMEDIATE"}
GONE = {"status": 404, "body": {"message": "Customer not found", "code": "CustomerNotFound"}}


@pytest.fixture
def hooks(actions: Harness) -> Iterator[Webhooks]:
    """What follows webhooks."""
    with followed_webhooks(actions) as webhooks:
        yield webhooks


def canceled_by_hand(hooks: Webhooks) -> tuple[str, list[dict[str, Any]]]:
    """Sell, and let somebody cancel in the Stigg app; return the subscription, and all webhooks so far."""
    sold(hooks.actions)
    return canceled_by_hand_of(hooks)


def canceled_by_hand_of(hooks: Webhooks) -> tuple[str, list[dict[str, Any]]]:
    """Let somebody cancel in the Stigg app what runs; return the subscription, and all webhooks so far."""
    (made,) = (one["id"] for one in hooks.actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE")
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", NOW)
    return made, hooks.events()


def overtaken(hooks: Webhooks) -> Container:
    """Return a container whose first transaction is lost to somebody else's."""
    lost = refused("TransactionCanceledException", "ConditionalCheckFailed")
    return hooks.actions.container(dynamodb=FaultyDynamoDB(hooks.actions.tables.plain, transact_write_items=[lost]))


def shown(actions: Harness, record_id: str = LINE) -> dict[str, Any]:
    """Return what get-subscription shows of a record."""
    return actions.ok("get-subscription", {"salesforceRecordId": record_id})


def outside(actions: Harness, record_id: str = LINE) -> list[bool]:
    """Return of each line of a record's history whether it was changed outside."""
    return [line["changedOutside"] for line in shown(actions, record_id)["history"]]


@pytest.mark.parametrize("form", [dict, nested])
def test_canceled_by_hand(hooks: Webhooks, form: Any) -> None:  # noqa: ANN401 - one of two
    """A subscription that is canceled in the Stigg app is canceled here, off its customer's list, and noted as such."""
    made, events = canceled_by_hand(hooks)

    assert hooks.deliver(form(events[-1])) == []
    assert mapped_status(hooks.actions) == "CANCELED"
    assert hooks.actions.live("cust-acme") == []
    assert outside(hooks.actions) == [False, True]
    (detail,) = hooks.published()
    assert (detail["detail-type"], detail["type"]) == ("Stigg Subscription Changed", "subscription.canceled")
    assert (detail["subscriptionId"], detail["salesforceRecordId"], detail["status"]) == (made, LINE, "CANCELED")
    assert (detail["salesforceOrgId"], detail["customerId"]) == (ORG, "cust-acme")
    assert (detail["changedOutside"], "correlationId" in detail) == (True, False)


def test_our_own_doing(hooks: Webhooks) -> None:
    """What an action did changes nothing here, and is told with the correlation id of its call."""
    sold(hooks.actions, correlationId="flow-1")
    hooks.actions.ok(
        "cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now", "correlationId": "flow-2"}
    )
    before = hooks.actions.tables.items(hooks.actions.tables.mappings)
    hooks.deliver(hooks.events()[-1])
    (detail,) = hooks.published()

    assert (detail["changedOutside"], detail["correlationId"]) == (False, "flow-2")
    assert outside(hooks.actions) == [False, False]
    after = [item for item in hooks.actions.tables.items(hooks.actions.tables.mappings) if item["sk"]["S"] != "record"]
    assert [item for item in after if item not in before] == []


def test_a_write_of_ours_goes_first(hooks: Webhooks) -> None:
    """As long as a write of the customer is under way, or in doubt, its webhooks wait, longer each time."""
    made = sold(hooks.actions)
    dying = dying_container(hooks.actions, "POST .*/cancel", after=True)
    with pytest.raises(CrashError):
        hooks.actions.post("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"}, dying)
    queues = [FakeQueue() for _ in range(3)]
    for deliveries, queue in some(enumerate(queues, start=1)):
        queue.send_message(**message(hooks.events()[-1]))
        assert len(hooks.follow(queue, deliveries=4 * deliveries)) == 1
    hooks.actions.clock.skip(100)
    hooks.actions.invoke("reconcile", {})

    assert [queue.hidden_for for queue in queues] == [[40], [600], [600]]
    assert hooks.deliver(hooks.events()[-1]) == []
    assert hooks.published()[0]["changedOutside"] is False
    assert shown(hooks.actions)["mapping"]["subscriptionId"] == made


def message(event: dict[str, Any]) -> dict[str, str]:
    """Return the message of the queue that a webhook becomes."""
    doorway = Doorway()
    doorway.post(event)
    return next(iter(doorway.queue.messages.values()))


def test_a_second_message_of_one_change(hooks: Webhooks) -> None:
    """What somebody does by hand just after an action is not told as that action's, however many messages tell it."""
    sold(hooks.actions, correlationId="flow-1")
    made, events = canceled_by_hand_of(hooks)
    hooks.deliver(events[-1], another(events[-1], "subscription.updated"))

    assert [(detail["changedOutside"], "correlationId" in detail) for detail in hooks.published()] == [
        (True, False)
    ] * 2
    assert made == hooks.published()[0]["subscriptionId"]
    assert outside(hooks.actions) == [False, True]


def test_the_latest_of_two_operations(hooks: Webhooks) -> None:
    """A message about a replaced subscription is told as the replacement's, whatever went before it."""
    sold(hooks.actions, correlationId="flow-1")
    seats = [{"id": "addon-seats", "quantity": 5}]
    hooks.actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": seats, "correlationId": "flow-2"})
    hooks.actions.clock.skip(5)
    hooks.actions.ok("create-subscription", subscription(planId="plan-starter", correlationId="flow-3"))
    (ended,) = [event for event in hooks.events() if event["type"] == "subscription.canceled"]
    hooks.deliver(ended)

    assert [detail["correlationId"] for detail in hooks.published()] == ["flow-3"]


def test_a_subscription_says_all_about_its_customer(hooks: Webhooks) -> None:
    """A message about a subscription asks Stigg for that alone; one about the customer asks for the customer."""
    sold(hooks.actions)
    event = hooks.events()[-1]

    assert asked_for(hooks, event, "/customers/") == 0
    assert asked_for(hooks, another(event, "customer.updated"), "/customers/") == 1


def asked_for(hooks: Webhooks, event: dict[str, Any], path: str) -> int:
    """Follow a webhook; return how often Stigg was asked for what is under a path meanwhile."""
    before = len(hooks.actions.emulator.state()["calls"])
    assert hooks.deliver(event) == []
    return sum(path in call["path"] for call in hooks.actions.emulator.state()["calls"][before:])


def test_messages_without_an_id(hooks: Webhooks) -> None:
    """A message that says the same as one before, but may be another, is followed again, and not told again."""
    made = sold(hooks.actions)
    bare = {"type": "subscription.updated", "id": made, "customer": {"id": "cust-acme"}}
    hooks.deliver(bare)
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", NOW)
    hooks.deliver(bare)

    assert mapped_status(hooks.actions) == "CANCELED"
    assert len(hooks.published()) == 1


def test_a_write_between_two_reads(hooks: Webhooks) -> None:
    """A write of ours that ends while a webhook is followed is not overwritten with what Stigg showed before it."""
    sold(hooks.actions)
    hooks.actions.tables.lose_mappings("record")
    made, events = canceled_by_hand_of(hooks)
    renewed = []

    def meanwhile(call: Any) -> Any:  # noqa: ANN401 - a read of the standing
        answer = call()
        renewed.append(hooks.actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter")))
        return answer

    faults: list[Any] = [None, None, None, None, meanwhile]
    container = hooks.actions.container(dynamodb=FaultyDynamoDB(hooks.actions.tables.plain, batch_get_item=faults))
    overtaken_by = hooks.deliver(events[-1], container=container)
    again = hooks.deliver(events[-1]) if overtaken_by else []
    found = shown(hooks.actions)

    assert (len(renewed), again) == (1, [])
    assert found["mapping"]["subscriptionId"] == renewed[0]["subscriptionId"] != made
    assert hooks.actions.live("cust-acme") == [renewed[0]["subscriptionId"]]


def test_dates(hooks: Webhooks) -> None:
    """An end that is set by hand is mapped and noted; once it has come about, that is no change by hand."""
    made = sold(hooks.actions)
    hooks.actions.stigg_app(
        "POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "END_OF_BILLING_PERIOD"}
    )
    hooks.deliver(hooks.events()[-1])
    scheduled = shown(hooks.actions)
    hooks.actions.emulator.advance(40 * 24 * 3600)
    hooks.deliver(hooks.events()[-1])
    ended = shown(hooks.actions)

    assert scheduled["mapping"]["cancellationDate"] == scheduled["subscription"]["cancellationDate"]
    assert (scheduled["mapping"]["status"], ended["mapping"]["status"]) == ("ACTIVE", "CANCELED")
    assert ended["mapping"]["endDate"] == ended["subscription"]["endDate"]
    assert [(line["event"], line["changedOutside"]) for line in ended["history"]] == [
        ("created", False),
        ("changedOutside", True),
        ("asScheduled", False),
    ]


def test_trial(hooks: Webhooks) -> None:
    """The end of a trial is mapped, and is no change by hand when it comes; an end that is moved by hand is."""
    actions = hooks.actions
    start, end, later = "2040-01-01T00:00:00Z", "2040-01-15T00:00:00Z", "2040-01-20T00:00:00Z"
    actions.emulator.set_clock(start)
    trial = {"isTrial": True, "trialEndDate": end, "trialEndBehavior": "CONVERT_TO_PAID"}
    made = sold(actions, trialOverrideConfiguration=trial)
    in_trial = shown(actions)["mapping"]
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{made}", {"trialEndDate": later})
    hooks.deliver(hooks.events()[-1])
    actions.emulator.set_clock("2040-01-21T00:00:00Z")
    hooks.deliver(hooks.events()[-1])
    after = shown(actions)

    assert (in_trial["status"], in_trial["trialEndDate"][:10]) == ("IN_TRIAL", end[:10])
    assert (after["mapping"]["status"], after["mapping"]["trialEndDate"][:10]) == ("ACTIVE", later[:10])
    assert [line["event"] for line in after["history"]] == ["created", "changedOutside", "asScheduled"]


def test_replaced_by_hand(hooks: Webhooks) -> None:
    """A subscription that another one replaces in the Stigg app ends here, and is said to be replaced by that one."""
    sold(hooks.actions)
    new = sold_in_the_app(hooks.actions, planId="plan-starter")
    assert hooks.deliver(*hooks.events()[-2:]) == []
    found = shown(hooks.actions)

    assert (found["mapping"]["status"], found["mapping"]["replacedBySubscriptionId"]) == ("CANCELED", new)
    assert (found["history"][-1]["changedOutside"], found["history"][-1]["replacedBySubscriptionId"]) == (True, new)
    assert hooks.actions.live("cust-acme") == [new]


@pytest.mark.parametrize(("seconds_before", "is_known"), [(1, True), (60, False)])
def test_the_end_is_stamped_after_the_start(hooks: Webhooks, seconds_before: int, *, is_known: bool) -> None:
    """One that began a moment before the other ended took its place; nobody can be sure of one from long before."""
    sold(hooks.actions)
    start = datetime.now(UTC) - timedelta(seconds=seconds_before)
    new = sold_in_the_app(hooks.actions, planId="plan-starter", startDate=start.isoformat())
    hooks.deliver(*hooks.events()[-2:])
    found = shown(hooks.actions)

    assert found["mapping"].get("replacedBySubscriptionId") == (new if is_known else None)


@pytest.mark.parametrize(("seconds_before", "is_known"), [(10, True), (10.001, False)])
def test_how_long_before_the_end_another_may_begin(hooks: Webhooks, seconds_before: float, *, is_known: bool) -> None:
    """One that began up to ten seconds before the other ended took its place; a longer time is no replacement."""
    made = sold(hooks.actions)
    end = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    running = {"id": "sub-new", "customerId": "cust-acme", "planId": "plan-starter", "status": "ACTIVE"}
    ended = {**running, "id": made, "status": "CANCELED", "cancelReason": "UPGRADE_OR_DOWNGRADE"}
    begun = end - timedelta(seconds=seconds_before)
    lists = Answer(200, {"data": [{**running, "startDate": begun.isoformat()}]})
    one = data({**ended, "endDate": end.isoformat()})
    event = another(hooks.events()[-1], "subscription.canceled")

    assert hooks.deliver(event, container=in_front_of(hooks, {f"/api/v1/subscriptions/{made}": one}, lists)) == []
    assert shown(hooks.actions)["mapping"].get("replacedBySubscriptionId") == ("sub-new" if is_known else None)


def in_front_of(hooks: Webhooks, answers: dict[str, Answer], otherwise: Answer) -> Container:
    """Return a container whose Stigg gives these answers, by path."""
    transport = httpx.MockTransport(lambda request: answers.get(request.url.path, otherwise).response())
    return hooks.actions.container(wire=Transport("https://stigg.example", transport=transport))


def test_made_in_the_app(hooks: Webhooks) -> None:
    """A subscription that is made in the Stigg app for a known customer is on its list until it has ended."""
    hooks.actions.ok("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT})
    made = sold_in_the_app(hooks.actions)
    hooks.deliver(hooks.events()[-1])
    listed = hooks.actions.live("cust-acme")
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", NOW)
    hooks.deliver(hooks.events()[-1])

    assert (listed, hooks.actions.live("cust-acme")) == ([made], [])
    assert {detail["changedOutside"] for detail in hooks.published()} == {True}


def test_customers_of_others(hooks: Webhooks) -> None:
    """What happens to customers that this deployment does not know is told on, and leaves nothing in the mappings."""
    sold_in_the_app(hooks.actions)

    assert hooks.deliver(*hooks.events()) == []
    assert hooks.actions.tables.items(hooks.actions.tables.mappings) == []
    assert len(hooks.published()) == 2


def test_a_lost_mapping_comes_back(hooks: Webhooks) -> None:
    """A subscription that bears the marks of a record which has lost its mapping is mapped again."""
    made = sold(hooks.actions)
    hooks.actions.tables.lose_mappings()
    hooks.deliver(hooks.events()[-1])

    assert mapped_status(hooks.actions) == "ACTIVE"
    assert hooks.actions.live("cust-acme") == [made]


def test_payment(hooks: Webhooks) -> None:
    """A payment that failed is noted while it is owed, and no more once it is paid, whichever is told first."""
    made = sold(hooks.actions, paymentCollectionMethod="INVOICE")
    hooks.actions.emulator.invoice(made, "OPEN")
    (created,) = [event for event in hooks.events() if event["type"] == "subscription.created"]
    failed = {"type": "customer.payment_failed", "customer": {"id": "cust-acme"}, "subscription": {"id": made}}
    hooks.deliver(failed | {"messageId": "m-1"}, failed | {"messageId": "m-2"})
    owed = shown(hooks.actions)
    hooks.actions.emulator.invoice(made, "PAID")
    hooks.deliver(another(created, "subscription.updated"), failed | {"messageId": "m-3"})
    paid = shown(hooks.actions)

    assert "paymentFailedAt" in owed["mapping"]
    assert "paymentFailedAt" not in paid["mapping"]
    assert [line["event"] for line in paid["history"]] == ["created", "paymentFailed"]
    assert hooks.published()[0]["subscriptionId"] == made


def test_a_payment_that_is_marked(hooks: Webhooks) -> None:
    """A payment that failed is no longer noted once its invoice is marked as paid by an action."""
    made = sold(hooks.actions, paymentCollectionMethod="INVOICE")
    hooks.actions.emulator.invoice(made, "OPEN")
    failed = {"type": "customer.payment_failed", "customer": {"id": "cust-acme"}, "subscription": {"id": made}}
    hooks.deliver(failed | {"messageId": "m-1"})
    owed = shown(hooks.actions)

    hooks.actions.ok("mark-invoice-paid", {"salesforceRecordId": LINE})

    assert "paymentFailedAt" in owed["mapping"]
    assert "paymentFailedAt" not in shown(hooks.actions)["mapping"]


def test_a_paid_page(hooks: Webhooks) -> None:
    """A payment page that is paid makes its subscription the record's, without anybody asking."""
    page = hooks.actions.ok(
        "create-subscription-with-return-data",
        subscription(
            customerName="Acme",
            paymentCollectionMethod="CHARGE",
            checkoutOptions={"successUrl": "https://a.example/ok", "cancelUrl": "https://a.example/no"},
        ),
    )
    hooks.actions.emulator.checkout(page["subscriptionId"])
    hooks.deliver(hooks.events()[-1])

    assert page["outcome"] == "paymentRequired"
    assert mapped_status(hooks.actions) == "ACTIVE"


def test_archived(hooks: Webhooks) -> None:
    """A customer that Stigg has archived is noted as such, until it is there again."""
    sold(hooks.actions)
    (created,) = [event for event in hooks.events() if event["type"] == "customer.created"]
    hooks.actions.emulator.fault("GET", "/customers/", "status", GONE, times=1)
    hooks.deliver(another(created, "customer.deleted"))
    archived = hooks.actions.customer("cust-acme").archived_at
    hooks.deliver(another(created, "customer.updated"))

    assert archived is not None
    assert hooks.actions.customer("cust-acme").archived_at is None
    assert sorted(detail["customerArchived"] for detail in hooks.published()) == [False, True]


def test_an_archived_customer_waits_for_its_write(hooks: Webhooks) -> None:
    """A customer whose write is under way, or was overtaken, is noted as archived by the next delivery."""
    sold(hooks.actions)
    deleted = another(hooks.events()[0], "customer.deleted")
    hooks.actions.stigg_app("POST", "/api/v1/customers/cust-acme/archive", {})
    failed = hooks.deliver(deleted, container=overtaken(hooks))
    dying = dying_container(hooks.actions, "PATCH .*/customers", after=False)
    with pytest.raises(CrashError):
        hooks.actions.post("create-customer", {"customerId": "cust-acme", "name": "Acme Inc"}, dying)

    assert len(failed) == len(hooks.deliver(deleted)) == 1
    hooks.actions.clock.skip(100)
    hooks.actions.invoke("reconcile", {})
    assert hooks.deliver(deleted) == []
    assert hooks.actions.customer("cust-acme").archived_at is not None


def test_a_failed_payment_waits_for_a_write(hooks: Webhooks) -> None:
    """A failed payment of a customer whose write is under way, or was overtaken, is noted by the next delivery."""
    made = sold(hooks.actions, paymentCollectionMethod="INVOICE")
    hooks.actions.emulator.invoice(made, "OPEN")
    failed = hooks.events()[-1]
    again = hooks.deliver(failed, container=overtaken(hooks))
    dying = dying_container(hooks.actions, "POST .*/subscriptions", after=False)
    with pytest.raises(CrashError):
        hooks.actions.post("create-subscription", subscription(salesforceRecordId=OTHER_LINE, resourceId="x"), dying)

    assert len(again) == len(hooks.deliver(failed)) == 1
    hooks.actions.clock.skip(100)
    hooks.actions.invoke("reconcile", {})
    assert hooks.deliver(failed) == []
    assert "paymentFailedAt" in shown(hooks.actions)["mapping"]


def test_what_was_to_follow_starts_by_stiggs_clock(hooks: Webhooks) -> None:
    """A subscription that was to follow, and runs by Stigg's clock, is the record's, whatever the time here is."""
    sold(hooks.actions)
    later = "2040-01-01T00:00:00Z"
    hooks.actions.ok("create-subscription", subscription(planId="plan-starter", startDate=later))
    hooks.actions.emulator.set_clock("2040-01-02T00:00:00Z")
    assert hooks.deliver(*hooks.events()[-2:]) == []
    found = shown(hooks.actions)

    assert (found["mapping"]["planId"], found["mapping"]["status"]) == ("plan-starter", "ACTIVE")
    assert True not in outside(hooks.actions)


def test_a_successor_that_has_ended_is_none(hooks: Webhooks) -> None:
    """Where nothing runs any more that took a subscription's place in the app, the record does not say what did."""
    sold(hooks.actions)
    first = sold_in_the_app(hooks.actions, "sub-1", planId="plan-starter")
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{first}/cancel", NOW)
    hooks.deliver(*hooks.events()[2:])
    found = shown(hooks.actions)

    assert found["mapping"]["status"] == "CANCELED"
    assert "replacedBySubscriptionId" not in found["mapping"]


def test_any_order_and_repeats_end_alike(hooks: Webhooks) -> None:
    """In whatever order webhooks come, and however often, a record's mapping and its customer's list end the same."""
    tables = hooks.actions.tables
    made = sold(hooks.actions)
    as_sold = tables.items(tables.mappings)
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", NOW)
    events = hooks.events()[1:]
    ends = set()
    for order in some(itertools.permutations([*events, another(events[-1], "subscription.updated", status="ACTIVE")])):
        tables.put_back(tables.mappings, as_sold)
        hooks.forget()
        assert hooks.deliver(*order, *reversed(order)) == []
        mapping = shown(hooks.actions)["mapping"]
        ends.add((mapping["status"], mapping["endDate"], tuple(hooks.actions.live("cust-acme"))))
        assert outside(hooks.actions).count(True) == 1

    assert [(status, live) for status, _, live in ends] == [("CANCELED", ())]


KILLS = [
    (operation, fault) for operation in ("transact_write_items", "put_item") for fault in (died_before, died_after)
]


@pytest.mark.parametrize(("operation", "fault"), KILLS)
def test_killed_anywhere(hooks: Webhooks, operation: str, fault: Any) -> None:  # noqa: ANN401 - any fault
    """A run that dies before or after it writes leaves nothing undone: delivered again, all is true and told once."""
    _, events = canceled_by_hand(hooks)
    container = hooks.actions.container(dynamodb=FaultyDynamoDB(hooks.actions.tables.plain, **{operation: [fault]}))
    with pytest.raises(CrashError):
        hooks.deliver(events[-1], container=container)

    assert hooks.deliver(events[-1], events[-1]) == []
    assert mapped_status(hooks.actions) == "CANCELED"
    assert outside(hooks.actions) == [False, True]
    (detail,) = hooks.published()
    assert detail["changedOutside"] is True


def test_others_at_the_same_items(hooks: Webhooks) -> None:
    """A write that loses a race is made on what stands then, by the next delivery."""
    _, events = canceled_by_hand(hooks)

    assert len(hooks.deliver(events[-1], container=overtaken(hooks))) == 1
    assert hooks.published() == []
    assert hooks.deliver(events[-1]) == []
    assert mapped_status(hooks.actions) == "CANCELED"


def test_a_list_that_is_written_by_another(hooks: Webhooks) -> None:
    """A subscription of the Stigg app that cannot be listed now is listed by the next delivery."""
    hooks.actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    made = sold_in_the_app(hooks.actions)
    (event,) = [event for event in hooks.events() if event["type"] == "subscription.created"]

    assert len(hooks.deliver(event, container=overtaken(hooks))) == 1
    assert (hooks.actions.live("cust-acme"), hooks.published()) == ([], [])
    assert hooks.deliver(event) == []
    assert (hooks.actions.live("cust-acme"), len(hooks.published())) == ([made], 1)


def test_stigg_does_not_answer(hooks: Webhooks) -> None:
    """A webhook whose subscription cannot be read comes again, and nothing is told of it before."""
    _, events = canceled_by_hand(hooks)
    hooks.actions.emulator.fault("GET", "/subscriptions/", "status", 503)

    assert len(hooks.deliver(events[-1])) == 1
    assert (hooks.published(), mapped_status(hooks.actions)) == ([], "ACTIVE")


def test_what_is_of_no_concern(hooks: Webhooks) -> None:
    """Webhooks of the catalog, of what Stigg does not have, and tests are told on, and change nothing."""
    bodies = [
        {"type": "plan.updated", "messageId": "m-1", "id": "plan-growth"},
        {"type": "subscription.updated", "messageId": "m-2", "id": "sub-of-an-example"},
        {"type": "brand.new", "messageId": "m-3"},
        {},
    ]

    assert hooks.deliver(*bodies) == []
    assert sorted(detail["type"] for detail in hooks.published()) == [
        "brand.new",
        "plan.updated",
        "subscription.updated",
        "unknown",
    ]
    assert hooks.actions.tables.items(hooks.actions.tables.mappings) == []


def test_grants(hooks: Webhooks) -> None:
    """A grant is told with its id, its customer, and the correlation id of the call that made it."""
    hooks.actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    body = {"currencyId": "cred-type-tokens", "amount": 5, "displayName": "Gift", "grantType": "PROMOTIONAL"}
    made = hooks.actions.ok(
        "create-credit-grant", {"customerId": "cust-acme", "salesforceRecordId": OTHER_LINE, **body}
    )
    hooks.deliver(hooks.events()[-1])
    (detail,) = hooks.published()

    assert (detail["detail-type"], detail["grantId"]) == ("Stigg Credits Changed", made["grantId"])
    assert (detail["customerId"], detail["environment"]) == ("cust-acme", "development")
    assert ORG not in str(detail)
