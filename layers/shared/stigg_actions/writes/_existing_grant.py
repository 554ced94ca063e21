"""Compare a request with the credits that its record was granted before, and refuse it if it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.errors import Conflict, Problem
from stigg_actions.models.create_credit_grant import CreateCreditGrant, GrantTerms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.operation import Operation

_NAMES = ("customerId", "salesforceAccountId")
"""Fields that name the customer, directly or by its account."""

_WAYS_OUT = "For a further grant, name another record or give a new idempotencyKey"


def without_names(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request except those that name the customer."""
    return {name: value for name, value in request.items() if name not in _NAMES}


def names_in(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that name the customer."""
    return {name: request.get(name) for name in _NAMES}


def is_of_record(operation: Operation, record_id: str | None) -> bool:
    """Whether an operation grants credits for this record."""
    return record_id is not None and operation.request.get("salesforceRecordId") == record_id


def to_another_customer(operation: Operation, customer_id: str) -> Conflict:
    """Return the error for a record whose grant belongs to another customer."""
    return Conflict(
        "CUSTOMER_MISMATCH",
        f"{_has_its_grant(operation)} for customer {operation.customer_id}. This request is for customer "
        f"{customer_id}. {_WAYS_OUT}, or name customer {operation.customer_id}.",
    )


def on_other_terms(operation: Operation, request: CreateCreditGrant) -> Conflict:
    """Return the error for a record whose grant has other terms; ``details`` names each term that differs."""
    differing = _differing(operation, request)
    which = f" ({', '.join(differing)})" if differing else ""
    return Conflict(
        "IDEMPOTENCY_CONFLICT",
        f"{_has_its_grant(operation)} with other terms{which}. A grant cannot be changed. {_WAYS_OUT}.",
        details=[Problem(name, "differs from the grant that the record has") for name in differing],
    )


def _has_its_grant(operation: Operation) -> str:
    grant_id = (operation.answer or {}).get("grantId", "outcome not known yet")
    return f"The Salesforce record {operation.request.get('salesforceRecordId')} already has a grant ({grant_id})"


def _differing(operation: Operation, request: CreateCreditGrant) -> list[str]:
    """Return the JSON names of the terms that differ between a request and an operation's request."""
    asked = decimal_json.loads(decimal_json.dumps(request.terms()))
    names = [str(CreateCreditGrant.model_fields[name].alias) for name in GrantTerms.model_fields]
    return [name for name in names if asked.get(name) != operation.request.get(name)]
