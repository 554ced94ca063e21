"""provision-opportunity with removed cancel: what removed lines became is ended once, and nothing else is."""

from typing import Any

import pytest

from stigg_actions.clock import iso
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
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
    WHOLE,
    addon,
    bonus,
    by_line,
    credit,
    deal,
    entitlement,
    of,
    of_app,
    plan,
    running,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import TO_BE_PAID, in_stigg

ELSEWHERE = "00k000000000099AAA"


def ending(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a deal that ends what its removed lines became."""
    return deal(*lines, **{"removed": "cancel", **changes})


def addons(actions: Harness, subscription_id: str) -> dict[str, int]:
    """Return the quantities of a subscription's add-ons in Stigg."""
    return {one["id"]: one["quantity"] for one in in_stigg(actions, subscription_id)["addons"]}


def test_all_that_is_ended(actions: Harness) -> None:
    """A subscription is canceled, add-ons and entitlements are removed, a grant stays; a repeat ends nothing again."""
    first = actions.ok(ACTION, deal(*WHOLE))
    app, workspace = of(first, APP)["subscriptionId"], of(first, SPACE)["subscriptionId"]
    before = writes(actions)

    body = actions.ok(ACTION, ending(plan()))
    done = writes(actions) - before
    again = actions.ok(ACTION, ending(plan()))

    assert by_line(body) == {APP: "amended", SPACE: "canceled", BONUS: "removed"} | dict.fromkeys(
        (SEATS, LIMIT, TOKENS), "canceled"
    )
    assert (body["outcome"], body["canceledCount"], body["removedCount"], done) == ("provisioned", 4, 1, 2)
    assert (of(body, SPACE)["status"], of(body, SPACE)["active"]) == ("CANCELED", False)
    assert of(body, SPACE)["message"] == f"Its subscription {workspace} was canceled."
    assert of(body, SEATS)["message"] == "addon-seats was removed: it went from 5 to none."
    assert "void-credit-grant" in of(body, BONUS)["message"]
    assert (running(actions), addons(actions, app)) == (["plan-growth"], {})
    assert by_line(again) == {APP: "unchanged"} | dict.fromkeys((SPACE, SEATS, LIMIT, TOKENS, BONUS), "removed")
    assert (again["outcome"], writes(actions) - before) == ("unchanged", done)


def test_the_end_of_the_billing_period(actions: Harness) -> None:
    """A subscription can end with its billing period; a repeat finds the date, and the parts of its own go with it."""
    actions.ok(ACTION, deal(plan(), space(), addon(planLineItemId=SPACE)))
    request = ending(plan(), removedCancelWhen="endOfBillingPeriod")

    body, before = actions.ok(ACTION, request), writes(actions)
    again = actions.ok(ACTION, request)
    now = actions.ok(ACTION, ending(plan()))

    assert by_line(body) == {APP: "unchanged", SPACE: "scheduled", SEATS: "scheduled"}
    assert " ends on 20" in of(body, SPACE)["message"]
    assert of(body, SEATS)["message"].startswith("It ends with sub-")
    assert by_line(again) == {APP: "unchanged", SPACE: "removed", SEATS: "removed"}
    assert "stays until" in of(again, SPACE)["message"]
    assert by_line(now) == {APP: "unchanged", SPACE: "canceled", SEATS: "canceled"}
    assert writes(actions) - before == 1


def test_what_other_lines_have_taken_over(actions: Harness) -> None:
    """What a new line took over, or another line gives too, is not ended."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(quantity=3), addon(TOKENS, quantity=4))), APP)["subscriptionId"]

    body = actions.ok(ACTION, ending(plan(NEW_APP), addon(NEW_SEATS, quantity=3)))

    assert by_line(body) == {
        NEW_APP: "amended",
        NEW_SEATS: "amended",
        APP: "removed",
        SEATS: "removed",
        TOKENS: "removed",
    }
    assert (running(actions), addons(actions, sold)) == (["plan-growth"], {"addon-seats": 3})
    assert of(body, APP)["message"] == f"Line {NEW_APP} took over its subscription {sold}."


def test_what_a_line_that_took_over_no_longer_has(actions: Harness) -> None:
    """When the lines are made again without some of them, those are removed from the subscription that goes on."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(), entitlement())), APP)["subscriptionId"]

    body = actions.ok(ACTION, ending(plan(NEW_APP)))

    assert by_line(body) == {NEW_APP: "amended", APP: "removed", SEATS: "canceled", LIMIT: "canceled"}
    assert (running(actions), addons(actions, sold)) == (["plan-growth"], {})


def test_what_was_replaced(actions: Harness) -> None:
    """A subscription that another line of the deal has replaced is not canceled again."""
    actions.ok(ACTION, deal(plan(), addon()))

    body = actions.ok(ACTION, ending(plan(NEW_APP, "plan-starter")))

    assert by_line(body) == {NEW_APP: "replaced", APP: "removed", SEATS: "removed"}
    assert running(actions) == ["plan-starter"]


def test_what_belongs_to_another_record(actions: Harness) -> None:
    """A subscription that moved to another record stays, with its parts."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(), bonus())), APP)["subscriptionId"]
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": ELSEWHERE})

    body = actions.ok(ACTION, ending(bonus()))

    assert by_line(body) == {BONUS: "unchanged", APP: "removed", SEATS: "removed"}
    assert addons(actions, sold) == {"addon-seats": 5}


def test_nothing_is_ended_while_a_line_fails(actions: Harness) -> None:
    """As long as a line has failed or sells nothing, removed plans stay, because the line may be their successor."""
    actions.ok(ACTION, deal(plan(), space(), addon(planLineItemId=SPACE)))

    failed = actions.ok(ACTION, ending(plan(NEW_APP, "plan-nowhere", resourceId="site-9"), plan()))
    refused = actions.ok(ACTION, ending(plan(), bonus(quantity=0)))
    done = actions.ok(ACTION, ending(plan()))

    for body in (failed, refused):
        assert (body["outcome"], of(body, SPACE)["outcome"], of(body, SEATS)["outcome"]) == (
            "partial", "notStarted", "notStarted",
        )  # fmt: skip
        assert (body["retryable"], of(body, SEATS)["retryable"]) == (True, True)
    assert by_line(done) == {APP: "unchanged", SPACE: "canceled", SEATS: "canceled"}


def test_parts_of_a_plan_that_fails(actions: Harness) -> None:
    """Parts are removed with their plan's line: when that fails they wait, and the repeat removes them."""
    sold = of(actions.ok(ACTION, deal(plan(), addon())), APP)["subscriptionId"]
    actions.emulator.fault("PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No."}})

    failed = actions.ok(ACTION, ending(plan()))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, ending(plan()))

    assert by_line(failed) == {APP: "failed", SEATS: "notStarted"}
    assert (by_line(body), addons(actions, sold)) == ({APP: "amended", SEATS: "canceled"}, {})


def test_a_refused_line_keeps_its_part(actions: Harness) -> None:
    """An add-on that a refused line gave stays, although another line for it was removed."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(quantity=3), addon(TOKENS, quantity=4))), APP)["subscriptionId"]

    body = actions.ok(ACTION, ending(plan(), addon(TOKENS, quantity=-4)))

    assert by_line(body) == {APP: "unchanged", TOKENS: "failed", SEATS: "removed"}
    assert addons(actions, sold) == {"addon-seats": 7}


def test_what_was_sold_again_since(actions: Harness) -> None:
    """An add-on that another request sold after its line was ended stays, even when the deal changes."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(), credit())), APP)["subscriptionId"]
    actions.ok(ACTION, ending(plan(), credit()))
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 2}]})

    late = actions.ok(ACTION, ending(plan(), credit()))
    changed = actions.ok(ACTION, ending(plan(), credit(quantity=2000)))

    assert by_line(late) == {APP: "superseded", TOKENS: "superseded", SEATS: "superseded"}
    assert by_line(changed) == {APP: "amended", TOKENS: "amended", SEATS: "removed"}
    assert addons(actions, sold) == {"addon-seats": 2}


def test_a_line_that_comes_back(actions: Harness) -> None:
    """A line that is there again is sold again, and ended again when it goes."""
    actions.ok(ACTION, deal(plan(), space(), of_app(addon())))
    actions.ok(ACTION, ending(plan()))

    back = actions.ok(ACTION, ending(plan(), space(), of_app(addon())))
    gone = actions.ok(ACTION, ending(plan()))

    assert by_line(back)[SPACE] in {"created", "replaced"}
    assert by_line(back)[SEATS] == "amended"
    assert by_line(gone) == {APP: "amended", SPACE: "canceled", SEATS: "canceled"}
    assert running(actions) == ["plan-growth"]


def test_a_later_request_is_not_undone(actions: Harness) -> None:
    """A late retry does not end what another request sold for the line since, unless it says so or is newer."""
    actions.ok(ACTION, deal(plan(), space()))
    actions.ok(ACTION, ending(plan()))
    again = {
        "salesforceRecordId": SPACE, "salesforceAccountId": deal()["salesforceAccountId"], "planId": "plan-workspace",
        "resourceId": "site-1", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE",
    }  # fmt: skip
    actions.ok("create-subscription-with-return-data", again)

    late = of(actions.ok(ACTION, ending(plan())), SPACE)
    anyway = of(actions.ok(ACTION, ending(plan(), reapply=True)), SPACE)
    actions.ok("create-subscription-with-return-data", again)
    actions.clock.skip(60)
    newer = of(actions.ok(ACTION, ending(plan(), asOf=iso(actions.clock.now()))), SPACE)

    assert newer["outcome"] == "canceled"
    assert (late["outcome"], late["supersededBy"][:10]) == ("superseded", "provision-")
    assert "reapply true to end it anyway" in late["message"]
    assert anyway["outcome"] == "canceled"
    assert running(actions) == ["plan-growth"]


def test_older_data(actions: Harness) -> None:
    """A request from older data than the subscription's last change ends nothing."""
    actions.ok(ACTION, deal(plan(), space(), of_app(addon()), asOf="2026-01-01T00:00:00Z"))
    for line in (APP, SPACE):
        actions.ok("set-subscription-metadata", {"salesforceRecordId": line, "metadata": {"tier": "gold"}})

    body = actions.ok(ACTION, ending(plan(), asOf="2026-01-02T00:00:00Z"))

    assert by_line(body) == {APP: "superseded", SPACE: "superseded", SEATS: "superseded"}
    assert of(body, SPACE)["supersededBy"].startswith("metadata-")
    assert running(actions) == ["plan-growth", "plan-workspace"]


def test_an_end_that_was_called_off_in_stigg(actions: Harness) -> None:
    """An end that somebody called off in the Stigg app is not scheduled again, unless the request is newer."""
    actions.ok(ACTION, deal(plan(), space()))
    request = ending(plan(), removedCancelWhen="endOfBillingPeriod")
    sold = of(actions.ok(ACTION, request), SPACE)["subscriptionId"]
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{sold}", {"cancellationDate": None})
    actions.invoke("reconcile", {"customerId": deal()["salesforceAccountId"]})

    late = of(actions.ok(ACTION, request), SPACE)
    anyway = of(actions.ok(ACTION, {**request, "reapply": True}), SPACE)

    assert (late["outcome"], late["supersededBy"]) == ("superseded", "changedOutside")
    assert anyway["outcome"] == "scheduled"


def test_a_page_that_was_not_paid(actions: Harness) -> None:
    """The payment page of a removed line is dropped, so that it can no longer be paid."""
    sold = actions.ok(ACTION, deal(plan(), space(), asOf="2026-02-01T00:00:00Z", **TO_BE_PAID))
    actions.emulator.checkout(of(sold, APP)["subscriptionId"])
    actions.ok(ACTION, deal(plan(), space(), **TO_BE_PAID))

    older = actions.ok(ACTION, ending(plan(), **TO_BE_PAID, asOf="2026-01-01T00:00:00Z"))
    body = actions.ok(ACTION, ending(plan(), **TO_BE_PAID))
    again = actions.ok(ACTION, ending(plan(), **TO_BE_PAID))

    assert [of(each, SPACE)["outcome"] for each in (older, body, again)] == ["superseded", "canceled", "removed"]
    assert "can no longer be paid" in of(body, SPACE)["message"]
    record = actions.mapping(SPACE)
    assert record is None or record.awaited == ()


def test_a_subscription_that_is_to_follow(actions: Harness) -> None:
    """A subscription that was scheduled to follow is canceled before the present one."""
    actions.ok(ACTION, deal(plan(), space()))
    later = {"planId": "plan-free", "downgradeWhen": "endOfBillingPeriod"}
    actions.ok("downgrade-subscription", {"salesforceRecordId": APP, **later})

    body = actions.ok(ACTION, ending(space()))

    assert by_line(body) == {SPACE: "unchanged", APP: "canceled"}
    assert running(actions) == ["plan-workspace"]
    assert {one["status"] for one in actions.emulator.state()["subscriptions"]} == {"ACTIVE", "CANCELED"}


def test_no_time_left(actions: Harness) -> None:
    """Without time for it, a removed line is left to the next call."""
    actions.ok(ACTION, deal(plan(), space()))
    slow = container_that_first(actions, "PATCH", lambda: actions.clock.skip(18))

    body = actions.post(ACTION, ending(plan(), addon()), slow).body

    assert by_line(body) == {APP: "amended", SEATS: "amended", SPACE: "notStarted"}
    assert "ran out of time" in of(body, SPACE)["message"]
    assert by_line(actions.ok(ACTION, ending(plan(), addon())))[SPACE] == "canceled"


def test_a_line_that_is_changed_meanwhile(actions: Harness) -> None:
    """A line that another request changes while this call runs is not ended; the next call decides."""
    actions.ok(ACTION, deal(plan(), space()))
    mark = {"salesforceRecordId": SPACE, "metadata": {"tier": "gold"}}
    container = container_that_first(actions, "/customers", lambda: actions.ok("set-subscription-metadata", mark))

    body = actions.post(ACTION, ending(plan()), container).body

    assert (of(body, SPACE)["errorCode"], body["retryable"]) == ("IN_PROGRESS", True)
    assert running(actions) == ["plan-growth", "plan-workspace"]
    assert by_line(actions.ok(ACTION, ending(plan())))[SPACE] == "canceled"


def test_a_refused_end(actions: Harness) -> None:
    """A cancellation that Stigg refuses fails for its line, with the parts that belong to it."""
    actions.ok(ACTION, deal(plan(), space(), addon(planLineItemId=SPACE)))
    actions.emulator.fault("POST", "/cancel$", "status", {"status": 400, "body": {"message": "No.", "code": "X"}})

    body = actions.ok(ACTION, ending(plan()))

    assert (body["outcome"], by_line(body)) == ("partial", {APP: "unchanged", SPACE: "failed", SEATS: "failed"})
    assert of(body, SPACE)["errorCode"] == of(body, SEATS)["errorCode"] == "REFUSED_BY_STIGG"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("pattern", ["POST .*/cancel$", "PATCH .*/subscriptions/"])
def test_a_killed_end_is_carried_on(actions: Harness, pattern: str, *, after: bool) -> None:
    """Killed around any of its writes, the repeat ends each line once."""
    sold = of(actions.ok(ACTION, deal(plan(), space(), of_app(addon()))), APP)["subscriptionId"]
    before = writes(actions)
    crash(actions, ACTION, ending(plan()), pattern, after=after)
    actions.clock.skip(11)

    actions.ok(ACTION, ending(plan()))

    assert (running(actions), addons(actions, sold), writes(actions) - before) == (["plan-growth"], {}, 2)
    assert by_line(actions.ok(ACTION, ending(plan()))) == {APP: "unchanged", SPACE: "removed", SEATS: "removed"}


def test_the_same_end_at_once(actions: Harness) -> None:
    """Four identical calls at the same moment end each line once."""
    actions.ok(ACTION, deal(plan(), space(), of_app(addon())))
    before = writes(actions)

    replies = actions.at_once(*[(ACTION, ending(plan()))] * 4)

    assert {reply.status for reply in replies} == {200}
    assert (running(actions), writes(actions) - before) == (["plan-growth"], 2)


def test_a_date_without_an_end() -> None:
    """When removed lines end can only be said if they end."""
    with pytest.raises(ValueError, match="only possible with removed cancel"):
        ProvisionOpportunity.model_validate(deal(plan(), removedCancelWhen="now"))
