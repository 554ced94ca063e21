"""Records whose ids change, or come a second time: undeleted, converted, copied into a sandbox, written shorter."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from local.stigg_emulator.hosting import running_emulator
from stigg_actions.salesforce_ids import record_id
from tests.support.aws import Aws
from tests.support.deals import deal, plan
from tests.support.harness import ORG, OTHER_ORG, SECRET, Harness, running_harness
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_LINE,
    current,
    grant,
    in_stigg,
    sold,
    sold_in_the_app,
    subscription,
    usage,
)
from tests.support.tables import fresh_tables

PROVISION, ADOPT = "create-subscription-with-return-data", "adopt-subscription"
APPS = "sub-of-the-app"
LEAD = record_id("00Q5g00000LeAdA")
SHORT = LINE[:15]
CASED = ("00k5g00000LnAaA", "00k5g00000LnAaa")
"""Two records whose ids differ in case alone."""
BY_RECORD = {"salesforceRecordId": LINE}
SEATS = {"addons": [{"id": "addon-seats", "quantity": 9}]}
APP_LINE = {"subscriptionId": APPS, "salesforceRecordId": LINE, "salesforceAccountId": ACCOUNT}


def effects(actions: Harness) -> list[tuple[str, str]]:
    """Return ids and statuses of the subscriptions in Stigg."""
    return sorted((one["id"], one["status"]) for one in actions.emulator.state()["subscriptions"])


@pytest.fixture
def sandbox(aws: Aws) -> Iterator[Harness]:
    """The stack of a sandbox: its own tables, its own Stigg environment and secret, and another org."""
    with ExitStack() as resources:
        tables, stigg = resources.enter_context(fresh_tables(aws)), resources.enter_context(running_emulator())
        harness = resources.enter_context(running_harness(aws, tables, stigg))
        harness.store_secret(SECRET | {"environment": "sandbox"})
        own = {"default_org_id": OTHER_ORG, "allowed_org_ids": frozenset({OTHER_ORG}), "environment": "sandbox"}
        yield harness.with_settings(**own)


@pytest.fixture
def shared(actions: Harness) -> Harness:
    """A stack that serves two orgs, of which one has copies of the other's records."""
    return actions.with_settings(allowed_org_ids=frozenset({ORG, OTHER_ORG}))


def test_an_undeleted_record(actions: Harness) -> None:
    """The id of an undeleted record is the same, so a Flow that is run again for it adds nothing."""
    request = subscription(customerName="Acme", salesforceAccountId=ACCOUNT)
    own = actions.ok(PROVISION, request)["subscriptionId"]
    before = in_stigg(actions, own)

    body = actions.ok(PROVISION, request)

    assert (body["replayed"], body["subscriptionId"], current(actions)) == (True, own, own)
    assert (effects(actions), in_stigg(actions, own)) == ([(own, "ACTIVE")], before)


def test_an_undeleted_record_that_was_changed(actions: Harness) -> None:
    """What a record's old state asks for undoes no amendment that came later."""
    own = sold(actions, salesforceAccountId=ACCOUNT)
    actions.ok("update-subscription", BY_RECORD | SEATS)
    before = in_stigg(actions, own)

    old = {"salesforceAccountId": ACCOUNT, "asOf": "2020-01-01T00:00:00Z"}
    body = actions.ok(PROVISION, subscription(customerName="Acme", **old))

    assert (body["outcome"], body["subscriptionId"]) == ("superseded", own)
    assert (effects(actions), in_stigg(actions, own)) == ([(own, "ACTIVE")], before)


def test_an_undeleted_line_whose_subscription_was_adopted(actions: Harness) -> None:
    """The deal of an adopted line changes its subscription once, and then leaves it; it sells no other one."""
    sold_in_the_app(actions)
    actions.ok(ADOPT, APP_LINE)
    request = deal(plan(LINE), customerId="cust-acme")

    outcomes = [actions.ok("provision-opportunity", request)["lines"][0]["outcome"] for _ in range(2)]

    assert outcomes == ["amended", "unchanged"]
    assert effects(actions) == [(APPS, "ACTIVE")]


def test_a_converted_lead(actions: Harness) -> None:
    """A trial of a lead gives way to the sale to the account that the lead became, if the account is linked first."""
    trial = sold(actions, salesforceRecordId=LEAD)
    actions.ok("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT, "mustExist": True})

    body = actions.ok("provision-opportunity", deal(plan(LINE)))

    (line,) = body["lines"]
    assert (body["customerId"], line["replacedSubscriptionId"]) == ("cust-acme", trial)
    assert effects(actions) == sorted([(trial, "CANCELED"), (line["subscriptionId"], "ACTIVE")])
    assert (current(actions, LEAD), current(actions)) == (None, line["subscriptionId"])


def test_a_converted_lead_whose_trial_runs_on(actions: Harness) -> None:
    """A lead's subscription moves to the line of the account, with its history, if it is adopted for it."""
    trial = sold(actions, salesforceRecordId=LEAD)

    body = actions.ok(ADOPT, APP_LINE | {"subscriptionId": trial, "replaceMapping": True})

    assert (body["previousRecordId"], effects(actions)) == (LEAD, [(trial, "ACTIVE")])
    assert (current(actions, LEAD), current(actions)) == (None, trial)
    assert (actions.history(LEAD), actions.history(LINE)) == (["created", "moved"], ["adopted"])
    assert actions.ok("provision-opportunity", deal(plan(LINE)))["lines"][0]["subscriptionId"] == trial


COPIES: list[tuple[str, dict[str, Any]]] = [
    (PROVISION, subscription(customerName="Acme", planId="plan-starter")),
    ("provision-opportunity", deal(plan(LINE, "plan-starter"))),
    ("update-subscription", BY_RECORD | SEATS),
    ("renew-subscription", BY_RECORD | {"planId": "plan-starter"}),
    ("cancel-subscription", BY_RECORD | {"cancelWhen": "now"}),
    ("reschedule-cancellation", BY_RECORD | {"cancellationDate": "2099-12-31"}),
    ("downgrade-subscription", BY_RECORD),
    ("set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}}),
    ("transfer-subscription", BY_RECORD | {"destinationResourceId": "site-2"}),
    ("create-credit-grant", grant()),
    ("report-usage", usage()),
    ("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT, "name": "Copy"}),
    (ADOPT, APP_LINE | {"replaceMapping": True}),
    ("get-subscription", BY_RECORD),
]


@pytest.mark.parametrize(("action", "request_body"), COPIES, ids=[action for action, _ in COPIES])
def test_a_sandbox_that_calls_production(actions: Harness, action: str, request_body: dict[str, Any]) -> None:
    """A copied record whose sandbox still calls production's stack is refused by its org, before anything is read."""
    sold(actions, salesforceAccountId=ACCOUNT)
    before = (actions.emulator.state(), actions.tables.items(actions.tables.mappings), actions.intents())

    reply = actions.post(action, request_body | {"salesforceOrgId": OTHER_ORG})

    assert (reply.status, reply.body["errorCode"]) == (403, "ORG_NOT_ALLOWED")
    after = (actions.emulator.state(), actions.tables.items(actions.tables.mappings), actions.intents())
    assert [state | {"now": ""} for state in (before[0], after[0])] == [before[0] | {"now": ""}] * 2
    assert before[1:] == after[1:]


@pytest.mark.parametrize(("action", "request_body"), COPIES, ids=[action for action, _ in COPIES])
def test_a_sandbox_that_calls_its_own_stack(
    actions: Harness, sandbox: Harness, action: str, request_body: dict[str, Any]
) -> None:
    """The same record in a sandbox with its own stack has nothing of production's, and changes nothing there."""
    own = sold(actions, salesforceAccountId=ACCOUNT)
    before = (in_stigg(actions, own), actions.mapping(LINE), actions.intents(), actions.emulator.state()["calls"])

    reply = sandbox.post(action, request_body | {"salesforceOrgId": OTHER_ORG})

    assert reply.body.get("subscriptionId") != own
    after = (in_stigg(actions, own), actions.mapping(LINE), actions.intents(), actions.emulator.state()["calls"])
    assert before == after


def test_a_sandbox_with_the_secret_of_production(actions: Harness, sandbox: Harness) -> None:
    """A stack of a sandbox that was given production's secret refuses every call, and Stigg is not called."""
    sandbox.store_secret(SECRET | {"environment": "production"})

    reply = sandbox.post(PROVISION, subscription(customerName="Acme"))

    assert (reply.status, reply.body["errorCode"]) == (500, "NOT_CONFIGURED")
    assert (sandbox.emulator.state()["calls"], actions.emulator.state()["calls"]) == ([], [])


def test_a_copied_record_on_a_shared_stack(shared: Harness) -> None:
    """Where one stack serves both orgs, a copied record finds no subscription and takes none unless it is asked to."""
    own = sold(shared, salesforceAccountId=ACCOUNT)
    copy = {"salesforceOrgId": OTHER_ORG}
    before = shared.mapping(LINE)

    changed = shared.post("update-subscription", BY_RECORD | SEATS | copy)
    adopted = shared.post(ADOPT, APP_LINE | copy | {"subscriptionId": own})

    assert (changed.status, changed.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert (adopted.status, adopted.body["errorCode"]) == (409, "RECORD_IN_USE")
    assert f"belongs to the Salesforce record {LINE} of org {ORG}" in adopted.body["errorMessage"]
    assert (shared.mapping(LINE), shared.mapping(LINE, OTHER_ORG)) == (before, None)


def test_a_company_that_moves_to_another_org(shared: Harness) -> None:
    """A subscription moves to a record of the new org, with its history, and the old org's record has none."""
    own = sold(shared, salesforceAccountId=ACCOUNT)
    new = APP_LINE | {"subscriptionId": own, "salesforceRecordId": OTHER_LINE, "salesforceOrgId": OTHER_ORG}

    body = shared.ok(ADOPT, new | {"replaceMapping": True})

    record = shared.mapping(OTHER_LINE, OTHER_ORG)
    assert record is not None
    assert (record.current and record.current.subscription_id, body["previousRecordId"]) == (own, LINE)
    assert (current(shared), effects(shared)) == (None, [(own, "ACTIVE")])
    assert in_stigg(shared, own)["metadata"]["salesforceOrgId"] == OTHER_ORG
    assert shared.ok("update-subscription", {**SEATS, **{k: new[k] for k in ("salesforceRecordId", "salesforceOrgId")}})
    assert shared.invoke("reconcile", {"dryRun": True})["mended"] == []


@pytest.mark.parametrize("first", [SHORT, LINE, LINE.lower()], ids=["15", "18", "18, in lower case"])
@pytest.mark.parametrize("second", [SHORT, LINE], ids=["15", "18"])
def test_short_and_long_ids(actions: Harness, first: str, second: str) -> None:
    """A record is the same in every form of its id: what was adopted in one form is changed and adopted in another."""
    sold_in_the_app(actions)
    actions.ok(ADOPT, APP_LINE | {"salesforceRecordId": first, "salesforceAccountId": ACCOUNT[:15]})

    again = actions.ok(ADOPT, APP_LINE | {"salesforceRecordId": second})
    changed = actions.ok("update-subscription", {"salesforceRecordId": second, **SEATS})

    assert (again["outcome"], again["replayed"]) == ("adopted", True)
    assert (changed["subscriptionId"], current(actions)) == (APPS, APPS)
    assert in_stigg(actions, APPS)["metadata"]["salesforceRecordId"] == LINE


def test_ids_that_differ_in_case(actions: Harness) -> None:
    """Two records whose ids differ in case alone are two records."""
    first, second = (record_id(name) for name in CASED)
    own = sold(actions, salesforceRecordId=CASED[0])

    other = sold(actions, salesforceRecordId=CASED[1], customerId="cust-other")

    assert first != second
    assert (current(actions, first), current(actions, second)) == (own, other)
