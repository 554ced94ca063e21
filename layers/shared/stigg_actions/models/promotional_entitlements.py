"""What granting and revoking a promotional entitlement share: how it is named, and how it is shown."""

from datetime import datetime
from decimal import Decimal

from stigg_actions.models.base import Answer, CustomerRequest, SupersededAnswer
from stigg_actions.models.values import StiggId


class FeatureRequest(CustomerRequest):
    """A request about one feature of a customer."""

    feature_id: StiggId
    """Feature id, such as feature-sso."""


class PromotionalEntitlementResult(SupersededAnswer, Answer):
    """The customer's promotional entitlement to the feature, and the one that it had before."""

    customer_id: str
    """Stigg customer id."""
    feature_id: str
    """Feature id."""
    active: bool
    """True: the customer has the promotional entitlement now."""
    status: str | None = None
    """Status of the promotional entitlement: Active, Paused or Expired. Left out if there is none."""
    period: str | None = None
    """Period for which it is granted: 1 week, 1 month, 6 month, 1 year, lifetime, or custom for an end date."""
    start_date: datetime | None = None
    """When it starts."""
    end_date: datetime | None = None
    """When it ends. Left out if it does not end."""
    usage_limit: Decimal | None = None
    """Units that may be used."""
    has_unlimited_usage: bool | None = None
    """True: any number of units may be used."""
    has_soft_limit: bool | None = None
    """True: use beyond the limit is not blocked."""
    reset_period: str | None = None
    """Period after which the limit is reset."""
    previous_period: str | None = None
    """Period of the promotional entitlement that the customer had before. Left out, with all fields that begin with
    previous, if it had none."""
    previous_end_date: datetime | None = None
    """When the one before would have ended. Left out if it had no end."""
    previous_usage_limit: Decimal | None = None
    """Units that might be used before."""
    previous_has_unlimited_usage: bool | None = None
    """True: any number of units might be used before."""
    previous_has_soft_limit: bool | None = None
    """True: use beyond the limit was not blocked before."""
    previous_reset_period: str | None = None
    """Period after which the limit was reset before."""
