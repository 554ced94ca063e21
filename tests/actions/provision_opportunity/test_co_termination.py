"""provision-opportunity with coTerminate: what is sold in mid-term ends with what it is added to."""

from typing import Any

import pytest

from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from tests.support.crashes import crash
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
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
from tests.support.requests import OTHER_ACCOUNT, TO_BE_PAID, in_stigg

LATER = "006000000000002AAA"
END, OTHER_END = "2099-12-31T23:59:59.000Z", "2098-06-30T23:59:59.000Z"
TERM = {"endDate": "2099-12-31"}
DESK, DESK_SEATS = "00k000000000031AAA", "00k000000000032AAA"


def added(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a later opportunity that ends with what the account has."""
    return deal(*lines, **{"salesforceOpportunityId": LATER, "coTerminate": True, **changes})


def sold(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field
    """Sell the first plan up to the end; return its subscription."""
    return str(of(actions.ok(ACTION, deal(plan(), **{**TERM, **changes})), APP)["subscriptionId"])


def end_of(actions: Harness, subscription_id: str) -> str | None:
    """Return when a subscription ends in Stigg."""
    end: str | None = in_stigg(actions, subscription_id)["cancellationDate"]
    return end


def test_a_new_plan(actions: Harness) -> None:
    """A new plan with its parts ends with the customer's subscription, with the amount of Stigg's preview; once."""
    sold(actions)
    request = added(space(), addon(planLineItemId=SPACE))

    body, before = actions.ok(ACTION, request), writes(actions)
    again = actions.ok(ACTION, request)

    line = of(body, SPACE)
    assert by_line(body) == {SPACE: "created", SEATS: "created"}
    assert {of(body, name)["coTerminatesAt"][:19] for name in (SPACE, SEATS)} == {END[:19]}
    assert (line["immediateTotal"], line["priceCurrency"]) == (68.5, "usd")
    assert "immediateTotal" not in of(body, SEATS)
    assert str(end_of(actions, line["subscriptionId"]))[:19] == END[:19]
    assert by_line(again) == {SPACE: "unchanged", SEATS: "unchanged"}
    assert of(again, SEATS)["coTerminatesAt"][:19] == END[:19]
    assert (running(actions), writes(actions)) == (["plan-growth", "plan-workspace"], before)


def test_without_a_price(actions: Harness) -> None:
    """A sale does not fail because Stigg gives no preview."""
    sold(actions)
    actions.emulator.fault("POST", "/preview$", "status", 503)

    line = of(actions.ok(ACTION, added(space())), SPACE)

    assert (line["outcome"], "immediateTotal" in line) == ("created", False)


def test_an_existing_subscription_keeps_its_end(actions: Harness) -> None:
    """A line of an existing subscription ends with it, also after its end was moved."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, deal(plan(), addon(coTerminate=True)))
    actions.ok("reschedule-cancellation", {"salesforceRecordId": APP, "cancellationDate": "2098-06-30"})
    moved = actions.ok(ACTION, deal(plan(), addon(coTerminate=True, quantity=7)))

    assert by_line(body) == by_line(moved) == {APP: "amended", SEATS: "amended"}
    assert (of(body, SEATS)["coTerminatesAt"][:19], of(moved, SEATS)["coTerminatesAt"][:19]) == (
        END[:19],
        OTHER_END[:19],
    )
    assert "coTerminatesAt" not in of(body, APP)
    assert str(end_of(actions, subscription_id))[:19] == OTHER_END[:19]


def test_an_amendment(actions: Harness) -> None:
    """Seats that an amendment adds end with the subscription that it names, and a repeat adds none."""
    subscription_id = sold(actions)
    lines = (plan(DESK, subscriptionId=subscription_id) | {"quantity": 0}, addon(DESK_SEATS, quantity=5))

    body = actions.ok(ACTION, added(*lines, quantityMode="delta"))
    again = actions.ok(ACTION, added(*lines, quantityMode="delta", **TERM))

    assert by_line(body) == {DESK: "amended", DESK_SEATS: "amended"}
    assert of(body, DESK_SEATS)["coTerminatesAt"][:19] == END[:19]
    assert set(by_line(again).values()) == {"unchanged"}
    assert in_stigg(actions, subscription_id)["addons"] == [{"id": "addon-seats", "quantity": 5}]


def test_a_new_plan_with_a_difference(actions: Harness) -> None:
    """A difference to no subscription ends with the others too."""
    sold(actions)

    body = actions.ok(ACTION, added(space(), addon(planLineItemId=SPACE), quantityMode="delta"))

    assert by_line(body) == {SPACE: "created", SEATS: "created"}
    assert of(body, SPACE)["coTerminatesAt"][:19] == END[:19]


def test_only_a_part_of_a_new_plan(actions: Harness) -> None:
    """A new plan ends as the deal says, if only a part of it is to end with it."""
    body = actions.ok(ACTION, deal(space(), addon(coTerminate=True), **TERM))

    assert (of(body, SEATS)["coTerminatesAt"][:19], "coTerminatesAt" in of(body, SPACE)) == (END[:19], False)


def test_a_grant(actions: Harness) -> None:
    """Credits expire with the customer's subscription; a repeat does not follow an end that was moved."""
    sold(actions)

    body = actions.ok(ACTION, added(bonus()))
    actions.ok("reschedule-cancellation", {"salesforceRecordId": APP, "cancellationDate": "2098-06-30"})
    again = actions.ok(ACTION, added(bonus()))

    (grant,) = actions.emulator.state()["grants"]
    assert (by_line(body), by_line(again)) == ({BONUS: "created"}, {BONUS: "unchanged"})
    assert (of(again, BONUS)["coTerminatesAt"][:19], grant["expireAt"][:19]) == (END[:19], END[:19])


def test_a_grant_of_a_killed_call(actions: Harness) -> None:
    """A grant that was cut off is carried on with its own end."""
    sold(actions)
    crash(actions, ACTION, added(bonus()), "POST .*/grants$", after=True)
    actions.clock.skip(11)

    assert by_line(actions.ok(ACTION, added(bonus()))) in ({BONUS: "created"}, {BONUS: "unchanged"})
    assert len(actions.emulator.state()["grants"]) == 1


def test_a_contract(actions: Harness) -> None:
    """A new plan can end with a contract of the customer that it names."""
    first = actions.ok(ACTION, deal(plan(), contract=True, contractSetupBilling=False, **TERM))
    other = deal(space(), salesforceOpportunityId="006000000000003AAA", endDate="2098-06-30")
    actions.ok(ACTION, other)
    named = {"coTerminateWith": first["contractId"]}

    body = actions.ok(ACTION, added(plan(DESK, "plan-workspace", resourceId="site-2", **named)))

    assert of(body, DESK)["coTerminatesAt"][:19] == END[:19]


def test_what_is_on_a_contract(actions: Harness) -> None:
    """A contract of the customer counts with its subscriptions; an archived one does not."""
    contract = {"contract": True, "contractSetupBilling": False}
    archived = actions.ok(ACTION, deal(plan(), endDate="2098-06-30", **contract))
    actions.ok("archive-contract", {"contractId": archived["contractId"], "cancelSubscriptions": True})
    third = "006000000000003AAA"
    actions.ok(ACTION, deal(plan(DESK), salesforceOpportunityId=third, **contract, **TERM))

    body = actions.ok(ACTION, added(space()))

    assert (by_line(body), of(body, SPACE)["coTerminatesAt"][:19]) == ({SPACE: "created"}, END[:19])


def test_several_ends(actions: Harness) -> None:
    """Where the customer's subscriptions end at different times, the line fails with them, until it names one."""
    first = sold(actions)
    other = deal(space(), salesforceOpportunityId="006000000000003AAA", endDate="2098-06-30")
    second = of(actions.ok(ACTION, other), SPACE)["subscriptionId"]
    line = plan(DESK, "plan-workspace", resourceId="site-2")

    failed = of(actions.ok(ACTION, added(line)), DESK)
    body = actions.ok(ACTION, added({**line, "coTerminateWith": second}))

    assert (failed["outcome"], failed["errorCode"]) == ("failed", "INVALID_REQUEST")
    assert f"subscription {first} (plan-growth) until {END}" in failed["message"]
    assert f"subscription {second} (plan-workspace) until {OTHER_END}" in failed["message"]
    assert of(body, DESK)["coTerminatesAt"][:19] == OTHER_END[:19]


def test_nothing_to_end_with(actions: Harness) -> None:
    """A line fails if nothing of the customer ends, or if what it names has no end."""
    subscription_id = sold(actions, endDate=None)

    alone = of(actions.ok(ACTION, added(space())), SPACE)
    named = of(actions.ok(ACTION, added(space(coTerminateWith=subscription_id))), SPACE)

    assert "has nothing that ends" in alone["message"]
    assert "has no end" in named["message"]
    assert running(actions) == ["plan-growth"]


def test_what_cannot_be_named(actions: Harness) -> None:
    """A line fails if what it names does not exist, has ended, or belongs to another customer."""
    subscription_id = sold(actions)
    other = deal(space(), salesforceOpportunityId="006000000000003AAA", salesforceAccountId=OTHER_ACCOUNT, **TERM)
    of_another = of(actions.ok(ACTION, other), SPACE)["subscriptionId"]
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    for name, words in (("sub-9", "no such"), (of_another, OTHER_ACCOUNT), (subscription_id, "has ended")):
        line = plan(DESK, "plan-workspace", resourceId="site-2", coTerminateWith=name)
        failed = of(actions.ok(ACTION, added(line)), DESK)
        assert (failed["outcome"], words in failed["message"]) == ("failed", True)


def test_another_end(actions: Harness) -> None:
    """An end of the deal that differs is refused for the line; the same end is accepted."""
    subscription_id = sold(actions)

    new = of(actions.ok(ACTION, added(space(), endDate="2098-06-30")), SPACE)
    present = of(actions.ok(ACTION, deal(plan(), addon(coTerminate=True), endDate="2098-06-30")), APP)
    same = actions.ok(ACTION, added(space(), **TERM))

    for failed in (new, present):
        assert (failed["outcome"], failed["errorCode"]) == ("failed", "INVALID_REQUEST")
        assert f"cannot be true with endDate {OTHER_END}" in failed["message"]
    assert str(end_of(actions, subscription_id))[:19] == END[:19]
    assert (by_line(same), of(same, SPACE)["coTerminatesAt"][:19]) == ({SPACE: "created"}, END[:19])


def test_no_end_beside_one(actions: Harness) -> None:
    """An end of the deal is refused for a line of a subscription without one; one that has ended is no obstacle."""
    sold(actions, endDate=None)

    failed = of(actions.ok(ACTION, deal(plan(), addon(coTerminate=True), **TERM)), APP)
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})
    body = actions.ok(ACTION, deal(plan(), addon(coTerminate=True), **TERM))

    assert "has no end" in failed["message"]
    assert by_line(body)[APP] in {"created", "replaced"}


def test_a_line_that_moved_away(actions: Harness) -> None:
    """A line whose subscription moved away is left alone, whatever there is to end with."""
    sold(actions)
    actions.ok(ACTION, added(space()))
    actions.ok("renew-subscription", {"salesforceRecordId": SPACE, "newSalesforceRecordId": DESK})
    actions.ok("reschedule-cancellation", {"salesforceRecordId": DESK, "cancellationDate": "2098-06-30"})

    assert by_line(actions.ok(ACTION, added(space()))) == {SPACE: "superseded"}


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_sale_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed around its sale, the repeat carries it on with the end that was found first."""
    sold(actions)
    crash(actions, ACTION, added(space()), "POST .*/subscriptions$", after=after)
    first = actions.emulator.state()["subscriptions"][0]["id"]
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{first}", {"cancellationDate": OTHER_END})
    actions.clock.skip(11)

    body = actions.ok(ACTION, added(space()))

    assert (by_line(body), of(body, SPACE)["coTerminatesAt"][:19]) == ({SPACE: "created"}, END[:19])
    assert len(actions.emulator.state()["subscriptions"]) == 2
    assert by_line(actions.ok(ACTION, added(space()))) == {SPACE: "unchanged"}


def test_a_payment_page(actions: Harness) -> None:
    """A plan that is to be paid first keeps its page, and the end that was found first."""
    sold(actions)
    request = added(space(), **TO_BE_PAID)

    asked, again = actions.ok(ACTION, request), actions.ok(ACTION, request)

    assert by_line(asked) == by_line(again) == {SPACE: "paymentRequired"}
    assert of(asked, SPACE)["checkoutUrl"] == of(again, SPACE)["checkoutUrl"]


def test_the_same_at_once(actions: Harness) -> None:
    """Four identical calls at the same moment sell once."""
    sold(actions)

    replies = actions.at_once(*[(ACTION, added(space(), entitlement(planLineItemId=SPACE)))] * 4)

    assert {reply.status for reply in replies} == {200}
    assert len(actions.emulator.state()["subscriptions"]) == 2
    assert {reply.body["failedCount"] for reply in replies} == {0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (addon(coTerminateWith="sub-1"), "of its plan"),
        (space(coTerminateWith="sub-1", subscriptionId="sub-2"), "keeps"),
    ],
)
def test_what_ends_with_its_own(actions: Harness, line: dict[str, Any], words: str) -> None:
    """A part, and a plan that names its subscription, cannot end with another one."""
    reply = actions.post(ACTION, deal(plan(), line))

    (problem,) = reply.body["details"]
    assert (reply.status, problem["field"]) == (400, "lineItems[1].coTerminateWith")
    assert words in problem["problem"]


def test_a_contradiction() -> None:
    """A line that is not to end with another one names none."""
    with pytest.raises(ValueError, match="contradicts coTerminate false"):
        ProvisionOpportunity.model_validate(deal(plan(coTerminate=False, coTerminateWith="sub-1")))
