"""Create a customer in Stigg with POST; if it exists, update it with PATCH and merge its metadata."""

from collections.abc import Callable, Mapping
from copy import replace
from typing import Any, Literal, NamedTuple

from stigg_actions.errors import ActionError, NotFound, Problem, Refused, RequestInvalid, StiggReply
from stigg_actions.stigg import refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.customer_schemas import Customer
from stigg_actions.stigg.error_codes import DUPLICATE, INTEGRATION, normalise

OPERATION_METADATA_KEY = "stiggActionsOperation"
"""Metadata key that names the operation that created a customer, subscription or grant."""

_ONLY_ON_CREATION = {"id", "defaultPaymentMethod"}
_CURRENCY = "billingCurrency"


class WantedCustomer(NamedTuple):
    """A requested customer: id, Stigg's fields, metadata to merge, and the link to a Salesforce account.

    ``effect_id`` marks a customer that this operation created, and is the POST's idempotency key. ``keeps`` names the
    fields that are set only if they are empty.
    """

    customer_id: str
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    effect_id: str
    link: Mapping[str, str] | None = None
    keeps: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Any]:
        """Return the fields that POST and PATCH take, with metadata and link."""
        links = [*self.details.get("integrations", ()), *([self.link] if self.link else [])]
        return {
            **self.details,
            **({"integrations": links} if links else {}),
            "metadata": {**self.details.get("metadata", {}), **self.metadata},
        }

    def unlinked(self) -> "WantedCustomer":
        """Return the same customer without the link to the Salesforce account."""
        return replace(self, effect_id=f"{self.effect_id}-unlinked", link=None)

    def beside(self, customer: Customer) -> "WantedCustomer":
        """Return the fields to set on an existing customer, without those that it keeps.

        Raises:
            RequestInvalid: the customer keeps its billing currency, which differs from the requested one.
        """
        has = {name: customer.field(name) for name in self.keeps & self.details.keys()}
        wanted, present = self.details.get(_CURRENCY), has.get(_CURRENCY)
        if present and str(present).lower() != wanted:
            problem = (
                f"is {str(wanted).upper()}, but customer {self.customer_id} is billed in {str(present).upper()}. Give "
                "that currency, use another customer, or change the customer's currency first (create-customer)"
            )
            raise RequestInvalid([Problem(_CURRENCY, problem)])
        return replace(self, details={name: value for name, value in self.details.items() if not has.get(name)})


class Upserted(NamedTuple):
    """Whether a customer was created or updated, and whether Stigg's Salesforce integration links it to the account."""

    outcome: Literal["created", "updated", "unchanged"]
    linked: bool


def upsert(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    """Create a customer or update it; if Stigg refuses the link to Salesforce, save it without.

    POST /api/v1/customers is no upsert, so a duplicate is read and patched. Raises what the client raises.

    Raises:
        RequestInvalid: the customer keeps its billing currency, which differs from the requested one.
    """
    return _linked_or_not(_create_or_update, stigg, wanted)


def update(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    """Update an existing customer; if Stigg refuses the link to Salesforce, save it without.

    Raises NotFound if Stigg has no such customer, and what the client raises.
    """
    return _linked_or_not(_update, stigg, wanted)


def find_effect(stigg: Stigg, wanted: WantedCustomer) -> Upserted | None:
    """Return the effect if a customer has the requested fields already."""
    try:
        customer = stigg.get_customer(wanted.customer_id)
        wanted = wanted.beside(customer)
    except (NotFound, RequestInvalid):
        return None
    made_by, unlinked = customer.metadata.get(OPERATION_METADATA_KEY), wanted.unlinked()
    if not _is_as_wanted(customer, unlinked if made_by == unlinked.effect_id else wanted):
        return None
    created_here = made_by in {wanted.effect_id, unlinked.effect_id}
    return Upserted("created" if created_here else "updated", linked=_is_linked(customer, wanted))


def foresee(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    """Return what ``upsert`` would do, without sending it. Raises what it raises before it sends a change."""
    try:
        current = stigg.get_customer(wanted.customer_id)
    except NotFound:
        return Upserted("created", linked=wanted.link is not None)
    wanted = wanted.beside(current)
    if _is_as_wanted(current, wanted):
        return Upserted("unchanged", linked=_is_linked(current, wanted))
    if current.is_archived:
        raise refusals.customer_archived(wanted.customer_id, StiggReply(), environment=stigg.environment)
    return Upserted("updated", linked=_is_linked(current, wanted))


def unlinked(account_id: str | None, *, org_id: str, environment: str) -> NotFound:
    """Return the error for a Salesforce account without a linked customer."""
    return NotFound(
        "CUSTOMER_NOT_FOUND",
        f"No customer is linked to the Salesforce account {account_id} of org {org_id} "
        f"in the {environment} environment. Call create-customer first, or give customerId.",
    )


def is_duplicate(error: ActionError) -> bool:
    """Whether Stigg refused a request because the id exists already."""
    return normalise(error.stigg.code or "") in DUPLICATE


def _linked_or_not(save: Callable[[Stigg, WantedCustomer], Upserted], stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    try:
        return save(stigg, wanted)
    except (Refused, NotFound) as refusal:
        if wanted.link is None or normalise(refusal.stigg.code or "") not in INTEGRATION:
            raise
        return save(stigg, wanted.unlinked())


def _create_or_update(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    fields = wanted.fields()
    body = {
        "id": wanted.customer_id,
        **fields,
        "metadata": {**fields["metadata"], OPERATION_METADATA_KEY: wanted.effect_id},
    }
    try:
        customer = stigg.provision_customer(body=body, idempotency_key=f"{wanted.effect_id}-customer")
    except Refused as refusal:
        if not is_duplicate(refusal):
            raise
        return _update_duplicate(stigg, wanted, refusal)
    return Upserted("created", linked=_is_linked(customer, wanted))


def _update_duplicate(stigg: Stigg, wanted: WantedCustomer, duplicate: Refused) -> Upserted:
    try:
        current = stigg.get_customer(wanted.customer_id)
    except NotFound:
        raise duplicate from None  # archived, or the duplicate is something else, such as the billing id
    return _updated(stigg, wanted, current)


def _update(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    return _updated(stigg, wanted, stigg.get_customer(wanted.customer_id))


def _updated(stigg: Stigg, wanted: WantedCustomer, current: Customer) -> Upserted:
    wanted = wanted.beside(current)
    if _is_as_wanted(current, wanted):
        return Upserted("unchanged", linked=_is_linked(current, wanted))
    try:
        updated = stigg.update_customer(wanted.customer_id, body=_patch(current, wanted))
    except NotFound as refused:  # Stigg shows an archived customer, but does not change it
        if current.is_archived:
            raise refusals.customer_archived(wanted.customer_id, refused.stigg, environment=stigg.environment) from None
        raise
    return Upserted("updated", linked=_is_linked(updated, wanted))


def _patch(current: Customer, wanted: WantedCustomer) -> dict[str, Any]:
    """Return the PATCH body. PATCH replaces metadata and links as a whole, so they are merged with the present ones."""
    body = {name: value for name, value in wanted.fields().items() if name not in _ONLY_ON_CREATION}
    body["metadata"] = {**current.metadata, **body["metadata"]}
    if "integrations" in body:
        kept = [link for link in current.links if link["id"] not in {new["id"] for new in body["integrations"]}]
        body["integrations"] = [*kept, *body["integrations"]]
    return body


def _is_as_wanted(customer: Customer, wanted: WantedCustomer) -> bool:
    return all(
        _contains(customer.field(name), value)
        for name, value in wanted.fields().items()
        if name not in _ONLY_ON_CREATION
    )


def _is_linked(customer: Customer, wanted: WantedCustomer) -> bool:
    return wanted.link is not None and _contains(customer.links, [wanted.link])


def _contains(actual: Any, wanted: Any) -> bool:
    """Whether a value of Stigg contains a requested value; Stigg may add to what it was sent."""
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(_contains(actual.get(name), part) for name, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(actual, list) and all(any(_contains(item, part) for item in actual) for part in wanted)
    return bool(actual == wanted)
