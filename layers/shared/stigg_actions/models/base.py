"""What all requests and answers share: names, blanks, and the fields of every action."""

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
    """A closed, immutable object with camelCase names on the wire, in which a blank means "not given"."""

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
        """Salesforce sends empty fields as blank text or null: both are as if the field were absent."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not _is_blank(value)}

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Self:
        """Read what an earlier version of this program may have stored, even if a request of today could not say it.

        Fields that are no longer known are dropped.
        """
        return cls.model_validate(data, extra="ignore", context=Reading(accepted=True))

    def to_json_fields(self, *, include: set[str] | None = None) -> dict[str, Any]:
        """The fields that were given, under their names on the wire; money and quantities as ``Decimal``."""
        return self.model_dump(by_alias=True, exclude_unset=True, include=include)


def field_problem(field: str, problem: str) -> PydanticCustomError:
    """The error to raise from a rule over several fields: it is reported under ``field``, a name on the wire."""
    return PydanticCustomError("field_problem", "{problem}", {"field": field, "problem": problem})


_HOW_THE_CALL_IS_MADE = {
    "as_of",
    "correlation_id",
    "fault_on_error",
    "idempotency_key",
    "salesforce_org_id",
    "time_zone",
}
"""Fields that are no part of what is asked: the org is part of the key's scope, whether it was named or not, and a time
zone has become a part of the moments."""


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class ActionRequest(Model):
    """The fields that every action accepts."""

    longest_body: ClassVar[int] = 128 * 1024
    """Bytes of a request body as ASCII JSON, which is how the tables keep it; DynamoDB takes items of up to 400 KB."""

    longest_seconds: ClassVar[float] = 25.0
    """Time of a call: API Gateway gives up after 29 s, a cold start included."""

    salesforce_org_id: OrgId | None = None
    """Salesforce organization id (00D...). Left out: the organization of this deployment."""
    time_zone: TimeZone | None = None
    """Time zone (IANA name) whose days the dates are, such as America/New_York. Left out: the stack's TimeZone."""
    correlation_id: CorrelationId | None = None
    """Your own id for this call, found again in the answer and the logs. Left out: one is made."""
    fault_on_error: Flag = True
    """False: a refused request is answered with HTTP 200 and success false, for a Decision element. True (the default):
    it is an error, and the fault path is taken."""
    as_of: Instant | None = None
    """When the Salesforce state that this request was made from was last modified (LastModifiedDate). Where something
    newer has been done, the outcome is superseded, and nothing changes. Left out: the request is as new as its call."""


class KeyedRequest(ActionRequest):
    """The fields of an action that writes."""

    idempotency_key: IdempotencyKey | None = None
    """A key of yours that makes this request happen once, however often it is sent. Left out: the key is derived from
    the request itself."""

    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one: all that differs from the defaults, but for how the call is made."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_defaults=True, exclude=_HOW_THE_CALL_IS_MADE)


class RecordReference(Model):
    """The Salesforce record that a request belongs to."""

    salesforce_record_id: RecordId | None = None
    """Id of the Salesforce record this belongs to, such as the opportunity line or contract. 15 or 18 characters."""


class RecordFields(RecordReference):
    """The Salesforce record and account that a request belongs to."""

    salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...). 15 or 18 characters."""


class CustomerReference(RecordFields):
    """The customer, named by Stigg's id or by the Salesforce account that was linked to it."""

    customer_id: CustomerId | None = None
    """Stigg customer id. Left out: the customer that salesforceAccountId was linked to earlier."""

    @model_validator(mode="after")
    def _name_the_customer(self) -> Self:
        if self.customer_id is None and self.salesforce_account_id is None:
            raise field_problem("customerId", "is required, or salesforceAccountId of a linked account in its place")
        return self


class CustomerRequest(CustomerReference, KeyedRequest):
    """A request that writes for one customer."""


class SupersededAnswer(Model):
    """What came after the state that a request was made from, where that is why it was not carried out."""

    superseded_by: str | None = None
    """Superseded: key of the operation that was made from a newer state; changedOutside, or the id of a webhook, for a
    change in the Stigg app."""
    superseded_at: datetime | None = None
    """Superseded: how new the state was that it was made from."""


class Answer(Model):
    """The fields of every successful answer."""

    success: Literal[True] = True
    """True: the action did what was asked."""
    outcome: str
    """What happened."""
    correlation_id: str = ""
    """Id of this call, for logs and support."""
    replayed: bool = False
    """True: this request had been carried out before, and its answer is given again."""

    def counts(self) -> dict[str, int]:
        """What operators count of an answer, by the name of the metric."""
        return {}

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer as the caller gets it; what is absent is left out."""
        body = self.model_dump(by_alias=True, exclude_none=True)
        return {**body, "correlationId": correlation_id}
