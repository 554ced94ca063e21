"""provision-opportunity: lines that fail, calls that are killed, raced or out of time. Each line happens once."""

from collections.abc import Callable
from typing import Any

import pytest

from stigg_actions.stigg.retry import MAX_ATTEMPTS
from tests.support.contexts import Context
from tests.support.crashes import crash
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    SEATS,
    SPACE,
    TOKENS,
    TRAINING,
    WHOLE,
    addon,
    bonus,
    by_line,
    deal,
    of,
    of_app,
    plan,
    running,
    space,
    writes,
)
from tests.support.faulty_dynamodb import FaultyDynamoDB, refused
from tests.support.harness import Harness
from tests.support.requests import TO_BE_PAID
from tests.support.slow import SlowTransport

TYPED = (APP, SPACE, SEATS, LIMIT, TOKENS, BONUS)
IN_THE_END = dict.fromkeys(TYPED, "unchanged") | {TRAINING: "ignored"}


def test_a_failed_line_leaves_the_others(actions: Harness) -> None:
    """A plan that Stigg does not know fails with what goes with it; corrected, it alone is done."""
    wrong = [plan(plan_id="plan-nowhere"), *WHOLE[1:]]

    body = actions.ok(ACTION, deal(*wrong))
    before = writes(actions)
    again = actions.ok(ACTION, deal(*WHOLE))

    failed = dict.fromkeys((APP, SEATS, LIMIT, TOKENS), "failed")
    assert (body["outcome"], body["failedCount"], body["retryable"]) == ("partial", 4, False)
    assert by_line(body) == failed | {SPACE: "created", BONUS: "created", TRAINING: "ignored"}
    assert of(body, APP)["errorCode"] == of(body, SEATS)["errorCode"] == "PLAN_NOT_FOUND"
    assert of(body, APP)["message"].startswith("PLAN_NOT_FOUND: ")
    assert by_line(again) == IN_THE_END | dict.fromkeys((APP, SEATS, LIMIT, TOKENS), "created")
    assert writes(actions) - before == 1


def test_a_failed_amendment_leaves_the_others(actions: Harness) -> None:
    """A change that Stigg refuses fails alone, and the subscription stays as it was."""
    actions.ok(ACTION, deal(plan(), space()))

    body = actions.ok(
        ACTION, deal(plan(), space(), of_app(addon(addon_id="addon-x")), addon(LIMIT, planLineItemId=SPACE))
    )

    assert by_line(body) == {APP: "failed", SEATS: "failed", SPACE: "amended", LIMIT: "amended"}
    assert of(body, APP)["errorCode"] == "ADDON_NOT_FOUND"


def test_all_lines_fail(actions: Harness) -> None:
    """Where every line fails the outcome says so; Stigg out of reach can be tried again."""
    actions.emulator.fault("POST", "/(subscriptions|grants)$", "status", 503)

    body = actions.ok(ACTION, deal(plan()))

    assert (body["outcome"], body["retryable"], of(body, APP)["retryable"]) == ("failed", True, True)


def test_an_open_invoice(actions: Harness) -> None:
    """An unpaid invoice keeps a subscription from being replaced; the line names it."""
    request = deal(plan(), paymentCollectionMethod="INVOICE")
    subscription_id = of(actions.ok(ACTION, request), APP)["subscriptionId"]
    actions.emulator.invoice(subscription_id)

    line = of(actions.ok(ACTION, deal(plan(plan_id="plan-starter"), paymentCollectionMethod="INVOICE")), APP)

    assert (line["outcome"], line["errorCode"], line["retryable"]) == ("failed", "OPEN_INVOICE", False)
    assert line["invoicePdfUrl"].startswith("https://")


def test_a_payment_page(actions: Harness) -> None:
    """What has to be paid first is told with its page, again as often as it is asked; paid, it is there."""
    request = deal(plan(), addon(), **TO_BE_PAID)

    asked, again = actions.ok(ACTION, request), actions.ok(ACTION, request)
    actions.emulator.checkout(of(asked, APP)["subscriptionId"])
    paid, after = actions.ok(ACTION, request), actions.ok(ACTION, request)

    assert by_line(asked) == by_line(again) == {APP: "paymentRequired", SEATS: "paymentRequired"}
    assert of(asked, APP)["checkoutUrl"] == of(again, SEATS)["checkoutUrl"]
    assert (asked["outcome"], asked["paymentRequiredCount"], of(asked, APP)["active"]) == ("provisioned", 2, False)
    assert (by_line(paid)[APP], of(paid, APP)["active"], by_line(after)[APP]) == (
        "created",
        True,
        "unchanged",
    )


def test_no_payment_page(actions: Harness) -> None:
    """Without checkoutOptions there is no page to pay on: each line says so, and what to do."""
    asked = actions.ok(ACTION, deal(plan(), addon(), paymentCollectionMethod="CHARGE"))

    assert by_line(asked) == {APP: "paymentRequired", SEATS: "paymentRequired"}
    assert "checkoutUrl" not in of(asked, APP)
    assert "checkoutOptions" in of(asked, APP)["message"]


def test_a_resource_that_moved(actions: Harness) -> None:
    """A subscription cannot be moved to another resource: its line fails, and nothing is provisioned beside it."""
    actions.ok(ACTION, deal(space()))

    line = of(actions.ok(ACTION, deal(space(resourceId="site-2"))), SPACE)

    assert (line["outcome"], line["errorCode"]) == ("failed", "INVALID_REQUEST")
    assert "site-1" in line["message"]
    assert running(actions) == ["plan-workspace"]


def test_a_plan_of_another_product(actions: Harness) -> None:
    """A line cannot pass to a plan of another product, which would run beside the present one."""
    actions.ok(ACTION, deal(plan()))

    line = of(actions.ok(ACTION, deal(plan(plan_id="plan-workspace"))), APP)

    assert (line["outcome"], line["errorCode"]) == ("failed", "INVALID_REQUEST")
    assert running(actions) == ["plan-growth"]


def test_the_time_is_up(actions: Harness) -> None:
    """Past the time for a call the other lines are not begun; the next calls do them, what is missing first."""
    slow = actions.container(actions.wire(SlowTransport(actions, 10, "/subscriptions")))
    request = deal(*WHOLE, addon(TRAINING, planLineItemId=SPACE))
    request["lineItems"].remove(WHOLE[-1])

    first = actions.post(ACTION, request, slow).body
    second = actions.post(ACTION, request, slow).body
    third = actions.ok(ACTION, request)

    assert by_line(first) | {BONUS: ""} == dict.fromkeys((APP, SPACE, SEATS, LIMIT, TOKENS, TRAINING), "created") | {
        BONUS: ""
    }
    assert (first["outcome"], by_line(first)[BONUS], first["notStartedCount"]) == ("partial", "notStarted", 1)
    assert of(first, BONUS)["retryable"]
    assert by_line(second)[BONUS] == "created"
    assert third["outcome"] == "unchanged"


def test_rate_limit(actions: Harness) -> None:
    """Past Stigg's limit of a resource its other plans are not begun, those of others are; the next call does them."""
    actions.emulator.fault("POST", "/subscriptions$", "status", 429, times=MAX_ATTEMPTS)
    of_one = [plan(APP, resourceId="site-1"), space()]
    beside = [plan(TRAINING, resourceId="site-2"), bonus()]

    first = actions.ok(ACTION, deal(*of_one, *beside))
    second = actions.ok(ACTION, deal(*of_one, *beside))

    assert by_line(first) == {APP: "failed", SPACE: "notStarted", TRAINING: "created", BONUS: "created"}
    assert (of(first, APP)["errorCode"], of(first, SPACE)["retryable"]) == ("RATE_LIMITED", True)
    assert by_line(second) == {APP: "created", SPACE: "created", TRAINING: "unchanged", BONUS: "unchanged"}


def test_no_time_at_all(actions: Harness) -> None:
    """With no time for any line nothing has failed: the same again does them."""
    body = actions.invoke(ACTION, deal(plan()), Context(8))

    assert (body["outcome"], by_line(body), body["retryable"]) == ("partial", {APP: "notStarted"}, True)
    assert by_line(actions.ok(ACTION, deal(plan()))) == {APP: "created"}


def test_a_line_that_failed_is_remembered_as_it_was(actions: Harness) -> None:
    """As long as a change has failed, what the line was before is still to give way."""
    actions.ok(ACTION, deal(plan(), addon()))
    changed = [plan(), addon(addon_id="addon-support", quantity=1)]
    actions.emulator.fault(
        "PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No.", "code": "X"}}
    )
    failed = actions.ok(ACTION, deal(*changed))
    actions.emulator.clear_faults()

    body = actions.ok(ACTION, deal(*changed))

    assert (by_line(failed)[SEATS], by_line(body)[SEATS]) == ("failed", "amended")
    (app,) = [one for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]
    assert app["addons"] == [{"id": "addon-support", "quantity": 1}]


def test_what_was_changed_cannot_be_forgotten(actions: Harness) -> None:
    """If the tables cannot be written in the end, the deal is done all the same, and looked at once more next time."""
    actions.ok(ACTION, deal(plan(), addon()))
    changed = deal(plan(), addon(addon_id="addon-support", quantity=1))
    before_the_last = [None, None, None]  # what is noted first; start and finish of the renewal
    faulty = FaultyDynamoDB(
        actions.tables.plain, transact_write_items=[*before_the_last, refused("AccessDeniedException")]
    )

    body = actions.post(ACTION, changed, actions.container(dynamodb=faulty)).body

    assert by_line(body) == {APP: "amended", SEATS: "amended"}
    assert by_line(actions.ok(ACTION, changed)) == {APP: "unchanged", SEATS: "unchanged"}


KILLS = ["POST .*/customers$", "POST .*/subscriptions$", "POST .*/grants$"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("pattern", KILLS)
def test_a_killed_call_is_carried_on(actions: Harness, pattern: str, *, after: bool) -> None:
    """Killed around any of its writes, the repeat ends with one effect of each line."""
    request = deal(*WHOLE)
    crash(actions, ACTION, request, pattern, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert body["outcome"] == "provisioned"
    assert (running(actions), writes(actions)) == (["plan-growth", "plan-workspace"], 3)
    assert {status for _, status in actions.operations()} == {"SUCCEEDED"}
    assert by_line(actions.ok(ACTION, request)) == IN_THE_END


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("changed", "pattern"),
    [(of_app(addon(quantity=9)), "PATCH .*/subscriptions/"), (plan(plan_id="plan-starter"), "POST .*/subscriptions$")],
)
def test_a_killed_change_is_carried_on(actions: Harness, changed: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Killed around the change of a line, the repeat ends with one effect."""
    actions.ok(ACTION, deal(*WHOLE))
    lines = [changed if line["salesforceLineItemId"] == changed["salesforceLineItemId"] else line for line in WHOLE]
    before = writes(actions)
    crash(actions, ACTION, deal(*lines), pattern, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, deal(*lines))

    assert body["outcome"] in {"provisioned", "unchanged"}
    assert (writes(actions) - before, len(running(actions))) == (1, 2)
    assert by_line(actions.ok(ACTION, deal(*lines))) == IN_THE_END


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers(actions: Harness, fault: str) -> None:
    """Answers of Stigg that are lost after their effect are found out within the call."""
    actions.emulator.fault("POST", "/(subscriptions|grants)$", fault, times=3)

    assert actions.ok(ACTION, deal(*WHOLE))["outcome"] == "provisioned"
    assert running(actions) == ["plan-growth", "plan-workspace"]
    assert len(actions.emulator.state()["grants"]) == 1


def test_the_same_opportunity_at_once(actions: Harness) -> None:
    """Four identical calls at the same moment have one effect of each line, and tell the same subscriptions."""
    replies = actions.at_once(*[(ACTION, deal(*WHOLE))] * 4)

    assert {reply.status for reply in replies} == {200}
    assert (running(actions), writes(actions)) == (["plan-growth", "plan-workspace"], 3)
    assert len({of(reply.body, line)["subscriptionId"] for reply in replies for line in (APP, SPACE)}) == 2
    assert {reply.body["failedCount"] for reply in replies} == {0}


def test_two_versions_at_once(actions: Harness) -> None:
    """Two calls with other lines are noted both: what the later one lacks is told as removed."""
    actions.at_once((ACTION, deal(plan(), bonus())), (ACTION, deal(plan(), space())))

    body = actions.ok(ACTION, deal(plan()))

    assert by_line(body) == {APP: "unchanged", BONUS: "removed", SPACE: "removed"}


SETTLERS: dict[str, Callable[[Harness], Any]] = {
    "another action": lambda actions: actions.ok(
        "create-customer", {"salesforceAccountId": deal()["salesforceAccountId"], "name": "Acme Inc"}
    ),
    "reconcile": lambda actions: actions.invoke("reconcile", {}),
}


@pytest.mark.parametrize("settler", SETTLERS)
def test_somebody_else_settles_a_killed_line(actions: Harness, settler: str) -> None:
    """A line whose process was killed after its write is mapped by whoever comes next, without another call."""
    crash(actions, ACTION, deal(plan()), "POST .*/subscriptions$", after=True)
    actions.clock.skip(91)

    SETTLERS[settler](actions)

    mapped = actions.mapping(APP)
    assert mapped
    assert mapped.current
    assert mapped.current.plan_id == "plan-growth"
    assert by_line(actions.ok(ACTION, deal(plan())))[APP] == "unchanged"
