"""provision-opportunity: each line that is gone is told with what became of it, and nothing is ever canceled for it."""

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
    OPPORTUNITY,
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
    plan,
    running,
    space,
)
from tests.support.harness import ORG, Harness
from tests.support.requests import OTHER_ACCOUNT, in_stigg

ELSEWHERE = "00k000000000099AAA"
TERM = {"endDate": "2099-12-31"}


def said(actions: Harness, line_id: str, *lines: dict[str, Any], **changes: Any) -> str:  # noqa: ANN401 - any field
    """Send a deal, and return what it says of a line that is gone."""
    line = of(actions.ok(ACTION, deal(*lines, **changes)), line_id)

    assert line["outcome"] == "removed"
    return str(line["message"])


def test_all_that_stays(actions: Harness) -> None:
    """A subscription, an add-on, an entitlement, credits and a grant stay, each with what would end it."""
    first = actions.ok(ACTION, deal(*WHOLE, **TERM))
    app, workspace = of(first, APP)["subscriptionId"], of(first, SPACE)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(), **TERM))

    assert {line["salesforceLineItemId"]: line.get("message") for line in body["lines"]} == {
        APP: None,
        SPACE: f"Its subscription {workspace} (plan-workspace) stays until 2099-12-31T23:59:59.000Z; "
        "use cancel-subscription to end it.",
        SEATS: f"Its add-on addon-seats (5) stays on subscription {app}; "
        "use update-subscription with removeAddons to remove it.",
        LIMIT: f"Its entitlement feature-seats stays on subscription {app}; "
        "use update-subscription with removeEntitlements to remove it.",
        TOKENS: f"Its entitlement cred-type-tokens stays on subscription {app}; "
        "use update-subscription with removeEntitlements to remove it.",
        BONUS: "Its grant of 500 cred-type-tokens stays: granted credits are not taken back.",
    }
    assert by_line(body) == {APP: "unchanged"} | dict.fromkeys((SPACE, SEATS, LIMIT, TOKENS, BONUS), "removed")
    assert (body["outcome"], body["removedCount"]) == ("unchanged", 5)
    assert (of(body, BONUS)["grantId"], "subscriptionId" in of(body, BONUS)) == (of(first, BONUS)["grantId"], False)
    assert (of(body, SEATS)["subscriptionId"], of(body, SPACE)["subscriptionId"]) == (app, workspace)
    assert running(actions) == ["plan-growth", "plan-workspace"]


def test_quantities_that_were_added_up(actions: Harness) -> None:
    """Of an add-on on two lines the one that goes says from what to what the quantity went."""
    actions.ok(ACTION, deal(plan(), addon(quantity=3), addon(TOKENS, quantity=4)))

    first = said(actions, TOKENS, plan(), addon(quantity=3))
    again = said(actions, TOKENS, plan(), addon(quantity=3))

    assert first == f"Now given by line {SEATS}: addon-seats went from 7 to 3."
    assert again == f"Now given by line {SEATS}: 3 in total."


def test_an_entitlement_that_another_line_gives(actions: Harness) -> None:
    """An entitlement that another line gives by now says so."""
    actions.ok(ACTION, deal(plan(), entitlement()))
    other = entitlement(TOKENS, quantity=80)

    actions.ok(ACTION, deal(plan(), other))

    assert said(actions, LIMIT, plan(), other) == f"Line {TOKENS} replaced it."


def test_what_was_taken_away_meanwhile(actions: Harness) -> None:
    """An add-on that another request took away is not a part of the subscription."""
    sold = of(actions.ok(ACTION, deal(plan(), addon())), APP)["subscriptionId"]
    actions.ok("update-subscription", {"salesforceRecordId": APP, "removeAddons": ["addon-seats"]})

    assert said(actions, SEATS, plan()) == f"Its add-on addon-seats is not part of subscription {sold}."


def test_what_was_canceled(actions: Harness) -> None:
    """A subscription that was canceled has ended, with its parts; after a correction it says when."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(), bonus())), APP)["subscriptionId"]
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    assert said(actions, APP, bonus()) == f"Its subscription {sold} has ended."
    assert said(actions, SEATS, bonus()) == f"It ended with subscription {sold}."


def test_what_was_replaced_in_the_app(actions: Harness) -> None:
    """A subscription that was replaced in the app, as far as that was heard of, says by what and when."""
    first = actions.ok(ACTION, deal(plan(), bonus()))
    other = {"id": "sub-by-hand", "customerId": first["customerId"], "planId": "plan-free"}
    actions.emulator.by_hand("POST", "/api/v1/subscriptions", other)
    actions.invoke("reconcile", {"customerId": first["customerId"]})
    ended = in_stigg(actions, of(first, APP)["subscriptionId"])["cancellationDate"]

    message = said(actions, APP, bonus())

    assert message.startswith(f"Its subscription {of(first, APP)['subscriptionId']} has ended on {ended[:16]}")
    assert message.endswith(": sub-by-hand replaced it.")


def test_what_moved_elsewhere(actions: Harness) -> None:
    """A subscription that a renewal handed to another record is that record's, and its parts are still a part of it."""
    sold = of(actions.ok(ACTION, deal(plan(), addon(), bonus())), APP)["subscriptionId"]
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": ELSEWHERE})

    assert said(actions, APP, bonus()) == f"Its subscription {sold} now belongs to record {ELSEWHERE}."
    assert f"stays on subscription {sold}" in said(actions, SEATS, bonus())


def test_what_another_deal_replaced(actions: Harness) -> None:
    """A subscription whose place another opportunity's took says by what, and its parts too."""
    actions.ok(ACTION, deal(plan(), addon(), bonus()))
    other = deal(plan(ELSEWHERE, "plan-starter"), salesforceOpportunityId=OPPORTUNITY.replace("1AAA", "2AAA"))
    new = of(actions.ok(ACTION, other), ELSEWHERE)["subscriptionId"]

    for line in (APP, SEATS):
        assert f"{new} of record {ELSEWHERE} replaced its subscription" in said(actions, line, bonus())


def test_a_page_that_nobody_has_paid(actions: Harness) -> None:
    """A payment page of a line that is gone can still be paid."""
    charged = {"paymentCollectionMethod": "CHARGE"}
    page = of(actions.ok(ACTION, deal(plan(), **charged)), APP)["subscriptionId"]

    message = said(actions, APP, space(), paymentCollectionMethod="NONE")

    assert message == f"It awaits payment: subscription {page} becomes active once its payment page is paid."


def test_a_grant_of_no_known_outcome(actions: Harness) -> None:
    """Of a grant that was cut off nobody can say yet whether it was made; once that is settled, it is told or not."""
    crash(actions, ACTION, deal(plan(), bonus()), "POST .*/grants$", after=False)
    actions.clock.skip(91)
    unsettled = deal(space(), salesforceAccountId=OTHER_ACCOUNT)

    message = of(actions.ok(ACTION, unsettled), BONUS)["message"]
    actions.invoke("reconcile", {})

    assert message == "It is not known yet whether its credits were granted; reconcile finds out."
    assert BONUS not in by_line(actions.ok(ACTION, unsettled))


@pytest.mark.parametrize(
    "wrong", [bonus() | {"stiggId": "cred-type-nowhere"}, plan(BONUS, "plan-nowhere", resourceId="site-1")]
)
def test_a_line_that_failed_is_not_told(actions: Harness, wrong: dict[str, Any]) -> None:
    """A grant or a plan that was never provisioned has left nothing behind."""
    assert by_line(actions.ok(ACTION, deal(plan(), wrong))) == {APP: "created", BONUS: "failed"}

    assert by_line(actions.ok(ACTION, deal(plan()))) == {APP: "unchanged"}


def test_a_line_that_cannot_be_taken_over_now(actions: Harness) -> None:
    """As long as a new line has failed to take over, the removed one says that its subscription has not passed on."""
    sold = of(actions.ok(ACTION, deal(plan(), bonus())), APP)["subscriptionId"]
    actions.emulator.fault(
        "PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No.", "code": "X"}}
    )

    failed = actions.ok(ACTION, deal(plan(NEW_APP), bonus(NEW_BONUS)))
    actions.emulator.clear_faults()
    after = actions.ok(ACTION, deal(plan(NEW_APP), bonus(NEW_BONUS)))

    assert of(failed, NEW_APP)["outcome"] == "failed"
    assert of(failed, APP)["message"] == (
        f"Line {NEW_APP} is to take over its subscription {sold}, but this has not happened yet."
    )
    assert of(after, APP)["message"] == f"Line {NEW_APP} took over its subscription {sold}."
    assert running(actions) == ["plan-growth"]


def test_a_line_that_fails_after_it_took_over(actions: Harness) -> None:
    """What was taken over in an earlier call stays so, whatever fails of the new line later."""
    sold = of(actions.ok(ACTION, deal(plan(), bonus())), APP)["subscriptionId"]
    actions.ok(ACTION, deal(plan(NEW_APP), bonus(NEW_BONUS)))
    actions.emulator.fault(
        "PATCH", "/subscriptions/", "status", {"status": 400, "body": {"message": "No.", "code": "X"}}
    )

    body = actions.ok(ACTION, deal(plan(NEW_APP), addon(), bonus(NEW_BONUS)))

    assert by_line(body) == {
        NEW_APP: "failed",
        SEATS: "failed",
        NEW_BONUS: "unchanged",
        APP: "removed",
        BONUS: "removed",
    }
    assert of(body, APP)["message"] == f"Line {NEW_APP} took over its subscription {sold}."
    assert of(body, BONUS)["message"] == f"Line {NEW_BONUS} took over its grant."


def test_lines_that_an_older_version_noted(actions: Harness) -> None:
    """Lines that were noted without quantity, resource and customer are read, and can be taken over."""
    actions.ok(ACTION, deal(plan(), addon(), credit(), bonus()))
    key = {"pk": {"S": f"opportunity#{ORG}#{OPPORTUNITY}"}, "sk": {"S": "opportunity"}}
    plain = {
        line: {
            "M": {
                name: value for name, value in noted["M"].items() if name in {"stigg_type", "stigg_id", "plan_line_id"}
            }
        }
        for line, noted in actions.tables.client.get_item(TableName=actions.tables.mappings, Key=key)["Item"]["lines"][
            "M"
        ].items()
    }
    actions.tables.client.update_item(
        TableName=actions.tables.mappings,
        Key=key,
        UpdateExpression="SET #lines = :lines",
        ExpressionAttributeNames={"#lines": "lines"},
        ExpressionAttributeValues={":lines": {"M": plain}},
    )

    body = actions.ok(ACTION, deal(plan(NEW_APP), bonus(NEW_BONUS)))

    assert by_line(body) == {NEW_APP: "unchanged", NEW_BONUS: "unchanged"} | dict.fromkeys(
        (APP, SEATS, TOKENS, BONUS), "removed"
    )
    assert len(actions.emulator.state()["grants"]) == 1
