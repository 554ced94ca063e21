"""Import a customer that exists in billing. A customer that Stigg has already is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.errors import ActionError, StiggReply
from stigg_actions.stigg import imports, refusals
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes.customer_upsert import OPERATION_METADATA_KEY

if TYPE_CHECKING:
    from stigg_actions.models.imports import ImportFields
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.customer_schemas import Customer
    from stigg_actions.storage.operation import Operation
    from stigg_actions.writes.customer_upsert import WantedCustomer


class CustomerImport(NamedTuple):
    """One customer that an operation imports."""

    stigg: Stigg
    wanted: WantedCustomer
    request: ImportFields
    account_id: str | None
    operation: Operation

    def carry_out(self) -> Customer:
        """Import the customer, unless Stigg has it, and return it as Stigg shows it.

        Raises:
            Refused: CUSTOMER_ARCHIVED, if the customer is archived.
            OutcomeUnknown: Stigg accepted the import, but does not show the customer yet.
        """
        customer = imports.find_customer(self.stigg, self.wanted.customer_id) or self.send()
        refuse_archived(customer, self.stigg)
        return customer

    def send(self) -> Customer:
        """Import a customer that Stigg lacks, and return it as Stigg shows it. Raises as ``carry_out``."""
        imports.import_customer(
            self.stigg,
            customer=self._body(),
            integration_id=self.request.integration_id,
            idempotency_key=f"{self.wanted.effect_id}-customer",
        )
        try:
            return self.stigg.get_customer(self.wanted.customer_id)
        except ActionError as error:
            raise refusals.not_read_back(f"customer {self.wanted.customer_id}", error) from None

    def is_own(self, customer: Customer) -> bool:
        """Whether this operation imported a customer."""
        return customer.metadata.get(OPERATION_METADATA_KEY) == self.wanted.effect_id

    def _body(self) -> dict[str, Any]:
        """Return the customer as the import takes it.

        ``updatedAt`` is never later than the operation, so that Stigg skips a customer that was created meanwhile.
        """
        fields = self.wanted.fields()
        fields.pop("integrations", None)  # the import links the customer by its Salesforce id
        seen = min(self.operation.made_at / 1000, self.operation.attempted_at)
        optional = {"paymentMethodId": self.request.payment_method_id, "salesforceId": self.account_id}
        return {
            "id": self.wanted.customer_id,
            "name": None,
            "email": None,
            **fields,
            "metadata": {**fields["metadata"], OPERATION_METADATA_KEY: self.wanted.effect_id},
            "updatedAt": iso(seen),
            **drop_none(optional),
        }


def refuse_archived(customer: Customer, stigg: Stigg) -> None:
    """Refuse to import for an archived customer, for which Stigg changes nothing."""
    if customer.is_archived:
        raise refusals.customer_archived(customer.id, StiggReply(status=200), environment=stigg.environment)


def differing(customer: Customer, details: dict[str, Any]) -> list[str]:
    """Return the names of the requested fields whose values differ from those in Stigg."""
    return [name for name, value in details.items() if not _is_so(value, customer.field(name))]


def _is_so(value: object, present: object) -> bool:
    """Whether a field of Stigg has a requested value; metadata may have more keys."""
    if isinstance(value, dict) and isinstance(present, dict):
        return value.items() <= present.items()
    return value == present
