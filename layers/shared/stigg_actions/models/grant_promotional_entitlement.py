"""The request and the answer of grant-promotional-entitlement."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.entitlements import MonthlyReset, WeeklyReset, YearlyReset, check_limit
from stigg_actions.models.promotional_entitlements import FeatureRequest, PromotionalEntitlementResult
from stigg_actions.models.values import EndMoment, Flag, JsonText, Picklist, Text, Whole, choice

CUSTOM = "custom"
_PERIODS = ("1 week", "1 month", "6 month", "1 year", "lifetime", CUSTOM)


def _singular(value: object) -> object:
    """Accept ``6 months`` as Stigg's ``6 month``."""
    return value.strip().removesuffix("s") if isinstance(value, str) else value


Period = Annotated[
    Literal["1 week", "1 month", "6 month", "1 year", "lifetime", "custom"],
    choice(*_PERIODS),
    BeforeValidator(_singular),
]


class PromotionTerms(Model):
    """The terms of a promotional entitlement, as in Stigg's API."""

    period: Period | None = None
    """How long the customer has the feature, from now: 1 week, 1 month, 6 month, 1 year or lifetime. Left out (or
    custom): until customEndDate."""
    custom_end_date: EndMoment | None = None
    """When the promotional entitlement ends. A date without a time: the end of that day."""
    usage_limit: Whole | None = None
    """Units that may be used. Left out for an on/off feature."""
    has_unlimited_usage: Flag | None = None
    """True: any number of units may be used."""
    has_soft_limit: Flag | None = None
    """True: use beyond the limit is not blocked."""
    reset_period: Annotated[Literal["YEAR", "MONTH", "WEEK", "DAY", "HOUR"] | None, Picklist] = None
    """Period after which the limit is reset: YEAR, MONTH, WEEK, DAY or HOUR."""
    monthly_reset_period_configuration: MonthlyReset | None = None
    """With resetPeriod MONTH: when the month starts."""
    weekly_reset_period_configuration: WeeklyReset | None = None
    """With resetPeriod WEEK: when the week starts."""
    yearly_reset_period_configuration: YearlyReset | None = None
    """With resetPeriod YEAR: when the year starts."""
    enum_values: Annotated[list[Text] | None, JsonText] = None
    """Values that are granted of a feature with a list of values."""
    is_visible: Flag | None = None
    """False: Stigg's widgets do not show the promotional entitlement."""

    @model_validator(mode="after")
    def _has_one_end(self) -> Self:
        if self.custom_end_date is None and self.period is None:
            raise field_problem("period", "is required, or give customEndDate")
        if self.custom_end_date is None and self.period == CUSTOM:
            raise field_problem("customEndDate", "is required with period custom")
        if self.custom_end_date is not None and self.period not in {None, CUSTOM}:
            raise field_problem("period", "contradicts customEndDate; give only one of them")
        check_limit(self)
        return self


class GrantPromotionalEntitlement(PromotionTerms, FeatureRequest):
    """The request of grant-promotional-entitlement."""

    @property
    def wanted_period(self) -> str:
        """The period as Stigg names it."""
        return self.period or CUSTOM

    def terms(self) -> dict[str, Any]:
        """Return the promotional entitlement as Stigg expects it: every field, null for those that are left out."""
        names = [str(field.alias) for field in PromotionTerms.model_fields.values()]
        given = self.to_json_fields(include=set(PromotionTerms.model_fields))
        return {**dict.fromkeys(names), **given, "featureId": self.feature_id, "period": self.wanted_period}


class GrantedPromotionalEntitlement(PromotionalEntitlementResult):
    """The answer of grant-promotional-entitlement."""

    outcome: Literal["created", "updated", "unchanged", "superseded"]
    """created, updated (it replaced the one that the customer had), unchanged (the customer has it already) or
    superseded (skipped, because it was granted or revoked from newer data than asOf)."""
