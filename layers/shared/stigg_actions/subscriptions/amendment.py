"""Build the PATCH that changes a subscription in place. It replaces lists and objects as a whole."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.update_subscription import PriceChange
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions.terms import LISTS, UNKNOWN, SubscriptionTerms, by_name

PATCHABLE_PRICE = {str(part.alias) for part in PriceChange.model_fields.values()}
"""The fields of a price override that Stigg can change in place."""

_DEFERRING = {"END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH"}


class Amendment(NamedTuple):
    """Requested changes of a subscription: fields of the PATCH (None clears a field), items to remove, and modifiers.

    ``merges``: items that a list or an object does not name stay; else it replaces the present one.
    """

    given: Mapping[str, Any]
    removed: Mapping[str, frozenset[str]] = MappingProxyType({})
    modifiers: Mapping[str, Any] = MappingProxyType({})
    merges: bool = True

    def body(self, terms: SubscriptionTerms) -> dict[str, Any]:
        """Return the body of the PATCH, empty if no change is needed.

        A deferred change includes the changes that wait already, because it replaces them in Stigg.

        Raises:
            RequestInvalid: a term that Stigg does not return would be lost.
        """
        changed = {name: value for name, value in self.wanted(terms).items() if not terms.same(name, value)}
        if not changed and not self.starts_a_billing_cycle:
            return {}
        waits = terms.scheduled if self._may_wait else {}
        return {**waits, **changed, **self.modifiers}

    def refuse_to_override(self, terms: SubscriptionTerms) -> None:
        """Refuse to merge into a waiting change that the actions did not send, because its content is unknown.

        Raises:
            RequestInvalid: the waiting change would be lost.
        """
        if not (self.merges and self._may_wait):
            return
        lists = [name for name in LISTS if name in self.touched]
        lost = [name for name in lists if terms.deferred(name) and name not in terms.scheduled]
        if lost:
            raise _unreadable(lost[0], "the result of the change that waits")

    @property
    def touched(self) -> set[str]:
        """The terms that change."""
        return {*self._asked, *(name for name, names in self.removed.items() if names)}

    @property
    def _asked(self) -> dict[str, Any]:
        """What is given, without the lists that have nothing to merge, as a Flow sends them."""
        return {name: value for name, value in self.given.items() if value or name not in LISTS or not self.merges}

    @property
    def _may_wait(self) -> bool:
        """Whether the change takes effect later."""
        return self.modifiers.get("scheduleStrategy") in _DEFERRING

    @property
    def starts_a_billing_cycle(self) -> bool:
        """Whether a billing cycle starts with it, which is a change even if no term differs."""
        return self.modifiers.get("billingCycleAnchor") == "NOW"

    def wanted(self, terms: SubscriptionTerms) -> dict[str, Any]:
        """Return each requested term in full. Raises as ``body``."""
        given = self._asked
        lists = [name for name in LISTS if name in given or self.removed.get(name)]
        full = {name: self._full_list(name, terms) for name in lists}
        whole = {"metadata": self._metadata, "billingInformation": self._billing_information}
        return {**given, **full, **{name: whole[name](terms) for name in whole if name in given}}

    def merged(self, name: str, terms: SubscriptionTerms) -> dict[str, Mapping[str, Any]]:
        """Return a list by item names: the present items, overridden by the given ones. Raises as ``body``."""
        given = _unique_by_name(name, self.given.get(name, ()))
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
        """Return the present items of a list, without those that are removed."""
        base, removed = self._base(name, terms), self.removed.get(name, frozenset())
        if base is UNKNOWN:
            _refuse_to_drop(name, terms, named)
            base = []
        return {key: item for key, item in _unique_by_name(name, base).items() if key not in removed}

    def _base(self, name: str, terms: SubscriptionTerms) -> Any:  # noqa: ANN401 - a list, or unknown
        """Return the list to merge into: the one in force when the change takes effect."""
        if name in terms.scheduled and self._may_wait:
            return terms.scheduled[name]
        base, last_sent = terms.value(name), terms.remembered.get("entitlements", [])
        if base is UNKNOWN and name == "entitlements" and self._is_applied(last_sent, terms):
            return last_sent
        return base

    def _is_applied(self, last_sent: list[Mapping[str, Any]], terms: SubscriptionTerms) -> bool:
        """Whether Stigg returns the entitlements that the change leads to, because an earlier run has made it."""
        names = by_name("entitlements", [*last_sent, *self.given.get("entitlements", ())]).keys()
        return names - self.removed.get("entitlements", frozenset()) == terms.entitlement_names

    def _metadata(self, terms: SubscriptionTerms) -> dict[str, str]:
        """Return the metadata as a whole. The actions' own keys are always kept."""
        current = terms.current.metadata
        kept = {name: value for name, value in current.items() if self.merges or name in RESERVED_METADATA}
        return {**kept, **self.given["metadata"]}

    def _billing_information(self, terms: SubscriptionTerms) -> dict[str, Any]:
        given, base = self.given["billingInformation"], terms.value("billingInformation")
        if self.merges and base is UNKNOWN:
            raise _unreadable("billingInformation", "the present values")
        return {**(base or {}), **given} if self.merges else given


def _unique_by_name(name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the items of a list by name. Raises RequestInvalid if two have the same name: one would be lost."""
    items = list(items)
    named = by_name(name, items)
    if len(named) < len(items):
        raise RequestInvalid(
            [Problem(name, "cannot be merged: two items have the same name. Give all of them, with mode replace")]
        )
    return named


def _refuse_to_drop(name: str, terms: SubscriptionTerms, named: set[str]) -> None:
    """Refuse to merge into a list with unknown items, unless the request names all of them."""
    if name != "entitlements" or terms.current.is_unread(name):
        raise _unreadable(name, "the present ones")
    unknown = sorted(terms.entitlement_names - named)
    if unknown:
        raise _unreadable(name, f"the limits of {', '.join(unknown)}")


def _unreadable(name: str, what: str) -> RequestInvalid:
    problem = f"cannot be merged: Stigg does not return {what}. Give all of it, with mode replace"
    return RequestInvalid([Problem(name, problem)])


def _refuse_what_patch_cannot_carry(kept: Mapping[str, Mapping[str, Any]]) -> None:
    rich = sorted(name for name, price in kept.items() if price.keys() - PATCHABLE_PRICE)
    if rich:
        problem = f"would lose parts of the price of {', '.join(rich)} that Stigg cannot change in place"
        raise RequestInvalid([Problem("priceOverrides", f"{problem}; use renew-subscription with strategy replace")])
