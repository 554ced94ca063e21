"""The request and the answer of import-subscription."""

from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import CustomerRequest, field_problem
from stigg_actions.models.charges import Addon, Charge, merge_addons, refuse_duplicates, refuse_excess
from stigg_actions.models.imports import ImportFields
from stigg_actions.models.subscription_data import SubscriptionAnswer
from stigg_actions.models.terms import PlanChoice, in_any_order
from stigg_actions.models.values import Email, EndMoment, JsonText, Metadata, Picklist, RecordId, StartMoment, Text

_SENT = {*PlanChoice.model_fields, "billing_id", "billing_period", "charges", "start_date"}
_OF_THE_CUSTOMER = {"customer_name": "name", "customer_email": "email", "customer_billing_id": "billingId"}


class ImportSubscription(ImportFields, PlanChoice, CustomerRequest):
    """The request of import-subscription."""

    salesforce_record_id: RecordId
    """Id of the Salesforce record that the subscription belongs to, such as an opportunity line or contract. 15 or 18
    characters. A record has one imported subscription, whose id derives from it."""
    start_date: StartMoment
    """Start of the subscription in billing. If it lies in the past, Stigg first charges for the next billing period."""
    end_date: EndMoment | None = None
    """Date on which the subscription ends, in the future."""
    billing_id: Text | None = None
    """Id of the subscription at the billing provider."""
    billing_period: Annotated[Literal["MONTHLY", "ANNUALLY"] | None, Picklist] = None
    """MONTHLY or ANNUALLY. Paid plans need it."""
    addons: Annotated[list[Addon] | None, JsonText] = None
    """Add-ons and their quantities."""
    charges: Annotated[list[Charge] | None, JsonText] = None
    """Quantities of priced features and of recurring credits."""
    metadata: Metadata | None = None
    """Metadata that Stigg stores with the subscription, key by key."""
    customer_name: Text | None = None
    """Name of the customer. If a field of the customer is given and Stigg does not have the customer, it is imported
    first, as by import-customer."""
    customer_email: Email | None = None
    """E-mail address of the customer."""
    customer_billing_id: Text | None = None
    """Id of the customer at the billing provider."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_excess(self.addons or [])
        refuse_duplicates("charges", [(item.type, item.id) for item in self.charges or ()])
        if self.end_date is not None and self.end_date <= self.start_date:
            raise field_problem("endDate", "must be later than startDate")
        return self

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request, dry run or not. The order of lists and repeated add-ons do not matter."""
        canonical = in_any_order({**super().canonical(), **self._addons()})
        return {name: value for name, value in canonical.items() if value != [] and name != "dryRun"}

    def sent(self) -> dict[str, Any]:
        """Return the fields of the subscription under their names in the import."""
        ends = {} if self.end_date is None else {"endDate": self.end_date}
        return {**self.to_json_fields(include=_SENT), **self._addons(), **ends}

    def terms(self) -> dict[str, Any]:
        """Return the terms of the subscription under their names in Stigg's POST /api/v1/subscriptions."""
        terms = self.sent()
        ends = terms.pop("endDate", None)
        return terms if ends is None else {**terms, "cancellationDate": ends}

    def customer(self) -> dict[str, Any]:
        """Return the fields of the customer under their names in Stigg."""
        given = {name: getattr(self, field) for field, name in _OF_THE_CUSTOMER.items()}
        return {name: value for name, value in given.items() if value is not None}

    def _addons(self) -> dict[str, Any]:
        return {"addons": [addon.to_json_fields() for addon in merge_addons(self.addons)]} if self.addons else {}


class ImportedSubscription(SubscriptionAnswer):
    """The answer of import-subscription."""

    outcome: Literal["imported", "unchanged", "dryRun", "superseded"]
    """imported, unchanged (the record's subscription was imported before; it was left as it is), dryRun (nothing was
    changed; the request would import the subscription) or superseded (skipped, because a change newer than asOf was
    made)."""
    status: str
    """Status of the subscription, such as ACTIVE or NOT_STARTED. In a dry run NOT_IMPORTED."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
