"""What all requests and answers share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.errors import RequestInvalid
from stigg_actions.models.base import Answer, CustomerRequest
from stigg_actions.models.create_subscription import CreateSubscription, SubscriptionResult
from stigg_actions.models.parsing import parse
from stigg_actions.models.trigger_workflow import TriggerWorkflow
from stigg_actions.models.values import Reading
from stigg_actions.storage.operation import fingerprint
from tests.unit.models.conftest import Problems

BASE = {"customerId": "acme", "planId": "plan-growth"}


def test_blanks() -> None:
    """Null and blank text mean "not given", at every depth."""
    blanks = {
        "resourceId": "",
        "startDate": "  ",
        "addons": None,
        "metadata": "",
        "billingInformation": {"billingAddress": {"city": " ", "state": None}, "taxIds": ""},
        "faultOnError": None,
    }
    request = parse(CreateSubscription, {**BASE, **blanks})

    assert request.terms() == {"planId": "plan-growth", "billingInformation": {"billingAddress": {}}}


@pytest.mark.parametrize("blank", ["", " \t", None])
@pytest.mark.parametrize("field", ["planId", "customerId"])
def test_required_blanks(problems: Problems, field: str, blank: object) -> None:
    """A required field that is blank is missing."""
    assert problems(CreateSubscription, {**BASE, field: blank})[field].startswith("is required")


def test_white_space() -> None:
    """White space around text is dropped."""
    assert parse(CreateSubscription, {**BASE, "planId": " plan-growth\n"}).plan_id == "plan-growth"


def test_customer_reference(problems: Problems) -> None:
    """A customer is named by id or by a linked account."""
    expected = {"customerId": "is required, or give salesforceAccountId of a linked account instead"}

    assert expected == problems(CreateSubscription, {"planId": "plan-growth"})
    assert parse(CreateSubscription, {"planId": "p", "salesforceAccountId": "0019000000B98de"}).customer_id is None


@pytest.mark.parametrize("field", ["salesforceRecordId", "salesforceAccountId", "salesforceOrgId"])
@pytest.mark.parametrize("text", ["001", "a0D30000001n7PiAAA", 5, "\N{GRINNING FACE}" * 15])
def test_no_record_ids(problems: Problems, field: str, text: object) -> None:
    """Salesforce ids are checked under their own field."""
    assert list(problems(CreateSubscription, {**BASE, field: text})) == [field]


def test_record_ids() -> None:
    """Salesforce ids are stored in their long form."""
    request = parse(
        CreateSubscription,
        {
            "planId": "p",
            "salesforceRecordId": "a0D30000001n7Pi",
            "salesforceAccountId": "0019000000b98deaab",
            "salesforceOrgId": "00D000000000001",
        },
    )

    assert request.salesforce_record_id == "a0D30000001n7PiEAI"
    assert request.salesforce_account_id == "0019000000B98deAAB"
    assert request.salesforce_org_id == "00D000000000001EAA"


def test_canonical() -> None:
    """How a call is made is no part of what is asked; neither are defaults and blanks."""
    call = {"correlationId": "c-1", "faultOnError": False, "idempotencyKey": "k"}
    canonical = parse(CreateSubscription, {**BASE, **call, "resourceId": "", "minimumSpend": None}).canonical()

    assert canonical == {"customerId": "acme", "planId": "plan-growth"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"unitQuantity": 3}, {"unitQuantity": "3.0"}),
        ({"billingPeriod": "MONTHLY"}, {"billingPeriod": "Monthly"}),
        ({"salesforceRecordId": "a0D30000001n7Pi"}, {"salesforceRecordId": "a0d30000001n7pieai"}),
        ({"metadata": {"a": 1}}, {"metadata": [{"key": "a", "value": "1"}]}),
        ({"startDate": "2026-01-31"}, {"startDate": "2026-01-31T02:00:00+02:00"}),
        ({"startDate": "2026-01-31", "timeZone": "Asia/Tokyo"}, {"startDate": "2026-01-30T15:00:00Z"}),
        ({"timeZone": "Asia/Tokyo"}, {"timeZone": "UTC"}),
        ({"minimumSpend": {"amount": 1, "currency": "USD"}}, {"minimumSpend": {"amount": "1.00", "currency": "usd"}}),
        ({"addons": [{"id": "a", "quantity": 1}]}, {"addons": '[{"quantity": 1, "id": "a"}]'}),
        ({"salesforceOrgId": "00D000000000001"}, {}),
        ({"addons": [], "charges": [], "priceOverrides": "[]"}, {"entitlements": []}),
        (
            {"planBaseChargeOverride": {"amount": 1, "currency": "USD"}},
            {"priceOverrides": [{"currency": "usd", "amount": 1, "baseCharge": True}]},
        ),
    ],
)
def test_canonical_forms(one: dict[str, Any], other: dict[str, Any]) -> None:
    """However a value is written, it is the same request."""
    first, second = (
        parse(CreateSubscription, {**BASE, **fields}, Reading(fields.get("timeZone"))).canonical()
        for fields in (one, other)
    )

    assert first == second


type Items = list[dict[str, Any]]

ADDONS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=6)
LISTS: dict[str, Items] = {
    "charges": [{"type": kind, "id": name, "quantity": 1} for kind in ("FEATURE", "CREDIT") for name in "ab"],
    "entitlements": [
        *({"type": "FEATURE", "id": name} for name in "ab"),
        {"type": "CREDIT", "id": "a", "amount": 1, "cadence": "MONTH"},
    ],
    "priceOverrides": [{"featureId": name, "amount": 1, "currency": "usd"} for name in "abc"],
}


@given(st.data(), ADDONS)
def test_any_order(data: st.DataObject, lines: list[tuple[str, int]]) -> None:
    """In whatever order lists are given, and on however many lines add-ons, it is the same request."""
    whole = {**LISTS, "addons": [{"id": name, "quantity": quantity} for name, quantity in lines]}
    split: Items = [{"id": name, "quantity": 1} for name, quantity in lines for _ in range(quantity)]
    mixed = {name: data.draw(st.permutations(items)) for name, items in {**LISTS, "addons": split}.items()}
    first, second = (parse(CreateSubscription, {**BASE, **fields}).canonical() for fields in (whole, mixed))

    assert fingerprint(first) == fingerprint(second)


@given(ADDONS, ADDONS)
def test_other_addons(one: list[tuple[str, int]], other: list[tuple[str, int]]) -> None:
    """Other quantities of add-ons are another request."""
    first, second = (
        parse(CreateSubscription, {**BASE, "addons": [{"id": name, "quantity": count} for name, count in lines]})
        for lines in (one, other)
    )
    totals = [{name: sum(n for other, n in lines if other == name) for name, _ in lines} for lines in (one, other)]

    assert (totals[0] == totals[1]) is (fingerprint(first.canonical()) == fingerprint(second.canonical()))


def test_stored() -> None:
    """What was stored with fields that are no longer known is read without them, at every depth."""
    stored = {**BASE, "gone": 1, "addons": [{"id": "a", "quantity": 1, "gone": 2}], "minimumSpend": None}
    request = CreateSubscription.stored(stored)

    assert request.to_json_fields() == {**BASE, "addons": [{"id": "a", "quantity": 1}]}


def test_other_zones() -> None:
    """A date that is another day is another request, and so is an end that is another moment."""
    whole = {**BASE, "trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2026-01-31"}}
    fingerprints = {
        fingerprint(parse(CreateSubscription, whole, Reading(zone)).canonical())
        for zone in ("UTC", "Asia/Tokyo", "America/New_York")
    }

    assert len(fingerprints) == 3


def test_stored_before_the_rules_of_today() -> None:
    """What was accepted under earlier rules is read as it was, though the same request would be refused now."""
    body = {
        **BASE,
        "salesforceAccountId": "0039000000B98deAAB",
        "salesforceRecordId": "000000000000000AAA",
        "salesforceId": "000000000000000AAA",
        "customerName": "\u200b",
        "customerEmail": "jane\u200b@acme.example",
        "metadata": {"tier\u200b": "gold\x92"},
        "minimumSpend": {"amount": "1.5", "currency": "huf"},
        "startDate": "2026-01-30T15:00:00Z",
        "timeZone": "Asia/Atlantis",
    }
    with pytest.raises(RequestInvalid) as refused:
        parse(CreateSubscription, body)

    assert {detail.field for detail in refused.value.details} == {
        "salesforceAccountId", "salesforceRecordId", "salesforceId", "customerName", "customerEmail", "metadata",
        "minimumSpend.currency", "timeZone",
    }  # fmt: skip
    assert CreateSubscription.stored(body).to_json_fields() == {
        **body,
        "minimumSpend": {"amount": Decimal("1.5"), "currency": "huf"},
        "startDate": datetime(2026, 1, 30, 15, tzinfo=UTC),
    }


def test_stored_payload() -> None:
    """A workflow's payload that was accepted once is read as it was."""
    payload = {"note\u200b": "a\x92", "more": ["\u202e"]}

    assert TriggerWorkflow.stored({"triggerId": "t", "payload": payload}).payload == payload


@pytest.mark.parametrize("text", ["a b", "-a", "a" * 129, "a\x00", 5])
def test_no_correlation_id(problems: Problems, text: object) -> None:
    """A correlation id that could do harm in a log is refused."""
    assert list(problems(CreateSubscription, {**BASE, "correlationId": text})) == ["correlationId"]


def test_immutable() -> None:
    """A request cannot be changed once it has been checked."""
    request = parse(CreateSubscription, BASE)
    with pytest.raises(ValueError, match="frozen"):
        request.plan_id = "other"  # type: ignore[misc]  # which is what is tested


def test_common_fields() -> None:
    """Every request for a customer has the fields that are ours."""
    expected = {"salesforceOrgId", "correlationId", "faultOnError", "timeZone", "asOf", "idempotencyKey",
                "salesforceRecordId", "salesforceAccountId", "customerId"}  # fmt: skip

    assert expected == {field.alias for field in CustomerRequest.model_fields.values()}


def test_answer() -> None:
    """An answer leaves out what is absent, and carries the id of its call."""
    answer = SubscriptionResult(
        outcome="created",
        active=True,
        customer_id="acme",
        subscription_id="sub-1",
        status="ACTIVE",
        plan_id="plan-growth",
        addons=[],
        start_date=datetime(2026, 1, 31, tzinfo=UTC),
    )
    expected = {
        "success": True,
        "outcome": "created",
        "correlationId": "call-1",
        "replayed": False,
        "active": True,
        "customerId": "acme",
        "subscriptionId": "sub-1",
        "status": "ACTIVE",
        "planId": "plan-growth",
        "addons": [],
        "startDate": datetime(2026, 1, 31, tzinfo=UTC),
    }

    assert expected == answer.body("call-1")
    assert {"success", "outcome", "correlationId", "replayed", "active"} == set(answer.without_data().body("call-1"))
    assert Answer(outcome="created").body("call-2")["correlationId"] == "call-2"


def test_as_of_is_a_time() -> None:
    """The published shape of asOf is a time, whatever days stand for in other fields of a request."""
    as_of = CreateSubscription.model_json_schema()["properties"]["asOf"]

    assert {"type": "string", "format": "date-time"} in as_of["anyOf"]
