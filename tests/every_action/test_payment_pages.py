"""What is paid is found, what ended stays ended, and what cannot be decided is shown."""

from typing import Any

import pytest

from stigg_actions.storage.mapping import MOST_PAGES
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import ORG, Harness
from tests.support.requests import LINE, OTHER_LINE, TO_BE_PAID, current, grant, in_stigg, sold, subscription
from tests.support.webhooks import followed_webhooks

PROVISION = "create-subscription-with-return-data"
BY_RECORD = {"salesforceRecordId": LINE}
CANCEL = BY_RECORD | {"cancelWhen": "now"}
MARKS = {"salesforceOrgId": ORG, "salesforceRecordId": LINE}


def page(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field
    """Ask for a subscription that has to be paid first; return its id."""
    request = subscription(customerName="Acme", **TO_BE_PAID, **changes)
    body = actions.ok(PROVISION, request)

    assert body["outcome"] == "paymentRequired"
    return str(body["subscriptionId"])


def two_pages(actions: Harness) -> tuple[str, str]:
    """Ask for a subscription, then for another plan on the same line."""
    return page(actions), page(actions, planId="plan-starter")


def pending(actions: Harness) -> list[str]:
    """Return what the record waits for."""
    mapping = actions.mapping(LINE)
    return [one.subscription_id for one in mapping.awaited] if mapping else []


def problems(actions: Harness, **request: Any) -> list[tuple[str, str, bool]]:  # noqa: ANN401 - any field
    """Reconcile, and return what was found amiss."""
    mended = actions.invoke("reconcile", request)["mended"]
    return [(one["subscriptionId"], one["problem"], one["mended"]) for one in mended]


def canceled_by_hand(actions: Harness, subscription_id: str) -> None:
    """Let somebody cancel in the Stigg app."""
    path = f"/api/v1/subscriptions/{subscription_id}/cancel"
    actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})


def test_an_older_page_that_is_paid(actions: Harness) -> None:
    """The next write of the record finds that an older payment page was paid; the newer one can still be."""
    first, second = two_pages(actions)
    actions.emulator.checkout(first)

    body = actions.ok("cancel-subscription", CANCEL)

    assert (body["subscriptionId"], body["outcome"]) == (first, "canceled")
    assert (current(actions), pending(actions)) == (first, [second])


def test_an_older_page_that_is_paid_is_reconciled(actions: Harness) -> None:
    """The reconciliation finds it as well."""
    first, second = two_pages(actions)
    actions.emulator.checkout(first)

    found = problems(actions)

    assert found == [(first, "paid", True)]
    assert (current(actions), pending(actions)) == (first, [second])
    assert problems(actions) == []


def test_an_older_page_that_is_paid_is_followed(actions: Harness) -> None:
    """So does a webhook."""
    with followed_webhooks(actions) as hooks:
        first, _ = two_pages(actions)
        actions.emulator.checkout(first)
        hooks.deliver(*hooks.events())

        assert current(actions) == first


def test_an_older_page_that_is_paid_is_shown(actions: Harness) -> None:
    """So does a look at the record."""
    first, _ = two_pages(actions)
    actions.emulator.checkout(first)

    body = actions.ok("get-subscription", BY_RECORD)

    assert (body["subscriptionId"], body["active"]) == (first, True)


def test_both_pages_are_paid(actions: Harness) -> None:
    """Paid one after the other, the record has the one that runs in the end."""
    first, second = two_pages(actions)
    actions.emulator.checkout(second)
    actions.ok("get-subscription", BY_RECORD)
    actions.emulator.checkout(first)

    problems(actions)

    assert in_stigg(actions, second)["status"] == "CANCELED"
    assert (current(actions), pending(actions)) == (first, [])
    assert actions.live("cust-acme") == [first]


def test_a_page_that_no_record_remembers(actions: Harness) -> None:
    """A record remembers some pages; an older one is found by its marks once it is paid."""
    first, *_ = [page(actions, metadata={"try": str(number)}) for number in range(MOST_PAGES + 1)]
    actions.emulator.checkout(first)

    found = problems(actions)

    assert len(pending(actions)) == MOST_PAGES
    assert (found, current(actions)) == ([(first, "displaced", True)], first)


def test_a_page_that_lapsed(actions: Harness) -> None:
    """What ended before it was paid is no longer waited for."""
    first, second = two_pages(actions)
    expired = in_stigg_as(actions, second, "EXPIRED")
    actions.emulator.fault("GET", f"/subscriptions/{second}$", "status", expired)
    actions.emulator.fault("GET", "/subscriptions$", "status", listed(expired))

    assert problems(actions) == [(second, "lapsed", True)]
    assert pending(actions) == [first]


def test_a_page_that_waits_for_the_bank(actions: Harness) -> None:
    """A payment that is under way changes nothing yet."""
    waiting = page(actions)
    processing = in_stigg_as(actions, waiting, "PAYMENT_PENDING")
    actions.emulator.fault("GET", "/subscriptions$", "status", listed(processing))

    assert (problems(actions), pending(actions)) == ([], [waiting])


def in_stigg_as(actions: Harness, subscription_id: str, status: str) -> dict[str, Any]:
    """Return an answer of Stigg that shows a subscription of the record in a status."""
    shown = {"id": subscription_id, "customerId": "cust-acme", "planId": "plan-starter", "status": status}
    assert actions.mapping(LINE) is not None
    return {"status": 200, "body": {"data": {**shown, "metadata": MARKS}}}


def listed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of Stigg with one subscription as a list of one."""
    page_of_one = {"data": [answer["body"]["data"]], "pagination": {"next": None, "prev": None}}
    return {"status": 200, "body": page_of_one}


def beside_in_the_app(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field
    """Let somebody copy the record's marks to a subscription of another product, in the Stigg app."""
    body = {"id": "sub-beside", "customerId": "cust-acme", "planId": "plan-workspace", "resourceId": "site-1",
            "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE", "metadata": MARKS, **changes}  # fmt: skip
    actions.stigg_app("POST", "/api/v1/subscriptions", body)
    return "sub-beside"


def test_two_that_run(actions: Harness) -> None:
    """A live subscription with the marks of a record that has another one is a conflict, until a person ends one."""
    own = sold(actions)
    beside = beside_in_the_app(actions)

    assert problems(actions) == problems(actions) == [(beside, "conflict", False)]
    assert problems(actions, dryRun=True) == [(beside, "conflict", False)]
    assert current(actions) == own
    canceled_by_hand(actions, beside)
    assert problems(actions) == []


def test_a_conflict_of_a_webhook(actions: Harness) -> None:
    """A webhook tells of a conflict on the bus, and is not delivered for ever."""
    with followed_webhooks(actions) as hooks:
        sold(actions)
        beside_in_the_app(actions)
        hooks.deliver(*hooks.events())

        conflicts = [message.get("subscriptionId") for message in hooks.published() if message.get("mappingConflict")]
    assert conflicts == ["sub-beside"]


def test_what_an_operation_ended_stays_ended(actions: Harness) -> None:
    """No repair puts what ran before in the place of what was canceled; the same cancel finds that all is done."""
    sold(actions)
    beside = beside_in_the_app(actions)
    actions.ok("cancel-subscription", CANCEL)

    found = problems(actions)
    again = actions.ok("cancel-subscription", CANCEL)

    assert found == [(beside, "conflict", False)]
    assert (again["outcome"], again["replayed"]) == ("canceled", True)
    assert in_stigg(actions, beside)["status"] == "ACTIVE"


def test_what_came_after_a_cancel(actions: Harness) -> None:
    """A subscription that was made for the record after its own was canceled is the record's."""
    sold(actions)
    actions.ok("cancel-subscription", CANCEL)
    actions.clock.skip(2)
    actions.emulator.advance(2)
    beside = beside_in_the_app(actions)

    assert (problems(actions), current(actions)) == ([(beside, "displaced", True)], beside)


@pytest.mark.parametrize("known", [True, False])
def test_a_record_of_another_customer_by_an_older_version(actions: Harness, *, known: bool) -> None:
    """What an older version let a record forget comes back as a conflict, never in place of what was canceled."""
    first = sold(actions)
    actions.tables.lose_mappings()
    second = sold(actions, customerId="cust-beta")
    if known:
        actions.invoke("reconcile", {"customerId": "cust-acme", "rebuild": True})
    actions.ok("cancel-subscription", CANCEL)

    assert problems(actions) == [(first, "conflict", False)]
    assert actions.ok("cancel-subscription", CANCEL)["subscriptionId"] == second
    assert in_stigg(actions, first)["status"] == "ACTIVE"


def test_a_page_paid_beside_another_product(actions: Harness) -> None:
    """When a page of another product is paid, both run: the paid one is the record's, the other one a conflict."""
    site = page(actions, planId="plan-workspace", resourceId="site-1")
    own = sold(actions)
    actions.emulator.checkout(site)

    first, second = problems(actions), problems(actions)

    assert (site, "paid", True) in first
    assert second == [(own, "conflict", False)]
    assert current(actions) == site
    replaced = actions.ok(PROVISION, subscription(salesforceRecordId=OTHER_LINE, planId="plan-starter"))
    assert replaced["replacedSubscriptionId"] == own
    assert (current(actions), problems(actions)) == (site, [])


def test_a_conflict_while_a_write_is_under_way(actions: Harness) -> None:
    """While a write of the customer is under way, nothing is called a conflict: it may be what the write makes."""
    sold(actions)
    beside_in_the_app(actions)
    dying = dying_container(actions, "POST .*/credits/grants$", after=False)
    with pytest.raises(CrashError):
        actions.post("create-credit-grant", grant(salesforceRecordId=OTHER_LINE), dying)

    assert problems(actions) == []


def test_what_ended_while_it_was_compared(actions: Harness) -> None:
    """A subscription that has ended by the time its lost mapping is to be written is not mapped any more."""
    own = sold(actions)
    actions.tables.lose_mappings()
    ended = {"id": own, "customerId": "cust-acme", "planId": "plan-growth", "status": "CANCELED", "metadata": MARKS}
    actions.emulator.fault("GET", f"/subscriptions/{own}$", "status", {"status": 200, "body": {"data": ended}})

    assert problems(actions) == [(own, "missing", False)]
    assert actions.mapping(LINE) is None
