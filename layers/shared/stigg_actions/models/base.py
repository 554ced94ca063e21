"""What all requests and answers share: field names, blank values, and the fields of every action."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from stigg_actions.models.values import (
    AccountId,
    CorrelationId,
    CustomerId,
    Flag,
    IdempotencyKey,
    Instant,
    OrgId,
    Reading,
    RecordId,
    TimeZone,
)


class Model(BaseModel):
    """An immutable object with camelCase names in JSON. It refuses unknown fields, and drops blank values."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, data: Any) -> Any:
        """Drop blank text and null, which Salesforce sends for empty fields."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not _is_blank(value)}

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """Read stored data, even if an earlier version wrote it and today's rules would refuse it.

        Unknown fields are dropped.
        """
        return cls.model_validate(data, extra="ignore", context=Reading(accepted=True))

    def to_json_fields(self, *, include: set[str] | None = None) -> dict[str, Any]:
        """Return the fields that were given, under their JSON names; money and quantities as ``Decimal``."""
        return self.model_dump(by_alias=True, exclude_unset=True, include=include)


def field_problem(field: str, problem: str) -> PydanticCustomError:
    """Return the error of a rule over several fields. It is reported under ``field``, a JSON name."""
    return PydanticCustomError("field_problem", "{problem}", {"field": field, "problem": problem})


_HOW_THE_CALL_IS_MADE = {
    "as_of",
    "correlation_id",
    "fault_on_error",
    "idempotency_key",
    "salesforce_org_id",
    "time_zone",
}
"""Fields that do not identify a request: the org is part of the key's scope, and the time zone is part of each
moment."""


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class ActionRequest(Model):
    """The fields that every action accepts."""

    longest_body: ClassVar[int] = 128 * 1024
    """Maximum size of a body in bytes of ASCII JSON, which is how it is stored; a DynamoDB item may have 400 KB."""

    longest_seconds: ClassVar[float] = 25.0
    """Maximum duration of a call: API Gateway gives up after 29 s, including a cold start."""

    salesforce_org_id: OrgId | None = None
    """Salesforce organization id (00D...). Left out: the organization of this deployment."""
    time_zone: TimeZone | None = None
    """IANA time zone of the dates in this request, such as America/New_York. Left out: the stack's TimeZone."""
    correlation_id: CorrelationId | None = None
    """Your own id for this call, which the answer and the logs contain. Left out: an id is created."""
    fault_on_error: Flag = True
    """False: a refused request gets HTTP 200 and success false, for a Decision element. True (the default): it is an
    error, and the Flow takes its fault path."""
    as_of: Instant | None = None
    """When the Salesforce data of this request was last modified (LastModifiedDate). If a change from newer data was
    made already, the request is skipped with the outcome superseded. Left out: the time of the call."""


class KeyedRequest(ActionRequest):
    """The fields of an action that writes."""

    idempotency_key: IdempotencyKey | None = None
    """Your own key, so that the request takes effect once, however often it is sent. Left out: the key is derived from
    the request."""

    def to_be_stored(self) -> dict[str, Any]:
        """Return the request as the ledger stores it: the fields that were given."""
        return self.to_json_fields()

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request: fields that differ from their defaults, except how the call is made."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_defaults=True, exclude=_HOW_THE_CALL_IS_MADE)


class RecordReference(Model):
    """The Salesforce record that a request belongs to."""

    salesforce_record_id: RecordId | None = None
    """Id of the Salesforce record that this belongs to, such as an opportunity line or contract. 15 or 18
    characters."""


class RecordFields(RecordReference):
    """The Salesforce record and account that a request belongs to."""

    salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...). 15 or 18 characters."""


class CustomerReference(RecordFields):
    """The customer, named by its Stigg id or by the Salesforce account that is linked to it."""

    customer_id: CustomerId | None = None
    """Stigg customer id. Left out: the customer that salesforceAccountId is linked to."""

    @model_validator(mode="after")
    def _name_the_customer(self) -> Self:
        if self.customer_id is None and self.salesforce_account_id is None:
            raise field_problem("customerId", "is required, or give salesforceAccountId of a linked account instead")
        return self


class CustomerRequest(CustomerReference, KeyedRequest):
    """A request that writes for one customer."""


class SupersededAnswer(Model):
    """The newer change because of which a request was skipped."""

    superseded_by: str | None = None
    """Outcome superseded: key of the operation that was made from newer data. For a change in the Stigg app,
    changedOutside or the id of a webhook."""
    superseded_at: datetime | None = None
    """Outcome superseded: when the data of the newer change was last modified."""


class Answer(Model):
    """The fields of every successful answer."""

    success: Literal[True] = True
    """True: the action did what was asked."""
    outcome: str
    """What happened."""
    correlation_id: str = ""
    """Id of this call, for logs and support."""
    replayed: bool = False
    """True: this request was carried out before, and its stored answer is returned."""

    def counts(self) -> dict[str, int]:
        """Return the metrics of the answer, by name."""
        return {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """Return the answer as JSON fields, without those that are None."""
        body = self.model_dump(by_alias=True, exclude_none=True)
        return {**body, "correlationId": correlation_id}
