"""provision-opportunity: a deal that is sent again does not undo what came since, unless it is asked to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    OPPORTUNITY,
    SEATS,
    SPACE,
    addon,
    bonus,
    by_line,
    deal,
    entitlement,
    of,
    plan,
    running,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import TO_BE_PAID, in_stigg
from tests.support.some import some

RENEWAL_LINE = "00k000000000099AAA"
SEATS_50 = {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 50}]}
THREE_SEATS = deal(plan(), addon(quantity=3))
BOTH_SUPERSEDED = {APP: "superseded", SEATS: "superseded"}


def at(actions: Harness, seconds: float) -> str:
    """Return the moment so many seconds from now, as Salesforce writes it."""
    moment = datetime.fromtimestamp(actions.clock.now(), UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds")


def by_hand(actions: Harness, subscription_id: str, **changes: Any) -> None:  # noqa: ANN401 - any field of PATCH
    """Let a person change a subscription in the Stigg app."""
    actions.emulator.by_hand("PATCH", f"/api/v1/subscriptions/{subscription_id}", changes)


def canceled_by_hand(actions: Harness, subscription_id: str) -> None:
    """Let a person cancel a subscription in the Stigg app."""
    path = f"/api/v1/subscriptions/{subscription_id}/cancel"
    actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})


def seats(actions: Harness, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the add-ons that the subscription of the first line has in Stigg."""
    return list(in_stigg(actions, of(body, APP)["subscriptionId"])["addons"])


def test_seats_that_were_added_since_stay(actions: Harness) -> None:
    """A late retry leaves the seats of a later update alone, says what came, and reapply brings them back."""
    first = actions.ok(ACTION, THREE_SEATS)
    actions.ok("update-subscription", SEATS_50)
    before = writes(actions)

    again = actions.ok(ACTION, THREE_SEATS)

    assert (again["outcome"], by_line(again), again["supersededCount"]) == ("unchanged", BOTH_SUPERSEDED, 2)
    assert (writes(actions), seats(actions, first)) == (before, [{"id": "addon-seats", "quantity": 50}])
    line = of(again, APP)
    assert "update-subscription" in line["message"]
    assert "reapply true" in line["message"]
    assert line["supersededBy"].startswith("update-")
    assert datetime.fromisoformat(line["supersededAt"]).timestamp() == pytest.approx(actions.clock.now(), abs=60)
    assert (line["subscriptionId"], line["active"]) == (of(first, APP)["subscriptionId"], True)

    reapplied = actions.ok(ACTION, {**THREE_SEATS, "reapply": True})

    assert by_line(reapplied) == {APP: "amended", SEATS: "amended"}
    assert seats(actions, first) == [{"id": "addon-seats", "quantity": 3}]
    assert by_line(actions.ok(ACTION, THREE_SEATS)) == {APP: "unchanged", SEATS: "unchanged"}


SINCE: dict[str, tuple[dict[str, Any], str]] = {
    "cancel-subscription": ({"cancelWhen": "now"}, "CANCELED"),
    "reschedule-cancellation": ({"cancellationDate": "2098-12-31"}, "ACTIVE"),
    "cancel-scheduled-update": ({}, "ACTIVE"),
    "mark-invoice-paid": ({}, "ACTIVE"),
    "set-subscription-metadata": ({"metadata": {"tier": "gold"}}, "ACTIVE"),
    "migrate-subscription": ({"migrateWhen": "now"}, "ACTIVE"),
    "transfer-subscription": ({"destinationResourceId": "site-2"}, "ACTIVE"),
    "downgrade-subscription": ({}, "ACTIVE"),
    "renew-subscription": ({"planId": "plan-starter"}, "ACTIVE"),
}


@pytest.mark.parametrize("action", SINCE)
def test_whatever_came_since_stays(actions: Harness, action: str) -> None:
    """Whatever another request did to the line's subscription stays, and is named with how it is now."""
    request, status = SINCE[action]
    actions.ok(ACTION, deal(plan(), space()))
    actions.ok(action, {"salesforceRecordId": APP, **request})
    before, plans = writes(actions), running(actions)

    body = actions.ok(ACTION, deal(plan(), space()))

    assert (body["outcome"], by_line(body)) == ("unchanged", {APP: "superseded", SPACE: "unchanged"})
    assert action in of(body, APP)["message"]
    assert of(body, APP)["status"] == status
    assert (writes(actions), running(actions)) == (before, plans)


@pytest.mark.parametrize("action", [action for action in SINCE if action != "transfer-subscription"])
def test_all_of_it_can_be_applied_again(actions: Harness, action: str) -> None:
    """Asked to, a deal applies its lines whatever came since, and once."""
    request, _ = SINCE[action]
    wanted = deal(plan(), endDate="2099-12-31")
    actions.ok(ACTION, wanted)
    actions.ok(action, {"salesforceRecordId": APP, **request})

    body = actions.ok(ACTION, {**wanted, "reapply": True})
    before = writes(actions)

    assert of(body, APP)["outcome"] in {"amended", "replaced", "created", "unchanged"}
    assert running(actions) == ["plan-growth"]
    assert by_line(actions.ok(ACTION, wanted)) == {APP: "unchanged"}
    assert (by_line(actions.ok(ACTION, {**wanted, "reapply": True})), writes(actions)) == (
        {APP: "unchanged"},
        before,
    )


def test_a_moved_subscription_keeps_its_line(actions: Harness) -> None:
    """A subscription that moved to another resource is not sold again beside it, even if the deal is to be applied."""
    actions.ok(ACTION, deal(plan()))
    actions.ok("transfer-subscription", {"salesforceRecordId": APP, "destinationResourceId": "site-2"})

    body = actions.ok(ACTION, {**deal(plan()), "reapply": True})

    assert (of(body, APP)["outcome"], of(body, APP)["errorCode"]) == ("failed", "INVALID_REQUEST")
    assert "lineItems[0].resourceId: cannot change" in of(body, APP)["message"]
    assert running(actions) == ["plan-growth"]


def test_a_changed_deal_is_applied(actions: Harness) -> None:
    """A deal that asks for something else is no retry: it is applied to what there is by now."""
    actions.ok(ACTION, THREE_SEATS)
    actions.ok("update-subscription", SEATS_50)

    body = actions.ok(ACTION, deal(plan(), addon(quantity=4)))

    assert by_line(body) == {APP: "amended", SEATS: "amended"}
    assert seats(actions, body) == [{"id": "addon-seats", "quantity": 4}]


def test_a_canceled_line_that_is_edited_is_sold_again(actions: Harness) -> None:
    """A line whose subscription has ended, and that asks for something else by now, is provisioned anew."""
    actions.ok(ACTION, deal(plan()))
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    assert by_line(actions.ok(ACTION, deal(plan(), addon()))) == {APP: "created", SEATS: "created"}


BY_HAND: dict[str, tuple[Callable[[Harness, str], None], str]] = {
    "seats": (
        lambda actions, one: by_hand(actions, one, addons=[{"id": "addon-seats", "quantity": 99}]),
        "is 99, not 3",
    ),
    "an end": (lambda actions, one: by_hand(actions, one, cancellationDate="2098-01-01T00:00:00Z"), "cancellationDate"),
    "the end of it": (canceled_by_hand, "ended in Stigg"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_a_change_in_the_app_stays(actions: Harness, what: str) -> None:
    """What a person has changed in the Stigg app is left alone, said, and undone only if that is asked for."""
    change, expected = BY_HAND[what]
    wanted = deal(plan(), addon(quantity=3), entitlement(), endDate="2099-12-31")
    sold = of(actions.ok(ACTION, wanted), APP)["subscriptionId"]
    change(actions, sold)
    before = writes(actions)

    body = actions.ok(ACTION, wanted)

    assert (body["outcome"], set(by_line(body).values())) == ("unchanged", {"superseded"})
    assert expected in of(body, APP)["message"]
    assert writes(actions) == before

    reapplied = actions.ok(ACTION, {**wanted, "reapply": True})

    assert of(reapplied, APP)["outcome"] in {"amended", "created"}
    assert by_line(actions.ok(ACTION, wanted)) == dict.fromkeys((APP, SEATS, LIMIT), "unchanged")


@pytest.mark.parametrize("heard", [False, True])
def test_a_change_in_the_app_that_was_heard_of(actions: Harness, *, heard: bool) -> None:
    """A change in the app is answered in the same way, whether a webhook or reconcile has told of it or not."""
    wanted = deal(plan(), endDate="2099-12-31")
    first = actions.ok(ACTION, wanted)
    by_hand(actions, of(first, APP)["subscriptionId"], cancellationDate="2098-01-01T00:00:00Z")
    if heard:
        actions.invoke("reconcile", {"customerId": first["customerId"]})

    line = of(actions.ok(ACTION, wanted), APP)

    assert (line["outcome"], line["supersededBy"]) == ("superseded", "changedOutside")
    assert "cancellationDate is 2098-01-01T00:00:00.000Z, not 2099-12-31T23:59:59.000Z" in line["message"]
    assert ("supersededAt" in line) is heard
    assert by_line(actions.ok(ACTION, deal(plan(), endDate="2098-01-01T00:00:00Z"))) == {APP: "unchanged"}


def test_a_mapping_that_was_restored(actions: Harness) -> None:
    """A line whose mapping was lost and found again is as asked, or amended to it, as any deal that is new to it."""
    sold = of(actions.ok(ACTION, THREE_SEATS), APP)["subscriptionId"]
    actions.tables.lose_mappings()
    actions.invoke("reconcile", {"customerId": deal()["salesforceAccountId"]})

    body = actions.ok(ACTION, THREE_SEATS)

    assert (of(body, APP)["subscriptionId"], running(actions)) == (sold, ["plan-growth"])
    assert body["failedCount"] == 0


def test_entitlements_that_nobody_can_read(actions: Harness) -> None:
    """Entitlements that the app has changed are left alone; Stigg does not show their limits, so all are needed."""
    wanted = deal(plan(), entitlement())
    sold = of(actions.ok(ACTION, wanted), APP)["subscriptionId"]
    by_hand(actions, sold, entitlements=[{"type": "FEATURE", "id": "feature-sso"}])

    left, reapplied = actions.ok(ACTION, wanted), actions.ok(ACTION, {**wanted, "reapply": True})
    sso = entitlement(SEATS, onOffFeature=True) | {"stiggId": "feature-sso"}
    with_all = actions.ok(ACTION, deal(plan(), entitlement(), sso))

    assert "entitlements were changed" in of(left, APP)["message"]
    assert by_line(reapplied) == {APP: "failed", LIMIT: "failed"}
    assert "feature-sso. Give each of them a line of its own" in of(reapplied, APP)["message"]
    assert of(reapplied, APP)["message"].startswith("INVALID_REQUEST: lineItems: ")
    assert set(by_line(with_all).values()) == {"amended"}


def test_what_no_line_speaks_of_is_no_change(actions: Harness) -> None:
    """An add-on that a person added in the app, and no line speaks of, makes no line differ."""
    sold = of(actions.ok(ACTION, deal(plan())), APP)["subscriptionId"]
    by_hand(actions, sold, addons=[{"id": "addon-support", "quantity": 1}])

    assert by_line(actions.ok(ACTION, deal(plan()))) == {APP: "unchanged"}


def test_grants_have_nothing_newer(actions: Harness) -> None:
    """Credits that were granted stay granted, whatever comes after them."""
    actions.ok(ACTION, deal(bonus()))
    actions.ok("create-customer", {"salesforceAccountId": deal()["salesforceAccountId"], "name": "Acme Inc"})

    assert by_line(actions.ok(ACTION, {**deal(bonus()), "reapply": True})) == {BONUS: "unchanged"}
    assert len(actions.emulator.state()["grants"]) == 1


def test_of_a_newer_state(actions: Harness) -> None:
    """A deal that was made from a newer state than what came since is a newer wish, and applied."""
    actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -3600)})
    actions.ok("update-subscription", {**SEATS_50, "asOf": at(actions, -1800)})

    older = actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -2700)})
    newer = actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -900)})

    assert (by_line(older), by_line(newer)) == (BOTH_SUPERSEDED, {APP: "amended", SEATS: "amended"})
    assert seats(actions, newer) == [{"id": "addon-seats", "quantity": 3}]


def test_an_edited_deal_that_comes_too_late(actions: Harness) -> None:
    """A deal that asks for something else, and was made from an older state than what came since, changes nothing."""
    actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -3600)})
    actions.ok("update-subscription", {**SEATS_50, "asOf": at(actions, -1800)})
    before = writes(actions)
    edited = deal(plan(), addon(quantity=4), asOf=at(actions, -2700))

    body = actions.ok(ACTION, edited)

    line = of(body, SEATS)
    assert (body["outcome"], body["supersededCount"], by_line(body)) == ("unchanged", 2, BOTH_SUPERSEDED)
    assert (line["active"], line["supersededBy"].startswith("update-")) == (True, True)
    assert "update-subscription" in line["message"]
    assert writes(actions) == before
    assert by_line(actions.ok(ACTION, {**edited, "reapply": True})) == {APP: "amended", SEATS: "amended"}


def test_a_customer_that_was_changed_since(actions: Harness) -> None:
    """A customer that took something newer is left as it is, and the lines are looked at for themselves."""
    actions.ok("create-customer", {"salesforceAccountId": deal()["salesforceAccountId"], "name": "Acme"})
    late = deal(plan(), customerName="Acme Inc", updateCustomer=True, asOf=at(actions, -3600))

    body = actions.ok(ACTION, late)

    assert (body["customerOutcome"], by_line(body)) == ("superseded", {APP: "created"})
    assert [one["name"] for one in actions.emulator.state()["customers"]] == ["Acme"]
    again = actions.ok(ACTION, late)
    assert (again["outcome"], again["customerOutcome"], by_line(again)) == (
        "unchanged",
        "superseded",
        {APP: "unchanged"},
    )


def test_of_a_state_of_the_future(actions: Harness) -> None:
    """A state that is yet to come is refused before anything is done."""
    reply = actions.post(ACTION, deal(plan(), asOf=at(actions, 3600)))

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, ["asOf"])
    assert actions.writes_to_stigg() == []


def test_a_subscription_that_stigg_does_not_show(actions: Harness) -> None:
    """A subscription that Stigg does not have any more is no reason to say that all is well."""
    actions.ok(ACTION, deal(plan()))
    actions.emulator.reset()
    actions.emulator.by_hand("POST", "/api/v1/customers", {"id": deal()["salesforceAccountId"]})

    line = of(actions.ok(ACTION, deal(plan())), APP)

    assert (line["outcome"], line["errorCode"]) == ("failed", "SUBSCRIPTION_NOT_FOUND")


def test_a_payment_page_that_ended(actions: Harness) -> None:
    """A page that was paid, and whose subscription was canceled at once, is neither mapped nor in the way."""
    charged: dict[str, Any] = TO_BE_PAID
    page = of(actions.ok(ACTION, deal(plan(), bonus(), **charged)), APP)["subscriptionId"]
    actions.emulator.checkout(page)
    canceled_by_hand(actions, page)
    actions.invoke("reconcile", {"customerId": deal()["salesforceAccountId"]})

    removed = of(actions.ok(ACTION, deal(bonus(), **charged)), APP)

    assert removed["message"] == f"It no longer has a subscription: its subscription {page} is gone."


def test_of_a_newer_state_than_a_change_in_the_app(actions: Harness) -> None:
    """A change in the app without a time gives way to a newer state in Salesforce; an end that is newer does not."""
    sold = of(actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -3600)}), APP)["subscriptionId"]
    by_hand(actions, sold, addons=[{"id": "addon-seats", "quantity": 99}])

    applied = actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -1800)})
    canceled_by_hand(actions, sold)
    too_old = actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -900)})
    actions.clock.skip(120)
    new_enough = actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, 0)})

    assert by_line(applied) == {APP: "amended", SEATS: "amended"}
    assert by_line(too_old) == BOTH_SUPERSEDED
    assert by_line(new_enough) == {APP: "created", SEATS: "created"}


def test_a_newer_state_counts_though_nothing_differs(actions: Harness) -> None:
    """A deal that changes nothing is as new as it says: what is older than it comes too late."""
    actions.ok(ACTION, {**THREE_SEATS, "asOf": at(actions, -3600)})
    as_of = at(actions, -900)

    body = actions.ok(ACTION, {**THREE_SEATS, "asOf": as_of})
    mapped = actions.mapping(APP)

    assert by_line(body) == {APP: "unchanged", SEATS: "unchanged"}
    assert mapped is not None
    assert mapped.latest is not None
    assert mapped.latest.as_of == int(1000 * datetime.fromisoformat(as_of).timestamp())


def test_a_line_that_moved_is_not_sold_again(actions: Harness) -> None:
    """A subscription that a renewal handed to another record is not sold again, whatever the old deal asks for."""
    sold = of(actions.ok(ACTION, deal(plan())), APP)["subscriptionId"]
    moved = {"salesforceRecordId": APP, "newSalesforceRecordId": RENEWAL_LINE, "cancellationDate": "2099-12-31"}
    actions.ok("renew-subscription", moved)
    before = writes(actions)

    requests = [deal(plan()), deal(plan(), addon()), {**deal(plan()), "reapply": True}]
    bodies = [actions.ok(ACTION, request) for request in requests]

    assert [of(body, APP)["outcome"] for body in bodies] == ["superseded"] * 3
    assert all(sold in of(body, APP)["message"] and RENEWAL_LINE in of(body, APP)["message"] for body in some(bodies))
    assert (writes(actions), running(actions)) == (before, ["plan-growth"])
    assert in_stigg(actions, sold)["cancellationDate"] == "2099-12-31T23:59:59.000Z"


def test_a_line_that_moved_and_ended(actions: Harness) -> None:
    """Once the subscription that moved has ended, the line is sold again if that is asked for."""
    actions.ok(ACTION, deal(plan()))
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": RENEWAL_LINE})
    actions.ok("cancel-subscription", {"salesforceRecordId": RENEWAL_LINE, "cancelWhen": "now"})

    left = actions.ok(ACTION, deal(plan()))
    sold = actions.ok(ACTION, {**deal(plan()), "reapply": True})

    assert (by_line(left), by_line(sold)) == ({APP: "superseded"}, {APP: "created"})
    assert "reapply true" in of(left, APP)["message"]


def test_a_line_that_a_renewal_replaced_elsewhere(actions: Harness) -> None:
    """A renewal that put another plan in its place, for another record, took it from the line just so."""
    actions.ok(ACTION, deal(plan()))
    moved = {"salesforceRecordId": APP, "newSalesforceRecordId": RENEWAL_LINE, "planId": "plan-starter"}
    new = actions.ok("renew-subscription", moved)["subscriptionId"]

    bodies = [actions.ok(ACTION, request) for request in (deal(plan()), deal(plan(), addon()))]

    assert [of(body, APP)["outcome"] for body in bodies] == ["superseded", "superseded"]
    assert new in of(bodies[1], APP)["message"]
    assert running(actions) == ["plan-starter"]


def test_a_line_whose_place_another_deal_took(actions: Harness) -> None:
    """A late retry of an old opportunity does not take the place of what a newer one has sold."""
    actions.ok(ACTION, deal(plan()))
    newer = deal(plan(RENEWAL_LINE, "plan-starter"), salesforceOpportunityId=OPPORTUNITY.replace("1AAA", "2AAA"))
    new = of(actions.ok(ACTION, newer), RENEWAL_LINE)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan()))

    assert by_line(body) == {APP: "superseded"}
    assert new in of(body, APP)["message"]
    assert running(actions) == ["plan-starter"]


@pytest.mark.parametrize("term", [{"startDate": "2026-03-01T00:00:00+11:00"}, {"startDate": "2026-03-01"}])
def test_a_start_in_another_time_zone_is_no_change(actions: Harness, term: dict[str, str]) -> None:
    """A start that is given in the zone of its months is the same start when it is given again."""
    wanted = deal(plan(), bonus(), timeZone="Australia/Sydney", termMonths=600, **term)
    actions.ok(ACTION, wanted)

    assert by_line(actions.ok(ACTION, wanted)) == {APP: "unchanged", BONUS: "unchanged"}
    assert by_line(actions.ok(ACTION, {**wanted, "reapply": True})) == {APP: "unchanged", BONUS: "unchanged"}


def test_where_the_payment_page_leads_is_no_wish(actions: Harness) -> None:
    """Another address for the payment page makes no line another one."""
    pages = [{"successUrl": f"https://{name}.example", "cancelUrl": "https://b.example"} for name in ("a", "c")]
    actions.ok(ACTION, deal(plan(), checkoutOptions=pages[0]))
    actions.ok("update-subscription", SEATS_50)

    assert by_line(actions.ok(ACTION, deal(plan(), checkoutOptions=pages[1]))) == {APP: "superseded"}


def test_a_scheduled_start_is_no_change(actions: Harness) -> None:
    """What is to start later is as asked, as long as nobody touches it."""
    wanted = deal(plan(), startDate="2099-01-01")
    assert by_line(actions.ok(ACTION, wanted)) == {APP: "scheduled"}
    before = writes(actions)

    assert (by_line(actions.ok(ACTION, wanted)), writes(actions)) == ({APP: "unchanged"}, before)


def test_a_scheduled_start_that_moves(actions: Harness) -> None:
    """A start that moves from January to February leaves one subscription that is to start."""
    actions.ok(ACTION, deal(plan(), startDate="2099-01-01"))

    body = actions.ok(ACTION, deal(plan(), startDate="2099-02-01"))

    waiting = [one for one in actions.emulator.state()["subscriptions"] if one["status"] == "NOT_STARTED"]
    assert [(one["id"], one["startDate"]) for one in waiting] == [
        (of(body, APP)["subscriptionId"], "2099-02-01T00:00:00.000Z")
    ]
    assert by_line(actions.ok(ACTION, deal(plan(), startDate="2099-02-01"))) == {APP: "unchanged"}


def test_the_page_of_an_earlier_plan_is_paid(actions: Harness) -> None:
    """A line that was edited has two pages; when the first is paid, it is the line's, and the edit is applied to it."""
    growth, starter = deal(plan(), **TO_BE_PAID), deal(plan(plan_id="plan-starter"), **TO_BE_PAID)
    first = of(actions.ok(ACTION, growth), APP)["subscriptionId"]
    asked = of(actions.ok(ACTION, starter), APP)
    actions.emulator.checkout(first)

    again = of(actions.ok(ACTION, starter), APP)
    actions.emulator.checkout(asked["subscriptionId"])
    paid = of(actions.ok(ACTION, starter), APP)

    assert (again["outcome"], again["checkoutUrl"]) == ("paymentRequired", asked["checkoutUrl"])
    assert (paid["subscriptionId"], paid["active"], running(actions)) == (
        asked["subscriptionId"], True, ["plan-starter"],
    )  # fmt: skip


def test_a_payment_that_waits_is_asked_for_again(actions: Harness) -> None:
    """A change that waits for a payment is told with it again; paid, it is as asked."""
    charged: dict[str, Any] = TO_BE_PAID
    sold = of(actions.ok(ACTION, deal(plan(), **charged)), APP)["subscriptionId"]
    actions.emulator.checkout(sold)
    actions.ok(ACTION, deal(plan(), **charged))
    customer = deal()["salesforceAccountId"]
    actions.emulator.by_hand("DELETE", f"/api/v1/customers/{customer}/payment-method")
    more = deal(plan(), addon(), **charged)

    asked, again = actions.ok(ACTION, more), actions.ok(ACTION, more)
    actions.emulator.checkout(sold)
    paid = actions.ok(ACTION, more)

    assert by_line(asked) == by_line(again) == {APP: "paymentRequired", SEATS: "paymentRequired"}
    assert of(paid, APP)["outcome"] in {"amended", "unchanged"}
    assert by_line(actions.ok(ACTION, more)) == {APP: "unchanged", SEATS: "unchanged"}


def test_the_calls_of_a_retry(actions: Harness) -> None:
    """A retry reads the customer and one subscription for each plan line, and writes no operation."""
    actions.ok(ACTION, THREE_SEATS)
    before, calls = actions.operations(), len(actions.emulator.state()["calls"])

    actions.ok(ACTION, THREE_SEATS)

    assert (actions.operations(), len(actions.emulator.state()["calls"]) - calls) == (before, 2)
