"""Changing a subscription that exists: the rules over several fields, and what is read from Salesforce's shapes."""

from typing import Any

import pytest

from stigg_actions.models.base import ActionRequest
from stigg_actions.models.cancel_subscription import CancelSubscription
from stigg_actions.models.parsing import parse
from stigg_actions.models.reschedule_cancellation import RescheduleCancellation
from stigg_actions.models.set_subscription_metadata import SetSubscriptionMetadata
from tests.unit.models.conftest import Problems

BY_ID = {"subscriptionId": "sub-1"}
RECORD = {"salesforceRecordId": "a0D30000001n7Pi"}
CANCEL = {"cancelWhen": "now"}
CLEAR = {"clear": True}
TIER = {"metadata": {"tier": "gold"}}
ONE_REFERENCE = "give either subscriptionId or salesforceRecordId"
ONE_DATE = "give either cancellationDate or clear true"


@pytest.mark.parametrize(
    ("model", "body"), [(CancelSubscription, CANCEL), (RescheduleCancellation, CLEAR), (SetSubscriptionMetadata, TIER)]
)
def test_exactly_one_reference(problems: Problems, model: type[ActionRequest], body: dict[str, Any]) -> None:
    """A subscription is named by its id or by its record, never by both or neither."""
    assert parse(model, body | BY_ID)
    assert parse(model, body | RECORD | {"subscriptionId": " "})
    assert problems(model, body) == {"subscriptionId": ONE_REFERENCE}
    assert problems(model, body | BY_ID | RECORD) == {"subscriptionId": ONE_REFERENCE}


@pytest.mark.parametrize(
    ("model", "body", "field", "problem"),
    [
        (CancelSubscription, {}, "cancelWhen", "is required"),
        (
            CancelSubscription,
            {"cancelWhen": "tomorrow"},
            "cancelWhen",
            "must be 'now', 'endOfBillingPeriod' or 'onDate'",
        ),
        (CancelSubscription, {"cancelWhen": 3}, "cancelWhen", "must be 'now', 'endOfBillingPeriod' or 'onDate'"),
        (CancelSubscription, {"cancelWhen": "onDate"}, "endDate", "is required with cancelWhen onDate"),
        (CancelSubscription, CANCEL | {"endDate": "2030-01-31"}, "endDate", "is only for cancelWhen onDate"),
        (RescheduleCancellation, {}, "cancellationDate", ONE_DATE),
        (RescheduleCancellation, CLEAR | {"cancellationDate": "2030-01-31"}, "cancellationDate", ONE_DATE),
        (RescheduleCancellation, {"clear": False}, "cancellationDate", ONE_DATE),
        (SetSubscriptionMetadata, {}, "metadata", "is required, or removeKeys, or mode replace"),
        (SetSubscriptionMetadata, {"metadata": {}}, "metadata", "is required, or removeKeys, or mode replace"),
        (
            SetSubscriptionMetadata,
            TIER | {"removeKeys": ["tier"]},
            "removeKeys",
            "names tier, which metadata sets too; name each key in only one of them",
        ),
        (
            SetSubscriptionMetadata,
            {"removeKeys": ["salesforceRecordId"]},
            "removeKeys",
            "names salesforceRecordId, which the actions set themselves; leave these keys out",
        ),
        (
            SetSubscriptionMetadata,
            {"metadata": {"stiggActionsKey": "x"}},
            "metadata",
            "has stiggActionsKey, which the actions set themselves; use another key",
        ),
        (SetSubscriptionMetadata, TIER | {"mode": "append"}, "mode", "must be 'merge' or 'replace'"),
    ],
)
def test_refused(
    problems: Problems, model: type[ActionRequest], body: dict[str, Any], field: str, problem: str
) -> None:
    """What makes no sense is refused by field."""
    assert problems(model, body | BY_ID) == {field: problem}


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("now", "now"),
        ("Now", "now"),
        ("End of billing period", "endOfBillingPeriod"),
        ("END_OF_BILLING_PERIOD", "endOfBillingPeriod"),
        ("end-of-billing-period", "endOfBillingPeriod"),
        (" On date ", "onDate"),
    ],
)
def test_picklist_labels(label: str, meant: str) -> None:
    """A picklist's label stands for the name that has the same letters."""
    date = {"endDate": "2030-01-31"} if meant == "onDate" else {}
    parsed = parse(CancelSubscription, BY_ID | {"cancelWhen": label} | date)

    assert parsed.cancel_when == meant


def test_defaults_make_no_other_request() -> None:
    """A default that is written out is the same request."""
    short = parse(CancelSubscription, BY_ID | CANCEL)
    long = parse(CancelSubscription, BY_ID | CANCEL | {"fallback": False, "revokeEntitlements": "false"})

    assert short.canonical() == long.canonical()


def test_keys_as_json_text() -> None:
    """Keys to remove may come as the JSON text of a list."""
    parsed = parse(SetSubscriptionMetadata, BY_ID | {"removeKeys": '["tier"]'})

    assert parsed.remove_keys == ["tier"]
