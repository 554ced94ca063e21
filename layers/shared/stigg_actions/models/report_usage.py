"""The request and the answer of report-usage."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer, field_problem
from stigg_actions.models.values import ExactNumber, Picklist, StartMoment, StiggId, StringMap

_MOST_PLACES = 5
_LARGEST_FRACTION = 2**35
_LARGEST_WHOLE = 2**53 - 1


def _countable(value: Decimal) -> Decimal:
    """Refuse a value that Stigg would round."""
    whole = value == value.to_integral_value()
    if not whole and round(value, _MOST_PLACES) != value:
        raise ValueError(f"must have at most {_MOST_PLACES} decimal places, because Stigg rounds to that many")
    largest = _LARGEST_WHOLE if whole else _LARGEST_FRACTION
    if abs(value) > largest:
        raise ValueError(f"must lie between -{largest} and {largest}{'' if whole else ' if it has decimal places'}")
    return value


class ReportUsage(CustomerRequest):
    """The request of report-usage. It must name a record or have a key, so that usage is counted once."""

    feature_id: StiggId
    """Id of the metered feature, such as feature-api-calls."""
    value: Annotated[ExactNumber, AfterValidator(_countable)]
    """Usage to report, with at most 5 decimal places. Negative with DELTA: usage to take back."""
    update_behavior: Annotated[Literal["DELTA", "SET"], Picklist] = "DELTA"
    """DELTA (the default): value is added to the usage. SET: value is the total."""
    resource_id: StiggId | None = None
    """Resource that the usage belongs to."""
    dimensions: StringMap | None = None
    """Dimensions of the usage, key by key. Values are sent as text."""
    created_at: StartMoment | None = None
    """When the usage took place. Left out: now."""

    @model_validator(mode="after")
    def _counts_once(self) -> Self:
        if self.salesforce_record_id is None and self.idempotency_key is None:
            raise field_problem(
                "salesforceRecordId", "is required, or give idempotencyKey instead, so that no usage is counted twice"
            )
        return self


class ReportedUsage(SupersededAnswer, Answer):
    """The answer of report-usage."""

    outcome: Literal["reported", "superseded"]
    """reported, or superseded (skipped, because the record has reported a total from newer data than asOf)."""
    customer_id: str
    """Stigg customer id."""
    feature_id: str
    """Id of the feature."""
    value: Decimal
    """Usage that was reported."""
    current_usage: Decimal | None = None
    """Usage of the feature after the report, if Stigg says it."""
    usage_period_start: datetime | None = None
    """Start of the period that the usage is counted in, for an entitlement that resets."""
    usage_period_end: datetime | None = None
    """End of that period, when the usage resets."""
