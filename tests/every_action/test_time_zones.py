"""Dates as days of a time zone: that of the request, of its batch, or of the stack; from request to Stigg."""

import json
from typing import Any

import pytest

from tests.support.batch_requests import entry
from tests.support.deals import APP, BONUS, bonus, deal, of, plan
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, grant, in_stigg, sold, subscription

CREATE, DEAL = "create-subscription-with-return-data", "provision-opportunity"
WEST, EAST = "America/Los_Angeles", "Pacific/Auckland"
END, MIDDLE, START = "2099-12-31", "2099-06-30", "2098-07-01"
ENDS = {"UTC": "2099-12-31T23:59:59Z", WEST: "2100-01-01T07:59:59Z", EAST: "2099-12-31T10:59:59Z"}


@pytest.fixture
def western(actions: Harness) -> Harness:
    """A deployment whose days are those of Los Angeles."""
    return actions.with_settings(time_zone=WEST).with_queues()


def payloads(actions: Harness) -> list[dict[str, Any]]:
    """Return the requests of batches, as the actions' functions will take them."""
    items = sorted(actions.tables.items(actions.tables.batches), key=lambda item: item["sk"]["S"])
    return [json.loads(item["payload"]["S"]) for item in items if "payload" in item]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ENDS[WEST]),
        ({"timeZone": EAST}, ENDS[EAST]),
        ({"timeZone": "UTC"}, ENDS["UTC"]),
        ({"timeZone": ""}, ENDS[WEST]),
    ],
)
def test_zone_of_the_stack_and_of_the_request(western: Harness, fields: dict[str, str], expected: str) -> None:
    """A date is a day of the request's time zone, else of the stack's; Stigg, tables and answer have it in UTC."""
    body = western.ok(CREATE, subscription(customerName="Acme", cancellationDate=END, **fields))

    assert body["cancellationDate"] == expected
    assert in_stigg(western, body["subscriptionId"])["cancellationDate"] == expected.replace("Z", ".000Z")
    assert western.terms(body["subscriptionId"])["cancellationDate"] == expected


def test_dates_of_other_actions(western: Harness) -> None:
    """Cancellations, reschedulings, renewals and grants obey the time zone as well."""
    by_record = {"salesforceRecordId": LINE}
    sold(western)
    moved = western.ok("reschedule-cancellation", {**by_record, "cancellationDate": END})
    canceled = western.ok(
        "cancel-subscription", {**by_record, "cancelWhen": "onDate", "endDate": END, "timeZone": EAST}
    )
    renewed = western.ok("renew-subscription", {**by_record, "cancellationDate": END, "timeZone": "UTC"})
    granted = western.ok("create-credit-grant", grant(effectiveAt=START, expireAt=END))

    assert [body["cancellationDate"] for body in (moved, canceled, renewed)] == [ENDS[WEST], ENDS[EAST], ENDS["UTC"]]
    assert (granted["effectiveAt"], granted["expireAt"]) == ("2098-07-01T07:00:00Z", ENDS[WEST])


def test_the_moments_are_the_request(western: Harness) -> None:
    """The same moments are the same request, however their zone is named; the same date elsewhere is another."""
    first = western.ok(CREATE, subscription(customerName="Acme", cancellationDate=END))
    same = [{"cancellationDate": ENDS[WEST]}, {"cancellationDate": END, "timeZone": "US/Pacific"}]
    again = [western.ok(CREATE, subscription(customerName="Acme", **fields)) for fields in same]
    other = western.ok(CREATE, subscription(customerName="Acme", cancellationDate=END, timeZone=EAST))

    assert [body["replayed"] for body in (first, *again, other)] == [False, True, True, False]


def test_what_is_replayed_keeps_its_moments(western: Harness) -> None:
    """An operation that failed is run again with the moments that it had, whatever the stack's time zone is by then."""
    owing = sold(western, paymentCollectionMethod="INVOICE")
    western.emulator.invoice(owing, "OPEN")
    assert western.post(CREATE, subscription(planId="plan-starter", cancellationDate=END)).status == 409
    western.emulator.invoice(owing, "PAID")
    (failed,) = western.invoke("list-operations", {"status": "failed"})["operations"]
    body = western.with_settings(time_zone=EAST).invoke("replay-operation", {"operationKey": failed["operationKey"]})

    assert json.loads(body["answerText"])["cancellationDate"] == ENDS[WEST]


def test_a_deal(western: Harness) -> None:
    """The lines of an opportunity start and end with days of its time zone, by dates and by months."""
    body = western.ok(DEAL, deal(plan(), bonus(), startDate=START, termMonths=12, timeZone=EAST))
    state = western.emulator.state()
    (made,), (granted,) = state["subscriptions"], state["grants"]

    assert (of(body, APP)["outcome"], of(body, BONUS)["outcome"]) == ("scheduled", "scheduled")
    assert (made["startDate"], made["cancellationDate"]) == ("2098-06-30T12:00:00.000Z", "2099-06-30T11:59:59.000Z")
    assert (granted["effectiveAt"], granted["expireAt"]) == (made["startDate"], made["cancellationDate"])


def test_a_deal_again(western: Harness) -> None:
    """The same deal changes nothing, whether its start comes as a day of its zone or as the moment in UTC."""
    western.ok(DEAL, deal(plan(), bonus(), startDate=START, termMonths=12, timeZone=EAST))
    again = western.ok(DEAL, deal(plan(), bonus(), startDate="2098-06-30T12:00:00Z", termMonths=12, timeZone=EAST))

    assert (again["outcome"], again["unchangedCount"]) == ("unchanged", 2)


@pytest.mark.parametrize("action", ["create-customer", "check-connection", "get-subscription", "list-operations"])
def test_no_such_zone(actions: Harness, action: str) -> None:
    """A time zone that does not exist is refused by every action, with dates or without."""
    reply = actions.post(action, {"timeZone": "Europe/Berlni", "customerId": "cust-acme"})
    problems = {one["field"]: one["problem"] for one in reply.body["details"]}

    assert reply.status == 400
    assert problems["timeZone"] == "is not a time zone of the IANA database; did you mean Europe/Berlin?"


def test_no_zone_of_the_stack(actions: Harness) -> None:
    """A stack whose time zone does not exist says so where a request needs it, and serves those that do not."""
    broken = actions.with_settings(time_zone="Europe/Berlni").with_queues()
    sold(broken)
    reply = broken.post("reschedule-cancellation", {"salesforceRecordId": LINE, "cancellationDate": END})
    batch = broken.post("submit-batch", {"requests": [entry(CREATE, **subscription(cancellationDate=END))]})
    moment = broken.ok("reschedule-cancellation", {"salesforceRecordId": LINE, "cancellationDate": ENDS[EAST]})
    named = broken.ok(
        "reschedule-cancellation", {"salesforceRecordId": LINE, "cancellationDate": END, "timeZone": WEST}
    )

    assert [(one.status, one.body["errorCode"]) for one in (reply, batch)] == [(500, "NOT_CONFIGURED")] * 2
    assert "TimeZone" in reply.body["errorMessage"]
    assert "did you mean Europe/Berlin?" in reply.body["errorMessage"]
    assert [moment["cancellationDate"], named["cancellationDate"]] == [ENDS[EAST], ENDS[WEST]]


def test_check_connection(western: Harness) -> None:
    """A stack with a time zone of its own has it checked; one in UTC has nothing to check."""
    broken = western.with_settings(time_zone="Europe/Berlni")
    found = [harness.ok("check-connection", {})["checks"][0] for harness in (western, broken)]

    assert [(check["name"], check["passed"]) for check in found] == [("timeZone", True), ("timeZone", False)]
    assert "did you mean Europe/Berlin?" in found[1]["problem"]
    assert "parameter TimeZone" in found[1]["remedy"]
    assert western.with_settings(time_zone="UTC").ok("check-connection", {})["checks"][0]["name"] == "secret"


def test_a_batch(western: Harness) -> None:
    """A request of a batch has its own time zone, else the batch's, else the stack's; what it ends on says so."""
    sold(western)
    lines = ["00k000000000004AAA", OTHER_LINE, "00k000000000003AAA"]
    resources = [{"planId": "plan-workspace", "resourceId": f"site-{number}"} for number in range(3)]
    zones: list[dict[str, str]] = [{"timeZone": EAST}, {}, {"timeZone": " "}]
    requests = [
        entry(CREATE, **subscription(**resource, salesforceRecordId=line, cancellationDate=END, **zone))
        for line, resource, zone in zip(lines, resources, zones, strict=True)
    ]
    of_the_batch = western.ok("submit-batch", {"requests": requests, "timeZone": "UTC", "waitSeconds": 20})
    of_the_stack = western.ok("submit-batch", {"requests": requests[1:], "waitSeconds": 20})
    ends = [
        [json.loads(one["answerText"])["cancellationDate"] for one in batch["results"]]
        for batch in (of_the_batch, of_the_stack)
    ]

    assert ends == [[ENDS[EAST], ENDS["UTC"], ENDS["UTC"]], [ENDS[WEST], ENDS[WEST]]]


def test_a_batch_keeps_its_days(western: Harness) -> None:
    """The days of a batch are those of the time zone at its submission; what has none carries no zone."""
    western.clock.meanwhile = list
    requests = [
        entry(CREATE, **subscription(cancellationDate=END)),
        entry(CREATE, **subscription(cancellationDate=ENDS[WEST], salesforceRecordId=OTHER_LINE)),
        entry("create-customer", customerId="cust-acme", name="Acme"),
    ]
    western.ok("submit-batch", {"requests": requests, "timeZone": "UTC"})

    assert [payload.get("timeZone") for payload in payloads(western)] == ["UTC", None, None]


def test_the_same_batch(western: Harness) -> None:
    """A time zone makes another batch where dates are days of it, and none where nothing depends on it."""
    western.clock.meanwhile = list
    dated, undated = entry(CREATE, **subscription(cancellationDate=END)), entry(CREATE, **subscription())

    def batch_id(request: dict[str, Any], **fields: str) -> str:
        return str(western.ok("submit-batch", {"requests": [request], **fields})["batchId"])

    def zoned(request: dict[str, Any], zone: str) -> dict[str, Any]:
        return {**request, "request": {**request["request"], "timeZone": zone}}

    west = {batch_id(dated), batch_id(dated, timeZone=WEST), batch_id(zoned(dated, WEST), timeZone=EAST)}
    east = {batch_id(dated, timeZone=EAST), batch_id(zoned(dated, EAST))}
    anywhere = {batch_id(undated), batch_id(undated, timeZone=EAST), batch_id(zoned(undated, WEST))}

    assert [len(ids) for ids in (west, east, anywhere)] == [1, 1, 1]
    assert len(west | east | anywhere) == 3


def test_a_corrected_zone_is_another_batch(western: Harness) -> None:
    """A request that was refused for its time zone is not the one that names the right one."""
    western.clock.meanwhile = list
    requests = [[entry(CREATE, **subscription(timeZone=zone))] for zone in ("Europe/Berlni", "Europe/Berlin")]
    refused, accepted = (western.ok("submit-batch", {"requests": some}) for some in requests)

    assert [(batch["failed"], batch["left"]) for batch in (refused, accepted)] == [(1, 0), (0, 1)]


def test_a_customer_has_a_zone_of_its_own(actions: Harness) -> None:
    """create-customer takes timeZone as every action does, and hands Stigg the customer's own timezone alone."""
    actions.ok("create-customer", {"customerId": "cust-acme", "timezone": "Europe/Berlin", "timeZone": WEST})
    actions.ok("create-customer", {"customerId": "cust-2", "timeZone": WEST, "salesforceAccountId": ACCOUNT})
    zones = {one["id"]: one["timezone"] for one in actions.emulator.state()["customers"]}

    assert zones == {"cust-acme": "Europe/Berlin", "cust-2": None}
