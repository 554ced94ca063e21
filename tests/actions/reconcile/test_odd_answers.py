"""reconcile, with a Stigg whose answers are not as they should be: nothing holds it up."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stigg.types import v1

from stigg_actions.deps import Container
from stigg_actions.errors import StiggUnavailable
from stigg_actions.salesforce_ids import record_id
from stigg_actions.stigg.transport import Transport
from tests.contract.sdk_answers import sdk_answer
from tests.support.crashes import crash
from tests.support.faulty_dynamodb import FaultyDynamoDB, refused
from tests.support.generated_answers import answers
from tests.support.harness import ORG, Harness
from tests.support.logs import listening
from tests.support.requests import LINE, grant, mapped_status, sold

ACTION = "reconcile"
type Json = dict[str, Any]
UNREADABLE: list[object] = [
    5,
    None,
    "sub-1",
    [],
    {},
    {"id": "sub-x"},
    {"id": "x" * 2_000, "customerId": "c", "planId": "p", "status": "ACTIVE"},
    {"id": " ", "customerId": "c", "planId": "p", "status": "ACTIVE"},
    {"id": "sub-x", "customerId": "c", "planId": "p", "status": None},
    {"id": "sub-x", "customerId": "c", "planId": "p", "status": "ACTIVE", "cancellationDate": "tomorrow"},
    {"id": "sub-x", "customerId": "c", "planId": "p", "status": "ACTIVE", "endDate": "+275760-09-13T00:00:00.000Z"},
    {"id": "sub-x", "customerId": "c", "planId": "p", "status": "ACTIVE", "resourceId": 7},
]


def marks(number: int) -> Json:
    """Return the metadata of a subscription that was provisioned for a record of its own."""
    return {"salesforceOrgId": ORG, "salesforceRecordId": record_id(f"00k0000000{number:05}")}


def subscription(number: int, **fields: object) -> Json:
    """Return a subscription that was provisioned for a record of its own, of which nothing is known here."""
    return {
        "id": f"sub-{number}",
        "customerId": f"cust-{number}",
        "planId": "plan-growth",
        "status": "ACTIVE",
        "metadata": marks(number),
        **fields,
    }


class Pages:
    """Plays a Stigg that lists pages of subscriptions one after another, and shows what is in them, or nothing."""

    def __init__(self, *pages: Sequence[object], shows: Callable[[str], httpx.Response] | None = None) -> None:
        self._pages = pages
        self._shows = shows or self._one
        self.listed: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path != "/api/v1/subscriptions":
            return self._shows(request.url.path.rpartition("/")[2])
        after = request.url.params.get("after")
        self.listed.append(after)
        number = int(after or 0)
        following = str(number + 1) if number + 1 < len(self._pages) else None
        page = {"data": self._pages[number], "pagination": {"next": following} if following else None}
        return httpx.Response(200, text=json.dumps(page))

    def _one(self, subscription_id: str) -> httpx.Response:
        items = (item for page in self._pages for item in page)
        found = [item for item in items if isinstance(item, dict) and item.get("id") == subscription_id]
        return httpx.Response(200, text=json.dumps({"data": found[0]})) if found else httpx.Response(404)


def container(actions: Harness, stigg: Callable[[httpx.Request], httpx.Response], **clients: object) -> Container:
    """Return a container whose Stigg is played."""
    wire = Transport("https://stigg.example", transport=httpx.MockTransport(stigg))
    return actions.container(wire=wire, **clients)


def run(actions: Harness, stigg: Callable[[httpx.Request], httpx.Response], **request: object) -> Json:
    """Run it against a Stigg that is played."""
    body: Json = actions.invoke(ACTION, request, None, container(actions, stigg))
    return body


@pytest.mark.parametrize("pagination", [None, {}, {"next": None}, {"next": ""}, "absent"], ids=str)
def test_the_last_page(actions: Harness, pagination: object) -> None:
    """A list ends where its pagination is null, absent, or names no next page."""
    page = {"data": [subscription(1)], "pagination": pagination}
    text = json.dumps({name: value for name, value in page.items() if value != "absent"})

    body = run(actions, lambda _: httpx.Response(200, text=text), dryRun=True)

    assert (body["subscriptionsCompared"], body["complete"]) == (1, True)


def test_a_page_that_leads_to_itself(actions: Harness) -> None:
    """A cursor that leads back to its own page is the end of the list."""
    page = {"data": [subscription(1)], "pagination": {"next": "again"}}

    body = run(actions, lambda _: httpx.Response(200, text=json.dumps(page)), dryRun=True)

    assert (body["subscriptionsCompared"], body["complete"]) == (2, True)


@pytest.mark.parametrize("item", UNREADABLE, ids=range(len(UNREADABLE)))
def test_an_item_that_cannot_be_read(actions: Harness, item: object) -> None:
    """What cannot be read is skipped and told; what stands beside it is mended, and so is the next page."""
    stigg = Pages([subscription(1), item, subscription(2)], [subscription(3)])

    body = run(actions, stigg)

    assert [(one["subscriptionId"], one["mended"]) for one in body["mended"]] == [
        ("sub-1", True),
        ("sub-2", True),
        ("sub-3", True),
    ]
    assert (body["subscriptionsCompared"], body["subscriptionsUnreadable"], body["complete"]) == (3, 1, True)
    assert body["unreadable"][0].get("subscriptionId") in {None, "sub-x", "x" * 255, " "}


def test_tells_what_is_unreadable(actions: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    """The log names ids and fields of what was skipped, and a metric counts it, so that an alarm can ring."""
    stigg = Pages([{"id": "sub-x", "customerId": 5, "planId": "p", "status": "ACTIVE", "name": "Ann"}] * 120)
    capsys.readouterr()
    with listening() as listener:
        body = run(actions, stigg)
    (counts,) = (line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in line)
    message, call = listener.lines

    assert (body["subscriptionsUnreadable"], len(body["unreadable"])) == (120, 100)
    assert body["unreadable"][0] == {"subscriptionId": "sub-x", "fields": ["customerId"]}
    assert (message["message"], message["level"], message["count"]) == ("unreadable", "WARNING", 120)
    assert message["items"][0] == {"id": "sub-x", "fields": ("customerId",)}
    assert (counts["SubscriptionsUnreadable"], counts["action"]) == ([120.0], "reconcile")
    assert call["unreadableItems"] == 120
    assert "Ann" not in str(listener.lines)


@pytest.mark.parametrize("value", [7, 7.5, None, True, {"a": 1}, ["b"]], ids=str)
def test_metadata_of_any_kind(actions: Harness, value: object) -> None:
    """A metadata value that is no text never fails a subscription, which is mended by its marks beside it."""
    one = subscription(1)
    one["metadata"]["seats"] = value

    assert run(actions, Pages([one]))["mended"][0]["mended"] is True


@pytest.mark.parametrize(
    "addons", [None, 5, [None], [{"id": "a", "quantity": None}], [{"id": "a", "quantity": 2.5}]], ids=str
)
def test_addons_of_any_kind(actions: Harness, addons: object) -> None:
    """Add-ons, which are not needed here, never fail a subscription."""
    assert run(actions, Pages([subscription(1, addons=addons)]))["mended"][0]["mended"] is True


def test_the_same_twice(actions: Harness) -> None:
    """A subscription that a page shows twice is mended once."""
    body = run(actions, Pages([subscription(1), subscription(1)]))

    assert [one["mended"] for one in body["mended"]] == [True, False]


def test_one_that_cannot_be_mended(actions: Harness) -> None:
    """A subscription whose fresh read fails is told with the reason, and the others are mended."""

    def shows(subscription_id: str) -> httpx.Response:
        if subscription_id == "sub-1":
            return httpx.Response(200, text=json.dumps({"data": {"id": "sub-1"}}))
        return httpx.Response(200, text=json.dumps({"data": subscription(2)}))

    body = run(actions, Pages([subscription(1), subscription(2)], shows=shows))

    message = [(one["subscriptionId"], one["mended"], one.get("errorCode")) for one in body["mended"]]
    assert message == [("sub-1", False, "STIGG_UNAVAILABLE"), ("sub-2", True, None)]
    assert body["complete"] is True


def test_stigg_falls_silent_on_the_way(actions: Harness) -> None:
    """What was compared before Stigg stopped answering is told, and the next run goes on behind it."""
    pages = Pages([subscription(1)], [subscription(2)], [subscription(3)])

    def until_the_third(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if request.url.params.get("after") == "2" else pages(request)

    first = run(actions, until_the_third)
    second = run(actions, pages)

    assert (first["subscriptionsCompared"], first["stoppedBy"], first["complete"]) == (2, "STIGG_UNAVAILABLE", False)
    assert (second["subscriptionsCompared"], second["complete"]) == (1, True)
    assert pages.listed == [None, "1", "2"]


def test_stigg_is_silent_from_the_start(actions: Harness) -> None:
    """A run that could compare nothing fails, so that its alarm rings."""
    with pytest.raises(StiggUnavailable):
        run(actions, lambda _: httpx.Response(503))


def test_a_run_that_is_killed(actions: Harness) -> None:
    """Every ten pages a run notes how far it has come: one that dies later loses little."""

    class DiesError(Exception):
        """The process is gone."""

    pages = Pages(*([subscription(number, metadata={})] for number in range(15)))

    def dying(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("after") == "12":
            raise DiesError
        return pages(request)

    with pytest.raises(DiesError):
        run(actions, dying)

    assert run(actions, pages)["subscriptionsCompared"] == 5


def test_tells_of_a_thousand_at_most(actions: Harness) -> None:
    """A run that finds very many drifts ends early, so that its answer fits; the next one goes on from there."""
    pages = Pages(*([subscription(100 * page + number) for number in range(100)] for page in range(12)))

    body = run(actions, pages, dryRun=True)

    assert (len(body["mended"]), body["subscriptionsCompared"], body["complete"]) == (1_000, 1_000, False)


def test_a_large_account_rests(actions: Harness) -> None:
    """At the schedule's call, an account of more than 10 pages is compared again after 30 s for each further page."""
    pages = Pages(*([subscription(number, metadata={})] for number in range(12)))
    first = run(actions, pages, scheduled=True)
    rested = run(actions, pages, scheduled=True)
    by_hand = run(actions, pages)
    actions.clock.skip(61)
    later = run(actions, pages, scheduled=True)

    compared = [body["subscriptionsCompared"] for body in (first, rested, by_hand, later)]
    assert compared == [12, 0, 12, 12]
    assert rested["complete"] is True


def test_whatever_the_types_allow(actions: Harness) -> None:
    """Whatever Stigg lists and shows by its SDK's own types is compared and mended; no run is held up by it."""

    @settings(max_examples=30, deadline=None, derandomize=True, database=None)
    @given(
        st.lists(answers(sdk_answer(v1.SubscriptionListResponse)), min_size=1, max_size=4),
        answers(sdk_answer(v1.Subscription)),
        st.sampled_from([None, {}, {"next": None}]),
    )
    def holds(items: list[Json], shown: Json, pagination: object) -> None:
        marked = [{**item, "metadata": {**(item.get("metadata") or {}), **marks(n)}} for n, item in enumerate(items)]

        def stigg(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/api/v1/subscriptions":
                return httpx.Response(200, text=json.dumps({"data": marked, "pagination": pagination}))
            asked = unquote(request.url.raw_path.decode().rpartition("/")[2])
            (item, *_) = [item for item in marked if item["id"] == asked]
            both = {**shown["data"], **{name: item[name] for name in ("id", "customerId", "metadata")}}
            return httpx.Response(200, text=json.dumps({"data": both}))

        body = run(actions, stigg)

        assert (body["subscriptionsCompared"], body["complete"]) == (len(items), True)
        assert (body["subscriptionsUnreadable"], body.get("stoppedBy")) == (0, None)
        assert [one.get("errorCode") for one in body["mended"]] == [None] * len(body["mended"])

    holds()


def test_a_grant_among_what_cannot_be_read(actions: Harness) -> None:
    """A grant that may be among those that cannot be read is not given up; once it can be read, it is found."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=True)
    actions.clock.skip(91)
    page = {"status": 200, "body": {"data": [{"id": 5}], "pagination": None}}
    actions.emulator.fault("GET", "/grants$", "status", page, times=1)
    results = [actions.invoke(ACTION, {})["settled"][0]["result"] for _ in range(2)]

    assert results == ["unsettled", "succeeded"]
    assert len(actions.emulator.state()["grants"]) == 1


def test_a_table_that_fails_on_the_way(actions: Harness) -> None:
    """What DynamoDB refuses for one page ends the run, and tells why; what was compared before stays compared."""
    sold(actions)
    broken: list[Any] = [None, None, refused("ResourceNotFoundException")]
    client = FaultyDynamoDB(actions.tables.plain, batch_get_item=broken)
    pages = Pages([subscription(1, metadata={})], [subscription(2, metadata={})])

    body: Json = actions.invoke(ACTION, {}, None, container(actions, pages, dynamodb=client))

    assert (body["subscriptionsCompared"], body["stoppedBy"]) == (1, "STORAGE_REFUSED")
    assert run(actions, pages)["subscriptionsCompared"] == 1
    assert mapped_status(actions) == "ACTIVE"


def test_a_pending_operation_of_another_version(actions: Harness) -> None:
    """A payment page whose stored request this version does not read is left, and keeps no other one waiting."""
    page = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    waiting = sold(actions, paymentCollectionMethod="CHARGE", checkoutOptions=page)
    (kept,) = (one for one in actions.tables.items(actions.tables.operations) if one["kind"]["S"] == "provision")
    unread = {**kept, "request": {"S": '{"planId": 7, "unknown": true}'}}
    actions.tables.client.put_item(TableName=actions.tables.operations, Item=unread)
    actions.emulator.checkout(waiting)

    body: Json = actions.invoke(ACTION, {})

    assert [(one["problem"], one["mended"]) for one in body["mended"]] == [("paid", False)]
    assert actions.mapping(LINE) is not None
