"""Creating or updating a customer in Stigg: POST, and on a duplicate PATCH with the metadata merged."""

from collections.abc import Callable, Mapping
from copy import replace
from typing import Any, Literal, NamedTuple

from stigg_actions.errors import ActionError, NotFound, Problem, Refused, RequestInvalid
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.customer_schemas import Customer
from stigg_actions.stigg.error_codes import DUPLICATE, INTEGRATION, normalise

OPERATION_METADATA_KEY = "stiggActionsOperation"
"""Metadata key that tells which operation made a customer, a subscription or a grant."""

_ONLY_ON_CREATION = {"id", "defaultPaymentMethod"}
_CURRENCY = "billingCurrency"


class WantedCustomer(NamedTuple):
    """A customer as it is wanted: id, Stigg's fields, metadata to merge, and the link to a Salesforce account.

    ``effect_id`` marks a customer that this operation created, and keys the POST. ``keeps``: fields that only fill what
    is empty.
    """

    customer_id: str
    details: Mapping[str, Any]
    metadata: Mapping[str, str]
    effect_id: str
    link: Mapping[str, str] | None = None
    keeps: frozenset[str] = frozenset()

    def fields(self) -> dict[str, Any]:
        """Return Stigg's fields with metadata and link, as POST and PATCH take them."""
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
        """Return what is wanted of a customer that exists, without what it keeps.

        Raises:
            RequestInvalid: it is billed in another currency, which is not changed for it.
        """
        has = {name: customer.field(name) for name in self.keeps & self.details.keys()}
        wanted, present = self.details.get(_CURRENCY), has.get(_CURRENCY)
        if present and str(present).lower() != wanted:
            told = (
                f"is {str(wanted).upper()}, but customer {self.customer_id} is billed in {str(present).upper()}. Give "
                "that one, use another customer, or change the customer's currency first (create-customer)"
            )
            raise RequestInvalid([Problem(_CURRENCY, told)])
        return replace(self, details={name: value for name, value in self.details.items() if not has.get(name)})


class Upserted(NamedTuple):
    """What became of a customer, and whether Stigg's Salesforce integration links it to the account."""

    outcome: Literal["created", "updated", "unchanged"]
    linked: bool


def upsert(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    """Make a customer be as wanted; a refused link to Salesforce does not fail it.

    Source: POST /api/v1/customers is no upsert, so a duplicate is read and patched. Raises as the client does.

    Raises:
        RequestInvalid: the customer keeps its currency, which is another one.
    """
    return _linked_or_not(_create_or_update, stigg, wanted)


def update(stigg: Stigg, wanted: WantedCustomer) -> Upserted:
    """Make a customer that exists be as wanted; a refused link to Salesforce does not fail it.

    Raises NotFound where Stigg has no such customer, and as the client does.
    """
    return _linked_or_not(_update, stigg, wanted)


def find_effect(stigg: Stigg, wanted: WantedCustomer) -> Upserted | None:
    """Find out whether a customer is as wanted already."""
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


def unlinked(account_id: str | None, *, org_id: str, environment: str) -> NotFound:
    """Return the error for a Salesforce account that no customer is linked to."""
    return NotFound(
        "CUSTOMER_NOT_FOUND",
        f"No customer is linked to the Salesforce account {account_id} of org {org_id} "
        f"in the {environment} environment. Call create-customer first, or give customerId.",
    )


def is_duplicate(error: ActionError) -> bool:
    """Whether Stigg refused because an entity with that id exists."""
    return normalise(error.stigg.code or "") in DUPLICATE


def _linked_or_not(
    bring_about: Callable[[Stigg, WantedCustomer], Upserted], stigg: Stigg, wanted: WantedCustomer
) -> Upserted:
    try:
        return bring_about(stigg, wanted)
    except (Refused, NotFound) as refusal:
        if wanted.link is None or normalise(refusal.stigg.code or "") not in INTEGRATION:
            raise
        return bring_about(stigg, wanted.unlinked())


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
    updated = stigg.update_customer(wanted.customer_id, body=_patch(current, wanted))
    return Upserted("updated", linked=_is_linked(updated, wanted))


def _patch(current: Customer, wanted: WantedCustomer) -> dict[str, Any]:
    """Return the PATCH body: what PATCH replaces as a whole (metadata, links) is merged with what is there."""
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
    """Whether everything wanted is there; Stigg answers with more than it was given."""
    if isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(_contains(actual.get(name), part) for name, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(actual, list) and all(any(_contains(one, part) for one in actual) for part in wanted)
    return bool(actual == wanted)
