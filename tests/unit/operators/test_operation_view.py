"""What people are told to do about an operation, and about a check that has not passed."""

from copy import replace
from typing import Any

import pytest

from stigg_actions.errors import StiggUnavailable
from stigg_actions.operators.operation_view import what_to_do
from stigg_actions.queries import connection_remedies
from stigg_actions.storage.operation import Status
from tests.support.operations import STARTED

FAILED = STARTED._replace(status=Status.FAILED)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("OPEN_INVOICE", "Have the invoice paid or voided"),
        ("PENDING_PAYMENT", "Have the pending change paid, or drop it"),
        ("RATE_LIMITED", "when Stigg's rate limit allows"),
        ("STIGG_KEY_REJECTED", "Store a valid server key"),
        ("STIGG_KEY_LACKS_PERMISSION", "Store a full-access server key"),
        ("NOT_CONFIGURED", "the secret or the setting that the message names"),
        ("STIGG_UNAVAILABLE", "Nothing happened in Stigg"),
        ("STORAGE_UNAVAILABLE", "Nothing happened in Stigg"),
        ("SECRETS_UNAVAILABLE", "Nothing happened in Stigg"),
        ("INVALID_REQUEST", "Correct the record or the Flow"),
        ("REFUSED_BY_STIGG", "Read Stigg's reason"),
        ("PLAN_NOT_FOUND", "Create the missing object"),
        ("SOMETHING_NEW", "Read the message, then replay it."),
    ],
)
def test_what_failed(code: str, remedy: str) -> None:
    """Each reason for a failure has its remedy."""
    assert remedy in what_to_do(replace(FAILED, error={"errorCode": code}))


def test_a_failure_without_a_code() -> None:
    """Where the ledger has no reason, there is a remedy, too."""
    assert what_to_do(FAILED) == "Read the message, then replay it."


@pytest.mark.parametrize(
    ("kind", "status", "remedy"),
    [
        ("customer", Status.SUCCEEDED, "the operation succeeded"),
        ("workflow", Status.SUCCEEDED, "the operation succeeded"),
        ("customer", Status.STARTED, "reconcile settles it"),
        ("customer", Status.UNKNOWN, "reconcile settles it"),
        ("workflow", Status.STARTED, "Check the workflow's runs"),
        ("workflow", Status.UNKNOWN, "Check the workflow's runs"),
        ("usage", Status.UNKNOWN, "Replay it within six days"),
    ],
)
def test_what_has_not_failed(kind: str, status: Status, remedy: str) -> None:
    """What is done needs no remedy; what is unknown is looked for, except what Stigg does not show."""
    assert remedy in what_to_do(replace(FAILED, kind=kind, status=status))


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("NOT_CONFIGURED", "Store the key"),
        ("SECRETS_UNAVAILABLE", "Secrets Manager"),
        ("STORAGE_UNAVAILABLE", "DynamoDB"),
        ("STORAGE_REFUSED", "Deploy the stack again"),
        ("STIGG_UNAVAILABLE", "StiggApiUrl and Stigg's status page"),
        ("OUTCOME_UNKNOWN", "it has no effect"),
    ],
)
@pytest.mark.parametrize("name", ["plan plan-growth", "stigg", "key"])
def test_a_check_that_failed_for_a_reason(name: str, code: str, remedy: str) -> None:
    """A reason with a remedy of its own has it, whichever check failed."""
    assert remedy in connection_remedies.of(name, StiggUnavailable(code, "No."))


def test_a_refusal_has_its_own_remedy() -> None:
    """The remedy of a refusal is that of the refusal, as in every other action."""
    error = StiggUnavailable("RATE_LIMITED", "Stigg limits the writes.", remedy="Try again in 60 seconds.")

    assert connection_remedies.of("key", error) == "Try again in 60 seconds."


@pytest.mark.parametrize(("name", "remedy"), [("stigg", "StiggApiUrl"), ("key", "Stigg's answer")])
def test_a_check_that_failed_for_another_reason(name: str, remedy: str) -> None:
    """For any other reason, the remedy is that of the check."""
    error: Any = StiggUnavailable("SOMETHING_NEW", "No.")

    assert remedy in connection_remedies.of(name, error)
