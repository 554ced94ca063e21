"""Find the credits that a record was granted before, and compare a request with them."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions import decimal_json
from stigg_actions.errors import Conflict, Problem
from stigg_actions.models.create_credit_grant import CreateCreditGrant, GrantTerms
from stigg_actions.storage.operation import KeyScope, Status, derived_key, explicit_key

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.storage.operation import Operation

_WAYS_OUT = "For a further grant, name another record or give a new idempotencyKey"

_VOID_FIRST = "To replace the grant, void it with void-credit-grant first"

KIND = "grant"
"""The kind of the operations that grant credits, with which their keys start."""


def key_of_record(scope: KeyScope, record_id: str | None) -> str:
    """Return the key of the operation that grants a record's credits, without an idempotency key."""
    return derived_key(scope, {"salesforceRecordId": record_id})


def key_of_line(scope: KeyScope, line_id: str) -> str:
    """Return the key of the operation by which provision-opportunity grants a line's credits."""
    return explicit_key(scope, idempotency_key_of_line(line_id))


def idempotency_key_of_line(line_id: str) -> str:
    """Return the idempotency key under which provision-opportunity grants a line's credits."""
    return f"provision-opportunity {line_id}"


def of_record(record_id: str, org_id: str, deps: Deps) -> Operation | None:
    """Read the operation that granted a record's credits, by create-credit-grant or else by provision-opportunity."""
    scope = KeyScope(deps.settings.environment, org_id, KIND)
    operations = (deps.ledger.newest(key(scope, record_id)) for key in (key_of_record, key_of_line))
    return next((found for found in operations if found is not None and found.status is not Status.FAILED), None)


def made_under(key: str | None, grant_id: str, deps: Deps) -> Operation | None:
    """Read the operation that made a grant, by the key in the grant's metadata; None if it is not in this ledger."""
    operation = deps.ledger.newest(key) if key and key.startswith(f"{KIND}-") else None
    return operation if operation is not None and id_of(operation) == grant_id else None


def id_of(operation: Operation) -> str | None:
    """Return the id of the grant that an operation made."""
    return (operation.answer or {}).get("grantId")


def voided(operation: Operation, *, as_of: int) -> Operation:
    """Return an operation whose grant was voided by a request with this ``asOf`` (milliseconds)."""
    answer = {name: value for name, value in (operation.answer or {}).items() if name != "paymentUrl"}
    return replace(operation, answer={**answer, "status": "VOIDED", "active": False}, voided_as_of=as_of)


def is_of_record(operation: Operation, record_id: str | None) -> bool:
    """Whether an operation grants credits for this record."""
    return record_id is not None and operation.request.get("salesforceRecordId") == record_id


def to_another_customer(operation: Operation, customer_id: str) -> Conflict:
    """Return the error for a record whose grant belongs to another customer."""
    return Conflict(
        "CUSTOMER_MISMATCH",
        f"{_has_its_grant(operation)} for customer {operation.customer_id}. This request is for customer "
        f"{customer_id}. {_WAYS_OUT}, or name customer {operation.customer_id}. {_VOID_FIRST}.",
    )


def on_other_terms(operation: Operation, request: CreateCreditGrant) -> Conflict:
    """Return the error for a record whose grant has other terms; ``details`` names each term that differs."""
    differing = _differing(operation, request)
    which = f" ({', '.join(differing)})" if differing else ""
    return Conflict(
        "IDEMPOTENCY_CONFLICT",
        f"{_has_its_grant(operation)} with other terms{which}. A grant cannot be changed. {_VOID_FIRST}. {_WAYS_OUT}.",
        details=[Problem(name, "differs from the grant that the record has") for name in differing],
    )


def under_another_request(conflict: Conflict) -> Conflict:
    """Return the error for an idempotency key with another request, with the way to replace its grant."""
    return Conflict(conflict.code, f"{conflict.sentence} {_VOID_FIRST}, and give a new idempotencyKey.")


def _has_its_grant(operation: Operation) -> str:
    grant_id = (operation.answer or {}).get("grantId", "outcome not known yet")
    return f"The Salesforce record {operation.request.get('salesforceRecordId')} already has a grant ({grant_id})"


def _differing(operation: Operation, request: CreateCreditGrant) -> list[str]:
    """Return the JSON names of the terms that differ between a request and an operation's request."""
    asked = decimal_json.loads(decimal_json.dumps(request.terms()))
    names = [str(CreateCreditGrant.model_fields[name].alias) for name in GrantTerms.model_fields]
    return [name for name in names if asked.get(name) != operation.request.get(name)]
