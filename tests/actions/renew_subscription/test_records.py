"""renew-subscription, in this process: which record a subscription belongs to from then on, and from when on."""

from typing import Any

import pytest

from stigg_actions.storage.mapping import SubscriptionState
from tests.support.days import in_days
from tests.support.harness import ORG, Harness
from tests.support.renewing import (
    A_DAY,
    ACTION,
    ANOTHER_PLAN,
    AS_WANTED,
    ASKED_TO_REPLACE,
    ENTITLEMENTS,
    IN_PLACE,
    MORE_SEATS,
    SEATS,
    by_id,
    current,
    last_line,
    renewal,
    running,
    sent,
    upcoming,
)
from tests.support.requests import LINE, OTHER_LINE, RENEWAL_LINE, in_stigg, sold, sold_in_the_app

FOLLOWER = "A subscription to plan-growth waits to replace it; cancel that one if it is not wanted."
TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}
IN_A_MONTH = in_days(31)
A_MONTH = 32 * A_DAY


def known(actions: Harness, subscription_id: str) -> SubscriptionState:
    """Return what the tables know of a subscription."""
    state = actions._ledger().subscription(subscription_id)  # noqa: SLF001 - what no action answers with

    assert state is not None
    return state


def downgraded(actions: Harness, **terms: Any) -> tuple[str, str]:  # noqa: ANN401 - any field of a request
    """Sell, then put the grace plan in its place; return both ids, the second of which can be restored."""
    before = sold(actions, **terms)
    grace = actions.ok("downgrade-subscription", {"salesforceRecordId": LINE, "downgradeWhen": "now"})
    return before, str(grace["subscriptionId"])


def test_an_amended_subscription_moves(actions: Harness) -> None:
    """The same subscription belongs to the new line: mapping, marks and pointers follow, both histories tell."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert (body["outcome"], body["subscriptionId"]) == ("updated", subscription_id)
    assert body["salesforceRecordId"] == RENEWAL_LINE
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, subscription_id)
    assert known(actions, subscription_id).record_id == RENEWAL_LINE
    assert in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"] == RENEWAL_LINE
    assert actions.history(RENEWAL_LINE) == ["renewed"]
    assert (last_line(actions, RENEWAL_LINE)["other_record_id"], last_line(actions, LINE)["other_record_id"]) == (
        LINE,
        RENEWAL_LINE,
    )
    assert actions.history(LINE) == ["created", "moved"]
    assert actions.live("cust-acme") == [subscription_id]


def test_a_move_alone_is_no_change_in_stigg_but_its_mark(actions: Harness) -> None:
    """Nothing differs but the record: the outcome is unchanged, and the mapping moves all the same."""
    subscription_id = sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert (body["outcome"], body["decision"], body["reasons"], body["changes"]) == (
        "unchanged",
        "none",
        [AS_WANTED],
        [],
    )
    assert current(actions, RENEWAL_LINE) == subscription_id
    assert in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"] == RENEWAL_LINE
    assert (actions.history(RENEWAL_LINE), actions.history(LINE)) == (["renewed"], ["created", "moved"])


def test_a_replaced_subscription_is_closed_on_its_line(actions: Harness) -> None:
    """The new subscription belongs to the new line, and the old line is closed; each history names the other."""
    old = sold(actions)

    body = actions.ok(ACTION, renewal(planId="plan-starter", **TO_THE_NEW_LINE))

    new = body["subscriptionId"]
    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", old)
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, new)
    renewed, closed = last_line(actions, RENEWAL_LINE), last_line(actions, LINE)
    assert renewed.items() >= {"event": "renewed", "other_record_id": LINE, "replaced_subscription_id": old}.items()
    assert (
        closed.items()
        >= {"event": "closed", "other_record_id": RENEWAL_LINE, "replaced_by_subscription_id": new}.items()
    )
    assert in_stigg(actions, new)["metadata"]["salesforceRecordId"] == RENEWAL_LINE
    assert actions.live("cust-acme") == [new]


def test_an_ended_subscription_goes_on_with_another_line(actions: Harness) -> None:
    """What had ended already is closed on its line too, so that nobody renews it from there again."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    body = actions.ok(ACTION, renewal(**TO_THE_NEW_LINE))

    assert (body["outcome"], current(actions), current(actions, RENEWAL_LINE)) == (
        "created",
        None,
        body["subscriptionId"],
    )
    assert actions.history(LINE)[-1] == "closed"


@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"planId": "plan-starter"}])
def test_a_repeat_names_the_old_line(actions: Harness, wanted: dict[str, Any]) -> None:
    """The Flow runs again and still names the old line: the same answer, with either form of the ids."""
    sold(actions)
    first = actions.ok(ACTION, renewal(**wanted, **TO_THE_NEW_LINE))

    again = actions.ok(ACTION, renewal(salesforceRecordId=LINE[:15], **wanted, newSalesforceRecordId=RENEWAL_LINE[:15]))

    assert again == {**first, "replayed": True, "correlationId": again["correlationId"]}


@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"planId": "plan-starter"}])
def test_a_repeat_a_day_later_looks_whether_it_stands(actions: Harness, wanted: dict[str, Any]) -> None:
    """A day later the same request by the old line finds that all is as wanted; nothing moves or is sold twice."""
    sold(actions)
    first = actions.ok(ACTION, renewal(**wanted, **TO_THE_NEW_LINE))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, renewal(**wanted, **TO_THE_NEW_LINE))
    once_more = actions.ok(ACTION, renewal(**wanted, **TO_THE_NEW_LINE))

    assert (again["outcome"], again["decision"], again["replayed"]) == ("unchanged", "none", False)
    assert again["subscriptionId"] == first["subscriptionId"] == current(actions, RENEWAL_LINE)
    assert once_more["replayed"]
    assert (actions.history(RENEWAL_LINE), running(actions)) == (["renewed"], [first["subscriptionId"]])
    assert known(actions, first["subscriptionId"]).record_id == RENEWAL_LINE


def test_a_day_later_what_changed_meanwhile_is_not_touched(actions: Harness) -> None:
    """A day later the old line has no subscription to renew any more, if that of the new line went its own way."""
    sold(actions)
    actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))
    actions.ok("update-subscription", {"salesforceRecordId": RENEWAL_LINE, "addons": MORE_SEATS})
    actions.clock.skip(A_DAY)

    reply = actions.post(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert sent(actions, str(current(actions, RENEWAL_LINE)))["addons"] == MORE_SEATS


@pytest.mark.parametrize("lost", [False, True])
def test_a_day_later_an_ended_successor_is_no_answer(actions: Harness, *, lost: bool) -> None:
    """A day later a successor that has ended, or that Stigg has lost, does not stand; nor is it replaced by mistake."""
    old = sold(actions)
    wish = by_id(old, planId="plan-starter")
    new = actions.ok(ACTION, wish)["subscriptionId"]
    if lost:
        actions.emulator.fault("GET", f"/subscriptions/{new}$", "status", 404)
    else:
        actions.ok("cancel-subscription", {"subscriptionId": new, "cancelWhen": "now"})
    actions.clock.skip(A_DAY)

    reply = actions.post(ACTION, wish)

    (detail,) = reply.body["details"]
    assert (reply.status, detail["field"]) == (400, "subscriptionId")
    assert f"means {old}, in whose place there is" in detail["problem"]


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_was_replaced_in_the_app_is_not_renewed(actions: Harness, *, dry_run: bool) -> None:
    """A subscription in whose place there is another one by now is refused, in a dry run too."""
    sold(actions)
    elsewhere = sold_in_the_app(actions, planId="plan-starter")

    reply = actions.post(ACTION, renewal(addons=SEATS, dryRun=dry_run))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "salesforceRecordId")
    assert running(actions) == [elsewhere]


def test_a_repeat_by_the_old_id_a_day_later(actions: Harness) -> None:
    """Named by the id of what it replaced, a renewal is not done twice either."""
    old = sold(actions)
    wish = by_id(old, planId="plan-starter")
    first = actions.ok(ACTION, wish)
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, wish)

    assert (again["outcome"], again["subscriptionId"]) == ("unchanged", first["subscriptionId"])
    assert (current(actions), actions.history(LINE)) == (first["subscriptionId"], ["created", "renewed"])


def test_replace_asked_for_a_day_later_is_a_new_wish(actions: Harness) -> None:
    """By the record, which names what stands now, strategy replace provisions anew every time it is wanted anew."""
    sold(actions)
    first = actions.ok(ACTION, renewal(strategy="replace"))
    repeated = actions.ok(ACTION, renewal(strategy="replace"))
    actions.clock.skip(A_DAY)

    second = actions.ok(ACTION, renewal(strategy="replace"))

    assert (repeated["replayed"], second["replayed"]) == (True, False)
    assert (second["outcome"], second["replacedSubscriptionId"]) == ("replaced", first["subscriptionId"])


def test_renewed_updated_and_renewed_again(actions: Harness) -> None:
    """The same renewal after an update in between is wanted anew."""
    subscription_id = sold(actions)
    actions.ok(ACTION, renewal(addons=SEATS))
    actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": MORE_SEATS})

    body = actions.ok(ACTION, renewal(addons=SEATS))

    assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert sent(actions, subscription_id)["addons"] == SEATS


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"planId": "plan-starter"}])
def test_a_taken_record_is_refused(actions: Harness, wanted: dict[str, Any], *, dry_run: bool) -> None:
    """A new record that has a subscription of its own is refused, with its id, in a dry run too."""
    sold(actions)
    other = sold(actions, salesforceRecordId=RENEWAL_LINE, planId="plan-workspace", resourceId="site-1")
    before = actions.writes_to_stigg()

    reply = actions.post(ACTION, renewal(**wanted, **TO_THE_NEW_LINE, dryRun=dry_run))

    assert (reply.status, reply.body["errorCode"]) == (409, "RECORD_IN_USE")
    assert other in reply.body["errorMessage"]
    assert actions.writes_to_stigg() == before


def test_the_new_record_must_be_another(actions: Harness) -> None:
    """A new record that is the old one, in either form, is refused by name."""
    reply = actions.post(ACTION, renewal(newSalesforceRecordId=LINE[:15]))

    told = "is the same as salesforceRecordId; leave it out, or give the new record"
    assert (reply.status, reply.body["details"]) == (400, [{"field": "newSalesforceRecordId", "problem": told}])


def test_what_was_sold_in_the_app_is_given_a_record(actions: Harness) -> None:
    """Amended under a new record, a subscription of Stigg's app is mapped; what replaces it closes that record."""
    subscription_id = sold_in_the_app(actions)

    actions.ok(ACTION, by_id(subscription_id, addons=SEATS, **TO_THE_NEW_LINE))
    mapped, live = current(actions, RENEWAL_LINE), actions.live("cust-acme")
    sold(actions, planId="plan-starter")

    assert (mapped, live) == (subscription_id, [subscription_id])
    assert (current(actions, RENEWAL_LINE), actions.history(RENEWAL_LINE)) == (None, ["renewed", "closed"])


def test_a_renewal_named_by_id_keeps_to_its_record(actions: Harness) -> None:
    """A subscription named by its id stays its record's; given as the new one, that record is no move."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=SEATS, newSalesforceRecordId=LINE))

    assert (body["salesforceRecordId"], current(actions), actions.history(LINE)) == (
        LINE, subscription_id, ["created", "renewed"],
    )  # fmt: skip


def test_a_renewal_ahead(actions: Harness) -> None:
    """With a start in the future the running subscription stays the record's until the new one starts."""
    old = sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(startDate=IN_A_MONTH, addons=MORE_SEATS))

    new = body["subscriptionId"]
    assert (body["outcome"], body["status"], body["active"]) == ("scheduled", "NOT_STARTED", False)
    assert body["reasons"] == ["startDate: Stigg cannot change the start date of a subscription in place."]
    assert (current(actions), upcoming(actions), running(actions)) == (old, new, [old])
    assert actions.history(LINE) == ["created", "renewalScheduled"]
    assert actions.live("cust-acme") == sorted([old, new])
    actions.clock.skip(A_MONTH)
    actions.emulator.advance(A_MONTH)
    assert (current(actions), upcoming(actions), running(actions)) == (new, None, [new])


def test_a_renewal_ahead_is_not_scheduled_twice(actions: Harness) -> None:
    """Repeated at once it is replayed; a day later the successor that waits is found as wanted, by record and by id."""
    old = sold(actions)
    first = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))
    replayed = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))
    by_its_id = actions.ok(ACTION, by_id(old, startDate=IN_A_MONTH, billingPeriod="MONTHLY", planId="plan-starter"))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, by_id(old, startDate=IN_A_MONTH, billingPeriod="MONTHLY", planId="plan-starter"))

    assert replayed["replayed"]
    assert (again["outcome"], again["subscriptionId"]) == ("unchanged", by_its_id["subscriptionId"])
    waiting = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "NOT_STARTED"]
    assert waiting == [by_its_id["subscriptionId"]] == [upcoming(actions)]
    assert first["subscriptionId"] not in actions.live("cust-acme")


def test_a_renewal_ahead_on_a_new_line(actions: Harness) -> None:
    """The new line has the successor at once, the old line keeps its subscription until then, and both tell."""
    old = sold(actions)

    body = actions.ok(ACTION, renewal(startDate=IN_A_MONTH, **TO_THE_NEW_LINE))

    assert (current(actions), current(actions, RENEWAL_LINE)) == (old, body["subscriptionId"])
    assert (actions.history(LINE), actions.history(RENEWAL_LINE)) == (
        ["created", "renewalScheduled"],
        ["renewalScheduled"],
    )
    told = last_line(actions, LINE)
    assert (told["other_record_id"], told["replaced_by_subscription_id"]) == (RENEWAL_LINE, body["subscriptionId"])


def test_what_is_to_follow_stays_with_its_line(actions: Harness) -> None:
    """When the current subscription moves to a new line, what was to follow it stays where it was asked for."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))["subscriptionId"]

    body = actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert body["reasons"] == [
        IN_PLACE,
        FOLLOWER,
    ]
    assert (current(actions), upcoming(actions), current(actions, RENEWAL_LINE)) == (None, ahead, old)
    actions.clock.skip(A_MONTH)
    assert current(actions) == ahead


def test_what_is_to_follow_moves_alone(actions: Harness) -> None:
    """Named by its id, the successor moves to another line, and the current subscription stays."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))["subscriptionId"]

    actions.ok(ACTION, by_id(ahead, addons=SEATS, **TO_THE_NEW_LINE))

    assert (current(actions), upcoming(actions), current(actions, RENEWAL_LINE)) == (old, None, ahead)


def test_a_replacement_withdraws_what_was_to_follow(actions: Harness) -> None:
    """Replaced now, Stigg withdraws the successor that waited for its time; the reasons say so, the mapping follows."""
    sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH, planId="plan-starter"))["subscriptionId"]

    now = actions.ok(ACTION, renewal(strategy="replace"))

    assert now["reasons"] == [
        ASKED_TO_REPLACE,
        "Changes that still wait are not kept (DOWNGRADE); give them in the request if they are needed.",
    ]
    assert (current(actions), upcoming(actions)) == (now["subscriptionId"], None)
    assert ahead not in actions.live("cust-acme")


def test_restores_the_terms_before_a_downgrade(actions: Harness) -> None:
    """What the grace plan took away comes back, with what is asked for on top; metadata stays as it is."""
    terms = {
        "addons": SEATS,
        "entitlements": ENTITLEMENTS,
        "planBaseChargeOverride": {"amount": 150, "currency": "usd"},
    }
    before, grace = downgraded(actions, **terms)

    body = actions.ok(ACTION, renewal(restore=True, addons=MORE_SEATS))

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
    """The end of a contract that was cut off cannot be told from when it was cut off: it is given, or there is none."""
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

    problem = {"field": "restore", "problem": "there is nothing to restore: it was not downgraded"}
    assert [(reply.status, reply.body["details"]) for reply in replies] == [(400, [problem])] * 2


def test_other_lines_are_left_alone(actions: Harness) -> None:
    """A renewal touches the record that it names and the new one, no other of the customer."""
    sold(actions)
    other = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="site-1")

    actions.ok(ACTION, renewal(planId="plan-starter", **TO_THE_NEW_LINE))

    assert (current(actions, OTHER_LINE), actions.history(OTHER_LINE)) == (other, ["created"])
    assert actions.mapping(RENEWAL_LINE, ORG) is not None
