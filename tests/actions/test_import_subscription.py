"""import-subscription, in this process: what runs in billing alone comes to Stigg once, and belongs to its record."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionImportParams

from stigg_actions.errors import ActionError, Conflict, NotFound, OutcomeUnknown, Refused, RequestInvalid
from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import container_that_first, dying_container, listening_container
from tests.support.deals import APP, deal, of, plan
from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.requests import (
    ACCOUNT,
    LINE,
    OTHER_ACCOUNT,
    OTHER_LINE,
    current,
    in_stigg,
    mapped_status,
    sold,
    sold_in_the_app,
    subscription,
)

ACTION = "import-subscription"
PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-12-31T23:59:59Z"
IMPORT = {
    "salesforceRecordId": LINE,
    "salesforceAccountId": ACCOUNT,
    "customerId": "cust-acme",
    "planId": "plan-growth",
    "billingPeriod": "MONTHLY",
    "startDate": PAST,
}
CUSTOMER = {"customerName": "Acme", "customerEmail": "billing@acme.example", "customerBillingId": "cus_1"}
ALL = {
    **IMPORT,
    **CUSTOMER,
    "paymentMethodId": "pm_1",
    "integrationId": "int-1",
    "endDate": FUTURE,
    "billingId": "sub_1",
    "addons": [{"id": "addon-seats", "quantity": 1}, {"id": "addon-seats", "quantity": 2}],
    "charges": [{"id": "feature-api-calls", "quantity": 10, "type": "FEATURE"}],
    "metadata": {"origin": "billing"},
}
POST = "POST .*/subscriptions/import"
POST_CUSTOMER = "POST .*/customers/import"


@pytest.fixture
def acme(actions: Harness) -> None:
    """The customer, which Stigg has."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})


def imported(actions: Harness, request: dict[str, Any] = IMPORT, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Import the subscription; return the answer. None drops a field."""
    given = {name: value for name, value in {**request, **changes}.items() if value is not None}
    answer: dict[str, Any] = actions.invoke(ACTION, given)
    return answer


def imports(actions: Harness, what: str = "subscriptions") -> int:
    """How often something was sent to be imported."""
    return sum(path.endswith(f"/{what}/import") for _, path in actions.writes_to_stigg())


def ids(actions: Harness) -> list[str]:
    """Return the ids of the subscriptions that Stigg has."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"]]


def test_imported(actions: Harness) -> None:
    """A subscription comes with its customer, dates, add-ons and marks; the record has it; nothing is charged."""
    body = imported(actions, ALL)

    found = in_stigg(actions, body["subscriptionId"])
    assert (body["outcome"], body["status"], body["active"], body["customerId"]) == (
        *("imported", "ACTIVE", True),
        "cust-acme",
    )
    assert (found["startDate"], found["cancellationDate"]) == ("2020-01-01T00:00:00.000Z", "2099-12-31T23:59:59.000Z")
    assert (found["billingId"], found["addons"]) == ("sub_1", [{"id": "addon-seats", "quantity": 3}])
    assert (
        found["metadata"].items()
        >= {
            "origin": "billing",
            "salesforceRecordId": LINE,
            "salesforceAccountId": ACCOUNT,
        }.items()
    )
    assert (current(actions), mapped_status(actions), actions.history(LINE)) == (found["id"], "ACTIVE", ["imported"])
    assert (actions.live("cust-acme"), actions.emulator.state()["invoices"]) == ([found["id"]], [])
    assert actions.terms(found["id"]).keys() >= {"billingPeriod", "charges", "addons", "cancellationDate"}
    assert actions.ok("get-customer", {"salesforceAccountId": ACCOUNT})["customerId"] == "cust-acme"
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


def test_what_is_sent(actions: Harness) -> None:
    """What is sent fits the SDK's types."""
    sent: list[dict[str, Any]] = []
    actions.invoke(ACTION, ALL, None, listening_container(actions, POST, sent))

    assert (len(sent), body_problems(SubscriptionImportParams, sent[0])) == (1, [])
    assert sent[0]["integrationId"] == "int-1"


def test_one_that_starts_later(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """A subscription that has yet to start is imported as scheduled."""
    body = imported(actions, startDate="2099-01-01")

    assert (body["outcome"], body["status"], mapped_status(actions)) == ("imported", "NOT_STARTED", "NOT_STARTED")


def test_used_like_any_other(actions: Harness) -> None:
    """What was imported can be amended and renewed by its record."""
    imported(actions, ALL)
    changed = actions.ok("update-subscription", {"salesforceRecordId": LINE, "billingPeriod": "ANNUALLY"})
    renewed = actions.ok("renew-subscription", {"salesforceRecordId": LINE, "planId": "plan-starter"})

    assert (changed["outcome"], renewed["outcome"]) == ("updated", "replaced")


@pytest.mark.parametrize("key", [None, "import/1"])
def test_repeated(actions: Harness, key: str | None) -> None:
    """A repeat, and one from another day or after a change, finds the subscription and sends nothing."""
    request = ALL | ({"idempotencyKey": key} if key else {})
    first = imported(actions, request)
    again = imported(actions, request)
    actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": [{"id": "addon-seats", "quantity": 5}]})
    after_a_change = imported(actions, request)
    actions.clock.skip(3 * 24 * 3600)
    later = imported(actions, request)

    assert (first["outcome"], again["outcome"], again["replayed"]) == ("imported", "imported", True)
    assert {after_a_change["outcome"], later["outcome"]} == ({"imported"} if key else {"unchanged"})
    assert (imports(actions), imports(actions, "customers"), len(ids(actions))) == (1, 1, 1)
    assert actions.terms(first["subscriptionId"])["addons"] == [{"id": "addon-seats", "quantity": 5}]


def test_repeated_after_its_end(actions: Harness) -> None:
    """What was imported and has been replaced since is left alone by a late repeat."""
    request = IMPORT | CUSTOMER | {"paymentMethodId": "pm_1"}
    first = imported(actions, request)
    renewed = actions.ok("renew-subscription", {"salesforceRecordId": LINE, "planId": "plan-starter"})
    body = imported(actions, request)

    assert (body["outcome"], body["status"], body["subscriptionId"]) == (
        "unchanged",
        "CANCELED",
        first["subscriptionId"],
    )
    assert current(actions) == renewed["subscriptionId"]
    assert imports(actions) == 1


def test_not_yet(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """While Stigg works on the import, the answer says so; the same request completes it, under the same task."""
    actions.emulator.delay_imports(60)
    with pytest.raises(OutcomeUnknown) as first:
        imported(actions)
    actions.clock.skip(11)
    with pytest.raises(OutcomeUnknown):
        imported(actions)
    actions.emulator.advance(60)
    body = imported(actions)

    assert "carries it out in the background" in str(first.value)
    assert (body["outcome"], current(actions), len(ids(actions))) == ("imported", body["subscriptionId"], 1)
    assert actions.operations() == [("customer", "SUCCEEDED"), ("import", "SUCCEEDED")]


def test_settled_by_others(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """An import that was not there yet is settled by reconcile once Stigg has carried it out."""
    actions.emulator.delay_imports(60)
    with pytest.raises(OutcomeUnknown):
        imported(actions)
    actions.emulator.advance(60)
    actions.clock.skip(100)
    actions.invoke("reconcile", {})

    assert (actions.operations()[-1], mapped_status(actions)) == (("import", "SUCCEEDED"), "ACTIVE")


def test_skipped_by_stigg(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """What Stigg skips in silence fails in the end, with what to check; the corrected row is imported."""
    unknown: dict[str, Any] = {"addons": [{"id": "addon-none", "quantity": 1}]}
    with pytest.raises(OutcomeUnknown):
        imported(actions, **unknown)
    actions.clock.skip(100)
    actions.invoke("reconcile", {})
    (failed,) = actions.invoke("list-operations", {"status": "FAILED"})["operations"]

    assert "addons" in failed["errorMessage"]
    assert imported(actions)["outcome"] == "imported"


def test_a_task_that_runs_late(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """An import that failed for its time and then runs after all is one subscription with that of the repeat."""
    actions.emulator.delay_imports(300)
    with pytest.raises(OutcomeUnknown):
        imported(actions)
    actions.clock.skip(100)
    actions.invoke("reconcile", {})
    actions.emulator.delay_imports(0)
    body = imported(actions)
    actions.emulator.advance(300)

    assert (body["outcome"], ids(actions)) == ("imported", [body["subscriptionId"]])
    assert actions.invoke("reconcile", {"dryRun": True})["mended"] == []


@pytest.mark.parametrize("pattern", [POST_CUSTOMER, POST, "GET .*/subscriptions/imported-"])
@pytest.mark.parametrize("after", [False, True])
def test_killed(actions: Harness, pattern: str, *, after: bool) -> None:
    """A process that dies around a call leaves one customer and one subscription after the repeat."""
    with pytest.raises(CrashError):
        actions.invoke(ACTION, ALL, None, dying_container(actions, pattern, after=after))
    actions.clock.skip(11)
    body = imported(actions, ALL)

    assert (body["outcome"], ids(actions), current(actions)) == (
        "imported",
        [body["subscriptionId"]],
        body["subscriptionId"],
    )
    assert (imports(actions), imports(actions, "customers")) == (1, 1)


def test_cannot_be_read_back(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """If the import cannot be read back, its outcome is unknown, and the repeat finds it."""
    shut = container_that_first(
        actions, POST, lambda: actions.emulator.fault("GET", "/subscriptions/imported-", "status", 403)
    )
    with pytest.raises(OutcomeUnknown):
        actions.invoke(ACTION, IMPORT, None, shut)
    actions.emulator.clear_faults()
    actions.clock.skip(11)

    assert (imported(actions)["outcome"], imports(actions)) == ("imported", 1)


def test_no_time_is_left(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """A call without time to look again says that the import is not there yet."""
    actions.emulator.delay_imports(60)
    late = container_that_first(actions, POST, lambda: actions.clock.skip(20))
    with pytest.raises(OutcomeUnknown, match="background"):
        actions.invoke(ACTION, IMPORT, None, late)


def test_at_once(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """The same request twice at the same moment imports once."""
    replies = actions.at_once((ACTION, IMPORT), (ACTION, IMPORT))

    assert [reply.body["outcome"] for reply in replies] == ["imported", "imported"]
    assert (imports(actions), len(ids(actions))) == (1, 1)


def test_two_customers_for_one_record(actions: Harness) -> None:
    """Of two customers for one record at the same moment, one gets the import."""
    other = IMPORT | {"customerId": "cust-globex", "salesforceAccountId": OTHER_ACCOUNT, "customerName": "Globex"}
    replies = actions.at_once((ACTION, IMPORT | CUSTOMER), (ACTION, other))

    assert sorted(reply.status for reply in replies) == [200, 409]
    assert len(ids(actions)) == 1


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"endDate": "2021-01-01"}, "lies in the past"),
        ({"billingPeriod": None}, "is a paid plan"),
    ],
)
def test_bad_rows(actions: Harness, acme: None, changes: dict[str, Any], problem: str, *, dry_run: bool) -> None:  # noqa: ARG001
    """What Stigg would skip in silence is refused with its field, in a dry run too."""
    with pytest.raises(RequestInvalid, match=problem):
        imported(actions, **changes, dryRun=dry_run)
    assert imports(actions) == 0


@pytest.mark.parametrize("dry_run", [False, True])
def test_unknown_plan_and_customer(actions: Harness, *, dry_run: bool) -> None:
    """A plan that Stigg does not have is refused; so is a customer, unless the row has what to import it with."""
    with pytest.raises(NotFound, match="PLAN_NOT_FOUND"):
        imported(actions, planId="plan-grwth", dryRun=dry_run)
    with pytest.raises(NotFound, match="CUSTOMER_NOT_FOUND"):
        imported(actions, dryRun=dry_run)
    assert imported(actions, IMPORT | CUSTOMER, dryRun=dry_run)["outcome"] == ("dryRun" if dry_run else "imported")


@pytest.mark.parametrize("dry_run", [False, True])
def test_archived(actions: Harness, acme: None, *, dry_run: bool) -> None:  # noqa: ARG001 - is there
    """An archived customer gets no subscription."""
    actions.ok("archive-customer", {"customerId": "cust-acme"})
    with pytest.raises(Refused, match="CUSTOMER_ARCHIVED"):
        imported(actions, dryRun=dry_run)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("plan", ["plan-growth", "plan-starter"])
def test_one_of_the_app(actions: Harness, plan: str, *, dry_run: bool) -> None:
    """A live subscription of the same product is not replaced: the record can adopt it."""
    app = sold_in_the_app(actions, planId=plan)
    with pytest.raises(RequestInvalid, match=f"{app}.*adopt-subscription"):
        imported(actions, dryRun=dry_run)
    assert (ids(actions), imports(actions)) == ([app], 0)


def test_beside_another_product(actions: Harness) -> None:
    """Subscriptions of another product or resource are no hindrance."""
    sold_in_the_app(actions, planId="plan-workspace", resourceId="desk")
    body = imported(actions)
    second = imported(actions, planId="plan-workspace", resourceId="lab", salesforceRecordId=OTHER_LINE)

    assert (body["outcome"], second["outcome"], second["resourceId"]) == ("imported", "imported", "lab")


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_record_in_use(actions: Harness, *, dry_run: bool) -> None:
    """A record that has a subscription of its own is not given another one; nor one of another customer."""
    own = sold(actions, salesforceAccountId=ACCOUNT)
    with pytest.raises(Conflict, match=f"RECORD_IN_USE.*{own}"):
        imported(actions, planId="plan-workspace", resourceId="lab", dryRun=dry_run)
    actions.ok("create-customer", {"customerId": "cust-globex", "salesforceAccountId": OTHER_ACCOUNT})
    with pytest.raises(Conflict, match="CUSTOMER_MISMATCH"):
        imported(actions, customerId="cust-globex", salesforceAccountId=OTHER_ACCOUNT, dryRun=dry_run)


def test_after_one_that_has_ended(actions: Harness) -> None:
    """A record whose subscription has ended can have an imported one."""
    sold(actions, salesforceAccountId=ACCOUNT)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    body = imported(actions)

    assert (body["outcome"], current(actions)) == ("imported", body["subscriptionId"])


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"metadata": {"a": "b"}}, False),
        ({"startDate": "2021-01-01"}, False),
        ({"addons": [{"id": "addon-seats", "quantity": 9}]}, True),
        ({"endDate": FUTURE}, True),
        ({"planId": "plan-starter"}, True),
        ({"charges": [{"id": "feature-api-calls", "quantity": 1, "type": "FEATURE"}]}, True),
    ],
)
def test_another_row_for_the_record(
    actions: Harness,
    acme: None,  # noqa: ARG001 - is there
    changes: dict[str, Any],
    *,
    refused: bool,
    dry_run: bool,
) -> None:
    """Another row for a record changes nothing: it is unchanged if Stigg shows its terms, else refused."""
    imported(actions)
    if refused:
        with pytest.raises(RequestInvalid, match="was imported before"):
            imported(actions, **changes, dryRun=dry_run)
    else:
        assert imported(actions, **changes, dryRun=dry_run)["outcome"] == "unchanged"
    assert imports(actions) == 1


def test_another_row_after_the_end(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """What has ended stays ended, whatever row comes for its record."""
    imported(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    with pytest.raises(RequestInvalid, match="CANCELED"):
        imported(actions, metadata={"a": "b"})


@pytest.mark.parametrize("dry_run", [False, True])
def test_superseded(actions: Harness, *, dry_run: bool) -> None:
    """Older data than the record's last change imports nothing; the answer shows what the record has."""
    own = sold(actions, salesforceAccountId=ACCOUNT)
    body = imported(actions, asOf=PAST, dryRun=dry_run)

    assert (body["outcome"], body["subscriptionId"], imports(actions)) == ("superseded", own, 0)


def test_superseded_by_an_end(actions: Harness) -> None:
    """If the record's subscription has gone from Stigg, the answer of the newer operation is shown."""
    own = sold(actions, salesforceAccountId=ACCOUNT)
    actions.emulator.reset()

    assert imported(actions, asOf=PAST)["subscriptionId"] == own


def test_dry_run(actions: Harness) -> None:
    """A dry run names the subscription that would be, and changes nothing."""
    would = imported(actions, ALL, dryRun=True)
    body = imported(actions, ALL)

    assert (would["outcome"], would["status"], would["active"]) == ("dryRun", "NOT_IMPORTED", False)
    assert would["subscriptionId"] == body["subscriptionId"]
    assert imported(actions, ALL, dryRun=True)["outcome"] == "unchanged"


def test_a_lost_mapping(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """If the tables were lost, the same row maps what it imported."""
    body = imported(actions)
    actions.tables.clear()
    again = imported(actions)

    assert (again["outcome"], current(actions), imports(actions)) == ("imported", body["subscriptionId"], 1)


def test_moved_by_adoption(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """What was imported for one record and then given to another stays there."""
    body = imported(actions)
    adopt = {"subscriptionId": body["subscriptionId"], "salesforceRecordId": OTHER_LINE, "replaceMapping": True}
    actions.ok("adopt-subscription", adopt)
    again = imported(actions)

    assert (again["outcome"], current(actions), current(actions, OTHER_LINE)) == (
        "unchanged",
        None,
        body["subscriptionId"],
    )


def test_sold_again_by_the_flow(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """A Flow that sells to the record replaces what was imported, as it does with any other."""
    body = imported(actions)
    replaced = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter"))

    assert replaced["replacedSubscriptionId"] == body["subscriptionId"]


def test_the_deal_is_sent_again(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """A Flow that sends the deal of what was imported does not sell it again, unless it asks for what is hidden."""
    body = imported(actions)
    again = actions.ok("create-subscription-with-return-data", subscription(paymentCollectionMethod=None))
    more = subscription(charges=[{"id": "feature-api-calls", "quantity": 1, "type": "FEATURE"}])

    assert (again["outcome"], again["subscriptionId"]) == ("unchanged", body["subscriptionId"])
    assert actions.ok("create-subscription-with-return-data", more)["outcome"] == "replaced"


def test_an_opportunity_of_what_was_imported(actions: Harness) -> None:
    """An opportunity whose line was imported amends the subscription instead of selling a second one."""
    body = imported(actions, IMPORT | CUSTOMER | {"salesforceRecordId": APP, "paymentMethodId": "pm_1"})
    answer = actions.ok("provision-opportunity", deal(plan(), paymentCollectionMethod=None))
    live = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]

    assert (of(answer, APP)["outcome"], live) == ("amended", [body["subscriptionId"]])


def test_bad_end(actions: Harness) -> None:
    """The end must come after the start."""
    with pytest.raises(ActionError, match="must be later than startDate"):
        imported(actions, endDate="2019-01-01")


def test_no_batch_of_salesforce_imports(actions: Harness, acme: None) -> None:  # noqa: ARG001 - is there
    """A batch that comes through the API cannot import; one of an operator can."""
    batch = {"requests": [{"action": ACTION, "request": IMPORT}], "waitSeconds": 20}
    refused = actions.ok("submit-batch", batch)
    answer = actions.invoke("submit-batch", batch | {"idempotencyKey": "by-an-operator"})

    assert (refused["failed"], refused["results"][0]["errorCode"]) == (1, "INVALID_REQUEST")
    assert "stigg-actions import" in refused["results"][0]["errorMessage"]
    assert (answer["outcome"], answer["succeeded"]) == ("completed", 1)
