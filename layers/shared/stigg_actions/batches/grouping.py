"""Whose a request is: requests of one group are done one after another, in their order.

A group is a customer. Requests name it in several ways - by its id, its Salesforce account, a record that it has a
subscription for, a subscription - so two things are joined: the names that one request gives together, anywhere in the
batch, and what the tables know of a name. What is joined is one group, called by the best of its names: the customer's
id if any request or the tables tell it, so that the group is the same from one batch to the next.
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
    """How well a kind of name tells customers apart, the best first."""

    CUSTOMER = 0
    ACCOUNT = 1
    RECORD = 2
    SUBSCRIPTION = 3
    REQUEST = 4  # a request that names nobody is alone


class Name(NamedTuple):
    """One way in which a customer is named."""

    rank: Rank
    org_id: str
    id: str


_RANKS = {
    "customer_id": Rank.CUSTOMER,
    "salesforce_account_id": Rank.ACCOUNT,
    "salesforce_record_id": Rank.RECORD,
    "new_salesforce_record_id": Rank.RECORD,
    "salesforce_line_item_id": Rank.RECORD,
    "subscription_id": Rank.SUBSCRIPTION,
}
_OF_NO_ORG = {Rank.CUSTOMER, Rank.SUBSCRIPTION}
"""What Stigg names has the same name for every org."""


def group_ids(
    requests: Mapping[int, tuple[str, ActionRequest]], known: Mapping[Name, Name], *, batch_id: str
) -> dict[int, str]:
    """Return the group of each request, given its org, by index; ``known`` tells the customers of names."""
    joined = _Joined()
    for name, customer in known.items():
        joined.join((name, customer))
    names = {index: names_of(request, org_id) for index, (org_id, request) in requests.items()}
    for of_one in names.values():
        joined.join(of_one)
    alone = {index: Name(Rank.REQUEST, batch_id, str(index)) for index in names}
    return {index: _digest(joined.best(of_one[0]) if of_one else alone[index]) for index, of_one in names.items()}


def names_of(model: Model, org_id: str) -> tuple[Name, ...]:
    """Return every name of a customer that a request gives, in its parts too."""
    return tuple(dict.fromkeys(_names(model, org_id)))


def known_customers(names: Sequence[Name], database: Database, settings: Settings) -> dict[Name, Name]:
    """Return the customers that the tables know of accounts, records and subscriptions. Raises as the database."""
    keys = {name: key for name in names if (key := _mapping_key(name))}
    found: dict[Name, Name] = {}
    for part in batched(keys, _KEYS_OF_A_READ, strict=False):
        items = database.read([(settings.mappings_table, keys[name]) for name in part])
        found |= {
            name: Name(Rank.CUSTOMER, "", item["customer_id"]) for name, item in zip(part, items, strict=True) if item
        }
    return found


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
    """Return a group's id: never the name itself, for a customer's id may be an e-mail address."""
    return hashlib.sha256(f"{name.rank.name}\x00{name.org_id}\x00{name.id}".encode()).hexdigest()[:40]


class _Joined:
    """Names that mean one customer, as far as is known: a disjoint-set forest whose roots are the best names."""

    def __init__(self) -> None:
        self._better: dict[Name, Name] = {}

    def best(self, name: Name) -> Name:
        """Return the best name of the customer that a name means."""
        while name in self._better:
            name = self._better[name]
        return name

    def join(self, names: Sequence[Name]) -> None:
        """Let all these names mean one customer."""
        roots = {self.best(name) for name in names}
        best = min(roots, default=None)
        self._better |= {root: best for root in roots if best is not None and root != best}
