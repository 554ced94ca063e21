"""What the writes for a customer share: its id, its link to Salesforce, and the marks that they leave in Stigg."""

from __future__ import annotations

from copy import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.exactly_once.write import Write
from stigg_actions.models.base import Answer, CustomerRequest
from stigg_actions.writes._metadata import Owner
from stigg_actions.writes.customer_upsert import WantedCustomer, unlinked
from stigg_actions.writes.ownership import refuse_other_customer, refuse_other_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.secrets import StiggSecret
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot, Target

_NAMES = ("customerId", "salesforceAccountId")
"""Fields that name the customer, directly or by its account."""


class OfCustomer[Request: CustomerRequest, Result: Answer](Write[Request, Result]):
    """A write for one customer."""

    @property
    def creates_customer(self) -> bool:
        """Whether this write may create the customer, so that the account id can serve as the customer id."""
        return False

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add the customer id: the given one, the one linked to the account, or the account id for a new customer."""
        account_id, linked = self.request.salesforce_account_id, snapshot.linked_customer_id
        customer_id = self.request.customer_id or linked or (account_id if self.creates_customer else None)
        if customer_id is None:
            raise unlinked(account_id, org_id=self.org_id, environment=self.deps.settings.environment)
        return replace(self.target, customer_id=customer_id)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account that is linked to another customer, and a record of another customer."""
        customer_id = str(snapshot.target.customer_id)
        refuse_other_link(snapshot, self.request.salesforce_account_id, customer_id)
        refuse_other_customer(snapshot.record, customer_id, self.deps)

    def is_for_customer_of(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Whether the request is for an operation's customer. An unsettled operation keeps its first customer."""
        names = _names_in(self.request.to_json_fields())
        resumes = not operation.settled and names == _names_in(operation.request)
        return resumes or operation.customer_id == self.resolve_target(snapshot).customer_id

    @cached_property
    def secret(self) -> StiggSecret:
        """The environment's secret, as read when the write was prepared."""
        return self.deps.secrets.current()

    def prepare(self) -> None:
        """Read the secret, which holds the Salesforce integration's id and the environment's slug."""
        self.secret  # noqa: B018 - the property reads it once and keeps it

    def customer_url(self, customer_id: str) -> str | None:
        """Return the URL of the customer in the Stigg app if the secret holds the environment's slug."""
        return self.secret.customer_url(customer_id)

    @property
    def owner(self) -> Owner:
        """The record and the account that the request names."""
        return Owner(self.org_id, self.request.salesforce_record_id, self.request.salesforce_account_id)

    def wanted_customer(self, run: Run, details: Mapping[str, Any]) -> WantedCustomer:
        """Return the customer to send, linked to the account if Stigg's Salesforce integration is set up."""
        account_id, integration_id = self.request.salesforce_account_id, self.secret.salesforce_integration_id
        link = {"id": integration_id, "vendorIdentifier": "SALESFORCE", "syncedEntityId": account_id}
        origin = {"salesforceAccountId": account_id, "salesforceOrgId": self.org_id} if account_id else {}
        return WantedCustomer(
            customer_id=run.customer.customer_id,
            details=details,
            metadata={name: str(value) for name, value in origin.items()},
            effect_id=run.operation.effect_id,
            link={name: str(value) for name, value in link.items()} if account_id and integration_id else None,
        )


def without_names(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request except those that name the customer."""
    return {name: value for name, value in request.items() if name not in _NAMES}


def _names_in(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that name the customer."""
    return {name: request.get(name) for name in _NAMES}
