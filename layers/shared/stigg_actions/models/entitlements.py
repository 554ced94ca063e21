"""Entitlements that are granted with a subscription in addition to its plan's."""

from typing import Annotated, Literal, Protocol, Self

from pydantic import model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import Amount, Flag, Picklist, StiggId, Whole

_FEATURE_ONLY = ("usage_limit", "reset_period", "has_unlimited_usage", "monthly_reset_period_configuration",
                 "weekly_reset_period_configuration", "yearly_reset_period_configuration")  # fmt: skip
_CREDIT_ONLY = ("amount", "cadence")
_PERIOD_OF_CONFIGURATION = {
    "monthly_reset_period_configuration": "MONTH",
    "weekly_reset_period_configuration": "WEEK",
    "yearly_reset_period_configuration": "YEAR",
}


class MonthlyReset(Model):
    """The day on which a monthly limit is reset."""

    according_to: Literal["SubscriptionStart", "StartOfTheMonth"]
    """When the month starts: SubscriptionStart or StartOfTheMonth."""


class WeeklyReset(Model):
    """The day on which a weekly limit is reset."""

    according_to: Literal[
        "SubscriptionStart",
        "EverySunday",
        "EveryMonday",
        "EveryTuesday",
        "EveryWednesday",
        "EveryThursday",
        "EveryFriday",
        "EverySaturday",
    ]
    """SubscriptionStart, or a weekday: EverySunday, EveryMonday, EveryTuesday, EveryWednesday, EveryThursday,
    EveryFriday or EverySaturday."""


class YearlyReset(Model):
    """The day on which a yearly limit is reset."""

    according_to: Literal["SubscriptionStart"]
    """When the year starts: SubscriptionStart."""


class HasLimit(Protocol):
    """A feature with a limit."""

    @property
    def usage_limit(self) -> int | None:
        """The units that may be used."""
        ...

    @property
    def has_unlimited_usage(self) -> bool | None:
        """Whether there is no limit."""
        ...

    @property
    def reset_period(self) -> str | None:
        """The period after which the limit is reset."""
        ...


def check_limit(feature: HasLimit) -> None:
    """Refuse a limit beside unlimited usage, and the start of a period that the limit does not have.

    Raises:
        PydanticCustomError: names the field.
    """
    if feature.has_unlimited_usage and feature.usage_limit is not None:
        raise field_problem("usageLimit", "contradicts hasUnlimitedUsage true; give only one of them")
    for name, period in _PERIOD_OF_CONFIGURATION.items():
        if getattr(feature, name) is not None and feature.reset_period != period:
            raise field_problem(_wire_name(name), f"needs resetPeriod {period}")


class Entitlement(Model):
    """A feature (with its limit) or an allowance of credits (with amount and cadence).

    Both have one flat object, because a Flow cannot fill alternatives. The fields that are allowed depend on the type.
    """

    type: Annotated[Literal["FEATURE", "CREDIT"], Picklist]
    """FEATURE for a feature, CREDIT for credits."""
    id: StiggId
    """Feature id, or the id of the credit currency."""
    usage_limit: Whole | None = None
    """FEATURE: units that may be used. Left out for an on/off feature."""
    has_unlimited_usage: Flag | None = None
    """FEATURE: true for unlimited use."""
    has_soft_limit: Flag | None = None
    """True: use beyond the limit is not blocked."""
    reset_period: Annotated[Literal["YEAR", "MONTH", "WEEK", "DAY", "HOUR"] | None, Picklist] = None
    """FEATURE: period after which the limit is reset: YEAR, MONTH, WEEK, DAY or HOUR."""
    monthly_reset_period_configuration: MonthlyReset | None = None
    """FEATURE with resetPeriod MONTH: when the month starts."""
    weekly_reset_period_configuration: WeeklyReset | None = None
    """FEATURE with resetPeriod WEEK: when the week starts."""
    yearly_reset_period_configuration: YearlyReset | None = None
    """FEATURE with resetPeriod YEAR: when the year starts."""
    amount: Amount | None = None
    """CREDIT: credits given each period."""
    cadence: Annotated[Literal["MONTH", "YEAR"] | None, Picklist] = None
    """CREDIT: period of the credits, MONTH or YEAR."""

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type == "CREDIT":
            self._require(*_CREDIT_ONLY)
            self._refuse("FEATURE", *_FEATURE_ONLY)
        else:
            self._refuse("CREDIT", *_CREDIT_ONLY)
            check_limit(self)
        return self

    def _require(self, *names: str) -> None:
        for name in names:
            if getattr(self, name) is None:
                raise field_problem(_wire_name(name), "is required for a CREDIT entitlement")

    def _refuse(self, other_type: str, *names: str) -> None:
        for name in names:
            if getattr(self, name) is not None:
                raise field_problem(_wire_name(name), f"is only for a {other_type} entitlement")


def _wire_name(name: str) -> str:
    return str(Entitlement.model_fields[name].alias)
