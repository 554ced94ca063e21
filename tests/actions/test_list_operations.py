"""list-operations, in this process."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from stigg_actions.errors import ActionError, RequestInvalid
from stigg_actions.models.list_operations import ListOperations
from stigg_actions.operators import list_tokens
from stigg_actions.storage.operation import fingerprint
from tests.support.harness import Harness
from tests.support.operators import blocked, keys, listed, lost
from tests.support.requests import LINE, OTHER_LINE, grant, sold, subscription
from tests.support.some import some


def test_nothing_needs_attention(actions: Harness) -> None:
    """What succeeded is not listed."""
    sold(actions)

    body = listed(actions)

    assert (body["outcome"], body["operations"]) == ("listed", [])


def test_what_failed_and_why(actions: Harness) -> None:
    """A refused operation is listed with its record, its reason, and what can be done about it."""
    blocked(actions)

    (one,) = listed(actions, status="Failed")["operations"]

    assert (one["kind"], one["status"], one["errorCode"]) == ("provision", "FAILED", "OPEN_INVOICE")
    assert (one["salesforceRecordId"], one["customerId"], one["attempt"]) == (LINE, "cust-acme", 1)
    assert "Have the invoice paid" in one["whatToDo"]
    assert one["errorMessage"].startswith("OPEN_INVOICE: ")
    assert one["startedAt"] <= one["finishedAt"]


def test_what_was_requested(actions: Harness) -> None:
    """The operation with a key shows its request: ids, dates, amounts and choices, without texts about a person."""
    address = {"billingAddress": {"city": "Adaville"}}
    coupon = {"discount": {"percentOff": 10, "name": "For Ada", "durationInMonths": 3}}
    sold(
        actions,
        cancellationDate="2099-01-31",
        addons=[{"id": "addon-seats", "quantity": 5}],
        metadata={"owner": "Ada Lovelace"},
        billingInformation=address,
        appliedCoupon=coupon,
    )
    (listed_only,) = listed(actions, salesforceRecordId=LINE)["operations"]
    (one,) = listed(actions, operationKey=listed_only["operationKey"])["operations"]

    assert "request" not in listed_only
    assert one["request"]["cancellationDate"] == "2099-01-31T23:59:59Z"
    assert one["request"]["addons"] == [{"id": "addon-seats", "quantity": 5}]
    assert (one["request"]["metadata"], one["request"]["billingInformation"]) == ("(not shown)", "(not shown)")
    assert one["request"]["appliedCoupon"]["discount"] == {
        "percentOff": 10,
        "name": "(not shown)",
        "durationInMonths": 3,
    }
    assert "Ada" not in json.dumps(one)
    assert "Acme" not in json.dumps(one)


def test_page_by_page(actions: Harness) -> None:
    """Without a status all that need attention are listed: one status after the other, page by page."""
    lost(actions)
    blocked_too = {"customerId": "cust-2", "planId": "plan-nowhere", "billingPeriod": "MONTHLY", "customerName": "Two"}
    for line in (OTHER_LINE, "00k000000000003AAA"):
        assert actions.post("create-subscription", blocked_too | {"salesforceRecordId": line}).status == 404
    found, token = [], None
    while True:
        body = listed(actions, limit=1, **({"nextToken": token} if token else {}))
        found += keys(body)
        token = body.get("nextToken")
        if token is None:
            break

    assert found == [("provision", "STARTED"), ("provision", "FAILED"), ("provision", "FAILED")]


def test_an_answer_looks_through_so_many(actions: Harness) -> None:
    """Where one customer's operations are far between, an answer may be empty, and tell where to go on."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    for number in range(22):
        actions.post("create-subscription", subscription(salesforceRecordId=f"00k{number:012d}", planId="plan-x"))

    body = listed(actions, customerId="cust-other", limit=1)

    assert (body["operations"], "nextToken" in body) == ([], True)


def test_of_a_record(actions: Harness) -> None:
    """All operations of a record are listed, what succeeded too, newest first; by either form of its id."""
    sold(actions)
    actions.clock.skip(5)
    actions.ok("create-credit-grant", grant())

    body = listed(actions, salesforceRecordId=LINE[:15])

    assert keys(body) == [("grant", "SUCCEEDED"), ("provision", "SUCCEEDED")]
    assert {one["whatToDo"] for one in body["operations"]} == {"No action is needed: the operation succeeded."}
    assert listed(actions, salesforceRecordId=LINE, status="failed")["operations"] == []
    assert listed(actions, salesforceRecordId=LINE, customerId="cust-other")["operations"] == []


def refusal(actions: Harness, **request: object) -> dict[str, Any]:
    """Return the one detail of a list that is refused."""
    with pytest.raises(RequestInvalid) as raised:
        listed(actions, **request)
    (detail,) = json.loads(str(raised.value))["details"]
    return dict(detail)


NESTED = base64.urlsafe_b64encode(b"[" * 2_900).decode()


@pytest.mark.parametrize(
    "token", ["page 2", "NQ==", "W10=", "WyJTVUNDRUVERUQiLCBudWxsXQ==", "WyJGQUlMRUQiLCAxXQ==", NESTED, "\xe9"]
)
def test_a_token_that_is_none(actions: Harness, token: str) -> None:
    """A token that this action did not give is refused by name."""
    detail = refusal(actions, nextToken=token)

    assert detail["field"] == "nextToken"
    assert "leave nextToken out" in detail["problem"]


@pytest.fixture
def three_failed(actions: Harness) -> Harness:
    """Three failed operations of one customer, two of them of one record."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    for number, line in enumerate((LINE, LINE, OTHER_LINE)):
        request = subscription(salesforceRecordId=line, planId="plan-nowhere", metadata={"number": str(number)})
        assert actions.post("create-subscription", request).status == 404
    return actions


LISTS: list[dict[str, Any]] = [
    {},
    {"status": "failed"},
    {"customerId": "cust-acme"},
    {"status": "failed", "customerId": "cust-acme"},
    {"salesforceRecordId": LINE},
    {"salesforceRecordId": LINE, "status": "failed"},
    {"salesforceRecordId": LINE, "customerId": "cust-acme"},
]


@pytest.mark.parametrize("of", LISTS, ids=str)
def test_a_token_of_its_list(three_failed: Harness, of: dict[str, Any]) -> None:
    """A token goes on in its own list, whatever the limit, and with the record's id in either form."""
    first = listed(three_failed, **of, limit=1)
    form = {"salesforceRecordId": LINE[:15]} if "salesforceRecordId" in of else {}

    rest = listed(three_failed, **{**of, **form}, limit=50, nextToken=first["nextToken"])

    keys_seen = [one["operationKey"] for one in (*first["operations"], *rest["operations"])]
    assert len(keys_seen) == len(set(keys_seen)) == (2 if form else 3)
    assert "nextToken" not in rest


@pytest.mark.parametrize("of", LISTS, ids=str)
def test_a_token_of_another_list(three_failed: Harness, of: dict[str, Any]) -> None:
    """A token of any other list is refused, with the fields that differ and what to do."""
    token = listed(three_failed, **of, limit=1)["nextToken"]
    others = [
        *LISTS,
        {**of, "status": "unknown"},
        {**of, "customerId": "cust-2"},
        {**of, "salesforceRecordId": OTHER_LINE},
    ]

    for other in some(one for one in others if one != of):
        detail = refusal(three_failed, **other, nextToken=token)
        differing = {name for name in (*of, *other) if of.get(name) != other.get(name)}

        assert detail["field"] == "nextToken"
        assert all(name in detail["problem"] for name in some(differing))
        assert "repeat its fields, or leave nextToken out" in detail["problem"]


def test_a_token_of_another_deployment(three_failed: Harness) -> None:
    """A token of another environment, or of another table, is refused: its place is none here."""
    token = listed(three_failed, limit=1)["nextToken"]
    others = (
        three_failed.with_settings(environment="staging").settings,
        three_failed.with_settings(operations_table="operations-of-another-stack").settings,
    )

    for settings in others:
        with pytest.raises(RequestInvalid, match="nextToken: was returned by another deployment; leave nextToken out"):
            list_tokens.place(token, ListOperations(), settings)


def _changed(token: str, change: Callable[[dict[str, Any]], object], *, signed: bool) -> str:
    """Return a token with another content, under its old digest or under one of its own."""
    content = json.loads(base64.urlsafe_b64decode(token))
    change(content)
    if signed:
        content["check"] = fingerprint({name: part for name, part in content.items() if name != "check"})
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


TAMPERING: list[Callable[[dict[str, Any]], object]] = [
    lambda content: content.update(status="STARTED"),
    lambda content: content.update(status="SUCCEEDED"),
    lambda content: content["after"].__setitem__(0, "provision-other"),
    lambda content: content["after"].__setitem__(2, 0),
    lambda content: content.update(after=None),
    lambda content: content["list"].update(status="x"),
    lambda content: content.pop("list"),
]


@pytest.mark.parametrize("change", TAMPERING, ids=range(len(TAMPERING)))
def test_a_token_that_was_changed(three_failed: Harness, change: Callable[[dict[str, Any]], object]) -> None:
    """A token of which anything was changed, or cut off, is refused."""
    token = listed(three_failed, limit=1)["nextToken"]

    assert refusal(three_failed, nextToken=_changed(token, change, signed=False))["field"] == "nextToken"
    assert refusal(three_failed, nextToken=token[:-4])["field"] == "nextToken"


WRONG: list[Callable[[dict[str, Any]], object]] = [
    lambda content: content.update(status="SUCCEEDED"),
    lambda content: content.update(after=["provision-1"]),
    lambda content: content.update(after={"operation_key": {"S": "x"}}),
    lambda content: content.update(list=[]),
]


@pytest.mark.parametrize("change", WRONG, ids=range(len(WRONG)))
def test_a_token_that_was_made_up(three_failed: Harness, change: Callable[[dict[str, Any]], object]) -> None:
    """Whoever makes up a token with its digest is refused where it leads to no place."""
    token = listed(three_failed, limit=1)["nextToken"]

    assert refusal(three_failed, nextToken=_changed(token, change, signed=True))["field"] == "nextToken"


def test_other_reasons_have_advice_too(actions: Harness) -> None:
    """What does not exist is to be created; what has no advice of its own is to be read."""
    actions.post("create-subscription", subscription(planId="plan-nowhere", customerName="Acme"))
    actions.post("create-subscription", subscription(salesforceRecordId=OTHER_LINE, billingPeriod=None))

    advice = {one["errorCode"]: one["whatToDo"] for one in listed(actions)["operations"]}

    assert advice["PLAN_NOT_FOUND"].startswith("Create the missing object")
    assert listed(actions, status="unknown")["operations"] == []
    assert advice["REFUSED_BY_STIGG"].startswith("Read Stigg's reason")


def test_why_an_outcome_is_unknown(actions: Harness) -> None:
    """An operation whose outcome is unknown is listed with the reason, as one that failed is."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    actions.emulator.fault("POST", "/subscriptions$", "cutAfter")
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    message = actions.post("create-subscription", subscription())

    (view,) = listed(actions, status="unknown")["operations"]

    assert (view["status"], view["errorCode"]) == ("UNKNOWN", "OUTCOME_UNKNOWN")
    assert view["errorMessage"] == message.body["errorMessage"]


@pytest.mark.parametrize("limit", [1, 100])
def test_how_many_are_listed(actions: Harness, limit: int) -> None:
    """A list may have one to a hundred operations."""
    assert listed(actions, limit=limit)["operations"] == []


@pytest.mark.parametrize("limit", [0, 101])
def test_how_many_are_not(actions: Harness, limit: int) -> None:
    """A list of none, or of more, is refused by name."""
    with pytest.raises(ActionError) as raised:
        listed(actions, limit=limit)

    assert json.loads(str(raised.value))["details"][0]["field"] == "limit"
