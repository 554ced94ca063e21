"""The request and the answer of provision-contract."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import CustomerRequest, Model, field_problem
from stigg_actions.models.contracts import ContractAnswer, ContractRequest
from stigg_actions.models.terms import FullTerms, in_any_order
from stigg_actions.models.values import EndMoment, Flag, JsonText, RecordId, StartMoment, StiggId, Text

MOST_SUBSCRIPTIONS = 15
"""Maximum subscriptions of a request: each takes up to six items of a transaction, which has up to 100."""

_NAMES = {"subscription_id", "salesforce_record_id"}


class ContractSubscription(FullTerms):
    """A subscription of a contract: one that exists, or a new one with its plan and terms."""

    subscription_id: StiggId | None = None
    """Stigg subscription id of a subscription that exists. Left out: the subscription of salesforceRecordId."""
    salesforce_record_id: RecordId | None = None
    """Id of the Salesforce record of the subscription. Required for a new one, which then belongs to the record. 15 or
    18 characters."""
    plan_id: StiggId | None = None
    """Stigg plan id of a new subscription. Left out: the subscription exists."""
    resource_id: StiggId | None = None
    """Resource that a new subscription is for, such as a workspace, if a customer has several."""

    @property
    def is_new(self) -> bool:
        """Whether it is to be created."""
        return self.plan_id is not None

    @model_validator(mode="after")
    def _named_or_new(self) -> Self:
        if (self.subscription_id is None) == (self.salesforce_record_id is None):
            raise field_problem("subscriptionId", "give either subscriptionId or salesforceRecordId")
        if self.plan_id is not None and self.salesforce_record_id is None:
            raise field_problem("planId", "is only for a new subscription; leave it out, or name a salesforceRecordId")
        terms = sorted(str(type(self).model_fields[name].alias) for name in self.model_fields_set - _NAMES)
        if self.plan_id is None and terms:
            problem = "is only for a new subscription; leave it out (update-subscription changes one), or add planId"
            raise field_problem(terms[0], problem)
        return self

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the entry. The order of lists and repeated add-ons do not matter."""
        names = self.to_json_fields(include=_NAMES)
        return names | {name: value for name, value in in_any_order(self.terms()).items() if value != []}


class ProvisionContract(CustomerRequest, ContractRequest):
    """The request of provision-contract."""

    name: Text | None = None
    """Name of the contract."""
    po_number: Text | None = None
    """Number of the purchase order."""
    activation_start_date: StartMoment | None = None
    """Agreed start of the contract. It is recorded, and starts no subscription."""
    activation_end_date: EndMoment | None = None
    """Agreed end of the contract. It is recorded, and ends no subscription."""
    setup_billing: Flag
    """True: the billing provider bills the contract. False: the contract only grants access. Stigg never removes
    billing from a contract."""
    subscriptions: Annotated[list[ContractSubscription] | None, Field(max_length=MOST_SUBSCRIPTIONS), JsonText] = None
    """All subscriptions of the contract, up to 15. Each must be custom-priced and of another product. Left out: the
    subscriptions of an existing contract stay as they are."""

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        start, end = self.activation_start_date, self.activation_end_date
        if start and end and end <= start:
            raise field_problem("activationEndDate", "must be later than activationStartDate")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        first: dict[str, int] = {}
        for position, entry in enumerate(self.subscriptions or ()):
            named = str(entry.salesforce_record_id or entry.subscription_id)
            other = first.setdefault(named, position)
            if other != position:
                raise field_problem("subscriptions", f"has {named} at [{other}] and [{position}]; give it once")
        return self

    def canonical(self) -> dict[str, Any]:
        """Return what identifies the request. The order of the subscriptions does not matter."""
        canonical = super().canonical()
        if self.subscriptions is None:
            return canonical
        entries = sorted((entry.canonical() for entry in self.subscriptions), key=_name)
        return {**canonical, "subscriptions": entries}


class SubscriptionOfContract(Model):
    """A subscription of the contract."""

    subscription_id: str
    """Stigg subscription id."""
    salesforce_record_id: str | None = None
    """Salesforce record that the subscription belongs to, if it has one."""
    plan_id: str | None = None
    """Stigg plan id."""
    status: str | None = None
    """Status of the subscription: ACTIVE, IN_TRIAL, NOT_STARTED, PAYMENT_PENDING, CANCELED or EXPIRED."""
    change: Literal["created", "added", "kept"]
    """created (with the contract), added (it existed before) or kept (it was on the contract already)."""


class ProvisionedContract(ContractAnswer):
    """The answer of provision-contract."""

    outcome: Literal["created", "updated", "unchanged", "superseded"]
    """created, updated, unchanged (the contract was already as requested) or superseded (skipped, because the contract
    was changed from newer data than asOf)."""
    customer_url: str | None = None
    """URL of the customer in the Stigg app, if configured."""
    subscriptions: list[SubscriptionOfContract]
    """Subscriptions of the contract."""
    removed_subscription_ids: list[str] | None = None
    """Subscriptions that left the contract. They are not canceled."""
    replaced_subscription_ids: list[str] | None = None
    """Subscriptions that ended, because new ones of the contract took their place."""


def _name(entry: dict[str, Any]) -> str:
    return str(entry.get("salesforceRecordId") or entry.get("subscriptionId"))
