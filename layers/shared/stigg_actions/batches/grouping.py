"""Group the requests of a batch by customer. The requests of a group run one after another, in their order.

Requests name a customer in several ways: by its id, its Salesforce account, a record of one of its subscriptions, a
subscription or a contract. Names belong together if one request of the batch gives them together, or if the tables link
them. A group is named by its best name, which is the customer's id if a request or the tables give it. So the group is
the same from one batch to the next.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import batched
from typing import NamedTuple

from stigg_actions.models.base import ActionRequest, Model
from stigg_actions.settings import Settings
from stigg_actions.storage import mapping_items
from stigg_actions.storage.dynamodb import Database, Item

_KEYS_OF_A_READ = 100


class Rank(IntEnum):
    """The kinds of names, from the best to the worst at telling customers apart."""

    CUSTOMER = 0
    ACCOUNT = 1
    RECORD = 2
    SUBSCRIPTION = 3
    CONTRACT = 4
    REQUEST = 5  # a request without a name is a group of its own


class Name(NamedTuple):
    """A name of a customer."""

    rank: Rank
    org_id: str
    id: str


_RANKS = {
    "customer_id": Rank.CUSTOMER,
    "destination_customer_id": Rank.CUSTOMER,
    "salesforce_account_id": Rank.ACCOUNT,
    "destination_salesforce_account_id": Rank.ACCOUNT,
    "salesforce_record_id": Rank.RECORD,
    "new_salesforce_record_id": Rank.RECORD,
    "salesforce_line_item_id": Rank.RECORD,
    "subscription_id": Rank.SUBSCRIPTION,
    "contract_id": Rank.CONTRACT,
}
_OF_NO_ORG = {Rank.CUSTOMER, Rank.SUBSCRIPTION, Rank.CONTRACT}
"""Ids of Stigg, which are the same for every org."""


def group_ids(
    requests: Mapping[int, tuple[str, ActionRequest]], known: Mapping[Name, Name], *, batch_id: str
) -> dict[int, str]:
    """Return the group of each request by index. ``known`` holds the customers that the tables have for names."""
    joined = _Joined()
    for name, customer in known.items():
        joined.join((name, customer))
    names = {index: names_of(request, org_id) for index, (org_id, request) in requests.items()}
    for names_of_request in names.values():
        joined.join(names_of_request)
    alone = {index: Name(Rank.REQUEST, batch_id, str(index)) for index in names}
    best = {index: joined.best(given[0]) if given else alone[index] for index, given in names.items()}
    return {index: _digest(name) for index, name in best.items()}


def names_of(model: Model, org_id: str) -> tuple[Name, ...]:
    """Return every customer name in a request and its parts."""
    return tuple(dict.fromkeys(_names(model, org_id)))


def known_customers(names: Sequence[Name], database: Database, settings: Settings) -> dict[Name, Name]:
    """Return the customers that the tables have for accounts, records and subscriptions. Raises as the database."""
    keys = {name: key for name in names if (key := _mapping_key(name))}
    customers: dict[Name, Name] = {}
    for part in batched(keys, _KEYS_OF_A_READ, strict=False):
        items = database.read([(settings.mappings_table, keys[name]) for name in part])
        customers |= {
            name: Name(Rank.CUSTOMER, "", item["customer_id"]) for name, item in zip(part, items, strict=True) if item
        }
    return customers


def _names(model: Model, org_id: str) -> Iterator[Name]:
    for field, value in model:
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, Model):
                yield from _names(part, org_id)
            elif field in _RANKS and part is not None:
                rank = _RANKS[field]
                yield Name(rank, "" if rank in _OF_NO_ORG else org_id, str(part))


def _mapping_key(name: Name) -> Item | None:
    match name.rank:
        case Rank.ACCOUNT:
            return mapping_items.account_key(name.org_id, name.id)
        case Rank.RECORD:
            return mapping_items.record_key(name.org_id, name.id)
        case Rank.SUBSCRIPTION:
            return mapping_items.subscription_key(name.id)
    return None


def _digest(name: Name) -> str:
    """Return a group's id. It is a digest, because a customer's id may be an e-mail address."""
    return hashlib.sha256(f"{name.rank.name}\x00{name.org_id}\x00{name.id}".encode()).hexdigest()[:40]


class _Joined:
    """Names that belong to one customer: a disjoint-set forest whose roots are the best names."""

    def __init__(self) -> None:
        self._better: dict[Name, Name] = {}

    def best(self, name: Name) -> Name:
        """Return the best name of the customer that a name belongs to."""
        while name in self._better:
            name = self._better[name]
        return name

    def join(self, names: Sequence[Name]) -> None:
        """Record that these names belong to one customer."""
        roots = {self.best(name) for name in names}
        best = min(roots, default=None)
        self._better |= {root: best for root in roots if best is not None and root != best}
