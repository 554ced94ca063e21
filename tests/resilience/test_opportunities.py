"""Whole opportunities, killed and cut off at every network call: each line has one effect once the caller repeats."""

import os
from typing import Any

import pytest

from tests.resilience.matrix import left_behind
from tests.resilience.mishaps import LASTING_AWS_FAULTS, LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.picture import picture
from tests.resilience.scenarios import Scenario
from tests.resilience.stage import A_REPEAT_CARRIES_ON, RECONCILE_IS_SURE, Stage
from tests.support.deals import (
    ACTION,
    APP,
    NEW_APP,
    NEW_BONUS,
    NEW_SEATS,
    SPACE,
    addon,
    bonus,
    deal,
    of_app,
    plan,
    space,
)
from tests.support.harness import Harness
from tests.support.network import FOR_EVER, Mishap, Network
from tests.support.some import some

TERM = {"endDate": "2099-12-31"}
TRIAL = {"trialEndDate": "2099-11-30"}
DISCOUNTED = deal(plan(discountPercent=10), of_app(addon()))
NEW = deal(plan(), space(), of_app(addon()), bonus(), **TERM)
OTHER_PLAN = plan(APP, "plan-starter")
CHANGED = deal(OTHER_PLAN, space(), of_app(addon()), addon(quantity=7, planId="plan-workspace"), **TERM)
CHANGED["lineItems"][3]["salesforceLineItemId"] = "00k000000000009AAA"
OTHER_ADDON = deal(plan(), space(), addon(addon_id="addon-support", quantity=1, planLineItemId=SPACE), bonus(), **TERM)
AGAIN = deal(plan(NEW_APP), space(), addon(NEW_SEATS, quantity=9, planLineItemId=NEW_APP), bonus(NEW_BONUS), **TERM)
MORE_SEATS = deal(
    {**plan(), "quantity": 0},
    {**space(), "quantity": 0},
    of_app(addon(quantity=-2)),
    bonus(),
    quantityMode="delta",
    **TERM,
)
BESIDE = deal(
    plan(NEW_APP, "plan-workspace", resourceId="site-2"),
    salesforceOpportunityId="006000000000002AAA",
    coTerminate=True,
)
ENDING = deal(plan(), bonus(), removed="cancel", **TERM)
DEALS = [
    Scenario("a new opportunity", ACTION, NEW, before=()),
    Scenario("a changed opportunity", ACTION, CHANGED, before=((ACTION, NEW),)),
    Scenario("another add-on, of another plan", ACTION, OTHER_ADDON, before=((ACTION, NEW),)),
    Scenario("lines that were made again, with an edit", ACTION, AGAIN, before=((ACTION, NEW),)),
    Scenario(
        "a discount that is corrected",
        ACTION,
        deal(plan(discountPercent=15), of_app(addon())),
        before=((ACTION, DISCOUNTED),),
    ),
    *(
        Scenario(
            f"a trial that is won, {follows}",
            ACTION,
            deal(plan(), of_app(addon(quantity=7)), **TERM),
            before=((ACTION, deal(plan(**TRIAL, trialEndBehavior=follows), of_app(addon()), **TERM)),),
        )
        for follows in ("CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION")
    ),
    Scenario("differences to what runs", ACTION, MORE_SEATS, before=((ACTION, NEW),)),
    Scenario("a plan that ends with the others", ACTION, BESIDE, before=((ACTION, NEW),)),
    Scenario("removed lines that are ended", ACTION, ENDING, before=((ACTION, NEW),)),
]
SOAKS = "SOAK_RUNS" in os.environ
EVERY_DEAL = pytest.mark.parametrize("scenario", DEALS if SOAKS else DEALS[2:], ids=str)
"""All but the first two do all that these do; `make soak` takes them all, with everything that may befall them."""
MISHAPS: dict[str, tuple[Mishap, str]] = {
    **{name: (mishap, "Stigg") for name, mishap in STIGG_IS_LOST.items()},
    **{name: (mishap, "DynamoDB") for name, mishap in LASTING_AWS_FAULTS.items()},
}
LASTING = MISHAPS if SOAKS else ("answers cut", "requests lost")
LOST = LOST_ANSWERS if SOAKS else ("timeout", "500 in JSON", "truncated JSON")


def held(stage: Stage) -> dict[str, Any]:
    """Return what Stigg holds, which subscription each line has, and the terms that are remembered of it."""
    actions = stage.actions
    made = [one["id"] for one in actions.emulator.state()["subscriptions"]]
    lines = (APP, SPACE, NEW_APP)
    found = {line: record.current for line in lines if (record := actions.mapping(line)) and record.current}
    shown = picture(actions)
    return {
        "effects": shown.effects,
        "customers": shown.customers,
        "leases": shown.leases,
        "unsettled": [one for one in shown.operations if one[1] != "SUCCEEDED"],
        "lines": {line: (made.index(one.subscription_id), one.plan_id, one.status) for line, one in found.items()},
        "coupons": {line: coupon_of(actions, one.subscription_id) for line, one in found.items()},
        "trials": {line: has_trial(actions, one.subscription_id) for line, one in found.items()},
        "addons": {line: actions.terms(one.subscription_id).get("addons") for line, one in found.items()},
    }


def coupon_of(actions: Harness, subscription_id: str) -> tuple[Any, Any]:
    """Return the coupon of a subscription: as Stigg was last sent it, and as it is remembered."""
    (found,) = [one for one in actions.emulator.state()["subscriptions"] if one["id"] == subscription_id]
    return found["sent"].get("appliedCoupon"), actions.terms(subscription_id).get("appliedCoupon")


def has_trial(actions: Harness, subscription_id: str) -> tuple[bool, Any]:
    """Return whether a subscription's trial goes on for long, and what is remembered of it."""
    (found,) = [one for one in actions.emulator.state()["subscriptions"] if one["id"] == subscription_id]
    return (found["trialEndDate"] or "")[:4] == "2099", actions.terms(subscription_id).get("trialOverrideConfiguration")


def undisturbed(stage: Stage, scenario: Scenario) -> dict[str, Any]:
    """Return what is held when nothing happens."""
    stage.arrange(scenario)
    stage.actions.ok(scenario.action, scenario.body)
    return held(stage)


def repeated(stage: Stage, scenario: Scenario, wanted: dict[str, Any]) -> str | None:
    """Let the caller repeat its request twice; tell what is not as if nothing had happened."""
    stage.actions.clock.skip(A_REPEAT_CARRIES_ON)
    body, again = (stage.actions.post(scenario.action, scenario.body).body for _ in range(2))
    if body["outcome"] not in {"provisioned", "unchanged"} or again["outcome"] != "unchanged":
        return f"answered {body}, then {again}"
    found = held(stage)
    return "; ".join(f"{name}: {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name])


def reconciled(stage: Stage, scenario: Scenario, wanted: dict[str, Any]) -> str | None:
    """Let the reconciliation come first; tell what is not settled, or there more than once."""
    stage.actions.clock.skip(RECONCILE_IS_SURE)
    stage.actions.invoke("reconcile", {})
    found = picture(stage.actions)
    unsettled = [one for one in found.operations if one[1] not in {"SUCCEEDED", "FAILED"}]
    if unsettled or found.leases or len(found.effects) > len(wanted["effects"]):
        return f"unsettled: {unsettled}, leases: {found.leases}, effects: {found.effects}"
    return repeated(stage, scenario, wanted)


@EVERY_DEAL
@pytest.mark.parametrize("recover", [repeated, reconciled] if SOAKS else [reconciled])
def test_killed_anywhere(stage: Stage, scenario: Scenario, recover: Any) -> None:  # noqa: ANN401 - one of the two
    """Wherever the process dies, the repeat ends with one effect of each line, and tables that say so.

    That a repeat needs no reconciliation before it is what the crash matrix plays of every kind of line.
    """
    problems = []
    calls, wanted = stage.story(scenario).calls, undisturbed(stage, scenario)
    states = {kept.held: (place, kept) for place, kept in left_behind(stage, scenario, calls).items()}
    for place, kept in some(states.values()):
        kept.put_back(stage.actions)
        problem = recover(stage, scenario, wanted)
        if problem:
            problems.append(f"{place}: {problem}")

    assert not problems, "\n".join(problems)


@EVERY_DEAL
@pytest.mark.parametrize("name", LASTING)
def test_cut_off_from_then_on(stage: Stage, scenario: Scenario, name: str) -> None:
    """When Stigg or DynamoDB is gone from any call on, no line is told as done that is not; a repeat does the rest."""
    (mishap, service), problems = MISHAPS[name], []
    calls, wanted = stage.story(scenario).calls, undisturbed(stage, scenario)
    for number, call in enumerate(calls):
        if call.startswith(service):
            stage.arrange(scenario)
            reply = stage.serve(scenario, Network(mishap, number, FOR_EVER, service))
            outcomes = {line["outcome"] for line in reply.body.get("lines", ())}
            is_done = held(stage)["effects"] == wanted["effects"]
            honest = reply.status >= 500 or bool(outcomes & {"failed", "notStarted"}) or is_done
            problem = reconciled(stage, scenario, wanted)
            if problem or not honest:
                problems.append(f"from call {number}, {call}: {reply.body}, then {problem}")

    assert not problems, "\n".join(problems)


@EVERY_DEAL
@pytest.mark.parametrize("name", LOST)
def test_one_lost_answer(stage: Stage, scenario: Scenario, name: str) -> None:
    """However one answer to a write is lost, the repeat finds one effect of each line."""
    calls, wanted, problems = stage.story(scenario).calls, undisturbed(stage, scenario), []
    for number, call in enumerate(calls):
        if call.startswith(("Stigg POST", "Stigg PATCH")):
            stage.arrange(scenario)
            stage.serve(scenario, Network(LOST_ANSWERS[name], number))
            problem = repeated(stage, scenario, wanted)
            if problem:
                problems.append(f"call {number}, {call}: {problem}")

    assert not problems, "\n".join(problems)
