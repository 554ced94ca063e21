"""provision-opportunity with quantityMode: differences are added to what runs, each once; a total of 0 removes."""

from functools import partial
from typing import Any

import pytest

from tests.support.crashes import container_that_first, crash
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    NEW_APP,
    NEW_SEATS,
    SEATS,
    SPACE,
    TOKENS,
    addon,
    bonus,
    by_line,
    credit,
    deal,
    entitlement,
    of,
    plan,
    running,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import TO_BE_PAID, in_stigg, sold_in_the_app

AMENDMENT = "006000000000002AAA"
OTHER_AMENDMENT = "006000000000003AAA"
CHANGE, OTHER_CHANGE, MORE, OTHER_MORE = (f"00k0000000000{number}AAA" for number in range(21, 25))
"""Lines of two amendments: a plan and seats of each."""
SOLD = deal(plan(), addon(quantity=10), entitlement(), credit())


def delta(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a deal whose quantities are differences."""
    return deal(*lines, **{"quantityMode": "delta", **changes})


def unchanged(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line that changes no quantity."""
    return {**line, "quantity": 0}


def amendment(
    subscription_id: str,
    seats: float = 5,
    line: str = CHANGE,
    more: str = MORE,
    **changes: Any,  # noqa: ANN401 - any field
) -> dict[str, Any]:
    """Return an amendment that changes the seats of a subscription."""
    opportunity = AMENDMENT if line == CHANGE else OTHER_AMENDMENT
    lines = (unchanged(plan(line, subscriptionId=subscription_id)), addon(more, quantity=seats))
    return delta(*lines, **{"salesforceOpportunityId": opportunity, **changes})


def sold(actions: Harness, request: dict[str, Any] = SOLD) -> str:
    """Provision the first deal; return its subscription."""
    return str(of(actions.ok(ACTION, request), APP)["subscriptionId"])


def seats(actions: Harness, subscription_id: str) -> int:
    """Return how many seats a subscription has in Stigg."""
    return int(
        {one["id"]: one["quantity"] for one in in_stigg(actions, subscription_id)["addons"]}.get("addon-seats", 0)
    )


def limits(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return the limits and amounts that the tables remember of a subscription."""
    given = actions.terms(subscription_id).get("entitlements", [])
    return {one["id"]: one.get("usageLimit", one.get("amount")) for one in given}


def test_an_amendment(actions: Harness) -> None:
    """An amendment of a subscription by its id adds to what runs, takes the subscription over, and counts once."""
    subscription_id = sold(actions)

    body, before = actions.ok(ACTION, amendment(subscription_id)), writes(actions)
    again = actions.ok(ACTION, amendment(subscription_id))
    late = actions.ok(ACTION, SOLD)

    assert by_line(body) == {CHANGE: "amended", MORE: "amended"}
    assert "addon-seats went from 10 to 15" in of(body, MORE)["message"]
    assert (seats(actions, subscription_id), limits(actions, subscription_id)) == (
        15, {"feature-seats": 80, "cred-type-tokens": 1000},
    )  # fmt: skip
    assert (by_line(again), writes(actions) - before) == ({CHANGE: "unchanged", MORE: "unchanged"}, 0)
    assert set(by_line(late).values()) == {"superseded"}
    assert (seats(actions, subscription_id), running(actions)) == (15, ["plan-growth"])


def test_a_correction(actions: Harness) -> None:
    """A line that is corrected from 5 to 7 adds 2 more, one that is set back takes them off; reapply adds nothing."""
    subscription_id = sold(actions)
    counts = []

    for quantity in (5, 7, 5, -3):
        actions.ok(ACTION, amendment(subscription_id, quantity))
        actions.ok(ACTION, amendment(subscription_id, quantity, reapply=True))
        counts.append(seats(actions, subscription_id))

    assert counts == [15, 17, 15, 7]


def test_a_change_in_between(actions: Harness) -> None:
    """A difference applies to what runs then, also after changes by others; the rest of the subscription stays."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))
    actions.ok("update-subscription", {"salesforceRecordId": CHANGE, "addons": [{"id": "addon-seats", "quantity": 40}]})

    late = actions.ok(ACTION, amendment(subscription_id))
    body = actions.ok(ACTION, amendment(subscription_id, 6))

    assert by_line(late) == {CHANGE: "superseded", MORE: "superseded"}
    assert (by_line(body)[MORE], seats(actions, subscription_id)) == ("amended", 41)


def test_every_kind_of_line(actions: Harness) -> None:
    """Units, add-ons, limits and credits of a line's own subscription change by their differences, a grant adds."""
    subscription_id = sold(
        actions, deal(plan() | {"quantity": 3}, addon(quantity=10), entitlement(resetPeriod="MONTH"), credit())
    )
    lines = (plan() | {"quantity": 2}, addon(quantity=-4), entitlement(quantity=-80), credit(quantity=500.5), bonus())

    body = actions.ok(ACTION, delta(*lines))
    again = actions.ok(ACTION, delta(*lines))

    now = of(body, APP)["subscriptionId"]
    terms = actions.terms(now)
    assert by_line(body) == {
        APP: "replaced",
        SEATS: "replaced",
        LIMIT: "replaced",
        TOKENS: "replaced",
        BONUS: "created",
    }
    assert now != subscription_id
    assert (terms["unitQuantity"], seats(actions, now)) == (5, 6)
    assert limits(actions, now) == {"feature-seats": 0, "cred-type-tokens": 1500.5}
    assert {one["id"]: one.get("resetPeriod") for one in terms["entitlements"]}["feature-seats"] == "MONTH"
    assert set(by_line(again).values()) == {"unchanged"}
    assert running(actions) == ["plan-growth"]


def test_down_to_none(actions: Harness) -> None:
    """A difference that leaves none removes an add-on and credits."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, delta(unchanged(plan()), addon(quantity=-10), credit(quantity=-1000)))

    assert by_line(body) == {APP: "amended", SEATS: "amended", TOKENS: "amended", LIMIT: "removed"}
    assert (seats(actions, subscription_id), limits(actions, subscription_id)) == (0, {"feature-seats": 80})


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "more seats than there are": (addon(quantity=-11), "has 10 now, so that -1 would be left"),
    "more units than there are": (plan() | {"quantity": -1}, "use cancel-subscription"),
    "a limit that only the plan gives": (
        entitlement() | {"stiggId": "feature-api-calls"},
        "not granted with the subscription",
    ),
    "an unlimited feature": (entitlement() | {"stiggId": "feature-sso"}, "is unlimited there"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_changed(actions: Harness, what: str) -> None:
    """A difference below what is left, or to what is not known, fails its line and changes nothing."""
    line, words = REFUSED[what]
    lines = [
        plan(),
        addon(quantity=10),
        entitlement("00k000000000031AAA", hasUnlimitedUsage=True) | {"stiggId": "feature-sso"},
    ]
    subscription_id = sold(actions, deal(*lines))
    before = writes(actions)
    others = [] if line["salesforceLineItemId"] == APP else [unchanged(plan())]

    failed = of(actions.ok(ACTION, delta(*others, line)), line["salesforceLineItemId"])

    assert (failed["outcome"], failed["errorCode"], failed["retryable"]) == ("failed", "INVALID_REQUEST", False)
    assert words in failed["message"]
    assert ".quantity" in failed["message"]
    assert (seats(actions, subscription_id), writes(actions) - before) == (10, 0)


def test_what_stigg_does_not_return(actions: Harness) -> None:
    """Units and limits that were given in the Stigg app are not known; add-ons are."""
    actions.ok(
        "create-customer",
        {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": SOLD["salesforceAccountId"]},
    )
    extra: dict[str, Any] = {
        "addons": [{"id": "addon-seats", "quantity": 2}],
        "entitlements": [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 7}],
    }
    subscription_id = sold_in_the_app(actions, "sub-of-the-app", **extra)
    units = delta(plan(CHANGE, subscriptionId=subscription_id) | {"quantity": 2})
    limit = delta(unchanged(plan(CHANGE, subscriptionId=subscription_id)), entitlement(MORE))

    for request in (units, limit):
        assert "Stigg does not return" in of(actions.ok(ACTION, request), CHANGE)["message"]
    body = actions.ok(
        ACTION, amendment(subscription_id, salesforceOpportunityId=None) | {"salesforceOpportunityId": AMENDMENT}
    )

    assert by_line(body) == {CHANGE: "amended", MORE: "amended"}
    assert seats(actions, subscription_id) == 7


def test_a_change_that_waits(actions: Harness) -> None:
    """As long as a change of the add-ons waits, a difference to them is refused."""
    subscription_id = sold(actions)
    later = {"addons": [{"id": "addon-seats", "quantity": 2}], "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", {"salesforceRecordId": APP, **later})

    failed = of(actions.ok(ACTION, amendment(subscription_id)), MORE)

    assert (failed["outcome"], "cancel-scheduled-update" in failed["message"]) == ("failed", True)


def test_a_subscription_that_has_ended(actions: Harness) -> None:
    """A difference to a subscription that has ended is refused; a repeat of an earlier one is only late."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))
    actions.ok("cancel-subscription", {"salesforceRecordId": CHANGE, "cancelWhen": "now"})

    late = actions.ok(ACTION, amendment(subscription_id))
    failed = of(actions.ok(ACTION, amendment(subscription_id, 9)), CHANGE)

    assert by_line(late) == {CHANGE: "superseded", MORE: "superseded"}
    assert (failed["outcome"], "has ended" in failed["message"]) == ("failed", True)
    assert running(actions) == []


def test_a_line_without_a_subscription(actions: Harness) -> None:
    """A difference to none is a total, which must be above 0; add-ons of no difference are left out."""
    lines = (plan() | {"quantity": 2}, addon(quantity=5), unchanged(credit()))

    body = actions.ok(ACTION, delta(*lines))
    more = actions.ok(ACTION, delta(plan() | {"quantity": 2}, addon(quantity=7), unchanged(credit())))
    none = of(actions.ok(ACTION, delta(unchanged(space()), salesforceOpportunityId=AMENDMENT)), SPACE)
    less = of(actions.ok(ACTION, delta(space(), addon(MORE, quantity=-1), salesforceOpportunityId=AMENDMENT)), MORE)

    assert by_line(body) == {APP: "created", SEATS: "created", TOKENS: "created"}
    assert by_line(more) == {APP: "amended", SEATS: "amended", TOKENS: "unchanged"}
    assert seats(actions, of(more, APP)["subscriptionId"]) == 7
    for failed in (none, less):
        assert (failed["outcome"], "no subscription yet" in failed["message"]) == ("failed", True)


def test_one_line_of_a_deal_of_totals(actions: Harness) -> None:
    """A line may give a difference in a deal of totals, and a total in a deal of differences."""
    subscription_id = sold(actions)
    line = addon(quantity=1, quantityMode="Delta")

    body = actions.ok(ACTION, deal(plan(), line, entitlement(quantity=90), credit()))
    total = actions.ok(ACTION, delta(unchanged(plan()), addon(quantity=4, quantityMode="total")))
    again = actions.ok(ACTION, delta(unchanged(plan()), addon(quantity=2)))
    limit = actions.ok(ACTION, delta(unchanged(plan()), addon(quantity=2), entitlement(quantity=5)))

    assert by_line(body) == {APP: "amended", SEATS: "amended", LIMIT: "amended", TOKENS: "unchanged"}
    assert of(limit, LIMIT)["message"] == "feature-seats went from 90 to 95."
    assert (by_line(total)[SEATS], by_line(again)[SEATS]) == ("amended", "amended")
    assert (seats(actions, subscription_id), limits(actions, subscription_id)["feature-seats"]) == (6, 95)


def test_two_lines_for_one_addon(actions: Harness) -> None:
    """Differences of one add-on are added up; a total beside a difference is refused."""
    subscription_id = sold(actions)
    both = (unchanged(plan()), addon(quantity=3), addon(MORE, quantity=-1))

    body = actions.ok(ACTION, delta(*both))
    mixed = actions.post(ACTION, deal(plan(), addon(quantity=3, quantityMode="delta"), addon(MORE, quantity=4)))

    assert (by_line(body)[SEATS], by_line(body)[MORE], seats(actions, subscription_id)) == ("amended", "amended", 12)
    assert (mixed.status, mixed.body["details"][0]["field"]) == (400, "lineItems[2].quantityMode")


def test_an_exchange_of_what_a_line_changes(actions: Harness) -> None:
    """When a line changes something else, what it added before is taken back."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))
    other = unchanged(plan(CHANGE, subscriptionId=subscription_id))

    body = actions.ok(ACTION, delta(other, addon(MORE, "addon-support", 1), salesforceOpportunityId=AMENDMENT))
    total = deal(plan(CHANGE), entitlement(MORE, 90), salesforceOpportunityId=AMENDMENT)
    actions.ok(ACTION, total)

    assert by_line(body)[MORE] == "amended"
    held = {one["id"]: one["quantity"] for one in in_stigg(actions, subscription_id)["addons"]}
    assert (held, limits(actions, subscription_id)["feature-seats"]) == ({"addon-seats": 10}, 90)


def test_removed_differences(actions: Harness) -> None:
    """What a removed line added stays, or is taken back once with removed cancel; its plan is never canceled for it."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))
    rest = unchanged(plan(CHANGE, subscriptionId=subscription_id))
    fields = {"salesforceOpportunityId": AMENDMENT}

    kept = actions.ok(ACTION, delta(rest, **fields))
    back = actions.ok(ACTION, amendment(subscription_id))
    held = seats(actions, subscription_id)
    taken = actions.ok(ACTION, delta(rest, removed="cancel", **fields))
    again = actions.ok(ACTION, delta(rest, removed="cancel", **fields))
    gone = actions.ok(ACTION, delta(bonus(OTHER_MORE), removed="cancel", **fields))

    assert (of(kept, MORE)["outcome"], of(back, MORE)["outcome"], held) == ("removed", "unchanged", 15)
    assert "stays; removed cancel takes it back" in of(kept, MORE)["message"]
    assert (of(taken, MORE)["outcome"], of(again, MORE)["outcome"]) == ("canceled", "removed")
    assert of(taken, MORE)["message"].endswith("was taken back: it went from 15 to 10.")
    assert of(again, MORE)["message"] == "Its change of addon-seats by 5 was taken back."
    assert (of(gone, CHANGE)["outcome"], seats(actions, subscription_id)) == ("removed", 10)
    assert running(actions) == ["plan-growth"]


def test_what_is_left_of_a_removed_difference(actions: Harness) -> None:
    """If less is there than a removed line added, what is left is removed; units are never fewer than 1."""
    subscription_id = sold(actions, deal(plan() | {"quantity": 2}, credit()))
    lines = (plan(CHANGE, subscriptionId=subscription_id), addon(MORE, quantity=5), credit(OTHER_MORE, 200))
    fields = {"salesforceOpportunityId": AMENDMENT}
    now = of(actions.ok(ACTION, delta(*lines, **fields)), CHANGE)["subscriptionId"]
    less = {"addons": [{"id": "addon-seats", "quantity": 3}]}
    actions.ok("update-subscription", {"salesforceRecordId": CHANGE, **less})

    body = actions.ok(ACTION, deal(plan(CHANGE) | {"quantity": None}, removed="cancel", **fields))

    assert by_line(body) == {CHANGE: "amended", MORE: "canceled", OTHER_MORE: "canceled"}
    assert (seats(actions, now), limits(actions, now)) == (0, {"cred-type-tokens": 1000})


def test_lines_that_were_made_again(actions: Harness) -> None:
    """Lines that were made again have added what the removed ones added."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))

    body = actions.ok(
        ACTION, delta(unchanged(plan(NEW_APP)), addon(NEW_SEATS, quantity=6), salesforceOpportunityId=AMENDMENT)
    )

    assert by_line(body) == {NEW_APP: "amended", NEW_SEATS: "amended", CHANGE: "removed", MORE: "removed"}
    assert seats(actions, subscription_id) == 16


def test_a_line_that_goes_with_another_plan(actions: Harness) -> None:
    """A difference that goes with another plan is taken back from the first."""
    first = actions.ok(ACTION, deal(plan(), space(), addon(quantity=10, planLineItemId=APP)))
    change = addon(MORE, quantity=5, planLineItemId=APP, quantityMode="delta")
    both = [plan(), space(), addon(quantity=10, planLineItemId=APP)]
    of_app, of_space = of(first, APP)["subscriptionId"], of(first, SPACE)["subscriptionId"]
    both[2] = addon(LIMIT, "addon-support", 1, planLineItemId=APP)
    actions.ok(ACTION, deal(*both, change))

    actions.ok(ACTION, deal(*both, {**change, "planLineItemId": SPACE}))

    assert (seats(actions, of_app), seats(actions, of_space)) == (10, 5)


def test_a_second_amendment(actions: Harness) -> None:
    """Another amendment takes the subscription over in turn; the first one, sent late, changes nothing."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))

    actions.ok(ACTION, amendment(subscription_id, 2, OTHER_CHANGE, OTHER_MORE))
    late = actions.ok(ACTION, amendment(subscription_id, reapply=True))

    assert set(by_line(late).values()) == {"superseded"}
    assert f"belongs to record {OTHER_CHANGE}" in of(late, CHANGE)["message"]
    assert seats(actions, subscription_id) == 17


def test_older_data(actions: Harness) -> None:
    """A difference from older data than the last change adds nothing, and can be added later."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))

    older = actions.ok(ACTION, amendment(subscription_id, 9, asOf="2026-01-01T00:00:00Z"))
    body = actions.ok(ACTION, amendment(subscription_id, 9))

    assert (by_line(older)[MORE], by_line(body)[MORE], seats(actions, subscription_id)) == ("superseded", "amended", 19)


def test_a_payment_page(actions: Harness) -> None:
    """A difference to none that awaits its payment is asked for with the same page, and counts once it is paid."""
    request = delta(plan(), addon(), **TO_BE_PAID)

    asked, again = actions.ok(ACTION, request), actions.ok(ACTION, request)
    actions.emulator.checkout(of(asked, APP)["subscriptionId"])
    paid, after = actions.ok(ACTION, request), actions.ok(ACTION, request)

    assert by_line(asked) == by_line(again) == {APP: "paymentRequired", SEATS: "paymentRequired"}
    assert of(asked, APP)["checkoutUrl"] == of(again, APP)["checkoutUrl"]
    assert (by_line(paid)[APP], by_line(after)[APP]) == ("created", "unchanged")
    assert seats(actions, of(paid, APP)["subscriptionId"]) == 5


def test_a_total_of_none(actions: Harness) -> None:
    """A total of 0 that is given as such removes an add-on and credits; a new subscription goes without."""
    subscription_id = sold(actions)
    none = (plan(), addon(quantity=0), credit(quantity=0))

    body = actions.ok(ACTION, deal(*none, entitlement(quantity=0), quantityMode="total"))
    again = actions.ok(ACTION, deal(*none, entitlement(quantity=0), quantityMode="total"))
    new = actions.ok(
        ACTION, deal(space(), addon(MORE, quantity=0), quantityMode="total", salesforceOpportunityId=AMENDMENT)
    )

    assert by_line(body) == {APP: "amended", SEATS: "amended", TOKENS: "amended", LIMIT: "amended"}
    assert (seats(actions, subscription_id), limits(actions, subscription_id)) == (0, {"feature-seats": 0})
    assert set(by_line(again).values()) == {"unchanged"}
    assert by_line(new) == {SPACE: "created", MORE: "created"}


@pytest.mark.parametrize("line", [space() | {"quantity": 0}, bonus(quantity=0), addon(quantity=-1)])
def test_what_stays_refused(actions: Harness, line: dict[str, Any]) -> None:
    """A total of 0 ends no plan and no grant, and a total below 0 is refused as before."""
    body = actions.ok(ACTION, deal(plan(), line, quantityMode="total"))

    assert of(body, line["salesforceLineItemId"])["outcome"] == "failed"


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_change_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed around its write, the repeat sends the same total at once, and adds nothing twice."""
    subscription_id = sold(actions)
    before = writes(actions)
    crash(actions, ACTION, amendment(subscription_id), "PATCH .*/subscriptions/", after=after)
    actions.clock.skip(11)

    actions.ok(ACTION, amendment(subscription_id))

    assert (seats(actions, subscription_id), writes(actions) - before) == (15, 1)
    assert set(by_line(actions.ok(ACTION, amendment(subscription_id))).values()) == {"unchanged"}


@pytest.mark.parametrize("after", [False, True])
def test_a_correction_after_a_kill(actions: Harness, *, after: bool) -> None:
    """A corrected difference after a killed one first settles that, and then adds what is missing."""
    subscription_id = sold(actions)
    crash(actions, ACTION, amendment(subscription_id), "PATCH .*/subscriptions/", after=after)
    actions.clock.skip(91)

    actions.ok(ACTION, amendment(subscription_id, 7))

    assert seats(actions, subscription_id) == 17


def test_a_difference_that_is_set_back_after_a_kill(actions: Harness) -> None:
    """An earlier difference is asked for again after a killed one took effect: it is settled first, and set back."""
    subscription_id = sold(actions)
    actions.ok(ACTION, amendment(subscription_id))
    actions.ok("update-subscription", {"salesforceRecordId": CHANGE, "addons": [{"id": "addon-seats", "quantity": 40}]})
    crash(actions, ACTION, amendment(subscription_id, -3), "PATCH .*/subscriptions/", after=True)

    early = of(actions.ok(ACTION, amendment(subscription_id)), MORE)
    actions.clock.skip(91)
    body = actions.ok(ACTION, amendment(subscription_id))

    assert (early["errorCode"], early["retryable"]) == ("IN_PROGRESS", True)
    assert (by_line(body)[MORE], seats(actions, subscription_id)) == ("amended", 40)


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers(actions: Harness, fault: str) -> None:
    """An answer that is lost after its effect is found out within the call."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", fault, times=3)

    assert actions.ok(ACTION, amendment(subscription_id))["outcome"] == "provisioned"
    assert seats(actions, subscription_id) == 15


def test_a_refused_change_is_tried_again(actions: Harness) -> None:
    """A change that Stigg refused has added nothing, and the repeat adds it to what runs by then."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No."}})
    failed = actions.ok(ACTION, amendment(subscription_id))
    actions.emulator.clear_faults()
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 20}]})

    body = actions.ok(ACTION, amendment(subscription_id))

    assert (by_line(failed)[MORE], by_line(body)[MORE], seats(actions, subscription_id)) == ("failed", "amended", 25)


def test_the_same_change_at_once(actions: Harness) -> None:
    """Four identical amendments at the same moment add once, and all say so."""
    subscription_id = sold(actions)

    replies = actions.at_once(*[(ACTION, amendment(subscription_id))] * 4)

    assert ({reply.status for reply in replies}, seats(actions, subscription_id)) == ({200}, 15)
    assert {reply.body["failedCount"] for reply in replies} == {0}


def test_two_changes_at_once(actions: Harness) -> None:
    """Two amendments of one subscription at the same moment both count."""
    subscription_id = sold(actions)
    other = amendment(subscription_id, 2, OTHER_CHANGE, OTHER_MORE)

    actions.at_once((ACTION, amendment(subscription_id)), (ACTION, other))

    assert seats(actions, subscription_id) == 17


@pytest.mark.parametrize("reads", range(2))
def test_a_change_while_the_totals_are_computed(actions: Harness, reads: int) -> None:
    """If the subscription is changed before the write, after any read of it, the totals contain the change."""
    subscription_id = sold(actions)
    change = {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 20}]}
    reading = f"^GET /api/v1/subscriptions/{subscription_id}$"
    changed = partial(actions.ok, "update-subscription", change)
    container = container_that_first(actions, reading, changed, after=[reading] * reads)

    reply = actions.post(ACTION, amendment(subscription_id), container)

    assert (reply.status, seats(actions, subscription_id)) == (200, 25)


def test_the_same_change_just_before(actions: Harness) -> None:
    """A call that read the deal before an identical one was done finds out, and adds nothing."""
    subscription_id = sold(actions)
    request = amendment(subscription_id)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No."}})
    actions.ok(ACTION, request)  # its lines are noted, so that the calls do not meet there
    actions.emulator.clear_faults()
    container = container_that_first(actions, "/customers", lambda: actions.ok(ACTION, request))

    body = actions.post(ACTION, request, container).body

    assert (set(by_line(body).values()), seats(actions, subscription_id)) == ({"unchanged"}, 15)


def test_a_successor_in_the_app(actions: Harness) -> None:
    """A line takes over what replaced its subscription in the Stigg app, without adding its difference again."""
    actions.ok(ACTION, delta(plan(), addon(quantity=10)))
    other = {
        "id": "sub-by-hand", "customerId": SOLD["salesforceAccountId"], "planId": "plan-growth",
        "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE", "addons": [{"id": "addon-seats", "quantity": 2}],
    }  # fmt: skip
    actions.emulator.by_hand("POST", "/api/v1/subscriptions", other)

    body = actions.ok(ACTION, delta(plan(), addon(quantity=10), entitlement(quantityMode="total")))

    assert by_line(body)[LIMIT] == "amended"
    assert of(body, APP)["subscriptionId"] == "sub-by-hand"
    assert seats(actions, "sub-by-hand") == 2


def test_a_record_without_what_it_had_sold(actions: Harness) -> None:
    """If it is not known whether a difference was applied, it is refused, and a total is not."""
    actions.ok("create-subscription", {
        "salesforceRecordId": APP, "salesforceAccountId": SOLD["salesforceAccountId"], "customerName": "Acme",
        "planId": "plan-growth", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE",
        "addons": [{"id": "addon-seats", "quantity": 10}],
    })  # fmt: skip
    actions.emulator.fault("PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No."}})
    actions.ok(ACTION, delta(unchanged(plan()), addon()))
    actions.emulator.clear_faults()

    failed = of(actions.ok(ACTION, delta(unchanged(plan()), addon())), SEATS)
    body = actions.ok(ACTION, deal(plan(), addon(quantity=15)))

    assert (failed["outcome"], "may have been applied before" in failed["message"]) == ("failed", True)
    assert by_line(body)[SEATS] == "amended"
