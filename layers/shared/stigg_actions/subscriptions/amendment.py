"""What to send so that a subscription becomes as wanted in place: PATCH replaces lists and objects as a whole."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.update_subscription import PriceChange
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions.terms import LISTS, UNKNOWN, SubscriptionTerms, by_name

PATCHABLE_PRICE = {str(part.alias) for part in PriceChange.model_fields.values()}
"""What a price override may say for Stigg to take it in place."""

_DEFERRING = {"END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH"}


class Amendment(NamedTuple):
    """Changes wanted of a subscription: fields of PATCH (None empties one), items to remove, how to go about it.

    ``merges``: what a list or an object does not name stays as it is; else it is the full new one.
    """

    given: Mapping[str, Any]
    removed: Mapping[str, frozenset[str]] = MappingProxyType({})
    modifiers: Mapping[str, Any] = MappingProxyType({})
    merges: bool = True

    def body(self, terms: SubscriptionTerms) -> dict[str, Any]:
        """Return the body of the PATCH, empty if all is as wanted.

        A change that is put off takes along what waits already, because Stigg puts it in the place of that.

        Raises:
            RequestInvalid: something would be dropped that cannot be read back.
        """
        changed = {name: value for name, value in self.wanted(terms).items() if not terms.same(name, value)}
        if not changed and not self.starts_a_billing_cycle:
            return {}
        waits = terms.scheduled if self._may_wait else {}
        return {**waits, **changed, **self.modifiers}

    def refuse_to_override(self, terms: SubscriptionTerms) -> None:
        """Refuse to merge into what waits where that was not sent from here: nobody can tell what it holds.

        Raises:
            RequestInvalid: a change that waits would be lost.
        """
        if not (self.merges and self._may_wait):
            return
        lists = [name for name in LISTS if name in self.touched]
        lost = [name for name in lists if terms.deferred(name) and name not in terms.scheduled]
        if lost:
            raise _unreadable(lost[0], "which there will be once the change that waits takes effect")

    @property
    def touched(self) -> set[str]:
        """The terms that are to change."""
        return {*self.given, *(name for name, names in self.removed.items() if names)}

    @property
    def _may_wait(self) -> bool:
        """Whether the change is to take effect later."""
        return self.modifiers.get("scheduleStrategy") in _DEFERRING

    @property
    def starts_a_billing_cycle(self) -> bool:
        """Whether a billing cycle is to start with it: a change even where no term differs."""
        return self.modifiers.get("billingCycleAnchor") == "NOW"

    def wanted(self, terms: SubscriptionTerms) -> dict[str, Any]:
        """Return each term that is to change, or to be as it is, in full. Raises as ``body``."""
        lists = [name for name in LISTS if name in self.given or self.removed.get(name)]
        full = {name: self._full_list(name, terms) for name in lists}
        whole = {"metadata": self._metadata, "billingInformation": self._billing_information}
        return {**self.given, **full, **{name: whole[name](terms) for name in whole if name in self.given}}

    def merged(self, name: str, terms: SubscriptionTerms) -> dict[str, Mapping[str, Any]]:
        """Return a list by the names of its items: what stands, and over it what is given. Raises as ``body``."""
        given = _told_apart(name, self.given.get(name, ()))
        return {**self._kept(name, terms, given.keys() | self.removed.get(name, frozenset())), **given}

    def _full_list(self, name: str, terms: SubscriptionTerms) -> list[Mapping[str, Any]]:
        if not self.merges:
            return list(self.given.get(name, ()))
        merged = self.merged(name, terms)
        if name == "priceOverrides":
            given = by_name(name, self.given.get(name, ()))
            _refuse_what_patch_cannot_carry({key: price for key, price in merged.items() if key not in given})
        return [*merged.values()]

    def _kept(self, name: str, terms: SubscriptionTerms, named: set[str]) -> dict[str, Mapping[str, Any]]:
        """Return the items that a merge leaves as they are, but for those that it replaces in their place."""
        base, removed = self._base(name, terms), self.removed.get(name, frozenset())
        if base is UNKNOWN:
            _refuse_to_drop(name, terms, named)
            base = []
        return {key: item for key, item in _told_apart(name, base).items() if key not in removed}

    def _base(self, name: str, terms: SubscriptionTerms) -> Any:  # noqa: ANN401 - a list, or unknown
        """Return the list that is merged into: what is in force then, when the change takes effect."""
        if name in terms.scheduled and self._may_wait:
            return terms.scheduled[name]
        base, last_sent = terms.value(name), terms.remembered.get("entitlements", [])
        if base is UNKNOWN and name == "entitlements" and self._is_applied(last_sent, terms):
            return last_sent
        return base

    def _is_applied(self, last_sent: list[Mapping[str, Any]], terms: SubscriptionTerms) -> bool:
        """Whether Stigg shows the entitlements that the change leads to: an earlier run has made it."""
        names = by_name("entitlements", [*last_sent, *self.given.get("entitlements", ())]).keys()
        return names - self.removed.get("entitlements", frozenset()) == terms.entitlement_names

    def _metadata(self, terms: SubscriptionTerms) -> dict[str, str]:
        """Return the metadata as a whole; the marks of the actions are kept in any case."""
        current = terms.current.metadata
        kept = {name: value for name, value in current.items() if self.merges or name in RESERVED_METADATA}
        return {**kept, **self.given["metadata"]}

    def _billing_information(self, terms: SubscriptionTerms) -> dict[str, Any]:
        given, base = self.given["billingInformation"], terms.value("billingInformation")
        if self.merges and base is UNKNOWN:
            raise _unreadable("billingInformation", "what it has")
        return {**(base or {}), **given} if self.merges else given


def _told_apart(name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the items of a list by name. Raises RequestInvalid where two have the same one: one would be lost."""
    items = list(items)
    named = by_name(name, items)
    if len(named) < len(items):
        raise RequestInvalid([Problem(name, "cannot be merged: two have the same name. Give all, with mode replace")])
    return named


def _refuse_to_drop(name: str, terms: SubscriptionTerms, named: set[str]) -> None:
    """Refuse a merge into a list of which nobody knows what is in it, unless the request names all of it."""
    if name != "entitlements" or terms.current.is_unread(name):
        raise _unreadable(name, "which it has")
    at_stake = sorted(terms.entitlement_names - named)
    if at_stake:
        raise _unreadable(name, f"how much it grants of {', '.join(at_stake)}")


def _unreadable(name: str, what: str) -> RequestInvalid:
    told = f"cannot be merged: Stigg does not tell {what}. Give all of it, with mode replace"
    return RequestInvalid([Problem(name, told)])


def _refuse_what_patch_cannot_carry(kept: Mapping[str, Mapping[str, Any]]) -> None:
    rich = sorted(name for name, price in kept.items() if price.keys() - PATCHABLE_PRICE)
    if rich:
        told = f"would lose parts of the price of {', '.join(rich)} that Stigg cannot change in place"
        raise RequestInvalid([Problem("priceOverrides", f"{told}; use renew-subscription with strategy replace")])
