"""Find the customer of a stored request: the one that it names, or that has its account, record or subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.batches.grouping import Name, Rank, known_customers, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps


class StoredRequest(NamedTuple):
    """A stored request: its action, its org and its fields."""

    action: str
    org_id: str
    body: Mapping[str, Any]

    def names(self) -> frozenset[Name]:
        """Return every customer name in the request; only customerId if this version cannot read it."""
        try:
            names = names_of(BATCH_ACTIONS[self.action].request_class().stored(self.body), self.org_id)
        except ValidationError:
            names = ()
        payload = self.body.get("payload")
        inner = payload.get("customerId") if isinstance(payload, dict) else None
        ids = (self.body.get("customerId"), inner)
        given = (Name(Rank.CUSTOMER, "", str(customer_id)) for customer_id in ids if customer_id)
        return frozenset({*names, *given})


def of_customer(requests: Sequence[StoredRequest], customer_id: str, deps: Deps) -> list[bool]:
    """Return for each request whether it is the customer's. Raises what the database raises."""
    customer = Name(Rank.CUSTOMER, "", customer_id)
    named = [request.names() for request in requests]
    undecided = {name for names in named if customer not in names for name in names}
    known = known_customers(sorted(undecided), deps.database, deps.settings)
    return [customer in names or customer in {known.get(name) for name in names} for names in named]
