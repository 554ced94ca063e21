"""provision-opportunity: a plan is given as a trial, and the same deal without the trial makes it paid, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.days import in_days
from tests.support.deals import (
    ACTION,
    APP,
    NEW_APP,
    SEATS,
    SPACE,
    addon,
    bonus,
    by_line,
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
from tests.support.requests import current, in_stigg, usage
from tests.support.some import some

CONVERT: dict[str, Any] = {"trialEndBehavior": "CONVERT_TO_PAID"}
CANCEL: dict[str, Any] = {"trialEndBehavior": "CANCEL_SUBSCRIPTION"}
BEHAVIORS = pytest.mark.parametrize("follows", [CONVERT, CANCEL], ids=["convert", "cancel"])


def trial(days: int = 14, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a trial
    """Return a trial that ends so many days from now, and becomes paid then."""
    return {"trialEndDate": in_days(days), **CONVERT, **fields}


def subscriptions(actions: Harness) -> list[dict[str, Any]]:
    """Return all subscriptions in Stigg, oldest first."""
    return list(actions.emulator.state()["subscriptions"])


def pass_days(actions: Harness, days: float) -> None:
    """Let time pass, for the actions and for Stigg."""
    moment = datetime.fromtimestamp(actions.clock.now(), UTC) + timedelta(days=days)
    actions.set_time(moment.isoformat())


def test_a_trial_of_a_line(actions: Harness) -> None:
    """A plan line with a trial is in trial until its last second; what it is sold with goes with it."""
    body = actions.ok(ACTION, deal(plan(**trial()), addon(), bonus()))

    shown = in_stigg(actions, of(body, APP)["subscriptionId"])
    assert (of(body, APP)["outcome"], of(body, APP)["status"], of(body, APP)["active"]) == ("created", "IN_TRIAL", True)
    assert shown["trialEndDate"] == f"{in_days(14)}T23:59:59.000Z"
    assert shown["trial"] == {"trialEndBehavior": "CONVERT_TO_PAID"}
    assert [item["quantity"] for item in shown["addons"]] == [5]


def test_a_trial_of_the_deal_is_of_every_plan(actions: Harness) -> None:
    """A trial of the opportunity is that of each plan, unless the line has one of its own."""
    lines = (plan(), space(trialEndDate=in_days(30), trialEndBehavior="Cancel subscription"))

    body = actions.ok(ACTION, deal(*lines, **trial()))

    app, site = (in_stigg(actions, of(body, line)["subscriptionId"]) for line in (APP, SPACE))
    assert [one["trialEndDate"][:10] for one in (app, site)] == [in_days(14), in_days(30)]
    assert site["trial"] == {"trialEndBehavior": "CANCEL_SUBSCRIPTION"}


def test_days_count_from_the_start_in_its_time_zone(actions: Harness) -> None:
    """A trial of 14 days has the day of its start as the first, and ends with the last second of the last."""
    start = in_days(1)
    request = deal(plan(trialDays=14.0, **CONVERT), startDate=start, timeZone="America/New_York")

    body = actions.ok(ACTION, request)

    ends = datetime.fromisoformat(in_stigg(actions, of(body, APP)["subscriptionId"])["trialEndDate"])
    assert (of(body, APP)["outcome"], of(body, APP)["status"]) == ("scheduled", "NOT_STARTED")
    last_day = datetime.fromisoformat(start) + timedelta(days=14)
    assert timedelta(hours=3) < ends.replace(tzinfo=None) - last_day < timedelta(hours=5)


def test_the_end_of_the_term(actions: Harness) -> None:
    """A trial that becomes paid ends with the term; one that is canceled has no other end."""
    term = {"endDate": in_days(300)}
    paid = actions.ok(ACTION, deal(plan(**trial()), space(**trial(**CANCEL)), **term))

    shown = [in_stigg(actions, of(paid, line)["subscriptionId"])["cancellationDate"] for line in (APP, SPACE)]
    assert shown == [f"{in_days(300)}T23:59:59.000Z", None]


def test_a_won_deal_makes_the_trial_paid(actions: Harness) -> None:
    """Without the trial, the same lines end it within a minute: subscription, record and usage stay."""
    first = actions.ok(ACTION, deal(plan(**trial()), addon()))
    actions.ok("report-usage", usage(customerId=first["customerId"], salesforceRecordId=APP))
    pass_days(actions, 3)
    end = in_days(368)

    won = actions.ok(ACTION, deal(plan(), addon(quantity=7), startDate=in_days(3), endDate=end))

    line = of(won, APP)
    assert by_line(won) == {APP: "amended", SEATS: "amended"}
    assert (line["subscriptionId"], current(actions, APP)) == (of(first, APP)["subscriptionId"],) * 2
    assert "The trial becomes paid" in line["message"]
    pass_days(actions, 1)
    (shown,) = subscriptions(actions)
    assert (shown["status"], shown["addons"]) == ("ACTIVE", [{"id": "addon-seats", "quantity": 7}])
    assert shown["cancellationDate"] == f"{end}T23:59:59.000Z"
    entitlements = actions.ok("get-customer", {"customerId": first["customerId"]})["entitlements"]
    assert [item["usage"] for item in entitlements if item["featureId"] == "feature-api-calls"] == [7.5]


def test_a_won_deal_replaces_a_trial_that_would_be_canceled(actions: Harness) -> None:
    """Stigg cancels such a trial at its end, whenever that is: the paid subscription takes its place at once."""
    first = actions.ok(ACTION, deal(plan(**trial(**CANCEL)), addon()))
    pass_days(actions, 3)

    won = actions.ok(ACTION, deal(plan(), addon(), startDate=in_days(3)))

    line = of(won, APP)
    assert (line["outcome"], line["status"]) == ("replaced", "ACTIVE")
    assert line["replacedSubscriptionId"] == of(first, APP)["subscriptionId"]
    assert [one["status"] for one in subscriptions(actions)] == ["CANCELED", "ACTIVE"]
    assert current(actions, APP) == line["subscriptionId"]
    assert actions.history(APP) == ["created", "renewed"]


@BEHAVIORS
def test_a_term_that_starts_later(actions: Harness, follows: dict[str, Any]) -> None:
    """A won deal with a start that lies ahead is paid from then on."""
    actions.ok(ACTION, deal(plan(**trial(**follows))))

    actions.ok(ACTION, deal(plan(), startDate=in_days(20)))
    again = actions.ok(ACTION, deal(plan(), startDate=in_days(20)))

    assert (again["outcome"], len(actions.writes_to_stigg())) == ("unchanged", 3)
    pass_days(actions, 21)
    assert running(actions) == ["plan-growth"]
    (paid,) = [one for one in subscriptions(actions) if one["status"] == "ACTIVE"]
    assert (paid["trialEndDate"] or paid["startDate"])[:10] == in_days(20)


@BEHAVIORS
@pytest.mark.parametrize("start", [{}, {"startDate": in_days(0)}, {"startDate": in_days(-2)}], ids=str)
def test_a_won_deal_that_is_sent_again(actions: Harness, follows: dict[str, Any], start: dict[str, Any]) -> None:
    """Sent again, at once or once the trial is over, with a newer state or with reapply, a won deal changes nothing."""
    actions.ok(ACTION, deal(plan(**trial(**follows)), **({"startDate": in_days(-1)} if start else {})))
    actions.ok(ACTION, deal(plan(), **start))
    before = writes(actions)

    for days in (0, 1, 30):
        pass_days(actions, days)
        now = datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()
        for changes in ({}, {"asOf": now}, {"reapply": True}):
            assert actions.ok(ACTION, deal(plan(), **start, **changes))["outcome"] == "unchanged"

    assert (writes(actions), running(actions)) == (before, ["plan-growth"])


@BEHAVIORS
@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_late_trial_does_not_come_back(actions: Harness, follows: dict[str, Any], days: int) -> None:
    """A request of the earlier stage that comes late, with whatever state, leaves the won deal as it is."""
    on_trial = deal(plan(**trial(**follows)), addon())
    actions.ok(ACTION, on_trial)
    won = actions.ok(ACTION, deal(plan(), addon()))
    before = writes(actions)
    pass_days(actions, days)
    now = datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()

    late = [actions.ok(ACTION, {**on_trial, **changes}) for changes in ({}, {"asOf": now})]

    assert [by_line(body) for body in late] == [{APP: "superseded", SEATS: "superseded"}] * 2
    assert "does not become a trial again" in of(late[0], APP)["message"]
    assert of(late[0], APP)["subscriptionId"] == of(won, APP)["subscriptionId"]
    assert writes(actions) == before
    pass_days(actions, 40)
    assert running(actions) == ["plan-growth"]


def test_a_late_trial_of_a_canceled_deal(actions: Harness) -> None:
    """A deal that was won and canceled is no trial again."""
    on_trial = deal(plan(**trial()))
    actions.ok(ACTION, on_trial)
    actions.ok(ACTION, deal(plan()))
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    late = actions.ok(ACTION, on_trial)

    assert (by_line(late), running(actions)) == ({APP: "superseded"}, [])


def test_a_late_trial_of_a_deal_that_was_never_one(actions: Harness) -> None:
    """A plan that was sold does not become a trial, with reapply neither: it runs, and Stigg would add the trial."""
    actions.ok(ACTION, deal(plan()))

    plain = actions.ok(ACTION, deal(plan(**trial())))
    again = actions.ok(ACTION, deal(plan(**trial()), reapply=True))

    assert (by_line(plain), by_line(again)) == ({APP: "superseded"}, {APP: "failed"})
    assert "a trial does not replace a running subscription" in of(again, APP)["message"]
    assert len(subscriptions(actions)) == 1


def test_a_wish_that_failed_can_become_a_trial_with_reapply(actions: Harness) -> None:
    """A line that was requested as paid by mistake, and refused, is given as a trial where the request says reapply."""
    actions.ok(ACTION, deal(plan(APP, "plan-x")))

    assert by_line(actions.ok(ACTION, deal(plan(**trial())))) == {APP: "superseded"}
    assert by_line(actions.ok(ACTION, deal(plan(**trial()), reapply=True))) == {APP: "created"}
    assert by_line(actions.ok(ACTION, deal(plan(**trial())))) == {APP: "unchanged"}


def test_a_repeated_trial_is_unchanged(actions: Harness) -> None:
    """The same trial again changes nothing."""
    on_trial = deal(plan(**trial(**CANCEL)), addon())
    actions.ok(ACTION, on_trial)

    assert [actions.ok(ACTION, {**on_trial, **more})["outcome"] for more in ({}, {"reapply": True})] == [
        "unchanged"
    ] * 2
    assert writes(actions) == 1


@BEHAVIORS
def test_a_trial_is_extended_in_place(actions: Harness, follows: dict[str, Any]) -> None:
    """A later end moves the end of the trial, and the won deal still makes it paid."""
    first = actions.ok(ACTION, deal(plan(**trial(**follows))))

    longer = actions.ok(ACTION, deal(plan(**trial(30, **follows))))

    assert (by_line(longer), of(longer, APP)["subscriptionId"]) == ({APP: "amended"}, of(first, APP)["subscriptionId"])
    assert "The trial ends at" in of(longer, APP)["message"]
    assert in_stigg(actions, of(first, APP)["subscriptionId"])["trialEndDate"][:10] == in_days(30)
    assert by_line(actions.ok(ACTION, deal(plan()))) in ({APP: "amended"}, {APP: "replaced"})
    pass_days(actions, 1)
    assert running(actions) == ["plan-growth"]


def test_what_follows_the_trial_is_corrected(actions: Harness) -> None:
    """Stigg cannot change what follows a trial: another trial takes its place."""
    actions.ok(ACTION, deal(plan(**trial(**CANCEL))))

    body = actions.ok(ACTION, deal(plan(**trial())))

    assert (of(body, APP)["outcome"], of(body, APP)["status"]) == ("replaced", "IN_TRIAL")
    assert [one["status"] for one in subscriptions(actions)] == ["CANCELED", "IN_TRIAL"]


@pytest.mark.parametrize("has_webhook", [True, False], ids=["webhook", "no webhook"])
def test_a_trial_that_ended_before_is_sold_as_new(actions: Harness, *, has_webhook: bool) -> None:
    """A deal that is won after its trial was canceled or is over is sold as new, and says so."""
    first = actions.ok(ACTION, deal(plan(**trial(**CANCEL)), addon()))
    pass_days(actions, 20)
    if has_webhook:
        actions.invoke("reconcile", {})

    won = actions.ok(ACTION, deal(plan(), addon()))

    line = of(won, APP)
    assert (line["outcome"], line["status"]) == ("created", "ACTIVE")
    assert "trial ended before, so the plan is sold as new" in line["message"]
    assert [one["status"] for one in subscriptions(actions)] == ["EXPIRED", "ACTIVE"]
    assert line["subscriptionId"] != of(first, APP)["subscriptionId"]
    assert actions.ok(ACTION, deal(plan(), addon()))["outcome"] == "unchanged"


def test_a_canceled_trial_is_sold_as_new(actions: Harness) -> None:
    """A trial that was canceled before is over too."""
    actions.ok(ACTION, deal(plan(**trial())))
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    won = actions.ok(ACTION, deal(plan()))

    assert (of(won, APP)["outcome"], running(actions)) == ("created", ["plan-growth"])
    assert "sold as new" in of(won, APP)["message"]


def test_a_trial_that_became_paid_by_itself(actions: Harness) -> None:
    """A deal that is won after its trial became paid changes what differs, and does not start again."""
    first = actions.ok(ACTION, deal(plan(**trial()), addon()))
    pass_days(actions, 20)

    won = actions.ok(ACTION, deal(plan(), addon(quantity=9), startDate=in_days(20)))
    again = actions.ok(ACTION, deal(plan(), addon(quantity=9), startDate=in_days(20)))

    assert (by_line(won), again["outcome"]) == ({APP: "amended", SEATS: "amended"}, "unchanged")
    assert of(won, APP)["subscriptionId"] == of(first, APP)["subscriptionId"]
    assert len(subscriptions(actions)) == 1


@BEHAVIORS
def test_a_trial_that_is_over_does_not_start_again(actions: Harness, follows: dict[str, Any]) -> None:
    """The trial again, with a newer state too, after its end: it is left as it is, and says how to go on."""
    on_trial = deal(plan(**trial(**follows)))
    actions.ok(ACTION, on_trial)
    pass_days(actions, 20)
    now = datetime.fromtimestamp(actions.clock.now(), UTC).isoformat()

    late = [actions.ok(ACTION, {**on_trial, **changes}) for changes in ({}, {"asOf": now})]
    refused = actions.post(ACTION, {**on_trial, "reapply": True}).body

    assert [by_line(body) for body in late] == [{APP: "superseded"}] * 2
    assert "is over" in of(late[0], APP)["message"]
    assert [detail["field"] for detail in refused["details"]] == ["lineItems[0].trialEndDate"]
    assert writes(actions) == 1


@BEHAVIORS
def test_another_plan_is_won(actions: Harness, follows: dict[str, Any]) -> None:
    """A won deal for another plan of the product replaces the trial at once, whatever would follow it."""
    actions.ok(ACTION, deal(plan(**trial(**follows))))

    won = actions.ok(ACTION, deal(plan(APP, "plan-starter"), startDate=in_days(0)))

    assert (of(won, APP)["outcome"], of(won, APP)["status"]) == ("replaced", "ACTIVE")
    assert running(actions) == ["plan-starter"]
    assert "replacedSubscriptionId" in of(won, APP)


def test_lines_that_were_made_again_for_the_won_deal(actions: Harness) -> None:
    """Lines that quote sync created again take the trial over and make it paid; the first lines do not undo it."""
    first = actions.ok(ACTION, deal(plan(**trial())))

    won = actions.ok(ACTION, deal(plan(NEW_APP)))
    late = actions.ok(ACTION, deal(plan(NEW_APP, **trial())))

    assert of(won, NEW_APP)["outcome"] == "amended"
    assert of(won, NEW_APP)["subscriptionId"] == of(first, APP)["subscriptionId"]
    assert of(late, NEW_APP)["outcome"] == "superseded"
    pass_days(actions, 1)
    assert running(actions) == ["plan-growth"]


def test_lines_that_were_made_again_as_a_trial(actions: Harness) -> None:
    """A line that takes a sold plan over does not make it a trial."""
    actions.ok(ACTION, deal(plan()))

    assert of(actions.ok(ACTION, deal(plan(NEW_APP, **trial()))), NEW_APP)["outcome"] == "superseded"
    assert running(actions) == ["plan-growth"]


def test_a_discount_begins_after_the_trial(actions: Harness) -> None:
    """The months of a discount count from the end of the trial, and from the sale where the trial becomes paid."""
    term = {"startDate": in_days(0), "termMonths": 12}
    first = actions.ok(ACTION, deal(plan(**trial(), discountPercent=10), **term))

    assert in_stigg(actions, of(first, APP)["subscriptionId"])["sent"]["appliedCoupon"]["configuration"] == {
        "startDate": f"{in_days(14)}T23:59:59Z"
    }
    actions.ok(ACTION, deal(plan(discountPercent=10), **term))
    (shown,) = subscriptions(actions)
    assert "configuration" not in shown["sent"]["appliedCoupon"]


def test_a_trial_beside_a_running_subscription_of_the_record(actions: Harness) -> None:
    """A record with a running subscription gets no trial beside it, which Stigg would add."""
    sold = {"customerId": "cust-acme", "customerName": "Acme", "salesforceRecordId": APP, "planId": "plan-growth"}
    terms = {"billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    actions.ok("create-subscription", {**sold, **terms})
    on_trial = {"isTrial": True, "trialEndDate": in_days(14)}

    refused = actions.post("create-subscription", {**sold, **terms, "trialOverrideConfiguration": on_trial}).body

    assert refused["errorCode"] == "RECORD_IN_USE"
    assert "a trial does not replace a running subscription" in refused["errorMessage"]


def test_a_trial_in_place_of_a_trial_of_the_record(actions: Harness) -> None:
    """A record with a trial, or with one that has ended, can have another trial."""
    sold = {"customerId": "cust-acme", "customerName": "Acme", "salesforceRecordId": APP, "planId": "plan-growth"}
    terms = {"billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    trials = [{"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": in_days(days)}} for days in (9, 14, 30)]

    for given in some(trials[:2]):
        actions.ok("create-subscription", {**sold, **terms, **given})
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})
    body = actions.ok("create-subscription", {**sold, **terms, **trials[2]})

    assert body["outcome"] == "created"
    assert [one["status"] for one in subscriptions(actions)] == ["CANCELED", "CANCELED", "IN_TRIAL"]


@pytest.mark.parametrize("changes", [{"planId": None}, {"addons": [{"id": "addon-seats", "quantity": 2}]}])
def test_renew_subscription_makes_a_trial_paid(actions: Harness, changes: dict[str, Any]) -> None:
    """A renewal with isTrial false ends a trial in place; repeated, and once it is paid, it changes nothing."""
    first = actions.ok(ACTION, deal(plan(**trial())))
    request = {"salesforceRecordId": APP, "trialOverrideConfiguration": {"isTrial": False}, **changes}

    body = actions.ok("renew-subscription", request)
    pass_days(actions, 1)
    again = actions.ok("renew-subscription", {**request, "idempotencyKey": "again"})

    assert (body["outcome"], body["subscriptionId"]) == ("updated", of(first, APP)["subscriptionId"])
    assert (again["outcome"], again["status"]) == ("unchanged", "ACTIVE")


@BEHAVIORS
@pytest.mark.parametrize(
    "before", [[], [deal(plan(**trial(**CANCEL)))], [deal(plan(**trial()))]], ids=["new", "a", "b"]
)
def test_a_deal_is_won_while_its_trial_is_sent_again(
    actions: Harness, before: list[dict[str, Any]], follows: dict[str, Any]
) -> None:
    """At the same moment, in any order, a trial and its won deal leave one subscription, which is paid in the end."""
    for body in before:
        actions.ok(ACTION, body)

    replies = actions.at_once((ACTION, deal(plan(**trial(30, **follows)))), (ACTION, deal(plan())))
    actions.clock.skip(91)
    won, late = actions.ok(ACTION, deal(plan())), actions.ok(ACTION, deal(plan(**trial(30, **follows))))

    assert [reply.status for reply in replies] == [200, 200]
    assert (won["outcome"] in {"provisioned", "unchanged"}, by_line(late)) == (True, {APP: "superseded"})
    pass_days(actions, 40)
    assert running(actions) == ["plan-growth"]
    assert len([one for one in subscriptions(actions) if one["status"] in {"IN_TRIAL", "NOT_STARTED"}]) == 0


def problems(actions: Harness, request: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong by field; nothing may have been done."""
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST"), reply.body
    assert (actions.writes_to_stigg(), actions.operations()) == ([], [])
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}


START: dict[str, Any] = {"startDate": in_days(1)}
PAID_GRANT = bonus(grantType="PAID", unitPrice=1)
REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("date and days", deal(plan(**trial(trialDays=3))), {"lineItems[0].trialDays": "give one of them"}),
    ("what follows is open", deal(plan(trialEndDate=in_days(9))), {"lineItems[0].trialEndBehavior": "is required"}),
    ("nothing that is followed", deal(plan(), **CONVERT), {"trialEndBehavior": "only for a trial"}),
    ("another behavior", deal(plan(**trial(trialEndBehavior="PAUSE"))), {"lineItems[0].trialEndBehavior": "CONVERT"}),
    ("days from nowhere", deal(plan(trialDays=9, **CONVERT)), {"startDate": "trialDays"}),
    ("no days", deal(plan(trialDays=0, **CONVERT), **START), {"lineItems[0].trialDays": "equal to 1"}),
    ("days without end", deal(plan(trialDays=700, **CONVERT), startDate="2199-01-01"),
     {"lineItems[0].trialDays": "not accepted"}),
    ("over", deal(plan(**trial(-1))), {"lineItems[0].trialEndDate": "in the past"}),
    ("over, of the deal", deal(plan(), space(), **trial(-1)), {"trialEndDate": "in the past"}),
    ("before the start", deal(plan(**trial(3)), startDate=in_days(9)), {"lineItems[0].trialEndDate": "than startDate"}),
    ("longer than the term", deal(plan(), **trial(), endDate=in_days(9)), {"trialEndDate": "the end of the term"}),
    ("an add-on", deal(plan(), addon(**trial())), {"lineItems[1].trialEndDate": "with their plan"}),
    ("an entitlement", deal(plan(), entitlement(trialDays=3, **CONVERT), **START),
     {"lineItems[1].trialDays": "with their plan"}),
    ("a grant", deal(plan(), bonus(**trial())), {"lineItems[1].trialEndDate": "not possible for a grant"}),
    ("a paid grant of a deal", deal(plan(), PAID_GRANT, **trial()), {"lineItems[1].grantType": "PROMOTIONAL"}),
    ("no plan", deal(bonus(), **trial()), {"trialEndDate": "needs a Plan line"}),
    ("a free plan", deal(plan(APP, "plan-free", **trial())), {"lineItems[0].stiggId": "cannot have a trial"}),
    ("a contract", deal(plan(**trial()), contract=True, contractSetupBilling=False), {"contract": "with a trial"}),
]  # fmt: skip


@pytest.mark.parametrize(("request_body", "expected"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_cannot_be_a_trial_is_refused(
    actions: Harness, request_body: dict[str, Any], expected: dict[str, str]
) -> None:
    """A trial that Stigg cannot give, or that leaves something open, is refused by line before anything is sent."""
    found = problems(actions, request_body)

    assert found.keys() == expected.keys()
    assert [problem for field, problem in found.items() if expected[field] not in problem] == []


def test_a_paid_grant_beside_a_trial_of_a_line(actions: Harness) -> None:
    """Where a line alone is on trial, the other lines are sold."""
    body = actions.ok(ACTION, deal(plan(**trial()), of_app(addon()), PAID_GRANT))

    assert body["outcome"] == "provisioned"
