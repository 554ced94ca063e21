"""provision-opportunity: a quote is synced again, so that its lines have other ids; what they became stays one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.crashes import crash
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    NEW_APP,
    NEW_BONUS,
    NEW_LIMIT,
    NEW_SEATS,
    OTHER_BONUS,
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
from tests.support.requests import TO_BE_PAID, current, in_stigg

TERM = {"endDate": "2099-12-31"}
OLD = deal(plan(), addon(), bonus(), **TERM)
NEW = deal(plan(NEW_APP), addon(NEW_SEATS), bonus(NEW_BONUS), **TERM)
GONE = {APP: "removed", SEATS: "removed", BONUS: "removed"}
TAKEN_OVER = {NEW_APP: "unchanged", NEW_SEATS: "unchanged", NEW_BONUS: "unchanged"} | GONE


def amounts(actions: Harness) -> list[int]:
    """Return what was granted in Stigg."""
    return sorted(grant["amount"] for grant in actions.emulator.state()["grants"])


def test_lines_that_were_made_again(actions: Harness) -> None:
    """New lines for the same take over subscription and grant: nothing is sold or granted twice."""
    first = actions.ok(ACTION, OLD)
    sold = of(first, APP)["subscriptionId"]

    body = actions.ok(ACTION, NEW)

    assert by_line(body) == TAKEN_OVER
    assert (running(actions), amounts(actions)) == (["plan-growth"], [500])
    assert (current(actions, APP), current(actions, NEW_APP)) == (None, sold)
    assert of(body, NEW_APP)["subscriptionId"] == of(body, NEW_SEATS)["subscriptionId"] == sold
    assert of(body, NEW_BONUS)["grantId"] == of(body, BONUS)["grantId"] == of(first, BONUS)["grantId"]
    assert in_stigg(actions, sold)["metadata"]["salesforceRecordId"] == NEW_APP
    assert of(body, APP)["message"] == f"Line {NEW_APP} took over its subscription {sold}."
    assert of(body, SEATS)["message"] == f"Line {NEW_SEATS} replaced it: 5 in total."
    assert of(body, BONUS)["message"] == f"Line {NEW_BONUS} took over its grant."
    assert APP in of(body, NEW_APP)["message"]
    assert BONUS in of(body, NEW_BONUS)["message"]


def test_once_more(actions: Harness) -> None:
    """The same again is unchanged, and what was taken over is said of the old lines as before."""
    actions.ok(ACTION, OLD)
    first = actions.ok(ACTION, NEW)
    before = writes(actions)

    body = actions.ok(ACTION, NEW)

    assert (body["outcome"], by_line(body), writes(actions)) == ("unchanged", TAKEN_OVER, before)
    assert [of(body, line)["message"] for line in GONE] == [of(first, line)["message"] for line in GONE]


def test_with_edits(actions: Harness) -> None:
    """What differs of lines that were made again is amended in the same call."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(NEW_APP), addon(NEW_SEATS, quantity=7), bonus(NEW_BONUS), **TERM))

    assert by_line(body) == GONE | {NEW_APP: "amended", NEW_SEATS: "amended", NEW_BONUS: "unchanged"}
    assert (current(actions, NEW_APP), amounts(actions)) == (sold, [500])
    assert in_stigg(actions, sold)["addons"] == [{"id": "addon-seats", "quantity": 7}]
    assert of(body, SEATS)["message"] == f"Line {NEW_SEATS} replaced it: addon-seats went from 5 to 7."


def test_with_another_unit_quantity(actions: Harness) -> None:
    """What cannot be changed in place replaces the subscription, for the new line."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(NEW_APP) | {"quantity": 3}, addon(NEW_SEATS), bonus(NEW_BONUS), **TERM))

    new = of(body, NEW_APP)
    assert (new["outcome"], new["replacedSubscriptionId"]) == ("replaced", sold)
    assert (current(actions, NEW_APP), running(actions)) == (new["subscriptionId"], ["plan-growth"])
    assert in_stigg(actions, new["subscriptionId"])["addons"] == [{"id": "addon-seats", "quantity": 5}]
    assert f"which {new['subscriptionId']} has replaced" in of(body, APP)["message"]


def test_made_again_twice(actions: Harness) -> None:
    """Lines that are made again more than once, and come back under their first ids, stay one effect."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    actions.ok(ACTION, NEW)
    third = deal(plan(SPACE), addon(LIMIT), bonus(OTHER_BONUS), **TERM)

    bodies = [actions.ok(ACTION, request) for request in (third, OLD, NEW, third)]

    assert [current(actions, line) for line in (APP, NEW_APP, SPACE)] == [None, None, sold]
    assert (running(actions), amounts(actions)) == (["plan-growth"], [500])
    assert {body["failedCount"] + body["createdCount"] for body in bodies} == {0}
    assert [of(body, line)["grantId"] for body, line in zip(bodies, (OTHER_BONUS, BONUS, NEW_BONUS), strict=False)] == [
        of(bodies[0], OTHER_BONUS)["grantId"]
    ] * 3


def test_another_plan(actions: Harness) -> None:
    """A new line with another plan of the product replaces the subscription; the removed line says by what."""
    sold = of(actions.ok(ACTION, deal(plan(), addon())), APP)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(NEW_APP, "plan-starter")))

    new = of(body, NEW_APP)["subscriptionId"]
    assert by_line(body) == {NEW_APP: "replaced", APP: "removed", SEATS: "removed"}
    assert of(body, APP)["message"] == f"Its subscription {sold} has ended: {new} of line {NEW_APP} replaced it."
    assert of(body, SEATS)["message"] == f"It ended with subscription {sold}, which {new} of line {NEW_APP} replaced."

    again = actions.ok(ACTION, deal(plan(NEW_APP, "plan-starter")))

    assert by_line(again) == {NEW_APP: "unchanged", APP: "removed", SEATS: "removed"}
    assert new in of(again, APP)["message"]
    assert new in of(again, SEATS)["message"]


def test_back_to_the_first_plan(actions: Harness) -> None:
    """A line whose subscription another line of the opportunity replaced is sold again when only it is left."""
    actions.ok(ACTION, deal(plan()))
    actions.ok(ACTION, deal(plan(NEW_APP, "plan-starter")))

    body = actions.ok(ACTION, deal(plan(), addon()))

    assert by_line(body) == {APP: "replaced", SEATS: "replaced", NEW_APP: "removed"}
    assert running(actions) == ["plan-growth"]


def test_another_resource(actions: Harness) -> None:
    """A new line for another resource is another subscription."""
    actions.ok(ACTION, deal(space()))

    body = actions.ok(ACTION, deal(space(resourceId="site-2") | {"salesforceLineItemId": NEW_APP}))

    assert by_line(body) == {NEW_APP: "created", SPACE: "removed"}
    assert running(actions) == ["plan-workspace", "plan-workspace"]
    assert "stays" in of(body, SPACE)["message"]


def test_a_grant_on_other_terms(actions: Harness) -> None:
    """A new line for more credits than the removed one grants nothing: what was granted cannot be changed."""
    actions.ok(ACTION, deal(bonus(quantity=1000)))

    body = actions.ok(ACTION, deal(bonus(NEW_BONUS, quantity=1500)))

    assert by_line(body) == {NEW_BONUS: "failed", BONUS: "removed"}
    assert (of(body, NEW_BONUS)["errorCode"], amounts(actions)) == ("IDEMPOTENCY_CONFLICT", [1000])
    assert "create-credit-grant" in of(body, NEW_BONUS)["message"]
    assert "could not take the grant over" in of(body, BONUS)["message"]


def test_several_equal_grants(actions: Harness) -> None:
    """Several equal lines are matched in order, equal quantities first; one more is granted."""
    actions.ok(ACTION, deal(bonus(BONUS, 100), bonus(SEATS, 200), bonus(LIMIT, 200)))

    body = actions.ok(
        ACTION, deal(bonus(NEW_BONUS, 200), bonus(NEW_SEATS, 100), bonus(NEW_LIMIT, 200), bonus(APP, 200))
    )

    assert amounts(actions) == [100, 200, 200, 200]
    assert {line: of(body, line).get("message") for line in (NEW_BONUS, NEW_SEATS, NEW_LIMIT, APP)} == {
        NEW_BONUS: f"Took over the grant of line {SEATS}.",
        NEW_SEATS: f"Took over the grant of line {BONUS}.",
        NEW_LIMIT: f"Took over the grant of line {LIMIT}.",
        APP: None,
    }


def test_where_it_cannot_be_said(actions: Harness) -> None:
    """Where it cannot be said which line takes the place of which, the new one is refused; nothing is granted."""
    actions.ok(ACTION, deal(plan(), bonus(BONUS, 100), bonus(OTHER_BONUS, 200)))

    body = actions.ok(ACTION, deal(plan(), bonus(NEW_BONUS, 300)))

    line = of(body, NEW_BONUS)
    assert by_line(body) == {APP: "unchanged", NEW_BONUS: "failed", BONUS: "removed", OTHER_BONUS: "removed"}
    assert (line["errorCode"], line["retryable"], amounts(actions)) == ("INVALID_REQUEST", False, [100, 200])
    assert all(one in line["message"] for one in (f"{BONUS} (100)", f"{OTHER_BONUS} (200)", "create-credit-grant"))

    corrected = actions.ok(ACTION, deal(plan(), bonus(NEW_BONUS, 200)))

    assert of(corrected, NEW_BONUS)["message"] == f"Took over the grant of line {OTHER_BONUS}."
    assert amounts(actions) == [100, 200]


def test_a_grant_that_was_split(actions: Harness) -> None:
    """One grant that became two lines of other amounts is refused on both: either could be the old one."""
    actions.ok(ACTION, deal(bonus(BONUS, 1000)))

    body = actions.ok(ACTION, deal(bonus(NEW_BONUS, 600), bonus(OTHER_BONUS, 400)))

    assert by_line(body) == {NEW_BONUS: "failed", OTHER_BONUS: "failed", BONUS: "removed"}
    assert (body["outcome"], amounts(actions)) == ("failed", [1000])


def test_a_line_that_comes_back_beside_its_successor(actions: Harness) -> None:
    """A removed line that comes back beside the one that took over its grant is refused: they have one grant."""
    actions.ok(ACTION, deal(bonus()))
    actions.ok(ACTION, deal(bonus(NEW_BONUS)))

    body = actions.ok(ACTION, deal(bonus(), bonus(NEW_BONUS)))

    assert by_line(body) == {BONUS: "failed", NEW_BONUS: "unchanged"}
    assert NEW_BONUS in of(body, BONUS)["message"]
    assert amounts(actions) == [500]
    assert by_line(actions.ok(ACTION, deal(bonus()))) == {BONUS: "unchanged", NEW_BONUS: "removed"}


def test_a_grant_of_another_kind(actions: Harness) -> None:
    """Credits for another resource are other credits."""
    actions.ok(ACTION, deal(bonus(resourceId="site-1")))

    assert by_line(actions.ok(ACTION, deal(bonus(NEW_BONUS, resourceId="site-2")))) == {
        NEW_BONUS: "created", BONUS: "removed",
    }  # fmt: skip
    assert amounts(actions) == [500, 500]


def test_parts_of_a_plan_that_stays(actions: Harness) -> None:
    """Add-ons and entitlements that are made again for a plan that stays are its parts as before."""
    actions.ok(ACTION, deal(plan(), addon(quantity=3), addon(TOKENS, quantity=4), entitlement()))

    body = actions.ok(ACTION, deal(plan(), addon(NEW_SEATS, quantity=4), entitlement(NEW_LIMIT, quantity=90)))

    assert by_line(body) == dict.fromkeys((APP, NEW_SEATS, NEW_LIMIT), "amended") | dict.fromkeys(
        (SEATS, TOKENS, LIMIT), "removed"
    )
    assert in_stigg(actions, of(body, APP)["subscriptionId"])["addons"] == [{"id": "addon-seats", "quantity": 4}]
    assert of(body, TOKENS)["message"] == f"Line {NEW_SEATS} replaced it: addon-seats went from 7 to 4."
    assert of(body, SEATS)["message"] == f"Now given by line {NEW_SEATS}: addon-seats went from 7 to 4."
    assert of(body, LIMIT)["message"].startswith(f"Line {NEW_LIMIT} replaced it: feature-seats went from ")


def test_a_part_that_stays_with_a_new_plan(actions: Harness) -> None:
    """A plan that is made again takes over the subscription, with the parts whose lines stay."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(planLineItemId=APP), credit(planLineItemId=APP))), APP)
    lines = [plan(NEW_APP), addon(planLineItemId=NEW_APP), credit(planLineItemId=NEW_APP)]

    body = actions.ok(ACTION, deal(*lines))

    assert by_line(body) == dict.fromkeys((NEW_APP, SEATS, TOKENS), "unchanged") | {APP: "removed"}
    assert current(actions, NEW_APP) == sold["subscriptionId"]
    assert in_stigg(actions, sold["subscriptionId"])["addons"] == [{"id": "addon-seats", "quantity": 5}]


def test_what_a_part_was_before_gives_way(actions: Harness) -> None:
    """A line that changed, while its plan was made again, is no more what it was of the old plan."""
    actions.ok(ACTION, deal(plan(), addon(planLineItemId=APP)))

    body = actions.ok(ACTION, deal(plan(NEW_APP), addon(addon_id="addon-support", quantity=1, planLineItemId=NEW_APP)))

    assert by_line(body) == {NEW_APP: "amended", SEATS: "amended", APP: "removed"}
    sold = in_stigg(actions, of(body, NEW_APP)["subscriptionId"])
    assert sold["addons"] == [{"id": "addon-support", "quantity": 1}]


def test_what_came_since_stays(actions: Harness) -> None:
    """Lines that were made again, and ask for the same, take over what came since as it is; reapply undoes it."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 50}]})

    body, again = actions.ok(ACTION, NEW), actions.ok(ACTION, NEW)

    assert by_line(body) == GONE | {NEW_APP: "superseded", NEW_SEATS: "superseded", NEW_BONUS: "unchanged"}
    assert by_line(again) == by_line(body)
    assert current(actions, NEW_APP) == sold
    assert in_stigg(actions, sold)["addons"] == [{"id": "addon-seats", "quantity": 50}]
    assert of(body, NEW_APP)["message"].startswith(f"Took over the subscription of line {APP}. Left unchanged: ")
    assert of(body, APP)["message"] == f"Line {NEW_APP} took over its subscription {sold}."

    actions.ok(ACTION, {**NEW, "reapply": True})

    assert in_stigg(actions, sold)["addons"] == [{"id": "addon-seats", "quantity": 5}]


@pytest.mark.parametrize("in_the_app", [False, True])
def test_what_was_canceled_is_not_revived(actions: Harness, *, in_the_app: bool) -> None:
    """Lines that are made again after their subscription was canceled, sell the same only if asked."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    if in_the_app:
        path = f"/api/v1/subscriptions/{sold}/cancel"
        actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
    else:
        actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    body = actions.ok(ACTION, NEW)

    assert by_line(body)[NEW_APP] == "superseded"
    assert running(actions) == []
    assert "stays" not in of(body, APP)["message"]

    assert by_line(actions.ok(ACTION, {**NEW, "reapply": True}))[NEW_APP] == "created"
    assert running(actions) == ["plan-growth"]


def test_an_edited_line_after_a_cancellation(actions: Harness) -> None:
    """A new line that asks for something else than what was canceled is sold."""
    actions.ok(ACTION, deal(plan()))
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    body = actions.ok(ACTION, deal(plan(NEW_APP), addon(NEW_SEATS)))

    assert by_line(body) == {NEW_APP: "created", NEW_SEATS: "created", APP: "removed"}
    assert "has ended" in of(body, APP)["message"]


def test_a_payment_page_of_a_removed_line(actions: Harness) -> None:
    """A new line gets a page of its own; whichever is paid, there is one subscription, and it is the new line's."""
    charged: dict[str, Any] = TO_BE_PAID
    old = of(actions.ok(ACTION, deal(plan(), **charged)), APP)["subscriptionId"]
    asked = actions.ok(ACTION, deal(plan(NEW_APP), **charged))

    assert by_line(asked) == {NEW_APP: "paymentRequired", APP: "removed"}
    assert old in of(asked, APP)["message"]

    actions.emulator.checkout(old)
    paid = actions.ok(ACTION, deal(plan(NEW_APP), **charged))

    assert by_line(paid) == {NEW_APP: "unchanged", APP: "removed"}
    assert (current(actions, NEW_APP), current(actions, APP), running(actions)) == (old, None, ["plan-growth"])


def test_a_page_that_was_paid_before_the_new_line_came(actions: Harness) -> None:
    """A subscription that was paid while nobody looked is taken over; the customer is not asked to pay again."""
    charged: dict[str, Any] = TO_BE_PAID
    old = of(actions.ok(ACTION, deal(plan(), **charged)), APP)["subscriptionId"]
    actions.emulator.checkout(old)

    body = actions.ok(ACTION, deal(plan(NEW_APP), **charged))

    assert by_line(body) == {NEW_APP: "unchanged", APP: "removed"}
    assert (current(actions, NEW_APP), running(actions)) == (old, ["plan-growth"])


KILLS = ["POST .*/customers$", "PATCH .*/subscriptions/", "GET .*/subscriptions/"]
EDITED = deal(plan(NEW_APP), addon(NEW_SEATS, quantity=7), bonus(NEW_BONUS), **TERM)


@pytest.mark.parametrize("request_body", [NEW, EDITED], ids=["the same", "edited"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("pattern", KILLS)
def test_killed_in_between(actions: Harness, request_body: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Killed at any call while lines are taken over, the repeat ends with one subscription and one grant."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    actions.ok("create-customer", {"salesforceAccountId": OLD["salesforceAccountId"], "language": "de"})
    crash(actions, ACTION, request_body, pattern, after=after)
    actions.clock.skip(11)

    body, again = actions.ok(ACTION, request_body), actions.ok(ACTION, request_body)

    assert (again["outcome"], by_line(again)) == ("unchanged", TAKEN_OVER)
    assert (body["failedCount"], current(actions, NEW_APP), current(actions, APP)) == (0, sold, None)
    assert (running(actions), amounts(actions)) == (["plan-growth"], [500])
    assert {status for _, status in actions.operations()} == {"SUCCEEDED"}


def test_at_once(actions: Harness) -> None:
    """Four calls at the same moment take over once."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    replies = actions.at_once(*[(ACTION, EDITED)] * 4)

    assert {reply.status for reply in replies} == {200}
    assert {reply.body["failedCount"] for reply in replies} == {0}
    assert (current(actions, NEW_APP), running(actions), amounts(actions)) == (sold, ["plan-growth"], [500])


def test_two_versions_at_once(actions: Harness) -> None:
    """Two versions of new lines at the same moment end, once repeated, with one subscription and one grant."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    other = deal(plan(SPACE), addon(LIMIT), bonus(OTHER_BONUS), **TERM)
    actions.at_once((ACTION, NEW), (ACTION, other))

    body = actions.ok(ACTION, other)

    assert body["failedCount"] == 0
    assert (current(actions, SPACE), running(actions), amounts(actions)) == (sold, ["plan-growth"], [500])


@pytest.mark.parametrize("age", [{}, {"asOf": "2020-01-01T00:00:00Z"}], ids=["without asOf", "older"])
def test_an_old_request_after_the_lines_were_made_again(actions: Harness, age: dict[str, Any]) -> None:
    """A request with the former lines does not take the subscription back: the lines that took over are newer."""
    sold = of(actions.ok(ACTION, OLD | age), APP)["subscriptionId"]
    actions.ok(ACTION, NEW)
    before = actions.emulator.state()["subscriptions"]

    body = actions.ok(ACTION, OLD | age)

    assert (by_line(body)[APP], by_line(body)[SEATS]) == ("superseded", "superseded")
    assert NEW_APP in of(body, APP)["message"]
    assert actions.emulator.state()["subscriptions"] == before
    assert (current(actions, APP), current(actions, NEW_APP)) == (None, sold)


@pytest.mark.parametrize("newer", [{"reapply": True}, {"asOf": ""}], ids=["reapply", "newer"])
def test_former_lines_that_come_back(actions: Harness, newer: dict[str, Any]) -> None:
    """A newer state with the former lines, or one that is applied all the same, takes the subscription back."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    actions.ok(ACTION, NEW)

    if "asOf" in newer:
        actions.clock.skip(60)
        newer = {"asOf": datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()}

    body = actions.ok(ACTION, OLD | newer)

    assert by_line(body)[APP] == "unchanged"
    assert (current(actions, APP), current(actions, NEW_APP)) == (sold, None)


def test_an_old_request_after_the_subscription_moved_on(actions: Harness) -> None:
    """Nor does it take what new lines were sold after the first subscription had been renewed for another record."""
    actions.ok(ACTION, OLD)
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": SPACE})
    actions.ok(ACTION, NEW)
    before = actions.emulator.state()["subscriptions"]

    body = actions.ok(ACTION, OLD)

    assert by_line(body)[APP] == "superseded"
    assert actions.emulator.state()["subscriptions"] == before


def test_an_old_request_that_names_the_subscription(actions: Harness) -> None:
    """Nor does a line that names the subscription by its id, unless it is applied all the same."""
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    named = deal(plan(subscriptionId=sold), addon(), bonus(), **TERM)
    actions.ok(ACTION, named)
    actions.ok(ACTION, NEW)
    before = actions.emulator.state()["subscriptions"]

    body = actions.ok(ACTION, named)

    assert by_line(body)[APP] == "superseded"
    assert of(body, APP)["message"].endswith("Send reapply true to take it back.")
    assert actions.emulator.state()["subscriptions"] == before
    assert by_line(actions.ok(ACTION, named | {"reapply": True}))[APP] == "unchanged"
    assert current(actions, APP) == sold


def test_old_requests_after_the_lines_were_made_again_twice(actions: Harness) -> None:
    """Of three generations of lines only the last has the subscription, whichever request is sent again."""
    last = deal(plan(SPACE), addon(LIMIT), bonus(OTHER_BONUS), **TERM)
    sold = of(actions.ok(ACTION, OLD), APP)["subscriptionId"]
    actions.ok(ACTION, NEW)
    actions.ok(ACTION, last)
    before = actions.emulator.state()["subscriptions"]

    outcomes = [by_line(actions.ok(ACTION, one))[line] for one, line in ((OLD, APP), (NEW, NEW_APP), (last, SPACE))]

    assert outcomes == ["superseded", "superseded", "unchanged"]
    assert actions.emulator.state()["subscriptions"] == before
    assert (current(actions, SPACE), amounts(actions)) == (sold, [500])


def test_an_old_request_after_a_new_sale(actions: Harness) -> None:
    """An old request does not take over what newer lines were sold after its own subscription was canceled."""
    moments = [datetime.fromtimestamp(actions.clock.now() + minutes * 60, UTC).isoformat() for minutes in (0, 1, 2)]
    old = of(actions.ok(ACTION, OLD | {"asOf": moments[0]}), APP)["subscriptionId"]
    actions.clock.skip(180)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{old}/cancel", {"cancellationTime": "IMMEDIATE"})
    new = of(actions.ok(ACTION, NEW | {"asOf": moments[2]}), NEW_APP)["subscriptionId"]

    body = actions.ok(ACTION, OLD | {"asOf": moments[1]})

    assert (of(body, APP)["outcome"], current(actions, NEW_APP)) == ("superseded", new)
    assert (new != old, current(actions, APP) == new) == (True, False)
