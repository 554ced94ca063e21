"""The dry runs of update-, downgrade- and cancel-subscription: what would be done, when, and what would block it."""

from typing import Any

import pytest

from tests.support.harness import Harness
from tests.support.renewals import MORE_SEATS, SEATS, everything, renewal
from tests.support.requests import LINE, sold, sold_in_the_app

UPDATE, DOWNGRADE, CANCEL = "update-subscription", "downgrade-subscription", "cancel-subscription"
NOW, PERIOD = {"cancelWhen": "now"}, {"cancelWhen": "endOfBillingPeriod"}
ON_DATE = {"cancelWhen": "onDate", "endDate": "2098-06-30"}
STARTER = {"planId": "plan-starter", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
LATER = {"scheduleStrategy": "END_OF_BILLING_PERIOD"}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    (UPDATE, {"addons": MORE_SEATS}),
    (UPDATE, {"addons": MORE_SEATS, **LATER}),
    (UPDATE, {"addons": SEATS}),
    (UPDATE, {"addons": MORE_SEATS, "mode": "replace", "metadata": {"tier": "gold"}}),
    (UPDATE, {"removeAddons": ["addon-seats"], "cancellationDate": "2098-01-01"}),
    (UPDATE, {"metadata": {"tier": "gold"}, **LATER}),
    (UPDATE, {"billingCycleAnchor": "NOW"}),
    (CANCEL, NOW),
    (CANCEL, PERIOD),
    (CANCEL, ON_DATE),
    (DOWNGRADE, STARTER),
    (DOWNGRADE, {"planId": "plan-grace"}),
    (DOWNGRADE, {"planId": "plan-grace", "downgradeWhen": "endOfBillingPeriod"}),
    (DOWNGRADE, {**STARTER, "downgradeWhen": "endOfBillingPeriod"}),
    (DOWNGRADE, {"planId": "plan-growth"}),
]
IDS = [f"{action}-{'-'.join(map(str, wanted.values()))}" for action, wanted in REQUESTS]


def rehearsed(actions: Harness, action: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what a dry run reports, after checking that it changed nothing and only read."""
    before, calls = everything(actions), len(actions.emulator.state()["calls"])

    body = actions.ok(action, renewal(**wanted, dryRun=True))

    made = actions.emulator.state()["calls"][calls:]
    assert everything(actions) == before
    assert {call["method"] for call in made if not call["path"].endswith("/subscriptions/preview")} <= {"GET"}
    assert (body["outcome"], body["replayed"]) == ("dryRun", False)
    return dict(body["dryRunResult"])


@pytest.mark.parametrize(("action", "wanted"), REQUESTS, ids=IDS)
def test_the_real_call_agrees(actions: Harness, action: str, wanted: dict[str, Any]) -> None:
    """A dry run changes nothing anywhere, and the call that follows has its outcome, changes and date."""
    sold(actions, addons=SEATS)
    foreseen = rehearsed(actions, action, wanted)

    body = actions.ok(action, renewal(**wanted))

    assert (body["outcome"], body["replayed"], foreseen["blockers"]) == (foreseen["outcome"], False, [])
    is_later = body["outcome"] == "scheduled"
    expected = {"unchanged": None}.get(body["outcome"], "later" if is_later else "now")
    assert foreseen.get("takesEffect") == expected
    if action == UPDATE and not is_later:
        assert body["changes"] == foreseen["changes"]
    if is_later:
        waiting = [change.get("takesEffectAt") for change in body.get("scheduledChanges", ())]
        dates = [body.get("cancellationDate"), body["startDate"], *waiting]
        assert foreseen["takesEffectAt"] in dates


@pytest.mark.parametrize(("action", "wanted"), REQUESTS, ids=IDS)
def test_after_the_real_call(actions: Harness, action: str, wanted: dict[str, Any]) -> None:
    """Once the change is made, a dry run says that it is so already, unless the same call would do something again."""
    sold(actions, addons=SEATS)
    actions.ok(action, renewal(**wanted))

    foreseen = rehearsed(actions, action, wanted)

    again = {"updated", "scheduled"} if wanted.keys() & {"billingCycleAnchor", "scheduleStrategy"} else {"unchanged"}
    assert foreseen["outcome"] in (again | {"scheduled"} if action == CANCEL else again | {"unchanged"})


def test_an_update_has_a_price(actions: Harness) -> None:
    """The recurring price of the amended subscription; the changes are those of the real call."""
    sold(actions, addons=SEATS)

    foreseen = rehearsed(actions, UPDATE, {"addons": MORE_SEATS})

    assert (foreseen["recurringTotal"], foreseen["recurringCurrency"]) == (199 + 20 * 9.9, "usd")
    assert foreseen["changes"] == [{"field": "addons.addon-seats", "before": "5", "after": "20"}]
    assert "immediateTotal" not in foreseen


def test_a_downgrade_has_a_price(actions: Harness) -> None:
    """The price of the new plan, and what the customer loses with the present one."""
    sold(actions, addons=SEATS)

    foreseen = rehearsed(actions, DOWNGRADE, STARTER)

    assert (foreseen["recurringTotal"], foreseen["immediateCurrency"]) == (49, "usd")
    assert [(change["field"], change["before"], change.get("after")) for change in foreseen["changes"]] == [
        ("addons.addon-seats", "5", None),
        ("planId", "plan-growth", "plan-starter"),
    ]


def test_a_cancellation_is_shown(actions: Harness) -> None:
    """The status or the date of the end, before and after."""
    sold(actions)

    at_once, later = rehearsed(actions, CANCEL, NOW), rehearsed(actions, CANCEL, ON_DATE)

    assert at_once["changes"] == [{"field": "status", "before": "ACTIVE", "after": "CANCELED"}]
    assert [(change["field"], change["after"]) for change in later["changes"]] == [
        ("cancellationDate", "2098-06-30T23:59:59.000Z")
    ]
    assert later["takesEffectAt"] == "2098-06-30T23:59:59Z"


@pytest.mark.parametrize("terms", [{"planId": "plan-free"}, {"trialOverrideConfiguration": {"isTrial": True}}])
def test_a_time_that_stigg_refuses(actions: Harness, terms: dict[str, Any]) -> None:
    """The dry run names the refusal of the real call in its words; with fallback, what is done instead."""
    sold(actions, **terms)

    blocked = rehearsed(actions, CANCEL, PERIOD)
    refused = actions.post(CANCEL, renewal(**PERIOD))
    instead = rehearsed(actions, CANCEL, {**PERIOD, "fallback": True})
    done = actions.ok(CANCEL, renewal(**PERIOD, fallback=True))

    (blocker,) = blocked["blockers"]
    assert f"{blocker['code']}: {blocker['message']}" == refused.body["errorMessage"]
    assert (instead["outcome"], instead["takesEffect"], instead["fallbackUsed"]) == ("canceled", "now", "now")
    assert (done["outcome"], done["fallbackUsed"]) == ("canceled", "now")


@pytest.mark.parametrize(("action", "wanted"), [
    (UPDATE, {"cancellationDate": "2020-01-31"}),
    (CANCEL, {"cancelWhen": "onDate", "endDate": "2020-01-31"}),
    (DOWNGRADE, {"planId": "plan-starter", "downgradeWhen": "endOfContract"}),
    (DOWNGRADE, {"planId": "plan-workspace"}),
    (DOWNGRADE, {"planId": "plan-starter", "trialOverrideConfiguration": {"isTrial": True}}),
    (UPDATE, {"addons": SEATS, "asOf": "2099-01-01T00:00:00Z"}),
    (CANCEL, {**NOW, "salesforceRecordId": "00k5g00000LnZzZ"}),
    (UPDATE, {"subscriptionId": "sub-nowhere", "salesforceRecordId": None, "addons": SEATS}),
])  # fmt: skip
def test_refusals_are_the_same(actions: Harness, action: str, wanted: dict[str, Any]) -> None:
    """What the real call refuses before it sends anything is refused by the dry run, word for word."""
    sold(actions)

    dry = actions.post(action, renewal(**wanted, dryRun=True))
    real = actions.post(action, renewal(**wanted))

    same = ("errorCode", "errorMessage", "details")
    assert dry.status == real.status != 200
    assert [dry.body.get(name) for name in same] == [real.body.get(name) for name in same]


@pytest.mark.parametrize(("action", "wanted"), [
    (DOWNGRADE, {"planId": "plan-nowhere"}),
    (UPDATE, {"addons": [{"id": "addon-nowhere", "quantity": 1}]}),
])  # fmt: skip
def test_what_stigg_refuses_is_a_blocker(actions: Harness, action: str, wanted: dict[str, Any]) -> None:
    """A refusal that only Stigg can give is a blocker with the code of the real call."""
    sold(actions)

    foreseen = rehearsed(actions, action, wanted)
    real = actions.post(action, renewal(**wanted))

    assert [blocker["code"] for blocker in foreseen["blockers"]] == [real.body["errorCode"]]


def test_the_grace_plan_of_the_stack(actions: Harness) -> None:
    """A blocker names the stack's parameter if the plan comes from there, as the real call does."""
    sold(actions)
    deployment = actions.with_settings(grace_plan_id="plan-nowhere")

    foreseen = rehearsed(deployment, DOWNGRADE, {})
    real = deployment.post(DOWNGRADE, renewal())

    (blocker,) = foreseen["blockers"]
    assert f"{blocker['code']}: {blocker['message']}" == real.body["errorMessage"]
    assert "GracePlanId" in blocker["message"]


def test_an_open_invoice_blocks_a_downgrade(actions: Harness) -> None:
    """The blocker is the refusal of the real call."""
    subscription_id = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(subscription_id, "OPEN")

    foreseen = rehearsed(actions, DOWNGRADE, STARTER)
    real = actions.post(DOWNGRADE, renewal(**STARTER))

    assert [blocker["code"] for blocker in foreseen["blockers"]] == [real.body["errorCode"]] == ["OPEN_INVOICE"]


def test_an_ended_subscription(actions: Harness) -> None:
    """It cannot be amended, is canceled already, and a downgrade creates a new one at once."""
    subscription_id = sold(actions)
    actions.ok(CANCEL, renewal(**NOW))

    update, cancel = rehearsed(actions, UPDATE, {"addons": SEATS}), rehearsed(actions, CANCEL, NOW)
    downgrade = rehearsed(actions, DOWNGRADE, {**STARTER, "downgradeWhen": "endOfBillingPeriod"})
    refused = actions.post(UPDATE, renewal(addons=SEATS))
    done = actions.ok(DOWNGRADE, renewal(**STARTER, downgradeWhen="endOfBillingPeriod"))

    (blocker,) = update["blockers"]
    assert f"{blocker['code']}: {blocker['message']}" == refused.body["errorMessage"]
    assert (cancel["outcome"], "takesEffect" in cancel, subscription_id in blocker["message"]) == (
        "unchanged", False, True,
    )  # fmt: skip
    assert (downgrade["outcome"], downgrade["takesEffect"]) == (done["outcome"], "now") == ("created", "now")


@pytest.mark.parametrize("action", [UPDATE, DOWNGRADE, CANCEL])
def test_an_older_request_is_superseded(actions: Harness, action: str) -> None:
    """A dry run from older Salesforce data is skipped as the real call is."""
    sold(actions)
    by_action: dict[str, dict[str, Any]] = {UPDATE: {"addons": SEATS}, DOWNGRADE: STARTER, CANCEL: NOW}
    wanted = by_action[action]

    body = actions.ok(action, renewal(**wanted, asOf="2020-01-01T00:00:00Z", dryRun=True))

    assert (body["outcome"], "dryRunResult" in body) == ("superseded", False)


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that is named by its id needs no mapping."""
    subscription_id = sold_in_the_app(actions)

    foreseen = rehearsed(actions, CANCEL, {**NOW, "salesforceRecordId": None, "subscriptionId": subscription_id})

    assert (foreseen["outcome"], actions.mapping(LINE)) == ("canceled", None)


@pytest.mark.parametrize(("wanted", "expected"), [
    ({"addons": MORE_SEATS}, ("now", False)),
    ({"addons": MORE_SEATS, **LATER}, ("later", True)),
    ({"addons": MORE_SEATS, "scheduleStrategy": "END_OF_BILLING_MONTH"}, ("later", False)),
    ({"planId": "plan-starter"}, ("now", False)),
    ({"planId": "plan-starter", "startDate": "2098-01-01"}, ("later", True)),
    ({"addons": SEATS}, (None, False)),
])  # fmt: skip
def test_a_renewal_says_when(actions: Harness, wanted: dict[str, Any], expected: tuple[str | None, bool]) -> None:
    """The dry run of renew-subscription says whether the change is made at once or waits, and until when."""
    sold(actions, addons=SEATS)

    body = actions.ok("renew-subscription", renewal(**wanted, dryRun=True))

    assert (body.get("takesEffect"), "takesEffectAt" in body) == expected
