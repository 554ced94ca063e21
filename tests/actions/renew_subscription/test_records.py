"""renew-subscription, in this process: which record a subscription belongs to from then on, and from when on."""

from typing import Any

import pytest

from stigg_actions.storage.mapping import SubscriptionState
from tests.support.harness import ORG, Harness
from tests.support.renewals import (
    A_DAY,
    ACTION,
    AS_WANTED,
    ENTITLEMENTS,
    MORE_SEATS,
    SEATS,
    by_id,
    decided,
    last_line,
    renewal,
    running,
    sent,
)
from tests.support.requests import LINE, OTHER_LINE, RENEWAL_LINE, current, in_stigg, sold, sold_in_the_app

TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}


def known(actions: Harness, subscription_id: str) -> SubscriptionState:
    """Return what the tables know of a subscription."""
    state = actions._ledger().subscription(subscription_id)  # noqa: SLF001 - what no action answers with

    assert state is not None
    return state


def mark(actions: Harness, subscription_id: str) -> str:
    """Return the record that Stigg's metadata names."""
    return str(in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"])


@pytest.mark.parametrize("named_by_id", [False, True])
def test_an_amended_subscription_moves(actions: Harness, *, named_by_id: bool) -> None:
    """The same subscription belongs to the new record: mapping, metadata and both histories say so."""
    subscription_id = sold(actions)
    request = by_id(subscription_id) if named_by_id else renewal()

    body = actions.ok(ACTION, {**request, "addons": SEATS, **TO_THE_NEW_LINE})

    assert (body["outcome"], body["decision"], body["subscriptionId"]) == ("updated", "amend", subscription_id)
    assert body["salesforceRecordId"] == mark(actions, subscription_id) == RENEWAL_LINE
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, subscription_id)
    assert known(actions, subscription_id).record_id == RENEWAL_LINE
    assert (actions.history(LINE), actions.history(RENEWAL_LINE)) == (["created", "moved"], ["renewed"])
    moved = {"subscription_id": subscription_id, "other_record_id": RENEWAL_LINE}
    assert last_line(actions, LINE).items() >= moved.items()
    assert last_line(actions, RENEWAL_LINE).items() >= {**moved, "other_record_id": LINE}.items()
    assert actions.live("cust-acme") == [subscription_id]


def test_a_move_alone_is_no_change_in_stigg_but_its_mark(actions: Harness) -> None:
    """Where only the record differs, the outcome is unchanged, the mapping moves, and metadata stays."""
    subscription_id = sold(actions, addons=SEATS, metadata={"tier": "gold"})

    body = actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert (*decided(body), body["changes"]) == ("unchanged", "none", [AS_WANTED], [])
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, subscription_id)
    metadata = {"salesforceRecordId": RENEWAL_LINE, "tier": "gold"}
    assert in_stigg(actions, subscription_id)["metadata"].items() >= metadata.items()
    assert (actions.history(RENEWAL_LINE), actions.history(LINE)) == (["renewed"], ["created", "moved"])


def test_a_replaced_subscription_is_closed_on_its_line(actions: Harness) -> None:
    """The new subscription belongs to the new record, and the old record is closed; each history names the other."""
    old = sold(actions)

    body = actions.ok(ACTION, renewal(planId="plan-starter", **TO_THE_NEW_LINE))

    new = body["subscriptionId"]
    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", old)
    assert body["salesforceRecordId"] == mark(actions, new) == RENEWAL_LINE
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, new)
    renewed = {"event": "renewed", "subscription_id": new, "other_record_id": LINE, "replaced_subscription_id": old}
    closed = {
        "event": "closed", "subscription_id": old, "other_record_id": RENEWAL_LINE, "replaced_by_subscription_id": new,
    }  # fmt: skip
    assert last_line(actions, RENEWAL_LINE).items() >= renewed.items()
    assert last_line(actions, LINE).items() >= closed.items()
    assert actions.live("cust-acme") == running(actions) == [new]


def test_an_ended_subscription_goes_on_with_another_line(actions: Harness) -> None:
    """What had ended already is closed on its line too, so that it is not renewed from there again."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    body = actions.ok(ACTION, renewal(**TO_THE_NEW_LINE))

    assert (body["outcome"], current(actions), current(actions, RENEWAL_LINE)) == (
        "created",
        None,
        body["subscriptionId"],
    )
    assert actions.history(LINE)[-1] == "closed"


@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"planId": "plan-starter"}, {}])
def test_a_repeat_names_the_old_line(actions: Harness, wanted: dict[str, Any]) -> None:
    """A repeated request of the old record gets the same answer, with either form of the ids; another finds nothing."""
    sold(actions)
    first = actions.ok(ACTION, renewal(**wanted, **TO_THE_NEW_LINE))
    writes = actions.writes_to_stigg()

    again = actions.ok(ACTION, renewal(salesforceRecordId=LINE[:15], **wanted, newSalesforceRecordId=RENEWAL_LINE[:15]))
    other = actions.post(ACTION, renewal(planId="plan-enterprise"))

    assert again == {**first, "replayed": True, "correlationId": again["correlationId"]}
    assert (other.status, other.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert actions.writes_to_stigg() == writes


def test_the_new_record_goes_on(actions: Harness) -> None:
    """The new record acts on the subscription, passes it on, and the first record can get it back."""
    subscription_id = sold(actions)
    actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    actions.ok("update-subscription", {"salesforceRecordId": RENEWAL_LINE, "billingPeriod": "ANNUALLY"})
    actions.ok(ACTION, renewal(salesforceRecordId=RENEWAL_LINE, newSalesforceRecordId=OTHER_LINE, metadata={"a": "1"}))
    actions.ok(ACTION, renewal(salesforceRecordId=OTHER_LINE, newSalesforceRecordId=LINE))

    assert [current(actions, record) for record in (RENEWAL_LINE, OTHER_LINE, LINE)] == [None, None, subscription_id]
    assert actions.history(RENEWAL_LINE) == ["renewed", "updated", "moved"]
    assert actions.history(OTHER_LINE) == ["renewed", "moved"]
    assert actions.history(LINE) == ["created", "moved", "renewed"]
    assert mark(actions, subscription_id) == LINE


@pytest.mark.parametrize("move", [{}, TO_THE_NEW_LINE])
@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"planId": "plan-starter"}])
def test_a_repeat_a_day_later_looks_whether_it_stands(
    actions: Harness, wanted: dict[str, Any], move: dict[str, Any]
) -> None:
    """A day later the same request by the old record finds no difference; nothing moves or is sold twice."""
    sold(actions)
    request, record = renewal(**wanted, **move), move.get("newSalesforceRecordId", LINE)
    first = actions.ok(ACTION, request)
    actions.clock.skip(A_DAY)
    writes = actions.writes_to_stigg()

    again = actions.ok(ACTION, request)
    once_more = actions.ok(ACTION, request)

    assert (again["outcome"], again["decision"], again["replayed"]) == ("unchanged", "none", False)
    assert again["subscriptionId"] == first["subscriptionId"] == current(actions, record)
    assert (once_more["replayed"], actions.writes_to_stigg()) == (True, writes)
    assert (actions.history(record)[-1:], running(actions)) == (["renewed"], [first["subscriptionId"]])
    assert known(actions, first["subscriptionId"]).record_id == record


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
    assert f"names subscription {old}, which" in detail["problem"]


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
    """By the record, which names what stands now, strategy replace provisions again with every new request."""
    sold(actions)
    first = actions.ok(ACTION, renewal(strategy="replace"))
    repeated = actions.ok(ACTION, renewal(strategy="replace"))
    actions.clock.skip(A_DAY)

    second = actions.ok(ACTION, renewal(strategy="replace"))

    assert (repeated["replayed"], second["replayed"]) == (True, False)
    assert (second["outcome"], second["replacedSubscriptionId"]) == ("replaced", first["subscriptionId"])


@pytest.mark.parametrize(
    ("name", "wanted", "other"),
    [
        ("addons", SEATS, MORE_SEATS),
        ("entitlements", ENTITLEMENTS, [{**ENTITLEMENTS[0], "usageLimit": 9}]),
    ],
)
def test_renewed_updated_and_renewed_again(actions: Harness, name: str, wanted: object, other: object) -> None:
    """The same renewal takes effect again after an update in between."""
    subscription_id = sold(actions)

    answers = [
        actions.ok(ACTION, renewal(**{name: wanted})),
        actions.ok("update-subscription", {"salesforceRecordId": LINE, name: other}),
        actions.ok(ACTION, renewal(**{name: wanted})),
    ]

    assert [(answer["outcome"], answer["replayed"]) for answer in answers] == [("updated", False)] * 3
    assert sent(actions, subscription_id)[name] == wanted
    assert actions.history(LINE) == ["created", "renewed", "updated", "renewed"]


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

    message = "is the same as salesforceRecordId; leave it out, or give the new record"
    assert (reply.status, reply.body["details"]) == (400, [{"field": "newSalesforceRecordId", "problem": message}])


@pytest.mark.parametrize("wanted", [{}, {"addons": SEATS}, {"planId": "plan-starter", "billingPeriod": "MONTHLY"}])
def test_what_was_sold_in_the_app_is_given_a_record(actions: Harness, wanted: dict[str, Any]) -> None:
    """A subscription of Stigg's app gets a record, amended or replaced; a replacement for another record closes it."""
    app = sold_in_the_app(actions)

    body = actions.ok(ACTION, by_id(app, **wanted, **TO_THE_NEW_LINE))
    mapped, live, line = current(actions, RENEWAL_LINE), actions.live("cust-acme"), last_line(actions, RENEWAL_LINE)
    record = mark(actions, body["subscriptionId"])
    sold(actions, planId="plan-enterprise")

    assert ([mapped], record) == ([body["subscriptionId"]], RENEWAL_LINE)
    assert live == [body["subscriptionId"]]
    assert (line["event"], line["subscription_id"], "other_record_id" in line) == ("renewed", mapped, False)
    assert (current(actions, RENEWAL_LINE), actions.history(RENEWAL_LINE)) == (None, ["renewed", "closed"])


def test_a_renewal_named_by_id_keeps_to_its_record(actions: Harness) -> None:
    """A subscription named by its id stays its record's; given as the new one, that record is no move."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=SEATS, newSalesforceRecordId=LINE))

    assert (body["salesforceRecordId"], current(actions), actions.history(LINE)) == (
        LINE, subscription_id, ["created", "renewed"],
    )  # fmt: skip


def test_other_lines_are_left_alone(actions: Harness) -> None:
    """A renewal touches the record that it names and the new one, no other of the customer."""
    sold(actions)
    other = sold(actions, salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="site-1")

    actions.ok(ACTION, renewal(planId="plan-starter", **TO_THE_NEW_LINE))

    assert (current(actions, OTHER_LINE), actions.history(OTHER_LINE)) == (other, ["created"])
    assert actions.mapping(RENEWAL_LINE, ORG) is not None
