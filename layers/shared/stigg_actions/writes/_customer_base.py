"""What the writes of a customer share: who it is, its link to Salesforce, and the marks that they leave in Stigg."""

from __future__ import annotations

from copy import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stigg_actions.exactly_once.write import Write
from stigg_actions.models.base import Answer, CustomerRequest
from stigg_actions.writes._metadata import Owner
from stigg_actions.writes.customer_upsert import WantedCustomer, unlinked
from stigg_actions.writes.ownership import refuse_other_customer, refuse_other_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.secrets import StiggSecret
    from stigg_actions.storage.snapshot import Run, Snapshot, Target


class OfCustomer[Request: CustomerRequest, Result: Answer](Write[Request, Result]):
    """A write for one customer."""

    @property
    def creates_customer(self) -> bool:
        """Whether the customer comes into being by this write, so that the account's id can serve as its id."""
        return False

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Return the names with the customer given, else linked to the account, else the account's id for a new one."""
        account_id, linked = self.request.salesforce_account_id, snapshot.linked_customer_id
        known = self.request.customer_id or linked or (account_id if self.creates_customer else None)
        if known is None:
            raise unlinked(account_id, org_id=self.org_id, environment=self.deps.settings.environment)
        return replace(self.target, customer_id=known)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account that is linked to another customer, and a record whose subscription is another one's."""
        customer_id = str(snapshot.target.customer_id)
        refuse_other_link(snapshot, self.request.salesforce_account_id, customer_id)
        refuse_other_customer(snapshot.record, customer_id, self.deps)

    @cached_property
    def secret(self) -> StiggSecret:
        """The environment's secret, as it was when the write was prepared."""
        return self.deps.secrets.current()

    def prepare(self) -> None:
        """Read the secret, which tells how to link the customer and where it is in the Stigg app."""
        self.secret  # noqa: B018 - read once, and kept

    def customer_url(self, customer_id: str) -> str | None:
        """Return the customer's page in the Stigg app, where the secret tells the environment's slug."""
        slug = self.secret.environment_slug
        return f"https://app.stigg.io/{quote(slug, safe='')}/customers/{quote(customer_id, safe='')}" if slug else None

    @property
    def owner(self) -> Owner:
        """The record and the account that the request names."""
        return Owner(self.org_id, self.request.salesforce_record_id, self.request.salesforce_account_id)

    def wanted_customer(self, run: Run, details: Mapping[str, Any]) -> WantedCustomer:
        """Return the customer as it is to be, linked to the account by Stigg's Salesforce integration if set up."""
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
