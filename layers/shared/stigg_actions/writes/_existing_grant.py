"""Credits that a record was granted before: whether a request asks for them again, and what it is told if not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.errors import Conflict, Problem
from stigg_actions.models.create_credit_grant import CreateCreditGrant, GrantTerms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.operation import Operation

_NAMES = ("customerId", "salesforceAccountId")
"""Fields that name the customer, one by the other."""

_WAYS_OUT = "For a further grant, name another record, or give an idempotencyKey of its own"


def without_names(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked, without the fields that name the customer."""
    return {name: value for name, value in asked.items() if name not in _NAMES}


def names_in(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that name the customer."""
    return {name: request.get(name) for name in _NAMES}


def is_of_record(operation: Operation, record_id: str | None) -> bool:
    """Whether an operation grants credits for this record."""
    return record_id is not None and operation.request.get("salesforceRecordId") == record_id


def to_another_customer(operation: Operation, customer_id: str) -> Conflict:
    """Return the error for a record whose grant is another customer's."""
    return Conflict(
        "CUSTOMER_MISMATCH",
        f"{_has_its_grant(operation)}, for customer {operation.customer_id}. This request is for customer "
        f"{customer_id}. {_WAYS_OUT}; or name customer {operation.customer_id}.",
    )


def on_other_terms(operation: Operation, request: CreateCreditGrant) -> Conflict:
    """Return the error for a record whose grant has other terms; ``details`` names each term that differs."""
    differing = _differing(operation, request)
    which = f" ({', '.join(differing)})" if differing else ""
    return Conflict(
        "IDEMPOTENCY_CONFLICT",
        f"{_has_its_grant(operation)}, on other terms{which}. A grant cannot be changed. {_WAYS_OUT}.",
        details=[Problem(name, "differs from the grant that the record has") for name in differing],
    )


def _has_its_grant(operation: Operation) -> str:
    grant_id = (operation.answer or {}).get("grantId", "one of unknown outcome")
    return f"The Salesforce record {operation.request.get('salesforceRecordId')} has its grant already: {grant_id}"


def _differing(operation: Operation, request: CreateCreditGrant) -> list[str]:
    """Return the terms, by their names on the wire, that a request gives otherwise than an operation's."""
    asked = decimal_json.loads(decimal_json.dumps(request.terms()))
    target = [str(CreateCreditGrant.model_fields[name].alias) for name in GrantTerms.model_fields]
    return [name for name in target if asked.get(name) != operation.request.get(name)]
