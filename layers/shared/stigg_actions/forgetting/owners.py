"""Whose a stored request is: the customer's that it names, or that its account, record or subscription belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.batches.grouping import Name, Rank, known_customers, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps


class StoredRequest(NamedTuple):
    """A request as it was stored: its action, the org that it came from, and its fields."""

    action: str
    org_id: str
    body: Mapping[str, Any]

    def names(self) -> frozenset[Name]:
        """Return every name of a customer that it gives; what no version here can read names its customerId alone."""
        try:
            found = names_of(BATCH_ACTIONS[self.action].request_class().stored(self.body), self.org_id)
        except ValidationError:
            found = ()
        payload = self.body.get("payload")
        inner = payload.get("customerId") if isinstance(payload, dict) else None
        given = (Name(Rank.CUSTOMER, "", str(one)) for one in (self.body.get("customerId"), inner) if one)
        return frozenset({*found, *given})


def of_customer(requests: Sequence[StoredRequest], customer_id: str, deps: Deps) -> list[bool]:
    """Tell of each request whether it is the customer's, with one reading of the mappings. Raises as the database."""
    wanted = Name(Rank.CUSTOMER, "", customer_id)
    named = [request.names() for request in requests]
    undecided = {name for names in named if wanted not in names for name in names}
    known = known_customers(sorted(undecided), deps.database, deps.settings)
    return [wanted in names or wanted in {known.get(name) for name in names} for names in named]
